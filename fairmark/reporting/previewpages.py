"""Previews of another grading, as pages beside the class report: whose mark would change."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from fairmark.course.course import Assignment
from fairmark.record.changes import MarkChange
from fairmark.reporting.reportpages import link, page_path, preview_path, write_page


def write_previews(
    assignments: Iterable[Assignment], changes: Sequence[MarkChange], *, only_better: bool
) -> list[Path]:
    """Write a page for each notebook that was graded again; return the pages.

    Raises FairmarkError if they cannot be written.
    """
    paths = []
    for assignment in assignments:
        own = [change for change in changes if change.handin.assignment == assignment]
        path, report = preview_path(assignment), page_path(assignment)
        write_page(
            path,
            "preview.html",
            title=assignment.label,
            command=shlex.join(["fairmark", "autograde", assignment.label]),
            only_better=only_better,
            shown=[change for change in own if change.changed or change.kept],
            first=[change for change in own if change.is_first and not change.problem],
            failed=[change for change in own if change.problem],
            rest=sum(not (c.changed or c.is_first or c.problem) for c in own),
            to_report=link(report, path) if report.is_file() else "",
        )
        paths.append(path)
    return paths


def forget_previews(assignments: Iterable[Assignment]) -> None:
    """Remove the previews of assignments that were graded meanwhile."""
    for assignment in assignments:
        with suppress(OSError):
            preview_path(assignment).unlink()
