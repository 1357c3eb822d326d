"""The class report as self-contained HTML pages for instructors, without scripts.

The names of students and files, and the messages of failures, are untrusted: all text is cleaned
and escaped where it is put into a page.
"""

from __future__ import annotations

import functools
import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import fairmark
from fairmark.course.course import Assignment, Course
from fairmark.files import write_file
from fairmark.reporting.classreport import ClassReport, StudentRow
from fairmark.reporting.flags import Flag, flags
from fairmark.reporting.itemanalysis import analyse
from fairmark.reporting.itemfigure import scatter
from fairmark.reporting.items import FEWEST, FEWEST_FLAGGED, POOR
from fairmark.text import clean, count, points

_MAX_BARS = 12
_STEPS = (0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)


@dataclass(frozen=True)
class Bar:
    """A bar of the histogram: how many scores lie from ``low`` to below ``high``."""

    low: float
    high: float
    final: int
    waiting: int
    """The number of scores that still lack a mark by hand."""

    @property
    def count(self) -> int:
        """The number of all scores in the bar."""
        return self.final + self.waiting


def write_pages(course: Course, reports: Sequence[ClassReport], *, index: bool) -> Path:
    """Write a page for each assignment, and an index if wanted; return the page to open first.

    Raises FairmarkError if they cannot be written.
    """
    paths = [page_path(report.assignment) for report in reports]
    first = course.root / "report" / "index.html"
    if index:
        rows = [(r, flags(r), link(p, first)) for r, p in zip(reports, paths, strict=True)]
        write_page(first, "classreports.html", course=course.config.CourseDirectory, rows=rows)
    for report, path in zip(reports, paths, strict=True):
        to_index = link(first, path) if first.is_file() else ""
        write_page(path, "classreport.html", index=to_index, **_page(report, path))
    return first if index else paths[0]


def page_path(assignment: Assignment) -> Path:
    """The path of an assignment's page."""
    folder = assignment.course.root / "report" / assignment.name
    return folder / f"{assignment.source.stem}.html"


def preview_path(assignment: Assignment) -> Path:
    """The path of the page that previews another grading."""
    page = page_path(assignment)
    return page.parent / "preview" / page.name


def bars(report: ClassReport) -> list[Bar]:
    """Return the histogram of the totals, with bars of a round width."""
    top = max([report.max_score, *report.scores, _STEPS[0]])
    step = next((step for step in _STEPS if top <= step * _MAX_BARS), top / _MAX_BARS)
    edges = [*(step * place for place in range(math.ceil(round(top / step, 6)))), top]
    graded = report.of("graded")
    final, waiting = (
        np.histogram([s.score for s in graded if bool(s.unmarked) is unmarked], edges)[0].tolist()
        for unmarked in (False, True)
    )
    return [Bar(*bar) for bar in zip(edges, edges[1:], final, waiting, strict=False)]


def _page(report: ClassReport, path: Path) -> dict[str, Any]:
    scores = report.scores
    preview = preview_path(report.assignment)
    analysis = analyse(report)
    return {
        "report": report,
        "analysis": analysis,
        "picture": scatter(analysis.questions),
        "fewest": FEWEST,
        "fewest_flagged": FEWEST_FLAGGED,
        "poor": POOR,
        "preview": link(preview, path) if preview.is_file() else "",
        "flags": flags(report),
        "bars": bars(report) if scores else [],
        "quartiles": statistics.quantiles(scores, method="inclusive") if len(scores) > 1 else [],
        "links": {s.student: _links(s, path) for s in report.submissions},
    }


def _links(submission: StudentRow, page: Path) -> list[tuple[str, str]]:
    """The links to a submission's files: a label and an address for each."""
    assignment = submission.handin.assignment
    course, student = assignment.course, submission.student
    feedback = (
        course.folder("feedback", student, assignment.name) / f"{assignment.source.stem}.html"
    )
    graded = submission.handin.autograded / assignment.source.name
    files = (("feedback", feedback), ("graded notebook", graded))
    return [(label, link(path, page)) for label, path in files if path.is_file()]


def link(path: Path, page: Path) -> str:
    """Return the address of a file, relative to a page."""
    return quote(os.fsencode(os.path.relpath(path, page.parent)))


def write_page(path: Path, template: str, **values: Any) -> None:
    """Write a page of this template; raise FairmarkError if it cannot be written."""
    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    text = (
        _environment()
        .get_template(template)
        .render(made=made, version=fairmark.__version__, **values)
    )
    write_file(path, text, parents=True)


def _finalize(value: Any) -> Any:
    """Clean all text that a template prints, except for markup of another template."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(points=points, percent=_percent)
    environment.globals.update(count=count, mean=statistics.fmean, median=statistics.median)
    return environment


__all__ = ["Bar", "Flag", "bars", "link", "page_path", "preview_path", "write_page", "write_pages"]
