"""The feedback page in a browser: on a phone, in a dark theme, for everybody, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import Browser, Page, ViewportSize, expect

from fairmark.record.autograded import write_autograded
from fairmark.reporting.feedback import generate_feedback
from tests.hub.accessibility import violations
from tests.nbgrader.classroom import execute, new_course, record, report_of, submit
from tests.tiny import RIGHT, answer

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's and nbconvert's own

WIDE = (
    "import sys\n"
    "from IPython.display import HTML, display\n"
    "row = ''.join(f'<td>value {i}</td>' for i in range(40))\n"
    "display(HTML(f'<table><tr>{row}</tr></table>'))\n"
    f"text = '{'x' * 300}'\n"
    "print(text)\nprint('a warning', file=sys.stderr)\n1 / 0"
)
TEXT = (
    "A formula $$" + " + ".join(f"x_{{{i}}}^2" for i in range(60)) + "$$ and\n\n"
    "| " + " | ".join(f"column {i}" for i in range(30)) + " |\n"
    "| " + " | ".join("---" for _ in range(30)) + " |\n"
    "| " + " | ".join(str(i) for i in range(30)) + " |\n\n> `code`, [a link](#top)"
)
SMALL: ViewportSize = {"width": 400, "height": 800}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one student of eleven; the others have nothing but marks."""
    course = new_course(
        tmp_path_factory.mktemp("feedback") / "course", "c.Fairmark.class_spread = True"
    )
    source = nbformat.read(course.assignment("tiny").source, 4)
    folded = new_code_cell(
        "NUMBER = 3  # a long given cell", id="given", metadata={"jupyter": {"source_hidden": True}}
    )
    source.cells.insert(2, folded)
    nbformat.write(source, course.assignment("tiny").source)
    tiny = course.assignment("tiny")
    double = 'def double(x):\n    """Twice x."""\n    return x + 1  # not 2 * x'
    wrong = answer(tiny, {**RIGHT, "double": double})
    wrong.cells += [new_code_cell(WIDE), new_markdown_cell(TEXT)]
    names = ["ada", *(f"s{number}" for number in range(10))]
    for name in names:
        submit(course, name, wrong if name == "ada" else answer(tiny, RIGHT))
    record(tiny, *names)
    write_autograded(tiny, report_of(tiny, "ada"), "ada")
    execute(course, "UPDATE grade SET manual_score = 2, needs_manual_grade = 0 "
            "WHERE cell_id IN (SELECT id FROM base_cell WHERE name = 'essay')")  # fmt: skip
    execute(
        course,
        "UPDATE comment SET manual_comment = 'Why?' WHERE cell_id IN "
        "(SELECT id FROM base_cell WHERE name = 'essay')",
    )
    ((_, page),) = generate_feedback(tiny, ["ada"])
    assert isinstance(page, Path)
    return page


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    context = browser.new_context(
        color_scheme=request.param, viewport=SMALL, java_script_enabled=True, bypass_csp=True
    )
    page = context.new_page()
    page.goto(file.as_uri())
    yield page
    context.close()


def test_nothing_but_wide_parts_is_scrolled_on_a_phone(page: Page, shots: Path) -> None:
    page.screenshot(path=shots / "feedback-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    beyond = """() => [...document.querySelectorAll('body *')].filter(each => {
      const box = each.getBoundingClientRect();
      if (box.width === 0 || box.right <= innerWidth + 1) return false;
      for (let up = each.parentElement; up; up = up.parentElement)
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(up).overflowX)) return false;
      return true;
    }).map(each => each.outerHTML.slice(0, 200))"""
    assert page.evaluate(beyond) == []


def test_axe_finds_nothing(page: Page, axe: str) -> None:
    page.locator("summary").nth(0).click()
    for fold in page.locator("summary", has_text="Code of this cell").all():
        fold.click()
    assert violations(page.locator("html"), axe) == []


def test_the_page_is_as_dark_as_the_theme(page: Page) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    colour = "[...getComputedStyle(document.body).backgroundColor.matchAll(/\\d+/g)][0][0]"
    assert (int(page.evaluate(colour)) < 60) == dark
    assert page.evaluate("getComputedStyle(document.querySelector('.output_subarea pre')).color")


def test_lost_points_come_first_and_lead_to_the_cells(page: Page) -> None:
    lost = page.locator(".fm-lost")
    expect(lost.locator("> li").nth(1)).to_contain_text("essay: 2 of 4 (comment on essay)")
    expect(lost.locator("> li").nth(0)).to_contain_text("double: 0 of 2")
    expect(lost).to_contain_text("double(3) is 6. The answer should be 6, but it is 4.")
    expect(lost).to_contain_text("1 of 1 further check failed.")
    expect(lost).not_to_contain_text("mean")
    for name in ("double", "comment on essay"):
        link = lost.get_by_role("link", name=name, exact=True)
        target = page.locator(f"[id='{(link.get_attribute('href') or '').removeprefix('#')}']")
        link.click()
        expect(target).to_be_in_viewport()
    table = page.locator(".fm-marks")
    expect(table).to_be_hidden()
    page.get_by_text("All questions").click()
    expect(table).to_contain_text("mean")


def test_given_code_is_folded(page: Page) -> None:
    code = page.get_by_text("a long given cell")
    expect(code).to_be_hidden()
    page.get_by_text("Code of this cell").click()
    expect(code).to_be_visible()


def test_the_spread_of_the_class(page: Page) -> None:
    figure = page.locator(".fm-spread svg")
    expect(figure).to_be_visible()
    label = figure.get_attribute("aria-label") or ""
    assert label.startswith("The middle half of 11 students has 7 to 7 points")
    assert label.endswith("You have 5.")
