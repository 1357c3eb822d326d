"""The autograd engine: operations, re-used nodes, deep graphs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fairmark.testing import Submission, as_array, assert_close, fail, hidden, question, weight
from reference import backpropagation as reference

# Single precision is fine, a slope of another formula is not.
NEAR = {"rtol": 1e-4, "atol": 1e-5}

# Runs where the class lives. An operand is ["n", i], the node number i, or ["c", number].
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
    return answer[0], list(answer[1])


def forward(submission: Submission, cases: list[tuple[list[float], Program]]) -> list[Any]:
    """The student's data at the end of each program."""
    return list(submission.define(BUILD)["forward"](submission.Value, cases))


def compare(
    submission: Submission, leaves: list[float], program: Program, hint: str, what: str
) -> None:
    """The student's class and the reference must say the same of a program."""
    data, slopes = run(submission, leaves, program)
    namespace: dict[str, Any] = {}
    exec(BUILD, namespace)
    expected_data, expected = namespace["build"](reference.Value, leaves, program)
    scale = max(1.0, *map(abs, expected))
    assert_close(data, expected_data, **NEAR, hint=hint, what=f"data of {what}")
    assert_close(slopes, expected, rtol=1e-4, atol=1e-5 * scale, hint=hint, what=f"grad by {what}")


# One operation each: its program, and places for its operands.
OPERATIONS: dict[str, tuple[list[Any], list[list[float]]]] = {
    "a + b": (["add", node(0), node(1)], [[1.5, -2.0]]),
    "a - b": (["sub", node(0), node(1)], [[1.5, -2.0]]),
    "a * b": (["mul", node(0), node(1)], [[1.5, -2.5]]),
    "a / b": (["truediv", node(0), node(1)], [[1.5, -2.5], [3, 4]]),
    "-a": (["neg", node(0)], [[1.5], [-3]]),
    "a + 2": (["add", node(0), number(2)], [[1.5]]),
    "2 + a": (["add", number(2), node(0)], [[1.5]]),
    "a - 2": (["sub", node(0), number(2)], [[1.5]]),
    "2 - a": (["sub", number(2), node(0)], [[1.5], [4]]),
    "a * 3": (["mul", node(0), number(3)], [[1.5]]),
    "3 * a": (["mul", number(3), node(0)], [[1.5]]),
    "a / 4": (["truediv", node(0), number(4)], [[1.5], [3]]),
    "4 / a": (["truediv", number(4), node(0)], [[1.5], [-8]]),
    "a ** 3": (["pow", node(0), number(3)], [[1.5], [-2]]),
    "a ** -2": (["pow", node(0), number(-2)], [[1.5], [-2.0]]),
    "a ** 0.5": (["pow", node(0), number(0.5)], [[2.25]]),
    "a.relu()": (["relu", node(0)], [[1.5], [-1.5], [3], [-0.2]]),
    "a.sigmoid()": (["sigmoid", node(0)], [[0.0], [1.5], [-2]]),
    "a.exp()": (["exp", node(0)], [[0.0], [1.5], [-2]]),
    "a.log()": (["log", node(0)], [[1.5], [0.2], [3]]),
}

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
    """Data forward, gradients backward."""

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

    @hidden
    @weight(3)
    def test_operations_forward(self, submission: Submission) -> None:
        """Operations: each of them, alone and with another behind it, before any backward."""
        cases = [
            (operation, leaves, [step, *more])
            for operation, (step, places) in OPERATIONS.items()
            for leaves in places
            for more in ([], [["mul", node(len(leaves)), number(3)]])
        ]
        answers = forward(submission, [(leaves, program) for _, leaves, program in cases])
        namespace: dict[str, Any] = {}
        exec(BUILD, namespace)
        hint = "No slope is asked for yet: is it the right number, with numbers on either side?"
        for (operation, leaves, program), answer in zip(cases, answers, strict=True):
            expected = namespace["forward"](reference.Value, [(leaves, program)])[0]
            assert_close(answer, expected, **NEAR, hint=hint, what=f"the data of {operation}")

    @hidden
    @pytest.mark.parametrize("operation", list(OPERATIONS))
    @weight(0.25)
    def test_operation(self, submission: Submission, operation: str) -> None:
        """Backward: the operation alone, and with something before and after it."""
        step, places = OPERATIONS[operation]
        hint = "Compare with a central difference: what is the local slope by each operand?"
        for leaves in places:
            compare(submission, leaves, [step], hint, operation)
            last = len(leaves)
            after = [["mul", node(last), number(3)], ["mul", node(last + 1), node(last + 1)]]
            compare(submission, leaves, [step, *after], hint, f"(3 * ({operation})) ** 2")

    @hidden
    @weight(3)
    def test_shared_nodes(self, submission: Submission) -> None:
        """Order: nodes in the middle that are used again, over short ways and long ones."""
        hint = "A node may pass its gradient on once it has received all of it, from near and far."
        a, b = node(0), node(1)
        for leaves in ([1.3, 0.6], [-0.8, 1.7]):
            diamond = [["mul", a, b], ["sigmoid", node(2)], ["mul", node(2), node(3)]]
            compare(submission, leaves, diamond, hint, "g * sigmoid(g)")
            same = [["add", a, a], ["mul", node(2), node(2)], ["truediv", node(3), b],
                    ["sub", node(4), node(4)], ["add", node(5), node(3)]]  # fmt: skip
            compare(submission, leaves, same, hint, "a node met twice in one operation")
            for far_first in (True, False):
                way = [["mul", a, b], ["mul", node(2), number(0.5)], ["exp", node(3)],
                       ["mul", node(4), node(2)], ["sigmoid", node(5)]]  # fmt: skip
                ends = [node(6), node(2)] if far_first else [node(2), node(6)]
                compare(submission, leaves, [*way, ["mul", *ends]], hint, "a long and a short way")

    @hidden
    @weight(3)
    def test_random_expressions(self, submission: Submission, rng: np.random.Generator) -> None:
        """Order: random expressions of all operations, with re-used nodes and plain numbers."""
        hint = "All operations together: compare such an expression with numerical_gradient."
        for size in (5, 8, 12, 12, 16, 20):
            leaves, program = _random_program(rng, size)
            compare(submission, leaves, program, hint, "a random expression")

    @hidden
    @weight(2)
    def test_network(self, submission: Submission) -> None:
        """Order: the log loss of a small network, with relus on and off, a sigmoid, a logarithm."""
        # Leaves: two inputs, then four hidden units of two weights each, then four of the output.
        leaves = [0.7, -1.2, 0.9, 0.4, -0.5, 0.8, -1.1, -0.6, 1.3, 0.2, 0.6, -0.7, 0.5, 1.1]
        program: Program = []
        score = number(0.1)
        for unit in range(4):
            first = 14 + 6 * unit
            w = 2 + 2 * unit
            program += [
                ["mul", node(0), node(w)],
                ["mul", node(1), node(w + 1)],
                ["add", node(first), node(first + 1)],
                ["relu", node(first + 2)],
                ["mul", node(first + 3), node(10 + unit)],
                ["add", score, node(first + 4)],
            ]
            score = node(first + 5)
        last = 14 + len(program)
        program += [["sigmoid", score], ["sub", number(1), node(last)], ["log", node(last + 1)],
                    ["neg", node(last + 2)]]  # fmt: skip
        hint = "A relu that is off lets nothing through; an input is used by every unit."
        compare(submission, leaves, program, hint, "a small network")

    @hidden
    def test_every_node(self, submission: Submission) -> None:
        """Backward: each node of the graph has its slope; what stands beside it changes nothing."""
        hint = "f.grad is 1, nodes in the middle keep theirs, and backward begins at f itself."
        namespace: dict[str, Any] = {}
        exec(BUILD, namespace)
        for left, right in ((1.5, 0.8), (-0.6, 2.0)):
            expected = namespace["every"](reference.Value, left, right)[1]
            slopes = list(submission.define(BUILD)["every"](submission.Value, left, right)[1])
            assert_close(slopes, expected, **NEAR, hint=hint, what="the grad of a, b, g, s and f")

    @hidden
    @weight(0.5)
    def test_relu_at_zero(self, submission: Submission) -> None:
        """Backward: at 0 relu gives 0, and a slope from 0 to 1."""
        data, slopes = run(submission, [0.0], [["relu", node(0)]])
        assert_close(data, 0, **NEAR, hint="0 is not negative.", what="the data")
        slope = as_array(slopes, "the slope")
        if slope.shape != (1,) or not (slope >= 0).all() or not (slope <= 1).all():
            hint = "The slope jumps from 0 to 1 here: anything between them will do."
            fail("The slope of relu at 0 should be a number from 0 to 1.", hint=hint)

    @hidden
    def test_deep_graph(self, submission: Submission) -> None:
        """Depth: a chain that is 5000 operations deep, and uses its first node all along."""
        data, slope = submission.define(BUILD)["chain"](submission.Value, 1.5, 2500)
        hint = "Does backward call itself? Python allows that about a thousand times in a row."
        assert_close(data, 3.0, **NEAR, hint=hint, what="the data")
        assert_close(slope, 2.0, **NEAR, hint=hint, what="the grad of the first node")

    @hidden
    def test_many_ways(self, submission: Submission) -> None:
        """Order: a graph of 180 nodes with more ways through it than can be walked one by one."""
        data, slope = submission.define(BUILD)["ladder"](submission.Value, 1.5, 90)
        hint = "How often does backward come to one and the same node? Once is enough."
        assert_close(data, 1.5, **NEAR, hint=hint, what="the data")
        assert_close(slope, 1.0, **NEAR, hint=hint, what="the grad of the first node")


def _random_program(rng: np.random.Generator, size: int) -> tuple[list[float], Program]:
    """Three leaves and about ``size`` operations on them, none near a kink, a pole or overflow.

    Every node acts on the last one, which sums up what nothing else has used.
    """
    leaves = [float(v) for v in rng.uniform(0.4, 2, size=3) * rng.permutation([1, 1, -1])]
    values, unused = list(leaves), {0, 1, 2}
    program: Program = []
    while len(program) < size:
        i = (
            int(rng.choice(sorted(unused)))
            if rng.random() < 0.6
            else int(rng.integers(len(values)))
        )
        j = int(rng.integers(len(values)))
        constant = float(rng.choice([-3, -2, -1, 0.5, 2, 3]))
        step, used, value = _random_step(rng, values, i, j, constant)
        if value is None or not 0.1 < abs(value) < 8:
            continue
        program.append(step)
        unused = (unused - used) | {len(values)}
        values.append(value)
    first, *others = sorted(unused)
    for other in others:
        program.append(["add", node(first), node(other)])
        first = len(values)
        values.append(0.0)
    return leaves, program


def _random_step(
    rng: np.random.Generator, values: list[float], i: int, j: int, constant: float
) -> tuple[list[Any], set[int], float | None]:
    """An operation on the nodes i and j or on a number, the nodes used, and its value."""
    x, y = values[i], values[j]
    match str(rng.choice(["add", "sub", "mul", "truediv", "pow", "neg", "function", "number"])):
        case "pow":
            exponent = float(rng.choice([2, 3, -1, -2] + [0.5, 1.5] * (x > 0)))
            exponent = int(exponent) if exponent.is_integer() else exponent
            return ["pow", node(i), number(exponent)], {i}, x**exponent
        case "neg":
            return ["neg", node(i)], {i}, -x
        case "function":
            name = str(rng.choice(["relu", "sigmoid", "exp"] + ["log"] * (x > 0)))
            return [name, node(i)], {i}, FUNCTIONS[name][0](x)
        case "number":
            name = str(rng.choice(["add", "sub", "mul", "truediv"]))
            if rng.random() < 0.5:
                return [name, node(i), number(constant)], {i}, _calculate(name, x, constant)
            return [name, number(constant), node(i)], {i}, _calculate(name, constant, x)
        case name:
            return [name, node(i), node(j)], {i, j}, _calculate(name, x, y)


def _calculate(name: str, x: float, y: float) -> float:
    return {"add": x + y, "sub": x - y, "mul": x * y, "truediv": x / y}[name]
