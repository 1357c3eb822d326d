"""Whether the marks of adopted graders are those of the test cells that they were made from."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairmark.adopt.layout import write_files
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.faithful import met_objects
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox

SOURCE = "the instructor's own answers"
_CLASS = re.compile(r"::(Test\w+)")


@dataclass(frozen=True)
class Difference:
    """A test cell that gives another mark than its graders do."""

    cell: str
    case: str
    """Whose answers: "the instructor's own answers", "the bare release", or a mutant's name."""
    old: float
    new: float
    why: str = ""
    """What the failing side says."""
    diff: str = ""
    """The mutant's change, line by line."""

    @property
    def line(self) -> str:
        """The difference in one line."""
        said = f" ({self.why})" if self.why else ""
        return f"{self.case}: {self.old:g} by the test cell, {self.new:g} by the graders{said}"


class Both:
    """Grades notebooks both ways: by the test cells, and by graders laid down in a copy."""

    def __init__(self, assignment: Assignment, course: Course, sandbox: Sandbox) -> None:
        self._old = assignment
        self._course = course
        self._sandbox = sandbox
        self._notebooks = {
            SOURCE: assignment.solved,
            "the bare release": assignment.handed_out,
        }
        self._reports: dict[str, Report] = {}
        self.objects: dict[str, set[str]] = {}
        """By test class: what of the instructor's own answers gave it objects."""

    def old(self, case: str) -> Mapping[str, Any]:
        """The results of the test cells, by their grade_ids."""
        if case not in self._reports:
            self._reports[case] = self._graded(case, self._old)
        return _results(self._reports[case])

    def differences(self, files: Mapping[Path, str]) -> list[Difference]:
        """Lay graders down, and return where they give other marks."""
        new = self.laid_down(files)
        found = []
        for case in self._notebooks:
            met_objects.clear()
            old, other = self.old(case), _results(self._graded(case, new))
            if case == SOURCE:  # what a stub gives, as `...`, is no object to be asked
                self.objects = dict(met_objects)
            for cell, result in old.items():
                mine, theirs = result.score or 0.0, other[cell].score or 0.0
                if abs(mine - theirs) > 1e-6:
                    failing = other[cell] if theirs < mine else result
                    why = next((t.message for t in failing.tests if not t.passed), "")
                    why = " ".join(why.split())[:160]
                    found.append(Difference(cell, case, mine, theirs, why))
        return found

    def laid_down(self, files: Mapping[Path, str]) -> Assignment:
        """The notebook with these graders, in the copy."""
        moved = {self._course.root / path: text for path, text in files.items()}
        write_files(moved, force=True)
        course = Course.load(self._course.root)
        (found,) = course.notebooks(f"{self._old.name}/{self._old.notebook}")
        return found

    def _graded(self, case: str, assignment: Assignment) -> Report:
        return grade(copy.deepcopy(self._notebooks[case]), assignment, self._sandbox, name=case)


def broken_class(error: FairmarkError) -> str | None:
    """The class of the test that was called broken, if the error names one."""
    found = _CLASS.search(str(error))
    return found[1] if found else None


def _results(report: Report) -> dict[str, Any]:
    return {result.id: result for result in report.questions if result.score is not None}
