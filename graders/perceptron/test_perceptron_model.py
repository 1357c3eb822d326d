"""The perceptron itself: bias, prediction, one update, and the decision boundary."""

import numpy as np
import numpy.typing as npt

from fairmark.testing import Submission, assert_close, hidden, question, raises, weight
from reference import perceptron as reference

Floats = npt.NDArray[np.float64]


def _misclassified(rng: np.random.Generator, size: int) -> tuple[Floats, Floats, int]:
    """Weights, a point (with x0) well away from their boundary, and the label that it lacks."""
    while True:
        w, x = rng.normal(size=size), np.append(1.0, rng.normal(scale=3, size=size - 1))
        score = float(w @ x)
        if abs(score) > 0.1:
            return w, x, -1 if score > 0 else 1


def _both_labels(rng: np.random.Generator, n: int, m: int) -> tuple[Floats, Floats]:
    """Weights and ``n`` points (with x0) off their boundary, of which the first two differ.

    Some point would change sides without the bias, and some with a bias twice as large.
    """
    while True:
        w, X = rng.normal(size=m), np.hstack([np.ones((n, 1)), rng.normal(size=(n, m - 1))])
        scores = X @ w
        moved = [(scores * (scores + change) < 0).any() for change in (-w[0], w[0])]
        if scores[0] * scores[1] < 0 and np.abs(scores).min() > 1e-3 and all(moved):
            return w, X


@question("add_bias")
class TestAddBias:
    """The constant x0 = 1 in front of each point."""

    def test_two_points(self, submission: Submission) -> None:
        """add_bias puts x0 = 1 in front of the points (2, 3), (-5, 5) and (0, 4)."""
        answer = submission.add_bias(np.array([[2.0, 3.0], [-5.0, 5.0], [0.0, 4.0]]))
        expected = [[1, 2, 3], [1, -5, 5], [1, 0, 4]]
        hint = "Each row is a point. Where does the lecture write x0, and what is its value?"
        assert_close(answer, expected, hint=hint, what="add_bias(X)")

    @hidden
    @weight(2)
    def test_other_sizes(self, submission: Submission, rng: np.random.Generator) -> None:
        """add_bias works for any number of points and features."""
        for n, d in [(6, 4), (4, 7), (1, 3), (5, 1)]:
            for X in (rng.normal(size=(n, d)), rng.integers(-9, 9, size=(n, d))):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.add_bias(X)
                hint = "One more column, at the left, and everything else as it was."
                assert_close(
                    answer, reference.add_bias(X), rtol=1e-6, hint=hint, what="add_bias(X)"
                )


@question("predict")
class TestPredict:
    """On which side of the boundary a point lies."""

    def test_lecture_point(self, submission: Submission) -> None:
        """x=(1,2,3) is on the + side of w=(0,-1,1), and on the - side of w=(-0.1,-1.2,0.7)."""
        x = np.array([1.0, 2.0, 3.0])
        hint = (
            "The score is w0*x0 + w1*x1 + w2*x2; its sign is the answer, one number for one point."
        )
        before = submission.predict(np.array([0.0, -1.0, 1.0]), x)
        assert_close(before, 1, hint=hint, what="predict for the score 1")
        after = submission.predict(np.array([-0.1, -1.2, 0.7]), x)
        assert_close(after, -1, hint=hint, what="predict for the score -0.4")

    def test_several_points(self, submission: Submission) -> None:
        """Three points at once give three answers."""
        X = np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0], [1.0, -5.0, 5.0]])
        hint = "One score for each row of X, and then +1 or -1 for each score."
        answer = submission.predict(np.array([0.0, -1.0, 1.0]), X)
        assert_close(answer, [1, -1, 1], hint=hint, what="predict(w, X)")

    @hidden
    @weight(2)
    def test_random_points(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random points of several dimensions, many at once and one alone."""
        for n, m in [(9, 3), (4, 6), (5, 5), (2, 2)]:
            w, X = _both_labels(rng, n, m)
            y = reference.predict(w, X)
            hint = "Every weight counts, w0 included, which belongs to x0 = 1."
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.predict(w, X)
            assert_close(answer, y, hint=hint, what="predict(w, X)")
            hint = "One point has one answer: a number, not an array with one number."
            for x, label in zip(X[:2], y[:2], strict=True):
                assert_close(submission.predict(w, x), label, hint=hint, what="predict(w, x)")
                hint = "X with one row holds one point, and the answer is an array of one label."
                answer = submission.predict(w, x[np.newaxis])
                assert_close(answer, [label], hint=hint, what="predict(w, X) for one row")

    @hidden
    def test_score_zero(self, submission: Submission) -> None:
        """A point exactly on the boundary is -1: its score is not greater than 0."""
        hint = "The answer is +1 only where the score is greater than 0. What about a score of 0?"
        w, X = np.array([2, -1, 1]), np.array([[1, 5, 3], [1, 5, 6], [1, 0, -2], [1, 1, -2]])
        for numbers in (np.int64, np.float64):
            answer = submission.predict(w.astype(numbers), X.astype(numbers))
            assert_close(answer, [-1, 1, -1, -1], hint=hint, what="predict(w, X)")
        for w in (np.array([-1.0, 1 + 2.0**-12]), np.array([2.0**-40, 0.0])):
            answer = submission.predict(w, np.array([[1.0, 1.0]]))
            hint = "Any score above 0 is +1."
            assert_close(answer, [1], hint=hint, what="predict for a small score")
        hint = "The answer is +1 only where the score is greater than 0. What about a score of 0?"
        answer = submission.predict(np.zeros(4), np.ones((3, 4)))
        assert_close(answer, [-1, -1, -1], hint=hint, what="predict with all weights 0")


@question("perceptron_update")
class TestUpdate:
    """One step of learning from one misclassified point."""

    def test_lecture_example(self, submission: Submission) -> None:
        """w=(0,-1,1), x=(1,2,3), y=-1, lr=0.1 gives (-0.1,-1.2,0.7)."""
        w, x = np.array([0.0, -1.0, 1.0]), np.array([1.0, 2.0, 3.0])
        answer = submission.perceptron_update(w, x, -1, 0.1)
        hint = "The label y decides the direction of the step; x and lr decide its length."
        assert_close(answer, [-0.1, -1.2, 0.7], rtol=1e-5, hint=hint, what="the new w")

    def test_lecture_positive_label(self, submission: Submission) -> None:
        """A +1 point x=(1,-5,5) that got -1 changes w by (+0.1,-0.5,+0.5) when lr=0.1."""
        w, x = np.array([0.0, 1.0, -1.0]), np.array([1.0, -5.0, 5.0])
        answer = submission.perceptron_update(w, x, 1, 0.1)
        hint = "The score must grow. w0 is a weight like the others: its input is x0 = 1."
        assert_close(answer, [0.1, 0.5, -0.5], rtol=1e-5, hint=hint, what="the new w")

    @hidden
    @weight(2)
    def test_random_points(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random misclassified points with either label, in several dimensions."""
        points = [_misclassified(rng, size) for size in (3, 4, 6, 2, 5, 3, 7, 4)]
        assert {y for *_, y in points} == {-1, 1}
        # The +1 points first: only there does another sign differ from a forgotten label.
        for w, x, y in sorted(points, key=lambda point: -point[2]):
            lr = float(rng.uniform(0.05, 2))
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.perceptron_update(w, x, y, lr)
            hint = "w_new = w_old + lr * y * x, where y is the label: is each factor there, once?"
            expected = reference.perceptron_update(w, x, y, lr)
            assert_close(answer, expected, rtol=1e-5, atol=1e-5, hint=hint, what="the new w")

    @hidden
    def test_one_whole_step(self, submission: Submission, rng: np.random.Generator) -> None:
        """One step of full length: from far away, for long points, with a small or a large lr."""
        hint = "One call makes one step, whether or not it is enough, and x sets its length."
        # How far w and x spread, and lr.
        for far, long, lr in [
            (20, 3, 1e-3),
            (20, 3, 0.1),
            (1, 30, 0.1),
            (5, 2000, 0.5),
            (1, 3, 40),
        ]:
            for _ in range(2):
                w, x, y = _misclassified(rng, 4)
                w, x[1:] = far * w, long * x[1:]
                y = -int(reference.predict(w, x))
                answer = submission.perceptron_update(w, x, y, lr)
                expected = reference.perceptron_update(w, x, y, lr)
                assert_close(answer, expected, rtol=1e-5, atol=1e-5, hint=hint, what="the new w")

    @hidden
    def test_point_on_the_boundary(self, submission: Submission) -> None:
        """A +1 point whose score is exactly 0 is misclassified, and moves w as any other."""
        hint = "The label decides the step, not the score, which may be 0."
        for w, x, lr in [([2, -1, 0], [1, 2, 5], 0.75), ([0, 0, 0, 0], [1, -3, 2, 7], 0.25)]:
            answer = submission.perceptron_update(np.array(w, float), np.array(x, float), 1, lr)
            expected = reference.perceptron_update(w, x, 1, lr)
            assert_close(answer, expected, rtol=1e-5, hint=hint, what="the new w")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integer weights and points give the same answer as floats: nothing is cut off."""
        w = np.array([0, -1, 1])
        hint = "0.1 * 2 is no integer: what becomes of it in an array of integers?"
        with submission.inputs_unchanged(), submission.any_layout():
            answer = submission.perceptron_update(w, np.array([1, 5, 3]), 1, 0.25)
        assert_close(answer, [0.25, 0.25, 1.75], rtol=1e-5, hint=hint, what="the new w")
        answer = submission.perceptron_update(w, np.array([1, 2, 3]), -1, 0.1)
        assert_close(answer, [-0.1, -1.2, 0.7], rtol=1e-5, hint=hint, what="the new w")


@question("decision_boundary")
class TestDecisionBoundary:
    """Slope and intercept of the line where the score is 0."""

    def test_lecture_boundary(self, submission: Submission) -> None:
        """w=(-0.1,-1.2,0.7) is the line 7*x2 - 12*x1 - 1 = 0: slope 12/7, intercept 1/7."""
        answer = submission.decision_boundary(np.array([-0.1, -1.2, 0.7]))
        hint = "On the boundary the score is 0. Solve w0 + w1*x1 + w2*x2 = 0 for x2, sign by sign."
        assert_close(answer, [12 / 7, 1 / 7], rtol=1e-5, hint=hint, what="(slope, intercept)")

    def test_vertical_boundary(self, submission: Submission) -> None:
        """w=(3,2,0) has a vertical boundary and raises ValueError; w=(3,2,1) has slope -2."""
        hint = "On the boundary the score is 0. Solve w0 + w1*x1 + w2*x2 = 0 for x2."
        answer = submission.decision_boundary(np.array([3.0, 2.0, 1.0]))
        assert_close(answer, [-2, -3], rtol=1e-5, hint=hint, what="(slope, intercept)")
        with raises("ValueError", hint="Which weight would you divide by, and when can you not?"):
            submission.decision_boundary(np.array([3.0, 2.0, 0.0]))

    @hidden
    @weight(2)
    def test_random_weights(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random weights of either sign, floats and integers."""
        hint = "Check with a point of the line: its score must be 0. w2 may be negative."
        for sign in (1, -1):
            floats = rng.normal(size=3)
            floats[2] = sign * rng.uniform(0.3, 2)
            for w in (floats, np.array([3, -2, 7 * sign]), np.array([-4.0, 0.0, 3.0 * sign])):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.decision_boundary(w)
                expected = list(reference.decision_boundary(w))
                assert_close(answer, expected, rtol=1e-5, hint=hint, what="(slope, intercept)")

    @hidden
    def test_more_vertical_boundaries(self, submission: Submission) -> None:
        """A vertical boundary raises ValueError for integers too; a steep or level one does not."""
        hint = "Only w2 = 0 makes the boundary vertical."
        for w2 in (0.25, 2**-10):
            steep = submission.decision_boundary(np.array([1.0, -50.0, w2]))
            expected = [50 / w2, -1 / w2]
            assert_close(steep, expected, rtol=1e-5, hint=hint, what="(slope, intercept)")
        small = submission.decision_boundary(2.0**-20 * np.array([1.0, -0.5, 0.25]))
        hint = "All weights are small, and the line is the same as that of 2**20 times these."
        assert_close(small, [2, -4], rtol=1e-5, hint=hint, what="(slope, intercept)")
        for w in (np.array([-1, 4, 0]), np.array([0.0, -2.5, 0.0])):
            with raises("ValueError", hint="A vertical line has no slope, whatever the numbers."):
                submission.decision_boundary(w)
