"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import numpy as np
from fairmark.testing import Submission, assert_close, fail, question
from typing import Any

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

CLOSE = {"rtol": 1e-05, "atol": 1e-05}


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
            (isinstance(entry, (int, np.integer)) for entry in entries)
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


@question("predict_shapes")
class TestPredictShapes:

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


@question("scores")
class TestScores:

    def test_animals(self, submission: Submission) -> None:
        """The animals' scores with w = (2, 0.5, -10) are 10, 40, -35, 220, 165 and 215."""
        answer = submission.scores(ANIMALS, np.array([2.0, 0.5, -10.0]))
        hint = {
            "values": "For the first animal: 2 * 10 + 0.5 * 40 - 10 * 3 = 10.",
            "shape": "One number for each of the six samples: are the products added up, and "
            "along which axis?",
        }
        assert_close(answer, [10, 40, -35, 220, 165, 215], **CLOSE, hint=hint, what="scores(X, w)")


@question("along_axis")
class TestAlongAxis:

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


@question("centre")
class TestCentre:

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


@question("row_shares")
class TestRowShares:

    def test_two_rows(self, submission: Submission) -> None:
        """The shares of (1, 1, 2) are .25, .25, .5; those of (6, 0, 2) are .75, 0, .25."""
        answer = submission.row_shares(np.array([[1.0, 1.0, 2.0], [6.0, 0.0, 2.0]]))
        hint = "The sums of the rows are 4 and 8. What shape must they have to meet (2, 3)?"
        expected = [[0.25, 0.25, 0.5], [0.75, 0, 0.25]]
        assert_close(answer, expected, **CLOSE, hint=hint, what="row_shares(X)")


@question("masks")
class TestMasks:

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


@question("standardise")
class TestStandardise:

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


@question("slope")
class TestSlope:

    def test_cube(self, submission: Submission) -> None:
        """The central difference of x^3 at 1 is 3.25 with h = 0.5 and 3.01 with h = 0.1."""
        for h, expected in ((0.5, 3.25), (0.1, 3.01)):
            answer = submission.slope(lambda x: x**3, 1.0, h)
            hint = "The two points are x + h and x - h. How far apart are they?"
            assert_close(answer, expected, rtol=1e-06, hint=hint, what=f"slope(f, 1.0, {h})")

    def test_array(self, submission: Submission) -> None:
        """For x = (0, 1, 2) and f(x) = x^2 the slopes are 0, 2 and 4, with h left out too."""
        x = np.array([0.0, 1.0, 2.0])
        hint = "f takes the whole array at once: one slope for each entry of x."
        answer = submission.slope(lambda x: x**2, x)
        assert_close(answer, [0, 2, 4], rtol=1e-05, atol=1e-06, hint=hint, what="slope(f, x)")


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 8.0,
    "question_seconds": 60.0,
    "exercises": {
        "predict_shapes": {"points": 2.0, "hidden": 3, "names": ["shapes"]},
        "scores": {"points": 1.0, "hidden": 1, "names": ["scores"]},
        "along_axis": {"points": 2.0, "hidden": 2, "names": ["feature_means", "sample_totals"]},
        "centre": {"points": 2.0, "hidden": 1, "names": ["centre"]},
        "row_shares": {"points": 2.0, "hidden": 1, "names": ["row_shares"]},
        "masks": {"points": 2.0, "hidden": 2, "names": ["mistakes", "share_right"]},
        "slope": {"points": 2.0, "hidden": 2, "names": ["slope"]},
        "standardise": {"points": 2.0, "hidden": 1, "names": ["standardise"]},
    },
}
