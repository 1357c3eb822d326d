"""The roughness of an image: total variation, squared."""

from typing import Any

import numpy as np
import torch

from fairmark.testing import Submission, assert_close, fail, hidden, question, weight
from reference import style as reference

# Layouts and gradients are made in the process of the answer, for tensors arrive as plain ones.
PIXELS = """
import torch


def in_layouts(function, image):
    n, _, H, W = image.shape
    larger = torch.full((n, 3, H + 2, W + 3), 7.0, dtype=image.dtype)
    larger[:, :, 1:-1, 2:-1] = image
    apart = torch.full((n, 3, 2 * H, 2 * W), 7.0, dtype=image.dtype)
    apart[:, :, ::2, ::2] = image
    layouts = [
        image.contiguous(memory_format=torch.channels_last),
        image.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0),
        larger[:, :, 1:-1, 2:-1],
        apart[:, :, ::2, ::2],
    ]
    return [function(layout) for layout in layouts]


def slope(function, image):
    image = image.clone().requires_grad_()
    value = function(image)
    if not torch.is_tensor(value) or not value.requires_grad:
        return None
    return torch.autograd.grad(value.sum(), image)[0]
"""

NEAR: dict[str, Any] = {"rtol": 2e-4, "atol": 1e-4}
PAIRS = (
    "Which pixels are neighbours? Each pair counts once, its difference squared, in each colour."
)


def _pixels(rng: np.random.Generator, *shape: int, double: bool = False) -> torch.Tensor:
    values = torch.from_numpy(rng.normal(size=shape) + 0.3)
    return values if double else values.float()


@question("tv_loss")
class TestTvLoss:
    """The sum of squared differences of neighbouring pixels."""

    def test_small_image(self, submission: Submission) -> None:
        """Red ((1, 2, 4), (1, 0, 4)), no green, all blue 5: 22 across and 4 down make 26."""
        image = torch.zeros(1, 3, 2, 3)
        image[0, 0] = torch.tensor([[1.0, 2.0, 4.0], [1.0, 0.0, 4.0]])
        image[0, 2] = 5.0
        assert_close(submission.tv_loss(image), 26.0, rtol=1e-5, hint=PAIRS)

    def test_one_row(self, submission: Submission) -> None:
        """A row 0, 1, 3 in each of three colours has nothing beneath: 3 * (1 + 4) = 15."""
        image = torch.tensor([0.0, 1.0, 3.0]).expand(1, 3, 1, 3).clone()
        hint = "There is no neighbour beyond an edge, and no difference to add."
        assert_close(submission.tv_loss(image), 15.0, rtol=1e-5, hint=hint)

    @hidden
    @weight(2)
    def test_values(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random images of several sizes, which stay as they are."""
        for size, double in (((5, 7), False), ((8, 4), True), ((6, 6), False), ((2, 11), True)):
            image = _pixels(rng, 1, 3, *size, double=double)
            with submission.inputs_unchanged():
                answer = submission.tv_loss(image)
            assert_close(answer, float(reference.tv_loss(image)), **NEAR, hint=PAIRS)

    @hidden
    def test_batch(self, submission: Submission, rng: np.random.Generator) -> None:
        """All images of a batch count into one number, each with its own pixels."""
        for shape in ((2, 3, 4, 6), (5, 3, 3, 2)):
            image = _pixels(rng, *shape)
            hint = "One number for the whole batch; pixels of two images are no neighbours."
            answer = submission.tv_loss(image)
            assert_close(answer, float(reference.tv_loss(image)), **NEAR, hint=hint)

    @hidden
    def test_narrow_images(self, submission: Submission, rng: np.random.Generator) -> None:
        """One column, one row, and a single pixel."""
        for shape in ((1, 3, 6, 1), (2, 3, 1, 5), (1, 3, 1, 1)):
            image = _pixels(rng, *shape)
            hint = "There is no neighbour beyond an edge, and no difference to add."
            answer = submission.tv_loss(image)
            assert_close(answer, float(reference.tv_loss(image)), **NEAR, hint=hint)

    @hidden
    def test_memory_layouts(self, submission: Submission, rng: np.random.Generator) -> None:
        """Images that lie in memory with colours last, transposed, or as parts of larger ones."""
        in_layouts = submission.define(PIXELS)["in_layouts"]
        for shape in ((1, 3, 5, 8), (2, 3, 7, 4)):
            image = _pixels(rng, *shape)
            hint = "Neighbours in the picture need not be neighbours in memory."
            for answer in in_layouts(submission.tv_loss, image):
                assert_close(answer, float(reference.tv_loss(image)), **NEAR, hint=hint)

    @hidden
    @weight(2)
    def test_differentiable(self, submission: Submission, rng: np.random.Generator) -> None:
        """Its gradient by the image is right."""
        slope = submission.define(PIXELS)["slope"]
        for shape in ((1, 3, 4, 6), (2, 3, 5, 3)):
            image = _pixels(rng, *shape)
            hint = "Does anything cut the answer off from its image: item(), float(), numpy?"
            answer = slope(submission.tv_loss, image)
            if answer is None:
                fail("The answer cannot be differentiated.", hint=hint)
            leaf = image.clone().requires_grad_()
            (wanted,) = torch.autograd.grad(reference.tv_loss(leaf), leaf)
            hint = "The value is right only if its slope is. " + hint
            assert_close(
                answer, wanted.numpy(), rtol=1e-3, atol=1e-3, hint=hint, what="the gradient"
            )
