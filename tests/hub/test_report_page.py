"""The class report in a browser: on a phone, in a dark theme, for everybody, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from fairmark.course.course import Course
from fairmark.intake.handins import SubmittedNotebook
from fairmark.record.changes import MarkChange, QuestionChange, TestChange
from fairmark.reporting.classreport import read_class
from fairmark.reporting.previewpages import write_previews
from fairmark.reporting.reportpages import page_path, write_pages
from tests.hub.accessibility import violations
from tests.marked import record
from tests.reporting.test_itemanalysis import class_of
from tests.tiny import make_course

SMALL: ViewportSize = {"width": 400, "height": 800}
FAILS = TestChange("test_long", True, True, False, 1, 1, "the answer should be <b>7</b>")
LARGE: ViewportSize = {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a class of thirty, in which strong students fail one test."""
    tiny = make_course(tmp_path_factory.mktemp("report") / "course").assignment("tiny")
    record(tiny, class_of(30, upside_down=True))
    write_pages(tiny.course, [read_class(tiny)], index=True)
    return page_path(tiny)


@pytest.fixture(scope="module")
def preview(file: Path) -> Path:
    """The preview of another grading of that class."""
    tiny = Course.load(file.parents[2]).assignment("tiny")
    changes = [
        MarkChange(
            SubmittedNotebook(f"s{number:02}", tiny, tiny.course.root),
            before and before + 10.25,
            13.75,
            19,
            19,
            questions=(QuestionChange("mean", before, 3.5, 9, 9, tests=(FAILS,)),),
        )
        for number, before in enumerate((5.0, 2.0, None, 3.5))
    ]
    (path,) = write_previews([tiny], changes, only_better=False)
    return path


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, viewport=SMALL, bypass_csp=True)
    page = context.new_page()
    page.goto(file.as_uri())
    yield page
    context.close()


def test_the_items_fit_a_phone(page: Page, shots: Path, request: pytest.FixtureRequest) -> None:
    theme = request.node.callspec.params["page"]
    page.screenshot(path=shots / f"class-report-phone-{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    picture = page.locator("svg.items")
    box = picture.bounding_box()
    assert box is not None
    assert 300 <= box["width"] <= SMALL["width"]
    expect(picture.locator("circle")).to_have_count(2)
    assert "mean: " in (picture.get_attribute("aria-label") or "")
    page.set_viewport_size(LARGE)
    page.screenshot(path=shots / f"class-report-{theme}.png", full_page=True)


def test_axe_finds_nothing(page: Page, axe: str) -> None:
    for fold in page.locator("summary").all():
        fold.click()
    assert violations(page.locator("html"), axe) == []


def test_a_preview(page: Page, preview: Path, axe: str, shots: Path) -> None:
    page.goto(preview.as_uri())
    rows = page.locator("#changes + .scroll tbody")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("mean: 5 → 3.5 (long (hidden) now fails)")
    expect(page.locator("#first + .scroll tbody tr")).to_contain_text("s02")
    expect(page.locator("script")).to_have_count(0)
    page.locator("summary").first.click()
    expect(page.get_by_text("the answer should be <b>7</b>").first).to_be_visible()
    page.screenshot(path=shots / "preview-phone.png", full_page=True)
    reason = rows.first.locator("td.why").bounding_box()
    assert reason is not None and reason["x"] + reason["width"] <= SMALL["width"]
    assert reason["width"] > 250 and reason["height"] < SMALL["height"] / 2  # and no tower
    expect(page.get_by_text("fairmark autograde tiny", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert violations(page.locator("html"), axe) == []


def test_the_page_is_as_dark_as_the_theme(page: Page) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    colour = "[...getComputedStyle(document.body).backgroundColor.matchAll(/\\d+/g)][0][0]"
    assert (int(page.evaluate(colour)) < 60) == dark


def test_what_speaks_against_a_test_comes_first(page: Page) -> None:
    expect(page.locator(".look")).to_contain_text("Strong students do worse in this test")
    row = page.locator("#tests-2 + .scroll tbody tr", has_text="test_secret_long")
    assert float(row.locator("td").nth(2).inner_text()) < 0
