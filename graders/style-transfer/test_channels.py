"""Noise that climbs until a channel fires: activation maximisation.

Any honest way up is right, so what counts is how strongly the channel answers to the returned image
in a model of the judge's own, which has the same seeded weights.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

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
from reference import style as reference

Array = npt.NDArray[Any]

# The network is made twice from this text, by seed: in the process of the answer, and here.
NETWORK = '''
import torch
from torch import nn


def network(widths, length, seed):
    """The first layers of a VGG19 that has these numbers of channels; weights by seed."""
    generator = torch.Generator().manual_seed(seed)
    layers, channels = [], 3
    for width, repeats in zip(widths, (2, 2, 4, 4, 4)):
        for _ in range(repeats):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    model = nn.Sequential(*layers[:length])
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Conv2d):
                values = torch.randn(layer.weight.shape, generator=generator)
                layer.weight.copy_(values * (2 / layer.weight[0].numel()) ** 0.5)
                layer.bias.copy_(0.1 * torch.randn(layer.bias.shape, generator=generator))
    return model
'''

WATCHED = '''
import torch


def prepare(model, trainable):
    """Freeze the model, or let some gradients lie on it; half of it is in training mode."""
    for number, module in enumerate(model.modules()):
        module.training = trainable and number % 2 == 0
    for number, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(trainable)
        parameter.grad = torch.full_like(parameter, 0.5) if trainable and number % 2 else None


def silence(model):
    """No ReLU behind the first convolution ever fires."""
    with torch.no_grad():
        model[0].bias.fill_(-1000.0)


def state(model):
    modules, parameters = list(model.modules()), list(model.parameters())
    hooks = [
        len(value)
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_hooks") and value is not None
    ]
    return {
        "weights": [p.detach().clone() for p in parameters],
        "gradients": [None if p.grad is None else p.grad.clone() for p in parameters],
        "weights that may learn": [p.requires_grad for p in parameters],
        "training modes": [module.training for module in modules],
        "number of hooks": sum(hooks),
    }
'''

FEW = (6, 8, 8, 8, 8)
UPHILL = "Which way does each step go, how far, and whose mean is it that grows?"


def _networks(submission: Submission, length: int, seed: int) -> tuple[Any, Any]:
    """One model in the process of the answer, and the same here."""
    local: dict[str, Any] = {}
    exec(NETWORK, local)
    theirs = submission.define(NETWORK)["network"](FEW, length, seed)
    return theirs, local["network"](FEW, length, seed)


def _image_and_activations(
    answer: object, size: int, steps: int, finite: str = "Are the steps too large?"
) -> tuple[torch.Tensor, Array]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        fail("The function must return two things: (image, activations).")
    image, activations = as_array(answer[0], "the image"), as_array(answer[1], "activations")
    hint = "One square picture: (1, 3, size, size)."
    assert_equal(image.shape, (1, 3, size, size), hint=hint, what="the image's shape")
    hint, what = "One activation for each step.", f"the shape of activations for {steps} steps"
    assert_equal(activations.shape, (steps,), hint=hint, what=what)
    if not (np.isfinite(image).all() and np.isfinite(activations).all()):
        fail("The image or an activation is not finite.", hint=finite)
    return torch.from_numpy(image.astype(np.float32)), activations


def _mean(own: Any, image: torch.Tensor, layer: str, channel: int) -> float:
    """The mean of a channel over all positions."""
    with torch.no_grad():
        return float(reference.extract_features(own, image, [layer])[layer][0, channel].mean())


def _noise(size: int) -> torch.Tensor:
    return 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(99))


def _rise(own: Any, size: int, layer: str, channel: int) -> tuple[float, float]:
    """What the channel makes of noise, and how much more when each pixel goes up the slope by 1."""
    image = _noise(size).requires_grad_()
    mean = reference.extract_features(own, image, [layer])[layer][0, channel].mean()
    (slope,) = torch.autograd.grad(mean, image)
    return float(mean.detach()), float(slope.square().mean().sqrt()) * slope.numel()


def _apart(a: torch.Tensor, b: torch.Tensor) -> float:
    """Root of the mean squared difference; a photo has a spread of about 1."""
    return float(((a - b) ** 2).mean().sqrt())


@question("maximise_channel")
class TestMaximiseChannel:
    """From noise to an image that one channel answers to."""

    def test_steps(self, submission: Submission) -> None:
        """Thirty steps give an image (1, 3, 16, 16), and thirty activations that rise."""
        model = submission.define(NETWORK)["network"](FEW, 6, 0)
        answer = submission.maximise_channel(model, "conv2_1", 1, 30, size=16)
        _, activations = _image_and_activations(answer, 16, 30)
        if not activations[-1] > activations[0] + 0.1:
            text = f"The activation went from {activations[0]:.3g} to {activations[-1]:.3g} only."
            fail(text, hint=UPHILL)

    def test_seed(self, submission: Submission) -> None:
        """The same seed gives the same image, another seed another one."""
        model = submission.define(NETWORK)["network"](FEW, 6, 0)
        images = []
        for seed in (1, 1, 2):
            answer = submission.maximise_channel(model, "conv1_2", 0, 3, size=12, seed=seed)
            images.append(_image_and_activations(answer, 12, 3)[0])
        if _apart(images[0], images[1]) > 1e-3:
            fail("The same seed gave two images.", hint="What draws the noise, and who seeds it?")
        if _apart(images[1], images[2]) < 2e-3:
            fail("Two seeds gave the same image.", hint="It begins with noise, drawn by the seed.")

    @hidden
    @weight(3)
    def test_climbs(self, submission: Submission) -> None:
        """Forty steps lead far up, in shallow layers and deep ones, for the channel asked for."""
        for layer, channel, size, behind, seed in (
            ("conv1_2", 3, 18, 0, 13),
            ("relu1_2", 0, 15, 3, 2),
            ("conv2_2", 7, 20, 0, 3),
            ("pool2", 5, 24, 2, 4),
            ("conv3_1", 2, 24, 4, 5),
        ):
            length = reference.vgg_layer_index(layer) + 1 + behind
            model, own = _networks(submission, length, seed)
            answer = submission.maximise_channel(model, layer, channel, 40, size=size)
            image, _ = _image_and_activations(answer, size, 40)
            _assert_climbed(own, image, layer, channel)

    @hidden
    def test_each_channel(self, submission: Submission) -> None:
        """Each channel has an image of its own, to which it answers more than to the others'."""
        model, own = _networks(submission, 12, 6)
        _assert_own_images(submission, model, own, [("conv2_1", c) for c in (0, 3, 7)])

    @hidden
    def test_each_layer(self, submission: Submission) -> None:
        """The same channel of other layers has other images."""
        model, own = _networks(submission, 15, 7)
        wanted = [(layer, 2) for layer in ("conv1_1", "conv1_2", "conv2_2", "conv3_1")]
        _assert_own_images(submission, model, own, wanted)

    @hidden
    @weight(2)
    def test_activations(self, submission: Submission) -> None:
        """Each step's activation is the channel's mean, of the image before or behind the step."""
        for layer, channel, size, seed in (("conv2_1", 4, 14, 8), ("conv1_2", 1, 10, 9)):
            model, own = _networks(submission, 9, seed)
            means, noted = [], np.zeros(0)
            for steps in (1, 2, 3):
                answer = submission.maximise_channel(model, layer, channel, steps, size=size)
                image, noted = _image_and_activations(answer, size, steps)
                means.append(_mean(own, image, layer, channel))
            _assert_noted(noted, means)

    @hidden
    def test_steps_size_and_seed(self, submission: Submission) -> None:
        """As many activations as steps; size 64 and seed 0 unless told."""
        model, _ = _networks(submission, 6, 10)
        images = []
        for steps in (1, 25):
            answer = submission.maximise_channel(model, "conv1_1", 5, steps)
            images.append(_image_and_activations(answer, 64, steps)[0])
        if _apart(*images) < 1e-3:
            fail("One step gave the same image as many.", hint="steps is an argument.")
        for size in (9, 22):
            answer = submission.maximise_channel(model, "relu1_1", 5, 2, size)
            _image_and_activations(answer, size, 2)
        answer = submission.maximise_channel(model, "conv1_1", 5, 1, 64, 0)
        again, _ = _image_and_activations(answer, 64, 1)
        assert_close(_apart(again, images[0]), 0, atol=1e-3, what="the difference to seed 0")

    @hidden
    def test_starts_from_noise(self, submission: Submission) -> None:
        """What the channel does not see stays as the seed has drawn it, of any seed."""
        # A filter of the first layer sees each pixel alike, so the noise shows through.
        model, _ = _networks(submission, 4, 11)
        images = []
        for seed in (3, 4):
            answer = submission.maximise_channel(model, "conv1_1", 2, 2, size=20, seed=seed)
            image, _ = _image_and_activations(answer, 20, 2)
            images.append(image[..., 2:-2, 2:-2])
        for image in images:
            if float(image.std(dim=(2, 3)).max()) < 1e-3:
                fail("The image is plain.", hint="It begins with noise, drawn by the seed.")
        if _apart(*images) < 2e-3:
            fail("Two seeds gave the same image.", hint="It begins with noise, drawn by the seed.")

    @hidden
    def test_silent_channel(self, submission: Submission) -> None:
        """A ReLU that never fires has no gradient: the image stays finite, activations are 0."""
        model, _ = _networks(submission, 4, 14)
        submission.define(WATCHED)["silence"](model)
        answer = submission.maximise_channel(model, "relu1_1", 3, 4, size=11)
        hint = "Where the gradient is 0 so is its rms, and 0 / 0 is nan."
        _, activations = _image_and_activations(answer, 11, 4, hint)
        assert_close(activations, np.zeros(4), hint=hint, what="activations")

    @hidden
    def test_model_unchanged(self, submission: Submission) -> None:
        """The model's weights, their gradients, its modes and hooks stay, frozen or learning."""
        watched = submission.define(WATCHED)
        for trainable in (True, False):
            model, own = _networks(submission, 9, 13)
            watched["prepare"](model, trainable)
            before = watched["state"](model)
            answer = submission.maximise_channel(model, "conv2_1", 4, 30, size=12)
            after = watched["state"](model)
            image, _ = _image_and_activations(answer, 12, 30)
            for what, wanted in before.items():
                hint = "It is the image that learns. backward() leaves gradients on the weights."
                assert_equal(after[what], wanted, hint=hint, what=f"the model's {what}, now,")
            _assert_climbed(own, image, "conv2_1", 4)


def _assert_climbed(own: Any, image: torch.Tensor, layer: str, channel: int) -> None:
    noise, rise = _rise(own, image.shape[3], layer, channel)
    found = _mean(own, image, layer, channel)
    # A twentieth of what one step up the slope would give that is as long as a photo's spread.
    if not found > noise + 0.05 * rise:
        fail(
            f"Channel {channel} of {layer} has a mean of {found:.3g} for the image, and of "
            f"{noise:.3g} for noise.",
            hint=UPHILL,
        )


def _assert_own_images(
    submission: Submission, model: Any, own: Any, wanted: list[tuple[str, int]]
) -> None:
    images = []
    for layer, channel in wanted:
        answer = submission.maximise_channel(model, layer, channel, 30, size=16)
        image, _ = _image_and_activations(answer, 16, 30)
        images.append(image / image.square().mean().sqrt())  # longer steps are no merit
    for (layer, channel), image in zip(wanted, images, strict=True):
        _, rise = _rise(own, 16, layer, channel)
        best = _mean(own, image, layer, channel)
        for other, its in zip(wanted, images, strict=True):
            if its is not image and not best > _mean(own, its, layer, channel) + 0.02 * rise:
                fail(
                    f"Channel {channel} of {layer} answers to its own image no more than to that "
                    f"of channel {other[1]} of {other[0]}.",
                    hint="Which map of which layer is it whose mean grows? Channels count from 0.",
                )


def _assert_noted(noted: Array, means: list[float]) -> None:
    """The activations of steps 2 and 3 fit the images behind the steps 1 to 3.

    An optimiser may note them before a step or behind it, look in between, and plan its steps by
    their number; the image may be clipped.
    """
    for step in (1, 2):
        low, high = sorted(means[step - 1 : step + 1])
        slack = 0.5 * (high - low) + 0.02 * abs(high)
        if not low - slack <= noted[step] <= high + slack:
            fail(
                f"The activation of step {step + 1} is {noted[step]:.3g}; the channel's mean is "
                f"{means[step - 1]:.3g} before this step and {means[step]:.3g} behind it.",
                hint="The mean of the channel over all positions, as it is: no sum, no sign.",
            )
