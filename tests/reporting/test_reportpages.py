"""The class report's pages: whole, readable, and safe whatever students call things."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.grading.grade import unreadable
from fairmark.harness.report import Repair, Report
from fairmark.intake.kinds import RepairKind
from fairmark.reporting.classreport import read_class
from fairmark.reporting.reportpages import Bar, bars, page_path, write_pages
from tests.marked import question, record, report
from tests.tiny import make_course

VOID = {"meta", "br"}


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path).assignment("tiny")


class Page(HTMLParser):
    """A page, read as a browser would; fails where elements are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " " if tag in {"td", "th", "br"} else ""
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self._open[-1:] != ["style"] else ""

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def made(tiny: Assignment, reports: dict[str, Report]) -> Page:
    record(tiny, reports)
    path = write_pages(tiny.course, [read_class(tiny)], index=False)
    assert path == page_path(tiny)
    return Page(path.read_text("utf-8"))


def words(page: Page) -> str:
    return " ".join(page.text.split())


def test_page(tiny: Assignment) -> None:
    page = made(
        tiny,
        {
            "ada": report(),
            "bob": report(question("mean", (False, True), mistake="takes-the-first")),
            "cy": unreadable("submitted/cy/tiny/tiny.ipynb is no notebook", tiny, ""),
        },
    )
    text = words(page)
    for piece in (
        "tiny: class report",
        "3 handed in 2 graded 1 could not be graded 0 not graded yet",
        "cy submitted/cy/tiny/tiny.ipynb is no notebook",
        "Mean 4.25, median 4.25 of 9 points; from 3.5 to 5",
        "Hatched: 2 submissions",
        "The graders are not proven: its graders have not been verified. Run fairmark verify tiny.",
        "mean 3 2.25 (75 %) 1 of 2 0 of 2",
        "essay by hand 4 – 0 of 0 0 of 0 2 waiting for a mark",
        "mean takes-the-first The sentence of takes-the-first. 1 bob",
        "The test secret_array. hidden test_secret_array 3 0 of 2",
        "The test example. test_example 1 1 of 2 bob",
        "ada 5 to mark by hand: essay graded notebook",
    ):
        assert piece in text, piece
    links = [link["href"] or "" for link in page.of("a")]
    assert "../../autograded/ada/tiny/tiny.ipynb" in links
    anchors = {attributes.get("id") for _, attributes in page.elements}
    assert {link[1:] for link in links if link.startswith("#")} <= anchors


def test_the_page_needs_nothing_else(tiny: Assignment) -> None:
    page = made(tiny, {"ada": report()})
    policies = [m["content"] or "" for m in page.of("meta") if "http-equiv" in m]
    assert [policy.split(";")[0] for policy in policies] == ["default-src 'none'"]
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    for _, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes)
        address = attributes.get("href") or attributes.get("src") or ""
        assert ":" not in address


def test_the_picture_is_told_in_words(tiny: Assignment) -> None:
    page = made(tiny, {"ada": report(), "bob": report(question("mean", (False, False)))})
    (picture,) = [attributes for attributes in page.of("div") if attributes.get("role") == "img"]
    named = (picture["aria-labelledby"] or "").split()
    assert named
    assert set(named) <= {attributes.get("id") for _, attributes in page.elements}
    told = "2 to 3 points: 1 (1 waiting for a mark by hand); 5 to 6 points: 1 (1 waiting"
    assert told in words(page)


def test_the_highest_bar_fills_the_picture(tiny: Assignment) -> None:
    right, wrong = report(), report(question("mean", (False, False)))
    page = made(tiny, {"ada": right, "bob": wrong, "cy": wrong})
    styles = [attributes["style"] for attributes in page.of("i") if "class" in attributes]
    assert styles == ["height:100.0%", "height:50.0%"]  # all wait for a mark by hand


def test_everybody_is_named_in_a_large_class(tiny: Assignment) -> None:
    students = [f"student-{number:04}@example.org" for number in range(300)]
    for student in students:
        tiny.course.folder("submitted", student, "tiny").mkdir(parents=True)
    path = write_pages(tiny.course, [read_class(tiny)], index=False)
    page = words(Page(path.read_text("utf-8")))
    assert ", ".join(students) in page


def test_commands_can_be_copied_into_a_shell(tiny: Assignment) -> None:
    tiny.course.folder("submitted", "ada", "tiny").mkdir(parents=True)
    tiny.source.parent.rename(tiny.course.source / "week 1")
    tiny.course.folder("submitted", "ada", "week 1").mkdir(parents=True)
    (renamed,) = tiny.course.notebooks("week 1")
    path = write_pages(tiny.course, [read_class(renamed)], index=False)
    assert "Run fairmark autograde 'week 1'." in words(Page(path.read_text("utf-8")))


HOSTILE = "<script>alert(1)<"
QUOTES = "\"'><img src=x onerror=alert(1)>"


def test_nothing_of_a_student_becomes_markup(tiny: Assignment) -> None:
    bad = f"</td></table><script>alert(2)</script>{QUOTES}\x1b[31m\u202ereversed"
    page = made(
        tiny,
        {
            HOSTILE: report(repairs=(RepairKind.OTHER_NAME.of(name=bad, expected="tiny.ipynb"),)),
            "javascript:alert(1)": report(repairs=(Repair(bad, bad, bad), Repair("", "", bad))),
            f"{QUOTES} & sons": unreadable(bad, tiny, ""),
            "{{ 7 * 7 }}": report(question("mean", (False, False), mistake=bad, message=bad)),
        },
    )
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img"}
    assert not any("onerror" in attributes for _, attributes in page.elements)
    assert HOSTILE in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert bad.partition("\x1b")[0] in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", page.text)
    for link in page.of("a"):
        assert re.fullmatch(r"(#|\.\./)[\w/.%#~-]+", link["href"] or ""), link


@pytest.mark.parametrize(
    ("scores", "top", "expected"),
    [
        ([0, 4.99, 5, 9], 9, {(0, 1): 1, (4, 5): 1, (5, 6): 1, (8, 9): 1}),
        ([0, 28, 27.4], 28, {(0, 2.5): 1, (25, 27.5): 1, (27.5, 28): 1}),
        ([30, 31], 30, {(27.5, 30): 0, (30, 31): 2}),
        ([0.5], 0, {(0, 0.25): 0, (0.25, 0.5): 1}),
        ([100, 1], 100, {(0, 10): 1, (90, 100): 1}),
        ([4000], 4000, {(4000 * 11 / 12, 4000): 1}),
    ],
)
def test_bars(
    tiny: Assignment, scores: list[float], top: float, expected: dict[tuple[float, float], int]
) -> None:
    record(tiny, {"ada": report()})
    found = read_class(tiny)
    one = found.submissions[0]
    many = tuple(type(one)(one.handin, "graded", one.report, score) for score in scores)
    drawn = bars(type(found)(tiny, top, many))
    assert len(drawn) <= 13
    assert sum(bar.count for bar in drawn) == len(scores)
    assert drawn[0].low == 0
    counts = {(round(bar.low, 6), round(bar.high, 6)): bar.count for bar in drawn}
    for (low, high), number in expected.items():
        assert counts.get((round(low, 6), round(high, 6)), 0) == number, counts
    assert isinstance(drawn[0], Bar)


def test_index(tiny: Assignment) -> None:
    record(tiny, {"ada": report()})
    path = write_pages(tiny.course, [read_class(tiny)], index=True)
    assert path == tiny.course.root / "report" / "index.html"
    page = Page(path.read_text("utf-8"))
    assert [link["href"] for link in page.of("a")] == ["tiny/tiny.html"]
    assert "tiny 1 1 0 0 1 5 5 9 0" in words(page)
    assert "../index.html" in page_path(tiny).read_text("utf-8")


def test_unwritable(tiny: Assignment) -> None:
    record(tiny, {"ada": report()})
    (tiny.course.root / "report").write_text("a file in the way")
    with pytest.raises(FairmarkError, match="cannot be written"):
        write_pages(tiny.course, [read_class(tiny)], index=False)
