"""From pictures to tensors and back."""

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

# Helpers for the process of the answer, where pictures are made: they cannot travel.
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

# Half a level of 255, in units of the deviation: nobody sees it, rounding may cost it.
HALF_A_LEVEL = 0.01


def _pixels(rng: np.random.Generator, height: int, width: int) -> Array:
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def _assert_picture(answer: object, expected: Array, slack: int, hint: str) -> None:
    """The picture has these pixels, up to ``slack`` levels."""
    mode, levels = answer if isinstance(answer, tuple) and len(answer) == 2 else ("", answer)
    if mode != "RGB":
        fail(f"to_image should give a picture of mode RGB, not of mode {mode!r}.", hint=hint)
    found = as_array(levels, "the pixels of the picture")
    assert_close(found, expected, rtol=0, atol=slack, hint=hint, what="the pixels of the picture")


@question("prepare_image")
class TestPrepareImage:
    """``prepare_image`` and ``to_image``."""

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

    @hidden
    @weight(2)
    def test_modes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Grey, black and white, palette, with alpha, CMYK: any mode becomes three colours."""
        prepare = submission.define(PICTURES)["prepare"]
        local: dict[str, Any] = {}
        exec(PICTURES, local)
        pixels = _pixels(rng, 9, 14)
        corners = np.array([[[0, 255, 255], [255, 255, 255], [0, 0, 0]]], dtype=np.uint8)
        for mode in ("L", "LA", "P", "clear P", "RGBA", "1", "CMYK"):
            shown = corners if mode == "CMYK" else pixels
            answer, _, _ = prepare(submission.prepare_image, mode, shown, 20)
            expected = reference.prepare_image(local["picture"](mode, shown), 20).numpy()
            hint = f"A picture may be of any PIL mode, here {mode.removeprefix('clear ')}."
            assert_close(answer, expected, rtol=0, atol=HALF_A_LEVEL, hint=hint)

    @hidden
    def test_deep_grey(self, submission: Submission, rng: np.random.Generator) -> None:
        """A picture of 16 bits a pixel or of floats is prepared too."""
        prepare = submission.define(PICTURES)["prepare"]
        for mode in ("I;16", "I", "F"):
            answer, _, _ = prepare(submission.prepare_image, mode, _pixels(rng, 6, 11), 20)
            values = as_array(answer)
            hint = f"A picture may be of any PIL mode, here {mode}."
            assert_equal(values.shape, (1, 3, 6, 11), hint=hint, what="the shape")
            if not np.isfinite(values).all():
                fail(f"A picture of mode {mode} gives values that are not finite.", hint=hint)

    @hidden
    @weight(2)
    def test_sizes(self, submission: Submission) -> None:
        """Upright, wide, square: the longest side is at most max_size, the aspect is kept."""
        prepare = submission.define(PICTURES)["prepare"]
        for width, height, size in [(90, 140, 64), (203, 77, 100), (50, 50, 31), (33, 97, 96)]:
            pixels = np.full((height, width, 3), (250, 20, 120), dtype=np.uint8)
            answer, _, _ = prepare(submission.prepare_image, "RGB", pixels, size)
            _assert_size(answer, width, height, size)
            hint = "Where all pixels are equal, they still are after shrinking."
            plain = np.array([2.163, -1.6856, 0.2871])[:, None, None] * np.ones(answer.shape)
            assert_close(answer, plain, rtol=0, atol=2 * HALF_A_LEVEL, hint=hint)

    @hidden
    def test_small_pictures(self, submission: Submission, rng: np.random.Generator) -> None:
        """A picture that is small enough keeps its size and its pixels."""
        prepare = submission.define(PICTURES)["prepare"]
        for height, width, size in [(12, 20, 64), (20, 12, 20), (7, 7, 8)]:
            pixels = _pixels(rng, height, width)
            answer, _, _ = prepare(submission.prepare_image, "RGB", pixels, size)
            hint = f"{width} x {height} pixels fit into {size}: is there anything to resize?"
            mean, deviation = np.array(reference.MEAN), np.array(reference.DEVIATION)
            expected = ((pixels / 255 - mean) / deviation).transpose(2, 0, 1)[None]
            assert_close(answer, expected, rtol=0, atol=HALF_A_LEVEL, hint=hint)

    @hidden
    def test_float32(self, submission: Submission, rng: np.random.Generator) -> None:
        """The tensor is float32, and the picture that was given is left as it was."""
        pixels = _pixels(rng, 30, 41)
        prepare = submission.define(PICTURES)["prepare"]
        answer, mode, after = prepare(submission.prepare_image, "RGB", pixels, 16)
        if isinstance(answer, np.ndarray) and answer.dtype != np.float32:
            fail(f"The answer should be float32, but it is {answer.dtype}.", "VGG is float32.")
        hint = "Some methods of a PIL image change it in place; others give a new one."
        assert_equal(mode, "RGB", hint=hint, what="the mode of the picture that was given")
        assert_close(after, pixels, hint=hint, what="the picture that was given")

    @hidden
    @weight(2)
    def test_to_image(self, submission: Submission, rng: np.random.Generator) -> None:
        """to_image shows random colours, and leaves its tensor as it was."""
        show = submission.define(PICTURES)["show"]
        for height, width in [(5, 9), (11, 4)]:
            pixels = _pixels(rng, height, width)
            mean, deviation = np.array(reference.MEAN), np.array(reference.DEVIATION)
            values = ((pixels / 255 - mean) / deviation).transpose(2, 0, 1)[None]
            tensor = torch.from_numpy(values.astype(np.float32))
            with submission.inputs_unchanged():
                answer = show(submission.to_image, tensor)
            hint = "Times the deviation, plus the mean, times 255; channels go last."
            _assert_picture(answer, pixels, 1, hint)

    @hidden
    def test_clipped(self, submission: Submission, rng: np.random.Generator) -> None:
        """What is darker than black or brighter than white is clipped to black and white."""
        show = submission.define(PICTURES)["show"]
        # Somewhat too dark or too bright: far out, eight bits may wrap around to the right value.
        beyond = rng.uniform(2.75, 4.5, (1, 3, 6, 7)) * rng.choice([-1, 1], (1, 3, 6, 7))
        tensor = torch.from_numpy(beyond.astype(np.float32))
        expected = np.where(tensor[0].permute(1, 2, 0).numpy() > 0, 255, 0)
        hint = "What becomes of 300, or of -20, in eight bits?"
        _assert_picture(show(submission.to_image, tensor), expected, 1, hint)


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
    if off > 1 + 1e-9:
        fail(text, hint="Both sides shrink by one factor; height comes before width.")
