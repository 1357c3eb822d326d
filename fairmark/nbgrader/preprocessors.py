"""The exporter and preprocessors that let ``nbgrader autograde`` and Formgrader use fairmark.

What fairmark does not grade is left to nbgrader's own preprocessors: see ``notebooks_of``.
"""

from __future__ import annotations

from fnmatch import fnmatch
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

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade_handin
from fairmark.intake.handins import SubmittedNotebook
from fairmark.nbgrader.context import notebooks_of
from fairmark.nbgrader.warm import process_sandbox
from fairmark.record.autograded import graded_notebook, kept_files
from fairmark.record.gradebook import Recorder
from fairmark.record.manual_marks import Marked

_REPORT = "fairmark_report"


class AutogradeExporter(NotebookExporter):
    """Opens submissions for :class:`Grade`, whatever the file holds.

    nbgrader would stop at a damaged notebook, or at damaged marks in it, before any preprocessor
    is called. So a submission that fairmark grades is not read here: Grade reads it, with care.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._known: dict[str, tuple[Assignment, ...]] = {}
        self._marked: dict[Assignment, dict[str, Marked]] = {}
        if isinstance(self.parent, Autograde):
            self._get_ready(self.parent)

    def _get_ready(self, converter: Any) -> None:
        """Start the sandbox, add the assignment to the gradebook, and list the notebooks to grade.

        Where the gradebook lacks the assignment, nbgrader would ask for ``nbgrader
        generate_assignment``, which does nothing where there is a release. And nbgrader does not
        find a notebook that was handed in under another name.
        """
        try:
            notebooks = self.notebooks(converter.coursedir.assignment_id)
            if not notebooks:
                return
            course = notebooks[0].course
            process_sandbox(course, *notebooks)
            with Recorder(course) as recorder:
                recorder.synchronise(notebooks[0])
                self._find_marked(recorder, notebooks, converter.coursedir.student_id)
            wanted = [a for a in notebooks if fnmatch(a.notebook, converter.coursedir.notebook_id)]
            for folder in converter.assignments:
                there = [a for a in wanted if SubmittedNotebook("", a, Path(folder)).is_there]
                names = [assignment.source.name for assignment in there or wanted]
                converter.assignments[folder] = [str(Path(folder, name)) for name in names]
        except FairmarkError as error:
            self.log.error(str(error))
            raise NbGraderException(str(error)) from None

    def _find_marked(
        self, recorder: Recorder, notebooks: tuple[Assignment, ...], students: str
    ) -> None:
        """Look up what a person has marked: nbgrader soon removes the graded notebooks."""
        one = None if set(students) & set("*?[") else students
        self._marked = {notebook: recorder.marked_by_hand(notebook, one) for notebook in notebooks}

    def marked(self, assignment: Assignment, student: str) -> Marked:
        """Return what a person had marked of this notebook before it is graded again."""
        return self._marked.get(assignment, {}).get(student, {})

    def notebooks(self, name: str) -> tuple[Assignment, ...]:
        """Return the assignment's notebooks when fairmark grades them."""
        if name not in self._known:
            self._known[name] = notebooks_of(self, name)
        return self._known[name]

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        """Convert a notebook from a file."""
        if not self.notebooks(resources["nbgrader"]["assignment"]):
            return super().from_filename(filename, resources, **kwargs)
        path = Path(filename)
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        made: tuple[Any, Any] = self.from_notebook_node(  # type: ignore[no-untyped-call]
            nbformat.v4.new_notebook(), resources, **kwargs
        )
        return made


class Sanitize(NbGraderPreprocessor):  # type: ignore[misc]
    """For ``Autograde.sanitize_preprocessors``: runs nbgrader's where fairmark does not grade.

    Where fairmark grades, its repair of a notebook takes their place.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        if _assignment(self, resources) is None:
            nb.metadata.pop("fairmark", None)  # no report of a student's own
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
        sandbox = process_sandbox(course, *assignment.notebooks)
        report = grade_handin(SubmittedNotebook(student, assignment, folder), sandbox)
        if report.error is not None:
            self.log.error("%s: %s", student, report.error)
        for repair in report.repairs:
            self.log.warning("%s: %s", student, repair.text)
        resources[_REPORT] = report
        outputs = dict(resources.get("outputs") or {})
        resources["outputs"] = outputs | kept_files(report, assignment)
        marked = self.parent.marked(assignment, student)
        return graded_notebook(report, assignment, marked), resources


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
            recorder.record(report, assignment, resources["nbgrader"]["student"])
        return nb, resources


def _assignment(preprocessor: Any, resources: Any) -> Assignment | None:
    parent = preprocessor.parent
    if not isinstance(parent, AutogradeExporter):
        return None  # configured without our exporter: leave everything to nbgrader
    name, notebook = (resources["nbgrader"][key] for key in ("assignment", "notebook"))
    return next((one for one in parent.notebooks(name) if one.notebook == notebook), None)


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
