"""The notebooks' moving pictures, as they are stored: with a keyboard, for axe, without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from reference import convolution
from tests.hub.accessibility import violations

MOVING = [
    ("perceptron", "moving-weights"),
    ("softmax", "moving-outputs"),
    ("softmax", "moving-pad"),
    ("backpropagation", "moving-eta"),
    ("convolution", "moving-filter"),
    ("cnn", "moving-maps"),
    ("style-transfer", "moving-settings"),
]
Array = NDArray[np.float64]
FRAME = '<!doctype html><html lang="en"><title>A notebook</title><main>{}</main></html>'


def stored(course_root: Path, assignment: str, cell_id: str) -> str:
    """What the cell has shown, as it is stored in the notebook."""
    path = course_root / "source" / assignment / f"{assignment}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    output = next(cell for cell in cells if cell["id"] == cell_id)["outputs"][0]
    return "".join(output["data"]["text/html"])


def data_of(shown: str) -> dict[str, object]:
    """The data that the script works with."""
    found = re.search(r"^const data = (.*);$", shown, re.MULTILINE)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


@pytest.fixture
def page(browser: Browser, course_root: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that holds nothing but the picture; an error in its script fails the test."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(FRAME.format(stored(course_root, *request.param)))
    yield page
    page.close()
    assert not errors


def push(page: Page, name: str, key: str, times: int = 1) -> None:
    """Press a key some times on the slider or the button of that name."""
    control = page.get_by_role("slider", name=name).or_(page.get_by_role("button", name=name))
    for _ in range(times):
        control.press(key)


@pytest.mark.parametrize("page", MOVING, indirect=True)
def test_axe_finds_nothing(page: Page, axe: str) -> None:
    assert violations(page.locator("main"), axe) == []


@pytest.mark.parametrize(("assignment", "cell_id"), MOVING)
def test_without_scripts_a_still_picture_is_left(
    browser: Browser, course_root: Path, assignment: str, cell_id: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(FRAME.format(stored(course_root, assignment, cell_id)))
    picture = page.get_by_role("img")
    expect(picture).to_be_visible()
    assert len(picture.get_attribute("alt") or "") > 40
    box = picture.bounding_box()
    assert box is not None and box["width"] > 200
    context.close()


@pytest.mark.parametrize("page", [MOVING[0]], indirect=True)
def test_the_perceptron_learns_until_all_are_right(page: Page) -> None:
    told = page.get_by_role("status")
    expect(told).to_have_text("On the wrong side: 31 of 40")
    for _ in range(100):
        push(page, "one sweep", "Enter")
        if told.inner_text() == "Every animal is on its side.":
            break
    expect(told).to_have_text("Every animal is on its side.")
    push(page, "w₀", "ArrowRight", 60)
    expect(told).to_contain_text("On the wrong side:")


@pytest.mark.parametrize("page", [MOVING[1]], indirect=True)
def test_softmax_forgets_what_is_added_to_all(page: Page) -> None:
    told = page.get_by_role("status")
    expect(told).to_have_text("Softmax: cat, 98.0%. Normalised sigmoids: 49.7%.")
    push(page, "all outputs 1 higher", "Enter", 10)
    expect(told).to_have_text("Softmax: cat, 98.0%. Normalised sigmoids: 25.0%.")
    push(page, "cat", "ArrowLeft", 20)
    expect(told).to_contain_text("Softmax: dog")


@pytest.mark.parametrize("page", [MOVING[2]], indirect=True)
def test_a_digit_is_drawn_with_the_keyboard_and_the_mouse(page: Page) -> None:
    told = page.get_by_role("status")
    expect(told).to_have_text("Nothing is drawn yet.")
    page.get_by_role("button", name="row 1, column 1:").focus()
    for key in ("ArrowRight", "ArrowDown", " "):
        page.keyboard.press(key)
    pixel = page.get_by_role("button", name="row 2, column 2:")
    expect(pixel).to_have_accessible_name("row 2, column 2: ink 16 of 16")
    expect(told).to_contain_text("It reads a")
    push(page, "clear", "Enter")
    expect(told).to_have_text("Nothing is drawn yet.")
    pixel.click()
    expect(pixel).to_have_accessible_name("row 2, column 2: ink 16 of 16")
    push(page, "a 4 of the test", "Enter")
    expect(told).to_contain_text("It reads a 4")


@pytest.mark.parametrize("page", [MOVING[3]], indirect=True)
def test_eta_decides_what_f_does(page: Page) -> None:
    told = page.get_by_role("status")
    expect(told).to_contain_text("= 0.74: nearer, from one side.")
    push(page, "η = 1/26", "Enter")
    expect(told).to_contain_text("there in one step. After twelve steps f = 3.000.")
    push(page, "η = 1/13", "Enter")
    expect(told).to_contain_text("to and fro for ever. After twelve steps f = -7.000.")
    page.get_by_role("slider").press("End")
    expect(told).to_contain_text("= -1.60: further away with each step.")


@pytest.mark.parametrize("page", [MOVING[4]], indirect=True)
def test_the_filter_slides_as_the_reference_does(page: Page, course_root: Path) -> None:
    data = data_of(stored(course_root, *MOVING[4]))
    image, kernel = np.array(data["image"], dtype=float), np.array(data["kernel"], dtype=float)
    push(page, "stride", "ArrowRight")
    push(page, "padding", "ArrowRight", 2)
    expected = convolution.conv2d(image[None], kernel[None, None], np.zeros(1), 2, 2)[0]
    for place, value in enumerate(expected.flat):
        text = f"Map of 4 by 4, place {place + 1} of 16: the sum is {value:g}."
        expect(page.get_by_role("status")).to_have_text(text)
        push(page, "one place on", "Enter")
    push(page, "play", "Enter")
    expect(page.get_by_role("button", name="pause")).to_be_visible()


@pytest.mark.parametrize("page", [MOVING[5]], indirect=True)
def test_the_maps_are_those_of_the_network(page: Page, course_root: Path) -> None:
    data: dict[str, Any] = data_of(stored(course_root, *MOVING[5]))
    told = page.get_by_role("status")
    expect(told).to_have_text("Nothing is drawn yet.")
    for example in data["examples"]:
        push(page, example["name"], "Enter")
        ink = np.array(example["pixels"], dtype=float).reshape(1, 8, 8) / 16
        maps, answers = read_by_hand(ink, data)
        strongest = int(maps.max(axis=(1, 2)).argmax())
        expect(told).to_contain_text(f"It reads a {answers.argmax()},")
        expect(told).to_contain_text(f"filter {strongest}'s: {maps.max():.2f}.")
    assert page.locator("svg rect[fill^=rgb]").count() == 16 * 8 * 8 + 32 * 4 * 4


def read_by_hand(image: Array, data: dict[str, Any]) -> tuple[Array, Array]:
    """The first layer's maps and the logits, by the reference's NumPy."""

    def layer(name: str) -> tuple[Array, Array]:
        weight, bias = (np.array(data[name][part], dtype=float) for part in "Wb")
        return weight, bias

    maps = relu(convolution.conv2d(image, *layer("first"), stride=1, padding=1))
    deeper = relu(convolution.conv2d(pooled(maps), *layer("second"), stride=1, padding=1))
    weight, bias = layer("last")
    return maps, weight @ pooled(deeper).ravel() + bias


def relu(values: Array) -> Array:
    return np.maximum(0, values)


def pooled(maps: Array) -> Array:
    channels, height, width = maps.shape
    tiles = maps.reshape(channels, height // 2, 2, width // 2, 2)
    return np.asarray(tiles.max(axis=(2, 4)), dtype=float)


@pytest.mark.parametrize("page", [MOVING[6]], indirect=True)
def test_only_the_ratio_of_alpha_and_beta_counts(page: Page) -> None:
    told = page.get_by_role("status")
    every = ", ".join(("content from conv3_1", "style from all five", "β / α = 10"))
    expect(told).to_have_text(f"Painting 46 of 72: {every}.")
    shown = page.locator("svg svg").get_attribute("viewBox")
    push(page, "α", "ArrowRight")
    expect(told).to_contain_text("β / α = 1.")
    assert page.locator("svg svg").get_attribute("viewBox") != shown
    push(page, "β", "ArrowRight")
    expect(told).to_have_text(f"Painting 46 of 72: {every}.")
    assert page.locator("svg svg").get_attribute("viewBox") == shown
    push(page, "content layer", "ArrowRight")
    push(page, "style layers", "Home")
    expect(told).to_contain_text("content from conv5_1, style from relu1_1 alone")
    expect(page.get_by_role("slider", name="style layers")).to_have_attribute(
        "aria-valuetext", "relu1_1 alone"
    )
