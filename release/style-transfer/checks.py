"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import numpy as np
import numpy.typing as npt
import torch
from fairmark.testing import (
    Submission,
    as_array,
    assert_close,
    assert_equal,
    fail,
    question,
    raises,
)
from typing import Any

Array = npt.NDArray[Any]

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

FEW = (6, 8, 8, 8, 8)

UPHILL = "Which way does each step go, how far, and whose mean is it that grows?"


def _image_and_activations(
    answer: object, size: int, steps: int, finite: str = "Are the steps too large?"
) -> tuple[torch.Tensor, Array]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        fail("The function must return two things: (image, activations).")
    image, activations = (as_array(answer[0], "the image"), as_array(answer[1], "activations"))
    hint = "One square picture: (1, 3, size, size)."
    assert_equal(image.shape, (1, 3, size, size), hint=hint, what="the image's shape")
    hint, what = ("One activation for each step.", f"the shape of activations for {steps} steps")
    assert_equal(activations.shape, (steps,), hint=hint, what=what)
    if not (np.isfinite(image).all() and np.isfinite(activations).all()):
        fail("The image or an activation is not finite.", hint=finite)
    return (torch.from_numpy(image.astype(np.float32)), activations)


def _apart(a: torch.Tensor, b: torch.Tensor) -> float:
    """Root of the mean squared difference; a photo has a spread of about 1."""
    return float(((a - b) ** 2).mean().sqrt())


@question("maximise_channel")
class TestMaximiseChannel:

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
        if _apart(images[0], images[1]) > 0.001:
            fail("The same seed gave two images.", hint="What draws the noise, and who seeds it?")
        if _apart(images[1], images[2]) < 0.002:
            fail("Two seeds gave the same image.", hint="It begins with noise, drawn by the seed.")


SLIM = (4, 6, 5, 7, 3)


def _feature(answer: object, name: str) -> Any:
    if not isinstance(answer, dict):
        fail("extract_features must return a dict: layer name -> features.")
    if name not in answer:
        fail(f"The dict lacks {name}.", hint="One entry for each of the names in layers.")
    return answer[name]


@question("vgg_layer_index")
class TestLayerIndex:

    def test_contract(self, submission: Submission) -> None:
        """conv1_1 is 0, relu1_1 is 1, conv4_2 is 21, pool5 is 36."""
        hint = "Blocks of 2, 2, 4, 4 and 4 convolutions; a ReLU after each, a pool after a block."
        for name, index in {"conv1_1": 0, "relu1_1": 1, "conv4_2": 21, "pool5": 36}.items():
            assert_equal(submission.vgg_layer_index(name), index, hint=hint, what=name)

    def test_unknown_name(self, submission: Submission) -> None:
        """There is no conv1_3: KeyError."""
        assert_equal(submission.vgg_layer_index("conv1_2"), 2, what="conv1_2")
        with raises("KeyError", hint="The first block has two convolutions."):
            submission.vgg_layer_index("conv1_3")


@question("extract_features")
class TestExtractFeatures:

    def test_shapes(self, submission: Submission) -> None:
        """Of an image of 12 x 16 pixels, pool1 and conv2_1 have 6 x 8 positions."""
        model = submission.define(NETWORK)["network"](SLIM, 6, 0)
        x = torch.linspace(-1, 1, 3 * 12 * 16).reshape(1, 3, 12, 16)
        answer = submission.extract_features(model, x, ["pool1", "conv2_1"])
        for name, shape in (("pool1", (1, 4, 6, 8)), ("conv2_1", (1, 6, 6, 8))):
            found = np.shape(_feature(answer, name))
            assert_equal(found, shape, hint="Which layers come before it?", what=f"{name}'s shape")

    def test_negative_values(self, submission: Submission) -> None:
        """conv1_1 keeps its negative values, relu1_1 has none."""
        model = submission.define(NETWORK)["network"](SLIM, 2, 0)
        x = torch.linspace(-1, 1, 3 * 6 * 8).reshape(1, 3, 6, 8)
        answer = submission.extract_features(model, x, ["conv1_1", "relu1_1"])
        conv, relu = (np.asarray(_feature(answer, "conv1_1")), _feature(answer, "relu1_1"))
        hint = "VGG's ReLUs work in place: they write over what the convolution gave you."
        if not (conv < 0).any():
            fail("conv1_1 has lost its negative values.", hint=hint)
        assert_close(relu, np.maximum(conv, 0), rtol=1e-05, hint=hint, what="relu1_1")


PICTURES = '''
import numpy as np
from PIL import Image


def picture(mode, pixels):
    """A picture of this mode that shows the RGB pixels, as well as the mode can."""
    image = Image.fromarray(pixels)
    if mode == "clear P":  # a palette whose last entry is transparent, and used by no pixel
        image = image.quantize(colors=255)
        image.info["transparency"] = 255
    elif mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16)
        image = Image.frombytes("I;16", image.size, grey.astype("<u2").tobytes())
    elif mode == "P":
        image = image.quantize(colors=200)
    else:
        image = image.convert(mode)
    return image


def prepare(function, mode, pixels, max_size):
    """The answer for a picture, and what the picture is afterwards."""
    image = picture(mode, pixels)
    answer = function(image, max_size)
    return answer, image.mode, np.array(image)


def show(function, tensor):
    """Mode and pixels of the picture that the function makes of a tensor."""
    image = function(tensor)
    return getattr(image, "mode", "RGB"), np.array(image)
'''

HALF_A_LEVEL = 0.01


def _assert_picture(answer: object, expected: Array, slack: int, hint: str) -> None:
    """The picture has these pixels, up to ``slack`` levels."""
    mode, levels = answer if isinstance(answer, tuple) and len(answer) == 2 else ("", answer)
    if mode != "RGB":
        fail(f"to_image should give a picture of mode RGB, not of mode {mode!r}.", hint=hint)
    found = as_array(levels, "the pixels of the picture")
    assert_close(found, expected, rtol=0, atol=slack, hint=hint, what="the pixels of the picture")


@question("prepare_image")
class TestPrepareImage:

    def test_colours(self, submission: Submission) -> None:
        """A black, a white and a red pixel become (1, 3, 1, 3), normalised as ImageNet's are."""
        pixels = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], dtype=np.uint8)
        prepare = submission.define(PICTURES)["prepare"]
        answer, _, _ = prepare(submission.prepare_image, "RGB", pixels, 8)
        hint = "First divide by 255, then (value - mean) / deviation, once, colour by colour."
        expected = [
            [[-2.1179, 2.2489, 2.2489]],
            [[-2.0357, 2.4286, -2.0357]],
            [[-1.8044, 2.64, -1.8044]],
        ]
        assert_close(answer, [expected], rtol=0, atol=HALF_A_LEVEL, hint=hint)

    def test_size(self, submission: Submission) -> None:
        """A picture of 150 x 100 pixels, max_size=60, becomes (1, 3, 40, 60)."""
        pixels = np.full((100, 150, 3), (30, 200, 90), dtype=np.uint8)
        prepare = submission.define(PICTURES)["prepare"]
        answer, _, _ = prepare(submission.prepare_image, "RGB", pixels, 60)
        _assert_size(answer, 150, 100, 60)

    def test_there_and_back(self, submission: Submission) -> None:
        """to_image(prepare_image(picture)) is the picture again."""
        pixels = np.arange(0, 240, 5, dtype=np.uint8).reshape(2, 8, 3)
        helpers = submission.define(PICTURES)
        tensor, _, _ = helpers["prepare"](submission.prepare_image, "RGB", pixels, 100)
        tensor = torch.from_numpy(as_array(tensor, "the tensor").astype(np.float32))
        hint = "Undo each step in turn: which was the last one? Rows stay rows, red stays red."
        _assert_picture(helpers["show"](submission.to_image, tensor), pixels, 1, hint)


def _assert_size(answer: object, width: int, height: int, size: int) -> None:
    """The tensor is a picture of width x height, shrunk to ``size``, its aspect kept."""
    shape = as_array(answer).shape
    if len(shape) != 4 or shape[:2] != (1, 3):
        fail(f"The shape should be (1, 3, H, W), but it is {shape}.", "One image, three colours.")
    rows, columns = shape[2:]
    text = f"{width} x {height} pixels, max_size={size}, became {columns} x {rows} pixels."
    if max(rows, columns) > size:
        fail(text, hint="Which side is the longest, and how long may it be?")
    if 2 * max(rows, columns) <= size:
        fail(text, hint="That is smaller than it needs to be.")
    scale = max(rows, columns) / max(width, height)
    off = max(abs(rows - height * scale), abs(columns - width * scale))
    if off > 1 + 1e-09:
        fail(text, hint="Both sides shrink by one factor; height comes before width.")


@question("content_loss")
class TestContentLoss:

    def test_small_numbers(self, submission: Submission) -> None:
        """F=(1, 2, 3, 4), P=(1, 0, 3, 7): E_c = 0 + 4 + 0 + 9 = 13."""
        F = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 1, 2, 2)
        P = torch.tensor([1.0, 0.0, 3.0, 7.0]).reshape(1, 1, 2, 2)
        hint = "The slide's E_c is a plain sum: of what, over what?"
        assert_close(submission.content_loss(F, P), 13.0, rtol=1e-05, hint=hint)


@question("gram_matrix")
class TestGramMatrix:

    def test_two_channels(self, submission: Submission) -> None:
        """Channels (1, 2, 3) and (0, 1, -1): the matrix is [[14, -1], [-1, 2]]."""
        F = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]).reshape(1, 2, 1, 3)
        answer = submission.gram_matrix(F)
        hint = "One row and one column for each channel; sums run over the positions."
        assert_close(answer, [[[14, -1], [-1, 2]]], rtol=1e-05, hint=hint)


@question("style_loss")
class TestStyleLoss:

    def test_one_layer(self, submission: Submission) -> None:
        """Two channels of three positions, G - A = [[2, 0], [0, 4]]: 20 / (4 * 4 * 9) * w."""
        F = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]).reshape(1, 2, 1, 3)
        grams = {"relu1_1": torch.tensor([[[12.0, -1.0], [-1.0, -2.0]]])}
        answer = submission.style_loss({"relu1_1": F}, grams, {"relu1_1": 3.0})
        hint = "The paper's factor is 1 / (4 N^2 M^2): N channels, M positions."
        assert_close(answer, 60 / 144, rtol=0.0001, hint=hint)


@question("total_loss")
class TestTotalLoss:

    def test_small_numbers(self, submission: Submission) -> None:
        """Content 5 and style 2, alpha 1 and beta 1000: 2005."""
        answer = submission.total_loss(torch.tensor(5.0), torch.tensor(2.0), 1.0, 1000.0)
        hint = "The slide's last sum has dropped both weights. Which belongs to which?"
        assert_close(answer, 2005.0, rtol=1e-05, hint=hint)


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
    image, losses = (as_array(answer[0], "the image"), as_array(answer[1], "losses"))
    expected = tuple(like.shape)
    assert_equal(image.shape, expected, hint="One image like the first.", what="the image's shape")
    if not (np.isfinite(image).all() and np.isfinite(losses).all()):
        fail("The image or a loss is not finite.", hint="Are the steps too large?")
    return (torch.from_numpy(image.astype(np.float32)), losses)


def _assert_one_a_step(losses: Array, steps: int) -> None:
    hint = "L-BFGS may ask for the loss several times in a step: count steps, not questions."
    assert_equal(losses.shape, (steps,), hint=hint, what=f"the shape of losses for {steps} steps")


def _distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """Root of the mean squared difference; a photo has a spread of about 1."""
    return float(((a - b) ** 2).mean().sqrt())


@question("reconstruct")
class TestReconstruct:

    def test_steps(self, submission: Submission) -> None:
        """Ten steps give an image like the target, and ten losses that fall."""
        setting, target = (Setting(submission, 6, 0), _stripes(12, 16))
        answer = submission.reconstruct(setting.model, "conv2_1", target, 10)
        _, losses = _image_and_losses(answer, target)
        _assert_one_a_step(losses, 10)
        if not losses[-1] < losses[0]:
            fail("The last loss is not below the first.", hint="Which way does each step go?")

    def test_seed(self, submission: Submission) -> None:
        """The same seed gives the same image, another seed another one."""
        setting, target = (Setting(submission, 6, 0), _stripes(12, 16))
        _assert_seeded(setting, "conv2_1", target, steps=3)


def _assert_seeded(
    setting: Setting, layer: str, target: torch.Tensor, steps: int
) -> list[torch.Tensor]:
    """Equal seeds give equal images, others others; return the images of seeds 1 and 2."""
    images = []
    for seed in (1, 1, 2):
        answer = setting.submission.reconstruct(setting.model, layer, target, steps, seed=seed)
        images.append(_image_and_losses(answer, target)[0])
    if _distance(images[0], images[1]) > 0.001:
        fail("The same seed gave two images.", hint="What draws the noise, and who seeds it?")
    if _distance(images[1], images[2]) < 0.002:
        fail("Two seeds gave the same image.", hint="It begins with noise, drawn by the seed.")
    return images[1:]


@question("style_transfer")
class TestStyleTransfer:

    def test_steps(self, submission: Submission) -> None:
        """Ten steps give an image like the content, and ten losses that fall."""
        setting = Setting(submission, 6, 0)
        content, style = (_stripes(12, 16).flip(1), _stripes(16, 12))
        answer = submission.style_transfer(
            setting.model, content, style, "conv2_1", ["relu1_1"], 0.01, 100.0, 10
        )
        _, losses = _image_and_losses(answer, content)
        _assert_one_a_step(losses, 10)
        if not losses[-1] < losses[0]:
            fail("The last loss is not below the first.", hint="Which way does each step go?")

    def test_starts_from_content(self, submission: Submission) -> None:
        """With beta=0 nothing pulls the image away from the content that it starts from."""
        setting, content = (Setting(submission, 12, 0), _stripes(12, 16).flip(1))
        _assert_content_kept(setting, content, _stripes(16, 12), "conv3_1", ["relu1_1"])


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


CLASSIFIERS = '''
import torch
from torch import nn


def linear(weights):
    """Logits that are weighted sums of all values; weights (K, 3, H, W)."""
    layer = nn.Linear(weights[0].numel(), len(weights), bias=False)
    with torch.no_grad():
        layer.weight.copy_(weights.flatten(1))
    return nn.Sequential(nn.Flatten(), layer)


class Skipping(nn.Module):
    """No Sequential, with layers that act in another way while the model is trained."""

    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.mix = nn.Conv2d(6, 6, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(6, classes)

    def forward(self, x):
        y = torch.tanh(self.norm(self.stem(x)))
        y = y + torch.relu(self.mix(y))
        return self.head(self.drop(y.mean(dim=(2, 3))))


def classifier(kind, classes, seed):
    """A classifier of pictures of any size, with seeded weights, in evaluation mode."""
    if kind == "skipping":
        model = Skipping(classes)
    else:
        model = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, classes),
        )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.6 * torch.randn(parameter.shape, generator=generator))
    return model.eval()
'''

LOGIT = (
    "The gradient of this label's logit, by the picture; then its largest size over the colours."
)


@question("saliency_map")
class TestSaliencyMap:

    def test_weighted_sums(self, submission: Submission) -> None:
        """Two pixels and two labels: the maps are ((5, 1)) and ((2, 4)), as in the text."""
        weights = torch.tensor(
            [
                [[[2.0, 0.0]], [[-5.0, 1.0]], [[3.0, -1.0]]],
                [[[0.0, 4.0]], [[1.0, 0.0]], [[-2.0, -3.0]]],
            ]
        )
        model = submission.define(CLASSIFIERS)["linear"](weights)
        x = torch.tensor([0.5, -0.5, 1.0, 2.0, -1.0, 0.25]).reshape(1, 3, 1, 2)
        for label, expected in enumerate(([[5.0, 1.0]], [[2.0, 4.0]])):
            answer = submission.saliency_map(model, x, label)
            what = f"the map of label {label}"
            assert_close(answer, expected, rtol=1e-05, hint=LOGIT, what=what)

    def test_shape(self, submission: Submission) -> None:
        """Of a picture of 6 x 9 pixels the map is (6, 9), and nothing in it is below 0."""
        model = submission.define(CLASSIFIERS)["classifier"]("plain", 4, 0)
        x = torch.linspace(-1, 1, 3 * 6 * 9).reshape(1, 3, 6, 9)
        answer = as_array(submission.saliency_map(model, x, 2))
        hint = "One number for each pixel: neither the batch nor the colours are left."
        assert_equal(answer.shape, (6, 9), hint=hint, what="the map's shape")
        if answer.min() < 0 or not answer.max() > 0:
            fail("The map should hold sizes of gradients: none below 0, some above.", hint=LOGIT)


PAIRS = (
    "Which pixels are neighbours? Each pair counts once, its difference squared, in each colour."
)


@question("tv_loss")
class TestTvLoss:

    def test_small_image(self, submission: Submission) -> None:
        """Red ((1, 2, 4), (1, 0, 4)), no green, all blue 5: 22 across and 4 down make 26."""
        image = torch.zeros(1, 3, 2, 3)
        image[0, 0] = torch.tensor([[1.0, 2.0, 4.0], [1.0, 0.0, 4.0]])
        image[0, 2] = 5.0
        assert_close(submission.tv_loss(image), 26.0, rtol=1e-05, hint=PAIRS)

    def test_one_row(self, submission: Submission) -> None:
        """A row 0, 1, 3 in each of three colours has nothing beneath: 3 * (1 + 4) = 15."""
        image = torch.tensor([0.0, 1.0, 3.0]).expand(1, 3, 1, 3).clone()
        hint = "There is no neighbour beyond an edge, and no difference to add."
        assert_close(submission.tv_loss(image), 15.0, rtol=1e-05, hint=hint)


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 60.0,
    "question_seconds": 240.0,
    "exercises": {
        "prepare_image": {"points": 3.0, "hidden": 7, "names": ["prepare_image", "to_image"]},
        "vgg_layer_index": {"points": 2.0, "hidden": 2, "names": ["vgg_layer_index"]},
        "extract_features": {"points": 4.0, "hidden": 8, "names": ["extract_features"]},
        "content_loss": {"points": 2.0, "hidden": 2, "names": ["content_loss"]},
        "reconstruct": {"points": 5.0, "hidden": 6, "names": ["reconstruct"]},
        "gram_matrix": {"points": 4.0, "hidden": 4, "names": ["gram_matrix"]},
        "style_loss": {"points": 4.0, "hidden": 4, "names": ["style_loss"]},
        "total_loss": {"points": 2.0, "hidden": 2, "names": ["total_loss"]},
        "style_transfer": {"points": 8.0, "hidden": 8, "names": ["style_transfer"]},
        "tv_loss": {"points": 2.0, "hidden": 5, "names": ["tv_loss"]},
        "hyperparameters": {"points": 5.0, "by_hand": True},
        "saliency_map": {"points": 3.0, "hidden": 5, "names": ["saliency_map"]},
        "maximise_channel": {"points": 3.0, "hidden": 8, "names": ["maximise_channel"]},
        "own_photo": {"points": 4.0, "by_hand": True},
    },
}
