"""Images that evolve: reconstruction from features, and style transfer.

Any honest optimiser is right, so what counts is what the returned image does under a model of the
judge's own, which has the same seeded weights.
"""

from collections.abc import Iterator
from contextlib import contextmanager
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

WEIGHTS = """
def weights_of(model):
    return [parameter for parameter in model.parameters()]
"""

# The network as the notebook loads it, and what may be switched in it.
FROZEN = """
def freeze(model):
    return model.requires_grad_(False).eval()


def switches(model):
    modules, parameters = list(model.modules()), list(model.parameters())
    hooks = [
        len(value)
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_hooks") and value is not None
    ]
    return {
        "trainable parameters": sum(p.requires_grad for p in parameters),
        "parameters with a gradient": sum(p.grad is not None for p in parameters),
        "modules in training mode": sum(module.training for module in modules),
        "hooks": sum(hooks),
    }
"""

NARROW = (8, 10, 12, 12, 12)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class Setting:
    """A network with seeded weights, in the process of the answer and here."""

    def __init__(self, submission: Submission, length: int, seed: int) -> None:
        local: dict[str, Any] = {}
        exec(NETWORK, local)
        self.submission = submission
        self.model = submission.define(NETWORK)["network"](NARROW, length, seed)
        self.own = local["network"](NARROW, length, seed)


def _photo(
    rng: np.random.Generator, height: int, width: int, dark: float = 0.1, bright: float = 0.9
) -> torch.Tensor:
    """Soft shapes under some grain, normalised as photos are, (1, 3, height, width)."""
    coarse = torch.from_numpy(rng.uniform(dark, bright, (1, 3, height // 6 + 1, width // 6 + 1)))
    smooth = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    grain = torch.from_numpy(rng.uniform(dark, bright, (1, 3, height, width)))
    return ((0.75 * smooth + 0.25 * grain - MEAN) / DEVIATION).float()


def _stripes(height: int, width: int) -> torch.Tensor:
    """A style: diagonal stripes of orange and blue, (1, 3, height, width)."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    orange = torch.tensor([0.75, 0.5, 0.25]).view(3, 1, 1)
    blue = torch.tensor([0.25, 0.35, 0.6]).view(3, 1, 1)
    picture = torch.where((rows + columns) // 3 % 2 == 0, orange, blue)
    return ((picture - MEAN) / DEVIATION).unsqueeze(0).float()


def _image_and_losses(answer: object, like: torch.Tensor) -> tuple[torch.Tensor, Array]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        fail("The function must return two things: (image, losses).")
    image, losses = as_array(answer[0], "the image"), as_array(answer[1], "losses")
    expected = tuple(like.shape)
    assert_equal(image.shape, expected, hint="One image like the first.", what="the image's shape")
    if not (np.isfinite(image).all() and np.isfinite(losses).all()):
        fail("The image or a loss is not finite.", hint="Are the steps too large?")
    return torch.from_numpy(image.astype(np.float32)), losses


def _assert_one_a_step(losses: Array, steps: int) -> None:
    hint = "L-BFGS may ask for the loss several times in a step: count steps, not questions."
    assert_equal(losses.shape, (steps,), hint=hint, what=f"the shape of losses for {steps} steps")


def _distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """Root of the mean squared difference; a photo has a spread of about 1."""
    return float(((a - b) ** 2).mean().sqrt())


@question("reconstruct")
class TestReconstruct:
    """From noise to an image with the same features."""

    def test_steps(self, submission: Submission) -> None:
        """Ten steps give an image like the target, and ten losses that fall."""
        setting, target = Setting(submission, 6, 0), _stripes(12, 16)
        answer = submission.reconstruct(setting.model, "conv2_1", target, 10)
        _, losses = _image_and_losses(answer, target)
        _assert_one_a_step(losses, 10)
        if not losses[-1] < losses[0]:
            fail("The last loss is not below the first.", hint="Which way does each step go?")

    def test_seed(self, submission: Submission) -> None:
        """The same seed gives the same image, another seed another one."""
        setting, target = Setting(submission, 6, 0), _stripes(12, 16)
        _assert_seeded(setting, "conv2_1", target, steps=3)

    @hidden
    @weight(4)
    def test_features_match(self, submission: Submission) -> None:
        """After 150 steps the layer sees the target in the image, dark or rich in contrast."""
        # Seeds with which Adam, L-BFGS and momentum leave less than 0.1, at any sensible step size.
        for layer, behind, seed, size, light in (
            ("conv2_2", 0, 30, (20, 28), (0.1, 0.9)),
            ("conv2_1", 4, 25, (14, 22), (0.1, 0.9)),
            ("conv1_1", 0, 25, (14, 22), (0.2, 0.5)),
            ("conv1_1", 2, 25, (14, 22), (0.05, 0.95)),
        ):
            setting = Setting(submission, reference.vgg_layer_index(layer) + 1 + behind, seed)
            target = _photo(np.random.default_rng(seed), *size, *light)
            for start in (0, 1):  # an honest optimiser, too, may stand still after a bad start
                answer = submission.reconstruct(setting.model, layer, target, 150, seed=start)
                image, _ = _image_and_losses(answer, target)
                error = _error(setting, image, target, layer)
                if error < 0.3:
                    break
            else:
                fail(
                    f"{layer} sees too little of the target: an error of {error:.2f} is left, "
                    "where 1 is that of a plain surface.",
                    hint="The loss compares this layer's features; the image is what learns. Is "
                    "the step size right, and are old gradients cleared?",
                )

    @hidden
    def test_each_layer(self, submission: Submission, rng: np.random.Generator) -> None:
        """Each layer that the model has can be asked for, and each gives an image of its own."""
        setting, target = Setting(submission, 13, 5), _photo(rng, 12, 16)
        images: dict[str, torch.Tensor] = {}
        for layer in ("conv1_1", "relu2_1", "conv3_1"):
            answer = submission.reconstruct(setting.model, layer, target, 4)
            images[layer] = _image_and_losses(answer, target)[0]
            for other, image in list(images.items())[:-1]:
                if _distance(image, images[layer]) < 1e-4:
                    fail(
                        f"{layer} gave the same image as {other}.",
                        hint="Whose features are compared: those of the layer that is asked for?",
                    )

    @hidden
    def test_starts_from_noise(self, submission: Submission, rng: np.random.Generator) -> None:
        """What a deep layer cannot see stays noise: other seeds give other images."""
        setting, target = Setting(submission, 22, 2), _photo(rng, 24, 32)
        images = _assert_seeded(setting, "conv4_2", target, steps=25)
        if min(_distance(image, target) for image in images) < 0.2:
            hint = "It begins with noise, and knows the target by its features only."
            fail("The image is the target, which this layer cannot know so well.", hint=hint)

    @hidden
    def test_one_loss_a_step(self, submission: Submission, rng: np.random.Generator) -> None:
        """As many losses as steps, and much smaller at the end; seed 0 unless told."""
        setting, target = Setting(submission, 8, 3), _photo(rng, 14, 18)
        images = []
        for steps in (1, 40):
            answer = submission.reconstruct(setting.model, "conv2_2", target, steps)
            image, losses = _image_and_losses(answer, target)
            _assert_one_a_step(losses, steps)
            images.append(image)
        _assert_steps_count(images)
        if not losses[-1] < 0.8 * losses[0]:
            text = f"In 40 steps the loss went from {losses[0]:.3g} to {losses[-1]:.3g} only."
            fail(text, hint="Is the step size right, and are old gradients cleared?")
        answer = submission.reconstruct(setting.model, "conv2_2", target, 40, seed=0)
        again, _ = _image_and_losses(answer, target)
        assert_close(_distance(again, image), 0, atol=1e-3, what="the difference to seed=0")

    @hidden
    def test_unchanged(self, submission: Submission, rng: np.random.Generator) -> None:
        """Neither the model nor the target is changed, and the image is: it is what learns."""
        setting, target = Setting(submission, 6, 4), _photo(rng, 12, 17)
        with submission.inputs_unchanged():
            answer = submission.reconstruct(setting.model, "conv2_1", target, 20)
        _assert_weights_unchanged(setting)
        _, losses = _image_and_losses(answer, target)
        if not losses[-1] < losses[0]:
            fail("The last loss is not below the first.", hint="Which way does each step go?")

    @hidden
    def test_frozen_model(self, submission: Submission, rng: np.random.Generator) -> None:
        """A frozen model stays as it was: frozen, in its mode, without hooks or gradients."""
        setting, target = Setting(submission, 6, 13), _photo(rng, 12, 15)
        with _switches_unchanged(setting):
            submission.reconstruct(setting.model, "relu1_2", target, 2)


def _assert_seeded(
    setting: Setting, layer: str, target: torch.Tensor, steps: int
) -> list[torch.Tensor]:
    """Equal seeds give equal images, others others; return the images of seeds 1 and 2."""
    images = []
    for seed in (1, 1, 2):
        answer = setting.submission.reconstruct(setting.model, layer, target, steps, seed=seed)
        images.append(_image_and_losses(answer, target)[0])
    if _distance(images[0], images[1]) > 1e-3:
        fail("The same seed gave two images.", hint="What draws the noise, and who seeds it?")
    if _distance(images[1], images[2]) < 2e-3:
        fail("Two seeds gave the same image.", hint="It begins with noise, drawn by the seed.")
    return images[1:]


@question("style_transfer")
class TestStyleTransfer:
    """The content of one image, in the style of another."""

    def test_steps(self, submission: Submission) -> None:
        """Ten steps give an image like the content, and ten losses that fall."""
        setting = Setting(submission, 6, 0)
        content, style = _stripes(12, 16).flip(1), _stripes(16, 12)
        answer = submission.style_transfer(
            setting.model, content, style, "conv2_1", ["relu1_1"], 0.01, 100.0, 10
        )
        _, losses = _image_and_losses(answer, content)
        _assert_one_a_step(losses, 10)
        if not losses[-1] < losses[0]:
            fail("The last loss is not below the first.", hint="Which way does each step go?")

    def test_starts_from_content(self, submission: Submission) -> None:
        """With beta=0 nothing pulls the image away from the content that it starts from."""
        setting, content = Setting(submission, 12, 0), _stripes(12, 16).flip(1)
        _assert_content_kept(setting, content, _stripes(16, 12), "conv3_1", ["relu1_1"])

    @hidden
    @weight(4)
    def test_style_is_carried(self, submission: Submission, rng: np.random.Generator) -> None:
        """When beta rules, the Gram matrices of each style layer come close to the style's."""
        cases = [
            ("conv2_2", ["relu1_1", "conv2_1", "relu2_2"], 1e-3, 1e3, 2),
            ("conv3_1", ["relu2_1"], 1e-4, 300.0, 4),
            ("relu2_1", ["conv1_2", "relu1_1"], 1e-4, 300.0, 6),
        ]
        for content_layer, style_layers, alpha, beta, seed in cases:
            setting = Setting(submission, 12, seed)
            content, style = _photo(rng, 20, 28), _stripes(28, 20)
            answer = submission.style_transfer(
                setting.model, content, style, content_layer, style_layers, alpha, beta, 100
            )
            image, _ = _image_and_losses(answer, content)
            before, after = (_style(setting, x, style, style_layers) for x in (content, image))
            if not after < 0.6 * before:
                fail(
                    f"The style loss of {', '.join(style_layers)} is {after / before:.2f} times "
                    "what it was for the content image.",
                    hint="Which image gives the Gram matrices A, does beta weigh the style, and "
                    "does your optimiser mind how large a loss is?",
                )

    @hidden
    @weight(2)
    def test_content_is_kept(self, submission: Submission, rng: np.random.Generator) -> None:
        """When alpha rules, the content layer goes on seeing the content."""
        for content_layer, seed in (("conv2_2", 3), ("relu3_1", 5)):
            setting = Setting(submission, 12, seed)
            content, style = _photo(rng, 20, 28), _stripes(28, 20)
            answer = submission.style_transfer(
                setting.model, content, style, content_layer, ["relu1_1"], 30.0, 1e-3, 60
            )
            image, _ = _image_and_losses(answer, content)
            error = _error(setting, image, content, content_layer)
            if not error < 0.3:
                fail(
                    f"{content_layer} has lost the content: an error of {error:.2f}, where 1 is "
                    "that of a plain surface.",
                    hint="Which of the two losses does alpha weigh, and of which image?",
                )

    @hidden
    def test_stays_at_content(self, submission: Submission, rng: np.random.Generator) -> None:
        """It starts from the content image, not from noise."""
        setting, content = Setting(submission, 22, 7), _photo(rng, 24, 32)
        _assert_content_kept(setting, content, _stripes(32, 24), "conv4_2", ["relu1_1"])

    @hidden
    def test_sizes(self, submission: Submission, rng: np.random.Generator) -> None:
        """The two images may differ in size; the answer has the content's."""
        for size, other in (((20, 28), (33, 17)), ((16, 16), (12, 40))):
            setting = Setting(submission, 12, 8)
            content, style = _photo(rng, *size), _stripes(*other)
            answer = submission.style_transfer(
                setting.model, content, style, "conv2_1", ["relu1_1", "relu3_1"], 1e-3, 100.0, 7
            )
            _, losses = _image_and_losses(answer, content)
            _assert_one_a_step(losses, 7)

    @hidden
    @weight(2)
    def test_losses(self, submission: Submission, rng: np.random.Generator) -> None:
        """One total loss a step, each style layer weighing 1 / their number; it falls."""
        layers = ["relu1_1", "relu1_2", "relu2_1", "relu2_2"]
        setting = Setting(submission, 12, 9)
        content, style = _photo(rng, 20, 28), _stripes(28, 20)
        start = 200.0 * _style(setting, content, style, layers)
        images = []
        for steps in (1, 30):
            answer = submission.style_transfer(
                setting.model, content, style, "conv2_2", layers, 1e-3, 200.0, steps
            )
            image, losses = _image_and_losses(answer, content)
            _assert_one_a_step(losses, steps)
            images.append(image)
            if not losses[0] < 2 * start:
                hint = "At the start the content loss is 0. Does each style layer weigh 1/len?"
                text = f"The first loss is {losses[0]:.3g}; beta times L_style is {start:.3g}."
                fail(text, hint=hint)
        _assert_steps_count(images)
        if not losses[-1] < 0.9 * losses[0]:
            text = f"In 30 steps the loss went from {losses[0]:.3g} to {losses[-1]:.3g} only."
            fail(text, hint="Is the step size right, and are old gradients cleared?")

    @hidden
    @weight(2)
    def test_total_loss(self, submission: Submission, rng: np.random.Generator) -> None:
        """Each step's loss is alpha times the content loss plus beta times the style loss."""
        for content_layer, layers, seed in (
            ("conv3_1", ["relu1_1", "relu2_1", "relu2_2"], 11),
            ("conv2_1", ["relu1_2"], 12),
        ):
            setting = Setting(submission, 12, seed)
            images = _photo(rng, 20, 28), _stripes(20, 28)
            _assert_total_loss(setting, *images, content_layer, layers)

    @hidden
    def test_frozen_model(self, submission: Submission, rng: np.random.Generator) -> None:
        """A frozen model stays as it was: frozen, in its mode, without hooks or gradients."""
        setting = Setting(submission, 8, 13)
        content, style = _photo(rng, 12, 15), _stripes(15, 12)
        with _switches_unchanged(setting):
            submission.style_transfer(
                setting.model, content, style, "conv2_1", ["relu1_1"], 1e-3, 200.0, 2
            )

    @hidden
    def test_unchanged(self, submission: Submission, rng: np.random.Generator) -> None:
        """Neither the model nor the images are changed, and the image is: it is what learns."""
        setting = Setting(submission, 8, 10)
        content, style = _photo(rng, 14, 20), _stripes(20, 14)
        with submission.inputs_unchanged():
            answer = submission.style_transfer(
                setting.model, content, style, "conv2_2", ["relu1_1"], 1e-3, 200.0, 25
            )
        _assert_weights_unchanged(setting)
        image, losses = _image_and_losses(answer, content)
        if not (losses[-1] < losses[0] and _distance(image, content) > 1e-3):
            fail("Nothing was learned.", hint="Which tensor does the optimiser get?")


def _assert_content_kept(
    setting: Setting,
    content: torch.Tensor,
    style: torch.Tensor,
    content_layer: str,
    style_layers: list[str],
) -> None:
    answer = setting.submission.style_transfer(
        setting.model, content, style, content_layer, style_layers, 1.0, 0.0, 2
    )
    image, _ = _image_and_losses(answer, content)
    if _distance(image, content) > 0.5:
        hint = "Which image does the first step begin with?"
        fail("After two steps with beta=0 the image is not the content image.", hint=hint)


def _assert_total_loss(
    setting: Setting,
    content: torch.Tensor,
    style: torch.Tensor,
    content_layer: str,
    style_layers: list[str],
) -> None:
    """The losses of two steps are those that we compute for the images before or behind them.

    The content's loss is 0 at the start, and counts behind the first step only. Where that leads
    depends on the optimiser, so a first run tells which alpha makes the content's part the larger.
    """
    beta = 200.0
    target = _features(setting, content, [content_layer])[content_layer]

    def run(alpha: float, steps: int) -> tuple[torch.Tensor, Array]:
        answer = setting.submission.style_transfer(
            setting.model, content, style, content_layer, style_layers, alpha, beta, steps
        )
        image, losses = _image_and_losses(answer, content)
        _assert_one_a_step(losses, steps)
        return image, losses

    def losses_of(image: torch.Tensor) -> tuple[float, float]:
        found = _features(setting, image, [content_layer])[content_layer]
        return float(((found - target) ** 2).sum()), _style(setting, image, style, style_layers)

    image, _ = run(1.0, 1)
    content_loss, style_loss = losses_of(image)
    if _distance(image, content) < 5e-5 or not content_loss:
        return  # too short a step to tell anything
    alpha = 30 * beta * style_loss / content_loss
    (first, _), (second, losses) = run(alpha, 1), run(alpha, 2)
    totals = [alpha * c + beta * s for c, s in map(losses_of, (content, first, second))]
    hint = "alpha times the sum of squared differences, plus beta times the mean over the layers."
    known = True
    for step, loss in enumerate(losses):
        ours = totals[step : step + 2]
        near = bool(np.isclose(loss, ours, rtol=0.03).any())
        # An optimiser may take several looks in a step, and the one that is noted be in between.
        between = 0.97 * min(ours) <= loss <= 1.03 * max(ours)
        if not (near or (between and not (step and known))):
            fail(
                f"The loss of step {step + 1} is {loss:.3g}; the total loss of the image is "
                f"{ours[0]:.3g} before this step and {ours[1]:.3g} behind it.",
                hint=hint,
            )
        known = near


def _assert_steps_count(images: list[torch.Tensor]) -> None:
    """One step and many do not lead to the same image."""
    if _distance(*images) < 1e-6:
        fail("One step gave the same image as many.", hint="The number of steps is an argument.")


@contextmanager
def _switches_unchanged(setting: Setting) -> Iterator[None]:
    """Freeze the model as the notebook does; fail when anything in it was switched."""
    helpers = setting.submission.define(FROZEN)
    helpers["freeze"](setting.model)
    before = helpers["switches"](setting.model)
    yield
    after = helpers["switches"](setting.model)
    hint = "The image needs gradients, the model does not. Leave no trace on the model."
    for what, number in before.items():
        assert_equal(after[what], number, hint=hint, what=f"the number of {what}")


def _features(setting: Setting, image: torch.Tensor, layers: list[str]) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        return reference.extract_features(setting.own, image, layers)


def _error(setting: Setting, image: torch.Tensor, target: torch.Tensor, layer: str) -> float:
    """How far the features are from the target's: 0 equal, 1 as far as a plain surface's."""
    plain = target.mean(dim=(2, 3), keepdim=True).expand_as(target)
    found, wanted, nothing = (_features(setting, x, [layer])[layer] for x in (image, target, plain))
    return float(((found - wanted) ** 2).sum() / ((nothing - wanted) ** 2).sum())


def _style(setting: Setting, image: torch.Tensor, style: torch.Tensor, layers: list[str]) -> float:
    """The style loss of an image; both images have the same number of positions."""
    grams = {
        name: reference.gram_matrix(F) for name, F in _features(setting, style, layers).items()
    }
    weights = dict.fromkeys(layers, 1 / len(layers))
    return float(reference.style_loss(_features(setting, image, layers), grams, weights))


def _assert_weights_unchanged(setting: Setting) -> None:
    found = setting.submission.define(WEIGHTS)["weights_of"](setting.model)
    hint = "What is it that learns here: the network, or the image?"
    for now, before in zip(found, setting.own.parameters(), strict=True):
        wanted = before.detach().numpy()
        assert_close(now, wanted, rtol=1e-6, hint=hint, what="a weight of the model")
