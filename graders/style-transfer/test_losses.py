"""The losses of content and style, and the Gram matrix."""

from typing import Any

import numpy as np
import torch

from fairmark.testing import Submission, as_array, assert_close, fail, hidden, question, weight
from reference import style as reference

# Gradients are taken in the process of the answer, where its graph is.
GRADIENTS = """
import torch


def _slope(value, leaves):
    if not torch.is_tensor(value) or not value.requires_grad:
        return None
    found = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
    return [torch.zeros_like(l) if g is None else g for g, l in zip(found, leaves)]


def of_two(function, F, P):
    F = F.clone().requires_grad_()
    return _slope(function(F, P), [F])


def of_gram(function, F, factors):
    F = F.clone().requires_grad_()
    answer = function(F)
    if isinstance(answer, (list, tuple)) and all(map(torch.is_tensor, answer)):
        answer = torch.stack(list(answer))  # a list of matrices is right, too
    return _slope(answer * factors if torch.is_tensor(answer) else answer, [F])


def of_style(function, features, grams, weights):
    features = {name: F.clone().requires_grad_() for name, F in features.items()}
    return _slope(function(features, grams, weights), list(features.values()))


def of_total(function, content, style, alpha, beta):
    leaves = [content.clone().requires_grad_(), style.clone().requires_grad_()]
    return _slope(function(*leaves, alpha, beta), leaves)
"""

CLOSE: dict[str, Any] = {"rtol": 2e-4, "atol": 1e-4}
CUT_OFF = "Does anything cut the answer off from its tensors: item(), float(), numpy, detach?"


def _tensor(rng: np.random.Generator, *shape: int, double: bool = False) -> torch.Tensor:
    values = torch.from_numpy(rng.normal(size=shape) + 0.3)
    return values if double else values.float()


def _assert_slopes(answer: Any, expected: list[torch.Tensor]) -> None:
    if not isinstance(answer, list):
        fail("The answer cannot be differentiated.", hint=CUT_OFF)
    for found, wanted in zip(answer, expected, strict=True):
        tolerance = {"rtol": 1e-3, "atol": 1e-4 * max(float(wanted.abs().max()), 1e-12)}
        hint = "The value is right only if its slope is. " + CUT_OFF
        assert_close(found, wanted.numpy(), **tolerance, hint=hint, what="the gradient")


@question("content_loss")
class TestContentLoss:
    """E_c, the sum of squared differences."""

    def test_small_numbers(self, submission: Submission) -> None:
        """F=(1, 2, 3, 4), P=(1, 0, 3, 7): E_c = 0 + 4 + 0 + 9 = 13."""
        F = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 1, 2, 2)
        P = torch.tensor([1.0, 0.0, 3.0, 7.0]).reshape(1, 1, 2, 2)
        hint = "The slide's E_c is a plain sum: of what, over what?"
        assert_close(submission.content_loss(F, P), 13.0, rtol=1e-5, hint=hint)

    @hidden
    @weight(2)
    def test_values(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random features of several shapes; the arguments stay as they are."""
        for shape, double in [((1, 4, 5, 7), False), ((2, 3, 6, 4), True), ((1, 1, 1, 9), False)]:
            F, P = (_tensor(rng, *shape, double=double) for _ in range(2))
            with submission.inputs_unchanged():
                answer = submission.content_loss(F, P)
            hint = "A sum over all elements, with no factor in front and no mean."
            assert_close(answer, float(reference.content_loss(F, P)), **CLOSE, hint=hint)

    @hidden
    def test_differentiable(self, submission: Submission, rng: np.random.Generator) -> None:
        """Its gradient by F is right."""
        F, P = _tensor(rng, 1, 3, 4, 6), _tensor(rng, 1, 3, 4, 6)
        answer = submission.define(GRADIENTS)["of_two"](submission.content_loss, F, P)
        _assert_slopes(answer, [2 * (F - P)])


@question("gram_matrix")
class TestGramMatrix:
    """Which channels fire together."""

    def test_two_channels(self, submission: Submission) -> None:
        """Channels (1, 2, 3) and (0, 1, -1): the matrix is [[14, -1], [-1, 2]]."""
        F = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]).reshape(1, 2, 1, 3)
        answer = submission.gram_matrix(F)
        hint = "One row and one column for each channel; sums run over the positions."
        assert_close(answer, [[[14, -1], [-1, 2]]], rtol=1e-5, hint=hint)

    @hidden
    @weight(2)
    def test_one_image(self, submission: Submission, rng: np.random.Generator) -> None:
        """One image, with more rows than columns or fewer."""
        for shape in [(1, 4, 3, 7), (1, 3, 6, 5), (1, 9, 2, 2), (1, 1, 4, 3)]:
            F = _tensor(rng, *shape, double=shape[1] == 3)
            with submission.inputs_unchanged():
                answer = submission.gram_matrix(F)
            hint = "The sum over all positions of channel i times channel j, not divided."
            assert_close(answer, reference.gram_matrix(F).numpy(), **CLOSE, hint=hint)

    @hidden
    @weight(2)
    def test_batch(self, submission: Submission, rng: np.random.Generator) -> None:
        """A batch: one matrix for each image, from that image alone."""
        for shape in [(3, 4, 5, 7), (2, 5, 6, 3), (4, 2, 2, 2)]:
            F = _tensor(rng, *shape)
            hint = "n images have n matrices. Which pixels may meet in one of them?"
            answer = submission.gram_matrix(F)
            assert_close(answer, reference.gram_matrix(F).numpy(), **CLOSE, hint=hint)

    @hidden
    def test_positions_do_not_matter(
        self, submission: Submission, rng: np.random.Generator
    ) -> None:
        """Shuffling the positions of an image leaves its matrix as it is."""
        F = _tensor(rng, 2, 4, 3, 6)
        order = torch.from_numpy(rng.permutation(18))
        shuffled = F.flatten(2)[..., order].reshape(2, 4, 6, 3)
        hint = "Style is what is there, not where: each sum runs over all positions."
        expected = reference.gram_matrix(F).numpy()
        assert_close(submission.gram_matrix(shuffled.contiguous()), expected, **CLOSE, hint=hint)

    @hidden
    def test_differentiable(self, submission: Submission, rng: np.random.Generator) -> None:
        """Its gradient by F is right."""
        F, factors = _tensor(rng, 2, 3, 4, 5), _tensor(rng, 2, 3, 3)
        answer = submission.define(GRADIENTS)["of_gram"](submission.gram_matrix, F, factors)
        leaf = F.clone().requires_grad_()
        total = (reference.gram_matrix(leaf) * factors).sum()
        _assert_slopes(answer, list(torch.autograd.grad(total, [leaf])))


@question("style_loss")
class TestStyleLoss:
    """L_style over the layers that have a weight."""

    def test_one_layer(self, submission: Submission) -> None:
        """Two channels of three positions, G - A = [[2, 0], [0, 4]]: 20 / (4 * 4 * 9) * w."""
        F = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]).reshape(1, 2, 1, 3)
        grams = {"relu1_1": torch.tensor([[[12.0, -1.0], [-1.0, -2.0]]])}
        answer = submission.style_loss({"relu1_1": F}, grams, {"relu1_1": 3.0})
        hint = "The paper's factor is 1 / (4 N^2 M^2): N channels, M positions."
        assert_close(answer, 60 / 144, rtol=1e-4, hint=hint)

    @hidden
    @weight(2)
    def test_one_random_layer(self, submission: Submission, rng: np.random.Generator) -> None:
        """One layer at a time, of several shapes."""
        for shape in [(1, 4, 3, 7), (1, 3, 6, 4), (1, 7, 2, 5)]:
            features, grams = _layers(rng, {"relu2_1": shape})
            with submission.inputs_unchanged():
                answer = submission.style_loss(features, grams, {"relu2_1": 0.7})
            expected = float(reference.style_loss(features, grams, {"relu2_1": 0.7}))
            hint = "N counts channels, M positions, H times W; both are squared, and A stays as is."
            assert_close(answer, expected, **CLOSE, hint=hint)

    @hidden
    @weight(2)
    def test_layers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Several layers of different shapes and weights, in another order in each dict."""
        features, grams = _layers(
            rng, {"relu1_1": (1, 3, 8, 6), "conv2_1": (1, 5, 4, 3), "relu3_1": (1, 4, 2, 5)}
        )
        grams = dict(reversed(grams.items()))
        weights = {"conv2_1": 2.0, "relu3_1": 0.25, "relu1_1": 1.5}
        answer = submission.style_loss(features, grams, weights)
        hint = "Each layer has its own weight, N and M; a dict is read by name, not by order."
        expected = float(reference.style_loss(features, grams, weights))
        assert_close(answer, expected, **CLOSE, hint=hint)

    @hidden
    def test_further_layers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Features may hold further layers; only those with a weight count."""
        features, grams = _layers(rng, {"relu1_1": (1, 3, 4, 6), "relu2_1": (1, 5, 2, 3)})
        features["conv4_2"] = _tensor(rng, 1, 6, 2, 2)
        weights = {"relu1_1": 0.5, "relu2_1": 0.5}
        answer = submission.style_loss(features, grams, weights)
        hint = "The content layer is among the features too. Which dict says what counts?"
        expected = float(reference.style_loss(features, grams, weights))
        assert_close(answer, expected, **CLOSE, hint=hint)

    @hidden
    def test_differentiable(self, submission: Submission, rng: np.random.Generator) -> None:
        """Its gradient by the features is right."""
        features, grams = _layers(rng, {"relu1_1": (1, 3, 4, 6), "relu2_1": (1, 5, 2, 3)})
        weights = {"relu1_1": 0.8, "relu2_1": 0.2}
        of_style = submission.define(GRADIENTS)["of_style"]
        answer = of_style(submission.style_loss, features, grams, weights)
        leaves = {name: F.clone().requires_grad_() for name, F in features.items()}
        loss = reference.style_loss(leaves, grams, weights)
        _assert_slopes(answer, list(torch.autograd.grad(loss, list(leaves.values()))))


@question("total_loss")
class TestTotalLoss:
    """alpha times content, plus beta times style."""

    def test_small_numbers(self, submission: Submission) -> None:
        """Content 5 and style 2, alpha 1 and beta 1000: 2005."""
        answer = submission.total_loss(torch.tensor(5.0), torch.tensor(2.0), 1.0, 1000.0)
        hint = "The slide's last sum has dropped both weights. Which belongs to which?"
        assert_close(answer, 2005.0, rtol=1e-5, hint=hint)

    @hidden
    def test_values(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random losses and weights, a weight of 0 among them."""
        for alpha, beta in [(0.3, 7.0), (12.5, 0.01), (0.0, 2.0), (3.0, 0.0)]:
            content, style = (float(x) for x in rng.uniform(1, 9, 2))
            answer = submission.total_loss(torch.tensor(content), torch.tensor(style), alpha, beta)
            hint = "alpha weighs the content, beta the style."
            assert_close(as_array(answer), alpha * content + beta * style, **CLOSE, hint=hint)

    @hidden
    def test_differentiable(self, submission: Submission) -> None:
        """Its gradients by the two losses are alpha and beta."""
        of_total = submission.define(GRADIENTS)["of_total"]
        losses = torch.tensor(4.0), torch.tensor(9.0)
        answer = of_total(submission.total_loss, *losses, 0.5, 20.0)
        _assert_slopes(answer, [torch.tensor(0.5), torch.tensor(20.0)])


def _layers(
    rng: np.random.Generator, shapes: dict[str, tuple[int, ...]]
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Features of these shapes, and Gram matrices of others."""
    features = {name: _tensor(rng, *shape) for name, shape in shapes.items()}
    others = {name: _tensor(rng, *shape) for name, shape in shapes.items()}
    return features, {name: reference.gram_matrix(F) for name, F in others.items()}
