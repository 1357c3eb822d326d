"""What makes ``nbgrader autograde`` and formgrader's button give the marks of fairmark.

What fairmark does not grade is left to nbgrader's own preprocessors: see ``assignment_of``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets.utils.importstring import import_item

from fairmark.batch import grade_handin
from fairmark.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.handins import HandIn
from fairmark.nbgrader.autograded import graded_notebook, kept_files
from fairmark.nbgrader.context import assignment_of
from fairmark.nbgrader.gradebook import Recorder
from fairmark.nbgrader.warm import warm_sandbox

_REPORT = "fairmark_report"


class AutogradeExporter(NotebookExporter):
    """Opens submissions for :class:`Grade`, whatever the file holds.

    nbgrader would stop at a damaged notebook, or at damaged marks in it, before any preprocessor
    is called. So a submission that fairmark grades is not read here: Grade reads it, with care.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._known: dict[str, Assignment | None] = {}
        if isinstance(self.parent, Autograde):
            self._prepare(self.parent.coursedir.assignment_id)

    def _prepare(self, name: str) -> None:
        """Start the sandbox, and tell a new gradebook of the assignment.

        nbgrader would ask to generate the release, and then skip it where there is one.
        """
        try:
            assignment = self.assignment(name)
            if assignment is not None:
                warm_sandbox(assignment.course, assignment)
                with Recorder(assignment.course) as recorder:
                    recorder.prepare(assignment)
        except FairmarkError as error:
            self.log.error(str(error))
            raise NbGraderException(str(error)) from None

    def assignment(self, name: str) -> Assignment | None:
        """Return the assignment when fairmark grades it."""
        if name not in self._known:
            self._known[name] = assignment_of(self, name)
        return self._known[name]

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        """Convert a notebook from a file."""
        if self.assignment(resources["nbgrader"]["assignment"]) is None:
            return super().from_filename(filename, resources, **kwargs)
        path = Path(filename)
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        made: tuple[Any, Any] = self.from_notebook_node(  # type: ignore[no-untyped-call]
            nbformat.v4.new_notebook(), resources, **kwargs
        )
        return made


class Sanitize(NbGraderPreprocessor):  # type: ignore[misc]
    """For ``Autograde.sanitize_preprocessors``: nbgrader's, where fairmark does not grade.

    Where it does, its own repair takes the place of all of them.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        if _assignment(self, resources) is None:
            return _stock(self, "sanitize_preprocessors", nb, resources)
        return nb, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """For ``Autograde.autograde_preprocessors``: grades, and puts the graded notebook in place."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        assignment = _assignment(self, resources)
        if assignment is None:
            return _stock(self, "autograde_preprocessors", nb, resources)
        course, student = assignment.course, resources["nbgrader"]["student"]
        folder = course.folder("submitted", student, assignment.name)
        report = grade_handin(HandIn(student, assignment, folder), warm_sandbox(course, assignment))
        if report.error is not None:
            self.log.error("%s: %s", student, report.error)
        for repair in report.repairs:
            self.log.warning("%s: %s", student, repair)
        resources[_REPORT] = report
        outputs = dict(resources.get("outputs") or {})
        resources["outputs"] = outputs | kept_files(report, assignment)
        return graded_notebook(report, assignment), resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """For ``Autograde.autograde_preprocessors``: records the report of :class:`Grade`."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        report = resources.pop(_REPORT, None)
        if report is None:
            saved: tuple[NotebookNode, Any] = super().preprocess(nb, resources)
            return saved
        assignment = _assignment(self, resources)
        assert assignment is not None
        with Recorder(assignment.course) as recorder:
            recorder.record(report, resources["nbgrader"]["student"], assignment=assignment.name)
        return nb, resources


def _assignment(preprocessor: Any, resources: Any) -> Assignment | None:
    parent = preprocessor.parent
    if isinstance(parent, AutogradeExporter):
        return parent.assignment(resources["nbgrader"]["assignment"])
    return None  # configured without our exporter: leave everything to nbgrader


def _stock(
    preprocessor: Any, trait: str, nb: NotebookNode, resources: Any
) -> tuple[NotebookNode, Any]:
    """Run nbgrader's own preprocessors of that list, up to the one that saves marks."""
    for item in Autograde.class_traits()[trait].default():
        step = import_item(item) if isinstance(item, str) else item
        if issubclass(step, SaveAutoGrades):
            break
        nb, resources = step(parent=preprocessor.parent)(nb, resources)
    return nb, resources
