"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import math
import numpy as np
import numpy.typing as npt
import pytest
from collections.abc import Callable
from fairmark.testing import Submission, as_array, assert_close, fail, question, weight
from typing import Any

Array = npt.NDArray[Any]

NAMES = ("W1", "b1", "W2", "b2")


def _gradients(submission: Submission, *arguments: Array) -> dict[Any, Any]:
    """The student's answer, if it is a dict with all four gradients; arguments unchanged."""
    with submission.inputs_unchanged():
        answer = submission.mlp_gradients(*arguments)
    if not isinstance(answer, dict):
        fail('mlp_gradients must return a dict with the keys "W1", "b1", "W2" and "b2".')
    missing = [name for name in NAMES if name not in answer]
    if missing:
        fail(f"The dict has no key {missing[0]!r}.", hint=f"Its keys are {', '.join(NAMES)}.")
    return answer


@question("mlp_gradients")
class TestMlpGradients:
    X = np.array([[1.0, 0.0, 3.0], [0.0, 2.0, 1.0]])
    T = np.array([[1.0, 0.0], [1.0, 0.0]])
    WEIGHTS = (np.zeros((3, 2)), np.zeros(2), np.array([[2.0, -2.0], [-2.0, 2.0]]), np.zeros(2))

    def test_output_layer(self, submission: Submission) -> None:
        """Two samples by hand: H is .5 everywhere, Y is .5, so db2 = (-.5, .5) and so on."""
        answer = _gradients(submission, self.X, self.T, *self.WEIGHTS)
        hint = "Y - T is (-.5, .5) for both samples. The error is their mean: where does n come in?"
        assert_close(answer["b2"], [-0.5, 0.5], rtol=1e-05, hint=hint, what='"b2"')
        expected = [[-0.25, 0.25], [-0.25, 0.25]]
        assert_close(answer["W2"], expected, rtol=1e-05, hint=hint, what='"W2"')

    def test_hidden_layer(self, submission: Submission) -> None:
        """The same two samples: db1 = (-.5, .5), and dW1 has three rows."""
        answer = _gradients(submission, self.X, self.T, *self.WEIGHTS)
        hint = "delta 2 goes back through W2, then times the sigmoid's slope, .25 where H is .5."
        assert_close(answer["b1"], [-0.5, 0.5], rtol=1e-05, hint=hint, what='"b1"')
        expected = [[-0.25, 0.25], [-0.5, 0.5], [-1.0, 1.0]]
        assert_close(answer["W1"], expected, rtol=1e-05, hint=hint, what='"W1"')


def _training(
    submission: Submission, X: Array, T: Array, units: int, lr: float, epochs: int, seed: int
) -> tuple[list[Array], Array]:
    """The four variables and the losses, if they have the right shapes; arguments unchanged."""
    with submission.inputs_unchanged():
        answer = submission.train_mlp(X, T, units, lr, epochs, seed)
    if not isinstance(answer, (tuple, list)) or len(answer) != 5:
        fail("train_mlp must return five things: (W1, b1, W2, b2, losses).")
    d, classes = (X.shape[1], T.shape[1])
    shapes = [(d, units), (units,), (units, classes), (classes,), (epochs,)]
    arrays = []
    for thing, shape, name in zip(answer, shapes, [*NAMES, "losses"], strict=True):
        array = as_array(thing, name)
        if array.shape != shape:
            hint = "One loss for each epoch." if name == "losses" else "One column per unit."
            fail(f"{name} should have the shape {shape}, but it has {array.shape}.", hint=hint)
        if array.dtype.kind == "c" or not np.isfinite(array).all():
            fail(f"{name} holds numbers that are not finite.", hint="What happens in epoch 1?")
        arrays.append(array)
    return (arrays[:4], arrays[4])


@question("train_mlp")
class TestTrainMlp:
    ANGLES = np.linspace(0, 30, 24)
    LABELS = np.arange(24) % 3
    X = np.stack([np.sin(ANGLES) + LABELS, np.cos(ANGLES), LABELS - 1.0, np.ones(24)], axis=1)
    T = np.eye(3)[LABELS]

    def test_losses_fall(self, submission: Submission) -> None:
        """24 samples of 3 classes: after 60 epochs the loss has fallen from about ln 3 = 1.1."""
        _, losses = _training(submission, self.X, self.T, 5, 0.5, 60, 3)
        hint = "Losses are means over the samples, one an epoch. Does each step go down?"
        if not 0.5 < losses[0] < 6:
            fail(f"The first loss should be near 1.1, but it is {losses[0]:.4g}.", hint=hint)
        if not losses[-1] < 0.8 * losses[0]:
            fail(
                f"The first loss is {losses[0]:.4g} and the last is {losses[-1]:.4g}; "
                f"it should be below {0.8 * losses[0]:.4g} by then.",
                hint=hint,
            )

    def test_same_seed(self, submission: Submission) -> None:
        """The same seed gives the same weights and losses, another seed gives others."""
        runs = [_training(submission, self.X, self.T, 4, 0.5, 3, seed) for seed in (7, 7, 8)]
        (first, losses), (again, same), (other, _) = runs
        hint = "All randomness has to come from one generator, made from seed within the function."
        for name, a, b in zip(NAMES, first, again, strict=True):
            assert_close(b, a, rtol=1e-06, hint=hint, what=f"{name} with the same seed")
        assert_close(same, losses, rtol=1e-06, hint=hint, what="losses with the same seed")
        if np.allclose(first[0], other[0], rtol=0.001):
            fail("Another seed gives the same weights.", hint=hint)


def _of_shape(shape: tuple[int, ...], func: Callable[[Array], Any]) -> Callable[[Any], float]:
    """The function, if what it is called with has the shape of x; complain otherwise."""

    def guarded(point: Any) -> float:
        if np.shape(point) != shape:
            fail(
                f"func was called with an argument of shape {np.shape(point)}.",
                hint=f"func wants what x is: an array of shape {shape}, one element moved.",
            )
        return float(func(np.asarray(point, dtype=float)))

    return guarded


@question("numerical_gradient")
class TestNumericalGradient:

    def test_squares(self, submission: Submission) -> None:
        """The sum of squares has the gradient (2, 4, -6) at (1, 2, -3)."""
        func = _of_shape((3,), lambda p: np.sum(p**2))
        answer = submission.numerical_gradient(func, np.array([1.0, 2.0, -3.0]))
        hint = "Move one element at a time, and see by how much func changes per unit."
        assert_close(answer, [2, 4, -6], rtol=1e-06, atol=1e-06, hint=hint, what="the gradient")

    def test_both_sides(self, submission: Submission) -> None:
        """With h=0.5 the central difference of x**3 is 3.25 at 1 and 12.25 at 2."""
        func = _of_shape((2,), lambda p: np.sum(p**3))
        answer = submission.numerical_gradient(func, np.array([1.0, 2.0]), h=0.5)
        hint = "How far apart are the two points at which func is called? Is it h that is used?"
        assert_close(answer, [3.25, 12.25], rtol=1e-05, hint=hint, what="the gradient")

    def test_matrix(self, submission: Submission) -> None:
        """The gradient has the shape of x, here (2, 3), and x is unchanged afterwards."""
        factors = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
        func = _of_shape((2, 3), lambda p: np.sum(factors * p))
        with submission.inputs_unchanged():
            answer = submission.numerical_gradient(func, np.ones((2, 3)))
        hint = "One slope for each element, in its place."
        assert_close(answer, factors, rtol=1e-06, atol=1e-06, hint=hint, what="the gradient")


LIKE = {"rtol": 1e-05, "atol": 1e-06}


def _parts(answer: object, names: str) -> list[Any]:
    """What a function returned, if it is as many things as it should be."""
    count = names.count(",") + 1
    if isinstance(answer, np.ndarray) and answer.ndim == 1:
        answer = list(answer)
    if not isinstance(answer, (tuple, list)) or len(answer) != count:
        fail(f"The function must return {count} things, ({names}).")
    return list(answer)


def _slopes(answer: object) -> dict[Any, Any]:
    if not isinstance(answer, dict):
        fail('The function must return a dict with the keys "w", "x" and "b".')
    missing = [name for name in ("w", "x", "b") if name not in answer]
    if missing:
        fail(f"The dict has no key {missing[0]!r}.", hint='Its keys are "w", "x" and "b".')
    return answer


@question("toy_forward")
class TestToyForward:

    def test_lecture_example(self, submission: Submission) -> None:
        """w=-2, x=5, b=3 gives g=-10 and f=-7."""
        g, f = _parts(submission.toy_forward(-2, 5, 3), "g, f")
        assert_close(g, -10, **LIKE, hint="g is the product of w and x.", what="g")
        assert_close(f, -7, **LIKE, hint="f is g and the bias together.", what="f")


@question("toy_gradients")
class TestToyGradients:

    def test_lecture_example(self, submission: Submission) -> None:
        """At w=-2, x=5, b=3 the slopes are df/dw=5, df/dx=-2 and df/db=1."""
        slopes = _slopes(submission.toy_gradients(-2, 5, 3))
        hint = "By how much does f change when this number, and no other, grows by 1?"
        for name, slope in (("w", 5), ("x", -2), ("b", 1)):
            assert_close(slopes[name], slope, **LIKE, hint=hint, what=f"df/d{name}")


@question("toy_step")
class TestToyStep:

    def test_lecture_example(self, submission: Submission) -> None:
        """With eta=0.1 the slide's step gives w=-1.5 and b=3.1."""
        w, b = _parts(submission.toy_step(-2, 5, 3, 0.1), "w, b")
        hint = "The slide adds eta times the slope of f. Which slope belongs to which variable?"
        assert_close(w, -1.5, **LIKE, hint=hint, what="the new w")
        assert_close(b, 3.1, **LIKE, hint=hint, what="the new b")


@question("fit_to_target")
class TestFitToTarget:

    def _fit(self, submission: Submission, *arguments: float) -> list[Any]:
        return _parts(submission.fit_to_target(*arguments), "w, b, history")

    def test_first_step(self, submission: Submission) -> None:
        """With eta=0.01 the first step is the slide's: w=-1.5 and b=3.1."""
        w, b, _ = self._fit(submission, -2, 5, 3, 3, 0.01, 1)
        hint = "f - target is -10 here, and both slopes of E hold it as a factor."
        assert_close(w, -1.5, **LIKE, hint=hint, what="w")
        assert_close(b, 3.1, **LIKE, hint=hint, what="b")

    def test_lands_on_the_target(self, submission: Submission) -> None:
        """With eta=1/26 f is 3 after one step, and stays there."""
        _, _, history = self._fit(submission, -2, 5, 3, 3, 1 / 26, 3)
        hint = "At the target the error is 0, and so is the step."
        assert_close(history, [3, 3, 3], rtol=1e-05, hint=hint, what="the history")

    def test_diverges(self, submission: Submission) -> None:
        """With eta=0.1 every step jumps over the target: f is 19, then -22.6, then 43.96."""
        _, _, history = self._fit(submission, -2, 5, 3, 3, 0.1, 3)
        hint = "f of this moment decides the next step; the error changes its sign each time."
        assert_close(history, [19, -22.6, 43.96], rtol=1e-05, hint=hint, what="the history")


NEAR = {"rtol": 0.0001, "atol": 1e-05}

BUILD = '''
import operator


def nodes_of(Value, leaves, program):
    """The leaves and all nodes that the program computes from them."""
    nodes = [Value(number) for number in leaves]
    for name, *operands in program:
        first, *rest = [nodes[what] if kind == "n" else what for kind, what in operands]
        act = getattr(operator, name, None)
        nodes.append(act(first, *rest) if act else getattr(first, name)())
    return nodes


def forward(Value, cases):
    """The data at the end of each program, before any backward; a case is (leaves, program)."""
    return [nodes_of(Value, leaves, program)[-1].data for leaves, program in cases]


def build(Value, leaves, program):
    """Compute the program's nodes; give the data and, after backward, the grad of the leaves."""
    nodes = nodes_of(Value, leaves, program)
    nodes[-1].backward()
    return nodes[-1].data, [leaf.grad for leaf in nodes[: len(leaves)]]


def chain(Value, start, length):
    """Halve and add the start, again and again."""
    x = Value(start)
    y = x
    for _ in range(length):
        y = y * 0.5 + x
    y.backward()
    return y.data, x.grad


def every(Value, left, right):
    """f = g * sigmoid(g) with g = left * right: the grad of each node, f included.

    What is computed from f afterwards, and from its parts, does not belong to the graph of f.
    """
    a, b = Value(left), Value(right)
    g = a * b
    s = g.sigmoid()
    f = g * s
    beside = (f + 1) * 3 - s * a
    f.backward()
    return beside.data, [node.grad for node in (a, b, g, s, f)]


def ladder(Value, start, length):
    """Twice as many ways lead back from each step as from the one before."""
    x = Value(start)
    y = x
    for _ in range(length):
        y = (y + y) * 0.5
    y.backward()
    return y.data, x.grad
'''

Program = list[list[Any]]


def node(i: int) -> list[Any]:
    """An operand: the node number i, leaves first."""
    return ["n", i]


def number(value: float) -> list[Any]:
    """An operand: a plain number."""
    return ["c", value]


def run(submission: Submission, leaves: list[float], program: Program) -> tuple[Any, list[Any]]:
    """The student's data of the last node, and the gradients of the leaves."""
    answer = submission.define(BUILD)["build"](submission.Value, leaves, program)
    return (answer[0], list(answer[1]))


def forward(submission: Submission, cases: list[tuple[list[float], Program]]) -> list[Any]:
    """The student's data at the end of each program."""
    return list(submission.define(BUILD)["forward"](submission.Value, cases))


FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float], list[float]]] = {
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0), [1.5, -0.7]),
    "sigmoid": (
        lambda x: 1 / (1 + math.exp(-x)),
        lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2,
        [0.0, 1.5],
    ),
    "exp": (math.exp, math.exp, [0.0, 1.5]),
    "log": (math.log, lambda x: 1 / x, [0.5, 3.0]),
}


@question("value_autograd")
class TestValue:

    def test_numbers_before_backward(self, submission: Submission) -> None:
        """Operations: ((a - b) * 3 + 2 / b) ** 2 at a=5, b=2 is 100, before any backward."""
        program = [
            ["sub", node(0), node(1)],
            ["mul", node(2), number(3)],
            ["truediv", number(2), node(1)],
            ["add", node(3), node(4)],
            ["pow", node(5), number(2)],
        ]
        hint = "Each operation gives a new Value, whose data is what the operation makes."
        data = forward(submission, [([5.0, 2.0], program)])
        assert_close(data, [100], **NEAR, hint=hint, what="the data")

    def test_lecture_example(self, submission: Submission) -> None:
        """Backward: f = w*x + b at w=-2, x=5, b=3 is -7, with the gradients 5, -2 and 1."""
        program = [["mul", node(0), node(1)], ["add", node(3), node(2)]]
        data, slopes = run(submission, [-2.0, 5.0, 3.0], program)
        hint = "The toy example of part 2: what does a product pass on, and what does a sum?"
        assert_close(data, -7, **NEAR, hint=hint, what="f.data")
        assert_close(slopes, [5, -2, 1], **NEAR, hint=hint, what="the grad of w, x and b")

    def test_used_twice(self, submission: Submission) -> None:
        """Order: a * a + a at a=3 is 12, with the gradient 7."""
        program = [["mul", node(0), node(0)], ["add", node(1), node(0)]]
        data, slopes = run(submission, [3.0], program)
        hint = "a reaches the output in three ways. What becomes of the slopes that come back?"
        assert_close(data, 12, **NEAR, hint=hint, what="the data")
        assert_close(slopes, [7], **NEAR, hint=hint, what="the grad of a")

    def test_minus_and_divided(self, submission: Submission) -> None:
        """Backward: (a - b) / b at a=5, b=2 is 1.5, with the gradients 0.5 and -1.25."""
        program = [["sub", node(0), node(1)], ["truediv", node(2), node(1)]]
        data, slopes = run(submission, [5.0, 2.0], program)
        hint = "a - b is a + (-b), and a / b is a * b**-1. Does b get both of its parts?"
        assert_close(data, 1.5, **NEAR, hint=hint, what="the data")
        assert_close(slopes, [0.5, -1.25], **NEAR, hint=hint, what="the grad of a and b")

    def test_numbers_on_either_side(self, submission: Submission) -> None:
        """Backward: (2 - a) * 3 + 1 / a at a=2 is 0.5, with the gradient -3.25."""
        program = [
            ["sub", number(2), node(0)],
            ["mul", node(1), number(3)],
            ["truediv", number(1), node(0)],
            ["add", node(2), node(3)],
        ]
        data, slopes = run(submission, [2.0], program)
        hint = "A plain number may stand on either side; nothing flows back to it."
        assert_close(data, 0.5, **NEAR, hint=hint, what="the data")
        assert_close(slopes, [-3.25], **NEAR, hint=hint, what="the grad of a")

    @weight(0.5)
    @pytest.mark.parametrize("name", ["relu", "sigmoid", "exp", "log"])
    def test_function(self, submission: Submission, name: str) -> None:
        """Backward: the function's data and its slope at two places."""
        function, slope, places = FUNCTIONS[name]
        for x in places:
            data, slopes = run(submission, [x], [[name, node(0)]])
            what = f"Value({x}).{name}()"
            hint = f"Compare with a central difference of {name}."
            assert_close(data, function(x), **NEAR, hint=hint, what=f"the data of {what}")
            assert_close(slopes, [slope(x)], **NEAR, hint=hint, what=f"the slope of {what}")


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 30.0,
    "question_seconds": 120.0,
    "exercises": {
        "toy_forward": {"points": 2.0, "hidden": 1, "names": ["toy_forward"]},
        "toy_gradients": {"points": 2.0, "hidden": 3, "names": ["toy_gradients"]},
        "toy_step": {"points": 2.0, "hidden": 2, "names": ["toy_step"]},
        "fit_to_target": {"points": 4.0, "hidden": 5, "names": ["fit_to_target"]},
        "learning_rate": {"points": 3.0, "by_hand": True},
        "numerical_gradient": {"points": 3.0, "hidden": 5, "names": ["numerical_gradient"]},
        "value_autograd": {"points": 6.0, "hidden": 28, "names": ["Value"]},
        "mlp_gradients": {"points": 6.0, "hidden": 6, "names": ["mlp_gradients"]},
        "train_mlp": {"points": 4.0, "hidden": 5, "names": ["train_mlp"]},
    },
}
