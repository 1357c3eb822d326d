"""The digits as tensors, and shifted images."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.datasets import load_digits

from fairmark.testing import (
    Submission,
    as_array,
    assert_close,
    assert_equal,
    fail,
    hidden,
    question,
    weight,
)
from reference import cnn as reference

Array = npt.NDArray[Any]


def _four(answer: object) -> tuple[Any, Any, Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 4:
        fail("digits_tensors must return four things: (X_train, y_train, X_test, y_test).")
    X_train, y_train, X_test, y_test = answer
    return X_train, y_train, X_test, y_test


# Runs beside the student's code, which has tensors where the judge has arrays.
DTYPES = '''
import torch


def dtypes(digits_tensors):
    """The name of each part's dtype, or of its class where it has none."""
    return [
        str(torch.as_tensor(part).dtype).removeprefix("torch.")
        if hasattr(part, "dtype")
        else type(part).__name__
        for part in digits_tensors()
    ]
'''


def _assert_dtypes(submission: Submission, expected: dict[str, str]) -> None:
    found = submission.define(DTYPES)["dtypes"](submission.digits_tensors)
    hint = "Pixels are float32, as torch's layers are; labels are int64, as its losses want."
    for what, actual in zip(("X_train", "y_train", "X_test", "y_test"), _four(found), strict=True):
        if what in expected:
            assert_equal(actual, expected[what], hint=hint, what=f"the dtype of {what}")


@question("digits_tensors")
class TestDigits:
    """Four tensors: their shapes, dtypes and values."""

    def test_shapes(self, submission: Submission) -> None:
        """1415 digits to train, 382 to test, each an image with one channel."""
        X_train, y_train, X_test, y_test = _four(submission.digits_tensors())
        hint = "A batch of images is (n, channels, height, width); labels are (n,)."
        for value, shape, what in (
            (X_train, (1415, 1, 8, 8), "X_train"),
            (y_train, (1415,), "y_train"),
            (X_test, (382, 1, 8, 8), "X_test"),
            (y_test, (382,), "y_test"),
        ):
            assert_equal(as_array(value, what).shape, shape, hint=hint, what=f"{what}'s shape")

    def test_dtype_of_images(self, submission: Submission) -> None:
        """Pixels are float32."""
        _assert_dtypes(submission, {"X_train": "float32", "X_test": "float32"})

    def test_dtype_of_labels(self, submission: Submission) -> None:
        """Labels are int64."""
        _assert_dtypes(submission, {"y_train": "int64", "y_test": "int64"})

    def test_first_digit(self, submission: Submission) -> None:
        """The first digit is a 0; its first row is 0, 0, 5, 13, 9, 1, 0, 0 sixteenths."""
        X_train, y_train, _, _ = _four(submission.digits_tensors())
        images, labels = as_array(X_train, "X_train"), as_array(y_train, "y_train")
        if images.shape != (1415, 1, 8, 8) or labels.shape != (1415,):
            fail("The shapes must be right first.")
        hint = "Which number makes a full pixel 1.0? And the digits keep their order."
        row = np.array([0, 0, 5, 13, 9, 1, 0, 0]) / 16
        assert_close(images[0, 0, 0], row, rtol=1e-5, hint=hint, what="the first row")
        assert_equal(int(labels[0]), 0, hint=hint, what="the first label")

    @hidden
    @weight(2)
    def test_training_digits(self, submission: Submission) -> None:
        """The training digits are the first 1415, divided by 16, each with its label."""
        X, y, _, _ = _four(submission.digits_tensors())
        data = load_digits()
        hint = "The first 1415, in the order in which they come, neither turned nor shuffled."
        assert_close(X, data.images[:1415, None] / 16, rtol=1e-5, hint=hint, what="X_train")
        assert_close(y, data.target[:1415], hint=hint, what="y_train")

    @hidden
    @weight(2)
    def test_test_digits(self, submission: Submission) -> None:
        """The test digits are the last 382, divided by 16, each with its label."""
        _, _, X, y = _four(submission.digits_tensors())
        data = load_digits()
        hint = "All that is left behind the first 1415: written by others, seen by no training."
        assert_close(X, data.images[1415:, None] / 16, rtol=1e-5, hint=hint, what="X_test")
        assert_close(y, data.target[1415:], hint=hint, what="y_test")


def _image(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows)[None, None]


@question("shift_images")
class TestShift:
    """Where each pixel goes, and what moves in."""

    def test_right(self, submission: Submission) -> None:
        """dx=1 moves each row one pixel to the right; a column of zeros moves in at the left."""
        X = _image([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
        expected = [[[[0, 1, 2], [0, 4, 5]]]]
        hint = "+dx is to the right. What leaves on one side does not come back on the other."
        assert_close(submission.shift_images(X, 1, 0), expected, hint=hint)

    def test_down(self, submission: Submission) -> None:
        """dy=1 moves each column one pixel down; a row of zeros moves in at the top."""
        X = _image([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
        hint = "+dy is down: row 0 of the image becomes row 1."
        assert_close(submission.shift_images(X, 0, 1), [[[[0, 0, 0], [1, 2, 3]]]], hint=hint)

    @hidden
    @weight(2)
    def test_all_directions(self, submission: Submission, rng: np.random.Generator) -> None:
        """Several images with several channels, wider than high, shifted every way."""
        X = torch.from_numpy(rng.normal(size=(3, 2, 5, 7))).float()
        hint = "Negative dx is to the left, negative dy is up; height and width differ."
        for dx, dy in [(2, 1), (-2, 1), (3, -2), (-1, -4), (-3, 0), (0, -1), (6, 4), (0, 0)]:
            with submission.inputs_unchanged():
                answer = submission.shift_images(X, dx, dy)
            expected = reference.shift_images(X, dx, dy).numpy()
            assert_close(answer, expected, rtol=1e-5, hint=hint, what=f"X shifted by {dx}, {dy}")

    @hidden
    def test_out_of_the_image(self, submission: Submission, rng: np.random.Generator) -> None:
        """A shift as large as the image, or larger, leaves only zeros."""
        X = torch.from_numpy(rng.uniform(1, 2, size=(2, 1, 4, 6))).float()
        hint = "Nothing of the image is left to see. A slice that begins before 0 counts anew."
        for dx, dy in [(6, 0), (-6, 0), (0, 4), (0, -4), (9, 1), (-8, 2), (1, 7), (-2, -6)]:
            answer = submission.shift_images(X, dx, dy)
            assert_close(answer, np.zeros(X.shape), hint=hint, what=f"X shifted by {dx}, {dy}")

    @hidden
    def test_dtypes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Integers and double precision are shifted as well, and no pixel changes its value."""
        hint = "A shift computes nothing: it only puts pixels elsewhere, of whatever dtype."
        pixels = torch.from_numpy(rng.uniform(1, 17, size=(4, 1, 6, 3)))
        for dtype in (torch.int64, torch.uint8, torch.float64):
            X = pixels.to(dtype)
            for dx, dy in [(1, -2), (-1, 3)]:
                with submission.inputs_unchanged():
                    answer = submission.shift_images(X, dx, dy)
                expected = reference.shift_images(X, dx, dy).numpy()
                what = f"X of {str(dtype).removeprefix('torch.')}, shifted by {dx}, {dy}"
                # Nothing is computed, so nothing is rounded.
                assert_close(answer, expected, rtol=1e-12, hint=hint, what=what)
