"""A question's result as a table: HTML for notebooks and pages, and plain text.

There are two audiences. An *instructor* sees every test. A *student* sees the visible tests in
full, but only the number of hidden tests that passed, and the mistakes that were recognised.
"""

from __future__ import annotations

import functools
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from fairmark.harness.report import QuestionResult, Status, TestResult
from fairmark.text import clean, points

Audience = Literal["student", "instructor"]


@dataclass(frozen=True)
class Outlook:
    """What a student is told of a question beside its results, before it is graded."""

    points: float = 0.0
    """What the question is worth; 0 where that is not known."""
    hidden: int | None = 0
    """How many checks follow when it is handed in; None for some, nobody knows how many."""
    notes: tuple[str, ...] = ()
    """What may be behind a failure: an earlier exercise, a cell that was not run again."""


_GREEN, _RED, _GREY = "#1a7f37", "#c62a2f", "#808080"
_NOTES: dict[Status, str] = {
    "graded": "",
    "manual": "",
    "missing": "No answer was found for this question.",
    "error": "This question could not be checked: the code stopped with an error.",
    "timeout": "The code took too long and was stopped.",
    "killed": "The code ended the program, or used more memory than there is, and was stopped.",
}
_ALL = "All or nothing: there are points only if all checks of this exercise pass."
_TOGETHER = (
    "Some of these checks count together: there are points for them only if all of them pass."
)
_CODE = re.compile(r"`([^`\n]+)`")
_CODE_STYLE = "font-size:.95em;color:inherit;background:transparent;border:0;padding:0"
_CELL_FILE = re.compile(r'File "(<ipython-input-[^"\n]*>|[^"\n]*ipykernel_\d+[/\\]\d+\.py)"')


def question_html(
    question: QuestionResult, audience: Audience, outlook: Outlook | None = None
) -> str:
    """Return the question's table as self-contained HTML."""
    view = _view(question, audience, outlook or Outlook())
    return _environment().get_template("question.html").render(view=view)


def question_text(
    question: QuestionResult, audience: Audience, outlook: Outlook | None = None
) -> str:
    """Return the same as plain text."""
    view = _view(question, audience, outlook or Outlook())
    lines = [": ".join([view.id, ", ".join(view.facts)]) if view.facts else view.id]
    if view.note:
        lines.append(_indented(view.note, 2))
    lines += [_indented(note, 2) for note in view.notes]
    lines += [_indented(f"What it looks like: {lesson}", 2) for lesson in view.lessons]
    for row in view.rows:
        lines += _row_lines(row, view.full)
    if view.further:
        lines.append(_indented(view.further, 2))
    return "\n".join(lines)


@dataclass(frozen=True)
class _Row:
    """One test as it is shown."""

    name: str
    title: str
    passed: bool
    hidden: bool
    weight: str
    message: str
    values: tuple[tuple[str, str], ...]
    hint: str
    lesson: str


@dataclass(frozen=True)
class _View:
    """One question as it is shown."""

    id: str
    full: bool
    colour: str
    facts: tuple[str, ...]
    note: str
    rows: tuple[_Row, ...]
    further: str
    lessons: tuple[str, ...]
    notes: tuple[str, ...]


def _view(question: QuestionResult, audience: Audience, outlook: Outlook) -> _View:
    full = audience == "instructor"
    shown = [test for test in question.tests if full or not test.hidden]
    further = [test for test in question.tests if test not in shown] if not full else []
    facts = []
    if shown:
        facts.append(_count(shown, "checks"))
    if score := _score(question):
        facts.append(score)
    elif outlook.points:
        facts.append(f"worth {_points(outlook.points)}")
    lessons: dict[str, None] = {}  # a set that keeps its order
    if not full:
        for test in question.tests:
            if test.lesson and not test.passed:
                lessons[clean(test.lesson)] = None
    return _View(
        id=clean(question.id),
        full=full,
        colour=_colour(question),
        facts=tuple(facts),
        note=clean(question.note) or _NOTES[question.status],
        rows=tuple(_row(test, full) for test in shown),
        further=f"{_count(further, 'further checks')}." if further else _follows(outlook),
        lessons=tuple(lessons),
        notes=tuple(map(clean, [*_all_or_nothing(question), *outlook.notes])),
    )


def _all_or_nothing(question: QuestionResult) -> list[str]:
    """What is to be known where some of the tests pass and give nothing by themselves."""
    together = {test.together for test in question.tests}
    failed = {test.together for test in question.tests if not test.passed} - {""}
    if not any(test.passed and test.together in failed for test in question.tests):
        return []
    return [_ALL if len(together) == 1 else _TOGETHER]


def _row(test: TestResult, full: bool) -> _Row:
    raised = test.expected is None and _in_cell(test.actual or "").startswith("Your cell")
    values = [("expected", test.expected), ("where" if raised else "got", test.actual)]
    if all(text is not None and text in test.message for _, text in values):
        values = []  # the message says it all
    if test.call:
        values.insert(0, ("call", test.call))
    lesson = f"{test.misconception}: {test.lesson}" if test.lesson else ""
    failed = not test.passed
    return _Row(
        name=clean(test.name),
        title=clean(test.title) or clean(test.name),
        passed=test.passed,
        hidden=test.hidden,
        weight=f"{test.weight:g}",
        message=clean(test.message) if failed else "",
        values=tuple(
            (label, _in_cell(text)) for label, text in values if failed and text is not None
        ),
        hint=clean(test.hint) if failed else "",
        lesson=clean(lesson) if failed and full else "",
    )


def _row_lines(row: _Row, full: bool) -> list[str]:
    mark = "✓ passed" if row.passed else "✗ FAILED"
    extra = f"  [{row.name}, weight {row.weight}{', hidden' if row.hidden else ''}]" if full else ""
    lines = [f"  {mark}  {row.title}{extra}"]
    if row.message:
        lines.append(_indented(row.message, 12))
    for label, text in row.values:
        first, *rest = text.splitlines() or [""]
        lines.append(f"{'':12}{label + ':':10}{first}")
        lines += [f"{'':22}{line}" for line in rest]
    if row.hint:
        lines.append(_indented(f"Think about it: {row.hint}", 12))
    if row.lesson:
        lines.append(_indented(f"What it looks like: {row.lesson}", 12))
    return lines


def _count(tests: list[TestResult], what: str) -> str:
    passed = sum(test.passed for test in tests)
    noun = what.removesuffix("s") if len(tests) == 1 else what
    return f"{passed} of {len(tests)} {noun} passed"


def _score(question: QuestionResult) -> str:
    """The points in words; "" where no points are given, as in a student's kernel."""
    if not question.max_score:
        return ""
    if question.score is None:
        return f"{_points(question.max_score)}, marked by hand"
    return f"{points(question.score)} of {_points(question.max_score)}"


def _points(number: float) -> str:
    return f"{points(number)} {'point' if number == 1 else 'points'}"


def _follows(outlook: Outlook) -> str:
    """How many checks follow, in words."""
    if outlook.hidden is None:
        return "Further checks follow when you hand in."
    if not outlook.hidden:
        return ""
    noun = "further check follows" if outlook.hidden == 1 else "further checks follow"
    return f"{outlook.hidden} {noun} when you hand in."


def _colour(question: QuestionResult) -> str:
    if question.status == "manual" or (question.status == "graded" and not question.tests):
        return _GREY
    all_passed = question.status == "graded" and all(test.passed for test in question.tests)
    return _GREEN if all_passed else _RED


def _in_cell(text: str) -> str:
    """A traceback with "Your cell" in place of a cell's file name; other text unchanged."""
    return _CELL_FILE.sub("Your cell", clean(text))


def _indented(text: str, width: int) -> str:
    return textwrap.indent(text, " " * width)


def _with_code(text: str) -> Markup:
    """Instructors' words, in which `code` stands between backticks, as HTML."""
    return Markup(_CODE.sub(rf'<code style="{_CODE_STYLE}">\1</code>', str(escape(text))))


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    made.filters["with_code"] = _with_code
    return made
