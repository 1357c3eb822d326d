"""The toy example: values forward, slopes backward, the slide's step, and descent to a target."""

from typing import Any

import numpy as np
import pytest

from fairmark.testing import Submission, as_array, assert_close, fail, hidden, question, weight
from reference import backpropagation as reference

# Loose enough for single precision, far too tight for another formula.
LIKE = {"rtol": 1e-5, "atol": 1e-6}


def _numbers(rng: np.random.Generator, count: int) -> list[float]:
    """Plain Python numbers well away from 0 and 1, of both signs and all different."""
    sizes = rng.permutation(np.arange(2, 2 + count)) + rng.uniform(0.1, 0.9, size=count)
    signs = rng.permutation(np.where(np.arange(count) % 2 == 0, 1, -1))
    return [float(number) for number in sizes * signs]


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
    """Values from left to right."""

    def test_lecture_example(self, submission: Submission) -> None:
        """w=-2, x=5, b=3 gives g=-10 and f=-7."""
        g, f = _parts(submission.toy_forward(-2, 5, 3), "g, f")
        assert_close(g, -10, **LIKE, hint="g is the product of w and x.", what="g")
        assert_close(f, -7, **LIKE, hint="f is g and the bias together.", what="f")

    @hidden
    @weight(2)
    def test_other_numbers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Other weights, inputs and biases, whole or not."""
        hint = "g = w * x and f = g + b, for whatever numbers come."
        for w, x, b in [(3, -4, 2), (1, 1, 0), *(_numbers(rng, 3) for _ in range(3))]:
            g, f = _parts(submission.toy_forward(w, x, b), "g, f")
            expected = reference.toy_forward(w, x, b)
            assert_close(g, expected[0], **LIKE, hint=hint, what="g")
            assert_close(f, expected[1], **LIKE, hint=hint, what="f")


@question("toy_gradients")
class TestToyGradients:
    """Slopes from right to left."""

    def test_lecture_example(self, submission: Submission) -> None:
        """At w=-2, x=5, b=3 the slopes are df/dw=5, df/dx=-2 and df/db=1."""
        slopes = _slopes(submission.toy_gradients(-2, 5, 3))
        hint = "By how much does f change when this number, and no other, grows by 1?"
        for name, slope in (("w", 5), ("x", -2), ("b", 1)):
            assert_close(slopes[name], slope, **LIKE, hint=hint, what=f"df/d{name}")

    @hidden
    @pytest.mark.parametrize("name", ["w", "x", "b"])
    def test_other_numbers(
        self, submission: Submission, rng: np.random.Generator, name: str
    ) -> None:
        """The slope by this variable at other numbers, whole or not, 0 among them."""
        hint = "Nudge it: (f after - f before) / nudge is the slope that you should get."
        for w, x, b in [(3, -4, 2), (0, 2.5, 1), (-3, 0, 0), *(_numbers(rng, 3) for _ in range(3))]:
            slopes = _slopes(submission.toy_gradients(w, x, b))
            expected = reference.toy_gradients(w, x, b)[name]
            assert_close(slopes[name], expected, **LIKE, hint=hint, what=f"df/d{name}")


@question("toy_step")
class TestToyStep:
    """The slide's step, just as it stands."""

    def test_lecture_example(self, submission: Submission) -> None:
        """With eta=0.1 the slide's step gives w=-1.5 and b=3.1."""
        w, b = _parts(submission.toy_step(-2, 5, 3, 0.1), "w, b")
        hint = "The slide adds eta times the slope of f. Which slope belongs to which variable?"
        assert_close(w, -1.5, **LIKE, hint=hint, what="the new w")
        assert_close(b, 3.1, **LIKE, hint=hint, what="the new b")

    @hidden
    @weight(2)
    def test_other_numbers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Steps of other lengths from other places."""
        hint = "Each variable moves by eta times its own slope, and x stays."
        for eta in (0.25, 1, 0.003, 2.5):
            w, x, b = _numbers(rng, 3)
            expected = reference.toy_step(w, x, b, eta)
            new_w, new_b = _parts(submission.toy_step(w, x, b, eta), "w, b")
            assert_close(new_w, expected[0], **LIKE, hint=hint, what="the new w")
            assert_close(new_b, expected[1], **LIKE, hint=hint, what="the new b")

    @hidden
    def test_f_grows(self, submission: Submission, rng: np.random.Generator) -> None:
        """A step makes f larger by eta * (x**2 + 1), wherever it starts."""
        for _ in range(4):
            w, x, b = _numbers(rng, 3)
            new_w, new_b = _parts(submission.toy_step(w, x, b, 0.5), "w, b")
            growth = as_array(new_w, "w") * x + as_array(new_b, "b") - (w * x + b)
            hint = "Follow the slide: along the slopes of f, whatever f is now."
            assert_close(growth, 0.5 * (x * x + 1), rtol=1e-4, hint=hint, what="the growth of f")


@question("fit_to_target")
class TestFitToTarget:
    """Gradient descent on half the squared error."""

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
        assert_close(history, [3, 3, 3], rtol=1e-5, hint=hint, what="the history")

    def test_diverges(self, submission: Submission) -> None:
        """With eta=0.1 every step jumps over the target: f is 19, then -22.6, then 43.96."""
        _, _, history = self._fit(submission, -2, 5, 3, 3, 0.1, 3)
        hint = "f of this moment decides the next step; the error changes its sign each time."
        assert_close(history, [19, -22.6, 43.96], rtol=1e-5, hint=hint, what="the history")

    @hidden
    @weight(1.5)
    @pytest.mark.parametrize("names", ["w and b", "history"])
    def test_several_steps(
        self, submission: Submission, rng: np.random.Generator, names: str
    ) -> None:
        """Other starts, inputs, targets and learning rates, for several steps."""
        for steps in (1, 2, 7, 4):
            w, x, b, target = _numbers(rng, 4)
            eta = float(rng.uniform(0.1, 0.8)) / (x * x + 1)
            answer = self._fit(submission, w, x, b, target, eta, steps)
            expected = reference.fit_to_target(w, x, b, target, eta, steps)
            near: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
            if names == "history":
                hint = "One number for each step: f as it is after w and b have moved."
                assert_close(answer[2], expected[2], **near, hint=hint, what="the history")
                continue
            hint = "dE/dw = (f - target) * df/dw, dE/db likewise, both before the step; then down."
            assert_close(answer[0], expected[0], **near, hint=hint, what="w")
            assert_close(answer[1], expected[1], **near, hint=hint, what="b")

    @hidden
    def test_converges(self, submission: Submission, rng: np.random.Generator) -> None:
        """With a small eta f reaches the target from above and from below."""
        for distance in (6.0, -6.0):
            w, x, b = _numbers(rng, 3)
            target = w * x + b + distance
            w, b, history = self._fit(submission, w, x, b, target, 0.5 / (x * x + 1), 40)
            hint = "Does the step turn back when f is above the target?"
            values = as_array(history, "the history")
            if values.shape != (40,):
                fail("The history must hold one number for each of the 40 steps.", hint=hint)
            assert_close(values[-1], target, rtol=1e-4, atol=1e-4, hint=hint, what="the last f")
            f = as_array(w, "w") * x + as_array(b, "b")
            assert_close(f, target, rtol=1e-4, atol=1e-4, hint=hint, what="f of the w and b")

    @hidden
    def test_runs_away(self, submission: Submission, rng: np.random.Generator) -> None:
        """With a large eta the error grows from step to step, and nothing holds it back."""
        hint = "Every step is eta times the slope, however large that is."
        for growth in (-1.5, -2.5):
            w, x, b = _numbers(rng, 3)
            target, eta = w * x + b + 7, (1 - growth) / (x * x + 1)
            answer = self._fit(submission, w, x, b, target, eta, 12)
            expected = reference.fit_to_target(w, x, b, target, eta, 12)
            assert_close(answer[2], expected[2], rtol=1e-3, hint=hint, what="the history")

    @hidden
    def test_whole_numbers(self, submission: Submission) -> None:
        """Whole numbers, an input of 0, and a start that is already at the target."""
        hint = "Nothing is cut off, and where a slope is 0 nothing moves."
        for arguments in [(1, 2, 3, -4, 0.125, 3), (4, 0, 1, 5, 0.5, 2), (2, 3, -1, 5, 0.25, 2)]:
            answer = self._fit(submission, *arguments)
            w, x, b, target, eta, steps = arguments
            expected = reference.fit_to_target(w, x, b, target, eta, int(steps))
            for got, wanted, name in zip(answer, expected, ("w", "b", "the history"), strict=True):
                assert_close(got, wanted, **LIKE, hint=hint, what=name)
