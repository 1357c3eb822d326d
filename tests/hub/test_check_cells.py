"""Check cells in JupyterLab and Notebook, as a student without a hub has them, in both themes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fairmark.nbgrader.generate import generate_release
from tests.hub.accessibility import violations
from tests.tiny import make_course

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's and nbconvert's own
SLOW = 120_000
WRONG = "def double(x):\n    return x + 1"
TOKEN = "only-for-this-test"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose first answer is wrong, the second right."""
    course = make_course(tmp_path_factory.mktemp("check") / "course")
    release = generate_release(course.assignment("tiny"))
    notebook = nbformat.read(release / "tiny.ipynb", 4)
    for cell in notebook.cells:
        if cell.id == "double":
            cell.source = WRONG
        elif cell.id == "mean":
            cell.source = "def mean(x):\n    return double(sum(x)) / len(x) / 2"
    nbformat.write(notebook, release / "tiny.ipynb")
    return release


@pytest.fixture(scope="module")
def lab(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab in that folder."""
    home = tmp_path_factory.mktemp("home")
    settings = home / ".jupyter/lab/user-settings/@jupyterlab"
    for name, content in (
        ("notebook-extension/tracker", {"windowingMode": "none"}),
        ("apputils-extension/themes", {"adaptive-theme": True}),
        ("apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False}),
    ):
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    places = {name: str(home / ".jupyter" if "CONFIG" in name else home / name) for name in names}
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={TOKEN}"]
    options += ["--allow-root", f"--ServerApp.root_dir={folder}"]
    log = (home / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options],
        env=os.environ | places | {"HOME": str(home)},
        stdout=log,
        stderr=log,
    )
    try:
        while True:
            assert process.poll() is None, (home / "log").read_text()
            found = re.search(r"http://127\.0\.0\.1:(\d+)/lab", (home / "log").read_text())
            if found:
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{found[1]}"
    finally:
        process.terminate()
        process.wait()
        log.close()


@pytest.fixture(scope="module")
def page(lab: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme="light", viewport={"width": 1000, "height": 1300})
    page = context.new_page()
    page.goto(f"{lab}/lab/tree/tiny.ipynb?{urlencode({'token': TOKEN, 'reset': ''})}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=SLOW)
    page.keyboard.press("Control+b")  # no sidebar
    page.context.set_default_timeout(SLOW)
    page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$")).wait_for(timeout=SLOW)
    yield page
    context.close()


def cell(page: Page, text: str) -> Locator:
    here = page.locator(".cm-content", has_text=text)
    return page.locator(".jp-CodeCell").filter(has=here).first


def menu(page: Page, name: str, entry: str) -> None:
    page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{name}$")).click()
    page.get_by_role("menuitem", name=re.compile(f"^{entry}")).click()


def run(page: Page, one: Locator) -> None:
    prompt = one.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    prompt.click()
    page.keyboard.press("Control+Enter")
    expect(prompt).not_to_have_text(before, timeout=SLOW)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=SLOW)


def write(page: Page, one: Locator, source: str) -> None:
    one.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def test_run_all_goes_past_a_failing_check(page: Page, axe: str, shots: Path) -> None:
    menu(page, "Run", "Run All Cells")
    first, last = cell(page, 'check("double")'), cell(page, 'check("mean")')
    expect(last.locator(".jp-OutputArea")).to_contain_text(
        "mean: 1 of 1 check failed.", timeout=SLOW
    )
    expect(first.locator(".jp-OutputArea")).to_contain_text("double: 1 of 1 check failed.")
    table = first.locator(".jp-RenderedHTML")
    expect(table).to_contain_text("worth 2 points")
    expect(table).to_contain_text("double(3)")
    expect(table).to_contain_text("1 further check follows when you hand in.")
    expect(table).to_contain_text("0 of 2 exercises pass their checks")
    try:
        themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for theme in themes:
            page.emulate_media(color_scheme=theme)
            page.locator(f"body[data-jp-theme-light='{str(theme == 'light').lower()}']").wait_for(
                state="attached"
            )
            page.locator("#jupyterlab-splash").wait_for(state="detached")
            page.screenshot(path=shots / f"check-cell-{theme}.png")
            assert violations(table, axe) == []
    finally:
        page.emulate_media(color_scheme="light")


def test_the_earlier_exercise_is_named(page: Page) -> None:
    mean = cell(page, "def mean")
    write(page, mean, "def mean(x):\n    return double(sum(x)) / len(x)")
    run(page, mean)
    check = cell(page, 'check("mean")')
    run(page, check)
    expect(check).to_contain_text("This answer uses double of an earlier exercise.")
    expect(check).to_contain_text("The check of double fails: mend that first")


def test_a_cell_that_was_edited_and_not_run_is_noticed(page: Page) -> None:
    answer, check = cell(page, "def double"), cell(page, 'check("double")')
    write(page, answer, "def double(x):\n    return 2 * x")
    run(page, check)
    expect(check).not_to_contain_text("was changed after it was run")  # nobody can know
    with page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents/" in r.url):
        page.keyboard.press("Control+S")
    run(page, check)
    expect(check).to_contain_text("The cell of double was changed after it was run: run it")
    run(page, answer)
    run(page, check)
    expect(check).to_contain_text("1 of 1 check passed")
    expect(check).not_to_contain_text("was changed after it was run")


def test_an_endless_loop_is_stopped(page: Page) -> None:
    answer, check = cell(page, "def double"), cell(page, 'check("double")')
    write(page, answer, "def double(x):\n    while True:\n        x = x + 1")
    run(page, answer)
    run(page, check)
    expect(check).to_contain_text("Your code did not answer within 2 seconds. It was stopped.")
    expect(check).to_contain_text(re.compile(r"Your cell, line [23], in double"))
    write(page, answer, WRONG)
    run(page, answer)


def test_after_a_restart_one_sentence(page: Page) -> None:
    menu(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$")).wait_for(timeout=SLOW)
    check = cell(page, 'check("double")')
    run(page, check)
    output = check.locator(".jp-OutputArea")
    expect(output).to_contain_text("Run the cells above first (menu Run > Run All Above Selected")
    expect(output).not_to_contain_text("Traceback")


def test_in_jupyter_notebook_in_both_themes(
    lab: str, browser: Browser, axe: str, shots: Path
) -> None:
    context = browser.new_context(color_scheme="light", viewport={"width": 1000, "height": 1300})
    page = context.new_page()
    context.set_default_timeout(SLOW)
    page.goto(f"{lab}/notebooks/tiny.ipynb?{urlencode({'token': TOKEN})}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first.wait_for()
    write(page, cell(page, "def double"), WRONG)
    menu(page, "Run", "Run All Cells")
    check = cell(page, 'check("double")')
    expect(check.locator(".jp-OutputArea")).to_contain_text("double: 1 of 1 check failed.")
    table = check.locator(".jp-RenderedHTML")
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.locator(f"body[data-jp-theme-light='{str(theme == 'light').lower()}']").wait_for(
            state="attached"
        )
        page.screenshot(path=shots / f"check-cell-notebook-{theme}.png")
        assert violations(table, axe) == []
    context.close()
