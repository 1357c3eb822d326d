"""Shapes, axes, broadcasting and masks."""

from typing import Any

import numpy as np
import numpy.typing as npt

from fairmark.testing import Submission, assert_close, fail, hidden, question, weight
from reference import warm_up as reference

Array = npt.NDArray[Any]

# The notebook's animals: weight in kg, length in cm, age in years; three dogs, three pandas.
ANIMALS = np.array(
    [
        [10.0, 40.0, 3.0],
        [30.0, 60.0, 5.0],
        [20.0, 50.0, 10.0],
        [100.0, 160.0, 6.0],
        [110.0, 170.0, 14.0],
        [90.0, 150.0, 4.0],
    ]
)
LABELS = np.array([-1, -1, -1, 1, 1, 1])

# An answer in single precision, in any order of operations, is right.
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def _five(shapes: Any) -> list[Any]:
    """The five shapes, if they are five tuples (or lists) of whole numbers."""
    if isinstance(shapes, np.ndarray):
        shapes = shapes.tolist()
    if not isinstance(shapes, (list, tuple)) or len(shapes) != 5:
        fail("shapes must be a list of five shapes, a to e.", hint="shapes = [(…), (…), …]")
    for letter, shape in zip("abcde", shapes, strict=True):
        if isinstance(shape, (int, np.integer)):
            fail(
                f"{letter} is the number {shape}, but a shape is a tuple.",
                hint="A tuple with one entry is written with a comma, as in (7,): (7) is only 7.",
            )
        entries = shape.tolist() if isinstance(shape, np.ndarray) else shape
        if not isinstance(entries, (list, tuple)) or not all(
            isinstance(entry, (int, np.integer)) for entry in entries
        ):
            fail(
                f"{letter} should be a shape: a tuple of whole numbers.", hint="For example (7, 2)."
            )
    return [tuple(shape) for shape in shapes]


def _assert_shape(
    shapes: list[Any], place: int, name: str, expected: tuple[int, ...], hint: str
) -> None:
    """Say which shape is wrong, but not what is right: it is a prediction."""
    if shapes[place] != expected:
        fail(f"{'abcde'[place]}: {name} has not the shape {shapes[place]}.", hint=hint)


def _data(rng: np.random.Generator, n: int, d: int) -> list[Array]:
    """Samples as floats and as integers; no two features have the same mean."""
    return [3 * rng.normal(size=(n, d)) + np.arange(d), rng.integers(-9, 10, size=(n, d))]


@question("predict_shapes")
class TestPredictShapes:
    """Five shapes, for A (5, 4) and v (4,)."""

    def test_a_row(self, submission: Submission) -> None:
        """a: A[2] is one row; an index takes its axis away."""
        shapes = _five(submission.shapes.value())
        hint = "A has 5 rows and 4 columns. How many entries has one row?"
        _assert_shape(shapes, 0, "A[2]", (4,), hint)

    def test_a_column(self, submission: Submission) -> None:
        """b: A[:, 2] is one column; the axis with the colon stays."""
        shapes = _five(submission.shapes.value())
        hint = "A has 5 rows and 4 columns. How many entries has one column?"
        _assert_shape(shapes, 1, "A[:, 2]", (5,), hint)

    @hidden
    def test_slice(self, submission: Submission) -> None:
        """c: a slice keeps its axis and leaves its end out."""
        shapes = _five(submission.shapes.value())
        hint = "1:4 takes the rows 1, 2 and 3. Is the axis of the columns still there?"
        _assert_shape(shapes, 2, "A[1:4]", reference.SHAPES[2], hint)

    @hidden
    def test_transposed(self, submission: Submission) -> None:
        """d: .T swaps the axes."""
        shapes = _five(submission.shapes.value())
        _assert_shape(shapes, 3, "A.T", reference.SHAPES[3], "What were rows are columns now.")

    @hidden
    def test_product(self, submission: Submission) -> None:
        """e: in a product the sizes in the middle vanish."""
        shapes = _five(submission.shapes.value())
        hint = "One score for each row of A: (5, 4) @ (4,). Which sizes meet?"
        _assert_shape(shapes, 4, "A @ v", reference.SHAPES[4], hint)


@question("scores")
class TestScores:
    """The product of samples and weights."""

    def test_animals(self, submission: Submission) -> None:
        """The animals' scores with w = (2, 0.5, -10) are 10, 40, -35, 220, 165 and 215."""
        answer = submission.scores(ANIMALS, np.array([2.0, 0.5, -10.0]))
        hint = {
            "values": "For the first animal: 2 * 10 + 0.5 * 40 - 10 * 3 = 10.",
            "shape": "One number for each of the six samples: are the products added up, and "
            "along which axis?",
        }
        assert_close(answer, [10, 40, -35, 220, 165, 215], **CLOSE, hint=hint, what="scores(X, w)")

    @hidden
    @weight(2)
    def test_other_sizes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Any number of samples and features, as many of one as of the other too; integers."""
        for n, d in [(7, 4), (3, 3), (2, 5), (1, 3), (4, 1)]:
            floats, integers = _data(rng, n, d)
            parts = rng.normal(size=d)
            for X, w in ((floats, parts), (integers, np.arange(d) + 2), (integers, parts)):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.scores(X, w)
                hint = "Each row of X is a sample. What does each of its numbers meet in w?"
                expected = reference.scores(X, w)
                assert_close(answer, expected, **CLOSE, hint=hint, what="scores(X, w)")


@question("along_axis")
class TestAlongAxis:
    """One result for each feature, one for each sample."""

    def test_feature_means(self, submission: Submission) -> None:
        """The animals' mean weight, length and age are 60 kg, 105 cm and 7 years."""
        hint = "Three features, so three means: which axis vanishes?"
        answer = submission.feature_means(ANIMALS)
        assert_close(
            answer,
            [60, 105, 7],
            **CLOSE,
            hint={"values": hint, "shape": hint},
            what="feature_means(X)",
        )

    def test_sample_totals(self, submission: Submission) -> None:
        """The totals of the rows (1, 2, 3) and (4, 0, 6) are 6 and 10."""
        hint = "Two samples, so two totals: which axis vanishes?"
        answer = submission.sample_totals(np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 6.0]]))
        assert_close(
            answer, [6, 10], **CLOSE, hint={"values": hint, "shape": hint}, what="sample_totals(X)"
        )

    @hidden
    def test_more_means(self, submission: Submission, rng: np.random.Generator) -> None:
        """feature_means for other sizes, a single sample or feature too; integers."""
        for n, d in [(4, 6), (3, 3), (1, 4), (5, 1)]:
            for X in _data(rng, n, d):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.feature_means(X)
                expected = reference.feature_means(X)
                hint = "The mean of each column, in an array with one axis."
                assert_close(answer, expected, **CLOSE, hint=hint, what="feature_means(X)")

    @hidden
    def test_more_totals(self, submission: Submission, rng: np.random.Generator) -> None:
        """sample_totals for other sizes, a single sample or feature too; integers."""
        for n, d in [(4, 6), (3, 3), (1, 4), (5, 1)]:
            for X in _data(rng, n, d):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.sample_totals(X)
                expected = reference.sample_totals(X)
                hint = "The sum of each row, in an array with one axis."
                assert_close(answer, expected, **CLOSE, hint=hint, what="sample_totals(X)")


@question("centre")
class TestCentre:
    """(n, d) minus (d,)."""

    def test_animals(self, submission: Submission) -> None:
        """The first dog (10, 40, 3) becomes (-50, -65, -4): each feature loses its own mean."""
        answer = submission.centre(ANIMALS)
        hint = "The means are 60, 105 and 7. Which of them must a weight lose, which an age?"
        expected = ANIMALS - np.array([60.0, 105.0, 7.0])
        assert_close(answer, expected, **CLOSE, hint=hint, what="centre(X)")

    def test_unchanged(self, submission: Submission) -> None:
        """X itself stays as it is."""
        with submission.inputs_unchanged():
            submission.centre(np.array([[1.0, 5.0], [3.0, 9.0]]))

    @hidden
    @weight(2)
    def test_other_sizes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Any number of samples and features, as many of one as of the other too; integers."""
        for n, d in [(5, 4), (3, 3), (4, 6), (1, 3), (6, 1)]:
            for X in _data(rng, n, d):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.centre(X)
                hint = "Afterwards the mean of each column is 0, whatever the sizes."
                assert_close(answer, reference.centre(X), **CLOSE, hint=hint, what="centre(X)")


@question("row_shares")
class TestRowShares:
    """(n, d) divided by (n, 1)."""

    def test_two_rows(self, submission: Submission) -> None:
        """The shares of (1, 1, 2) are .25, .25, .5; those of (6, 0, 2) are .75, 0, .25."""
        answer = submission.row_shares(np.array([[1.0, 1.0, 2.0], [6.0, 0.0, 2.0]]))
        hint = "The sums of the rows are 4 and 8. What shape must they have to meet (2, 3)?"
        expected = [[0.25, 0.25, 0.5], [0.75, 0, 0.25]]
        assert_close(answer, expected, **CLOSE, hint=hint, what="row_shares(X)")

    @hidden
    @weight(2)
    def test_other_sizes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Any number of rows and amounts, as many of one as of the other too; integers."""
        for n, d in [(5, 4), (3, 3), (2, 6), (1, 3), (4, 1)]:
            for X in (rng.uniform(0.5, 9, size=(n, d)), rng.integers(1, 9, size=(n, d))):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.row_shares(X)
                hint = "Each row is divided by its own sum, and adds up to 1 afterwards."
                assert_close(
                    answer, reference.row_shares(X), **CLOSE, hint=hint, what="row_shares(X)"
                )


@question("masks")
class TestMasks:
    """Comparisons that count, and that select."""

    def test_share_right(self, submission: Submission) -> None:
        """With four of six predictions right, share_right gives 4/6."""
        answer = submission.share_right(np.array([-1, -1, -1, -1, 1, -1]), LABELS)
        hint = "The mean of a mask is the share of its True."
        assert_close(answer, 4 / 6, **CLOSE, hint=hint, what="share_right(predicted, y)")

    def test_mistakes(self, submission: Submission) -> None:
        """The samples 3 and 5 were predicted wrong: mistakes gives their two rows of X."""
        answer = submission.mistakes(ANIMALS, np.array([-1, -1, -1, -1, 1, -1]), LABELS)
        hint = {
            "values": "The rows where predicted differs from y, in their order.",
            "shape": "X[mask] has one row for each True. Where is your mask True?",
        }
        assert_close(answer, ANIMALS[[3, 5]], **CLOSE, hint=hint, what="mistakes(X, predicted, y)")

    @hidden
    def test_more_shares(self, submission: Submission, rng: np.random.Generator) -> None:
        """share_right for -1 and +1, for digits, with all of them right and with none."""
        for predicted, y in _predictions(rng):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.share_right(predicted, y)
            expected = reference.share_right(predicted, y)
            hint = "Count where the two are equal, and divide by how many there are."
            assert_close(answer, expected, **CLOSE, hint=hint, what="share_right(predicted, y)")

    @hidden
    def test_more_mistakes(self, submission: Submission, rng: np.random.Generator) -> None:
        """mistakes for -1 and +1, for digits, with none (0, d), with one (1, d), mistakes only."""
        for predicted, y in _predictions(rng):
            X = rng.normal(size=(len(y), 3))
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.mistakes(X, predicted, y)
            if isinstance(answer, (list, tuple)) and not len(answer):
                answer = np.zeros((0, 3))  # a list of no rows cannot say how long they would be
            expected = reference.mistakes(X, predicted, y)
            hint = "A mistake is any label that is not the true one, greater or smaller."
            assert_close(answer, expected, **CLOSE, hint=hint, what="mistakes(X, predicted, y)")


def _predictions(rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Predicted and true labels; of the digits some are too large and some too small."""
    signs, digits = rng.choice([-1, 1], size=9), rng.integers(1, 9, size=8)
    other_signs, other_digits = signs.copy(), digits.copy()
    other_signs[[0, 3, 4, 8]] *= -1
    other_digits[[1, 2, 6]] += [1, -1, 1]
    return [
        (other_signs, signs),
        (other_digits, digits),
        (digits.copy(), digits),
        (-signs[:5], signs[:5]),
        (np.where(np.arange(9) == 5, -signs, signs), signs),
    ]


@question("standardise")
class TestStandardise:
    """The function that was broken, mended."""

    def test_animals(self, submission: Submission) -> None:
        """The first three ages 3, 5 and 10 become about -1.04, -0.52 and 0.78."""
        answer = submission.standardise(ANIMALS)
        hint = {
            "values": "Each column must have the mean 0 and the standard deviation 1 afterwards.",
            "shape": "The answer has the shape of X: nothing is lost, only moved and scaled.",
        }
        means = np.array([60.0, 105.0, 7.0])
        spreads = np.sqrt([5000 / 3, 9275 / 3, 44 / 3])
        assert_close(answer, (ANIMALS - means) / spreads, **CLOSE, hint=hint, what="standardise(X)")

    @hidden
    @weight(2)
    def test_other_sizes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Any number of samples and features, as many of one as of the other too; integers."""
        for n, d in [(6, 4), (4, 4), (3, 5), (5, 1)]:
            for X in (3 * rng.normal(size=(n, d)) + np.arange(d), _spread_out(rng, n, d)):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.standardise(X)
                hint = "Every feature has a mean and a standard deviation of its own."
                assert_close(
                    answer, reference.standardise(X), **CLOSE, hint=hint, what="standardise(X)"
                )


def _spread_out(rng: np.random.Generator, n: int, d: int) -> Array:
    """Integers; in no feature and in no sample are they all the same."""
    return np.stack([rng.permutation(n) * (j + 1) + 3 * j for j in range(d)], axis=1)
