"""Check cells where the page is VS Code's, in its themes, or one without any style of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from fairmark.nbgrader.generate import generate_release
from tests import students
from tests.hub.accessibility import violations
from tests.tiny import make_course

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's and nbconvert's own
ANSWERS = {
    "double": "def double(x):\n    return x + 1",
    "mean": "def mean(x):\n    return sum(x) / len(x)",
}
THEMES = {  # its editor's background and text
    "light modern": ("#ffffff", "#3b3b3b"),
    "dark modern": ("#1f1f1f", "#cccccc"),
    "light high contrast": ("#ffffff", "#292929"),
    "dark high contrast": ("#000000", "#ffffff"),
    "solarized dark": ("#002b36", "#93a1a1"),
}
# What VS Code's page for the outputs of notebooks does to all tables.
PAGE = """<!doctype html><html lang="en"><title>Outputs</title><style>
:root {{ --vscode-editor-background: {0}; --vscode-foreground: {1};
        --vscode-editor-font-family: "Liberation Mono", monospace; }}
body {{ background: var(--vscode-editor-background); color: var(--vscode-foreground);
       font: 13px sans-serif }}
table, tr, thead, tbody, td, th {{ border: 0 none !important; border-collapse: collapse }}
table, tr, th {{ text-align: left !important }}
table {{ width: 100% }}
td, th {{ padding: 4px 8px }}
thead {{ background: rgb(130 130 130 / 16%); font-weight: bold }}
tr:nth-child(even) {{ background: rgb(130 130 130 / 8%) }}
</style><main>{2}</main></html>"""
PLAIN = """<!doctype html><html lang="en"><title>Outputs</title>
<meta name="color-scheme" content="light dark">
<style>body {{ background: Canvas; color: CanvasText }}</style><main>{}</main></html>"""


@pytest.fixture(scope="module")
def outputs(package: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the check cells of a notebook draw: one fails, one passes."""
    folder = tmp_path_factory.mktemp("elsewhere")
    release = generate_release(make_course(folder / "course").assignment("tiny"))
    notebook = students.read(release, "tiny")
    students.answer(notebook, ANSWERS)
    students.run(notebook, release, students.environment(package, folder))
    drawn = [
        output.data["text/html"]
        for cell in students.check_cells(notebook)
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    ]
    assert len(drawn) == 2
    assert "double(3)" in drawn[0]
    return "\n".join(drawn)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 900, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", THEMES)
def test_in_vs_code(theme: str, outputs: str, page: Page, axe: str, shots: Path) -> None:
    page.set_content(PAGE.format(*THEMES[theme], outputs))
    page.screenshot(path=shots / f"check-cell-vscode-{theme.replace(' ', '-')}.png")
    assert violations(page.locator("main"), axe) == []
    check = page.locator("tbody tr").first
    line = check.locator("td").first.evaluate("cell => getComputedStyle(cell).borderTopWidth")
    assert line == "1px"
    head = page.locator("thead").first.evaluate("head => getComputedStyle(head).backgroundColor")
    assert head == "rgba(0, 0, 0, 0)"
    written = page.locator("dd").first.evaluate("value => getComputedStyle(value).fontFamily")
    assert "Liberation Mono" in written


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_a_page_has_no_style(scheme: str, outputs: str, page: Page, axe: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_content(PLAIN.format(outputs))
    assert violations(page.locator("main"), axe) == []
    assert "monospace" in page.locator("dd").first.evaluate("v => getComputedStyle(v).fontFamily")
