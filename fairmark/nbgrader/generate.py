"""The students' release: nbgrader's, cleaned, with the visible tests beside the notebook."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import black
import nbformat
from black.parsing import InvalidInput
from black.report import NothingChanged
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, SaveCells
from traitlets.utils.importstring import import_item

from fairmark.course.checkcalls import check_calls, without_descriptions
from fairmark.course.course import Assignment
from fairmark.course.faults import check_source, notebook_faults
from fairmark.course.kept import keeps_output
from fairmark.course.markers import markers_left, regions_of
from fairmark.course.marks import with_import
from fairmark.course.proof import (
    adopted_unproven,
    lessons_of,
    refusal,
    thin_exercises,
    visible_lessons,
    why_unverified,
)
from fairmark.errors import FairmarkError
from fairmark.files import files_below, replaced_folder, write_file
from fairmark.harness.diagnose import LESSONS
from fairmark.nbgrader.context import notebooks_of
from fairmark.nbgrader.firstcell import CHECKS, add_colab_cell, carry_checks, colab_address
from fairmark.nbgrader.package import wheel, wheel_name
from fairmark.record.gradebook import Recorder
from fairmark.sanitise.attachments import is_shown
from fairmark.selfcheck.exercises import About, exercises_of, written
from fairmark.selfcheck.release import visible_tests

_SINGLE = "single-file"
_CELL_METADATA = ("nbgrader", "deletable", "editable", "jupyter", "slideshow")
_LANGUAGE = ("name", "file_extension", "mimetype", "codemirror_mode", "pygments_lexer")
_STYLE = black.Mode(line_length=100)
_MAX_REASON = 300
_GOES_ON = "raises-exception"
"""The tag of a cell behind which a run goes on, whatever the cell raises."""
_KEPT = "kept_outputs"
_IGNORED = ("__pycache__", ".ipynb_checkpoints")


class CheckSource(NbGraderPreprocessor):  # type: ignore[misc]
    """For the beginning of ``GenerateAssignment.preprocessors``: refuses what would leak or fail.

    Each fault of the instructor's notebook is a line of nbgrader's log that names its cell.
    """

    only_for_releases = True
    """What is released already can still be graded."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        faults = notebook_faults(nb, self.config)
        for fault in faults:
            self.log.error("%s: %s", resources["nbgrader"]["notebook"], fault)
        if faults:
            raise FairmarkError("; ".join(faults))
        return nb, resources


class CheckProof(NbGraderPreprocessor):  # type: ignore[misc]
    """For the beginning of ``GenerateAssignment.preprocessors``: refuses graders without a proof.

    nbgrader makes its preprocessors before it removes an earlier release, which therefore stays.
    The reason is the first line of its log, and the last one of its error.
    """

    only_for_releases = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        converter = getattr(self.parent, "parent", None)
        if not isinstance(converter, GenerateAssignment):
            return
        for name in sorted({Path(folder).name for folder in converter.assignments}):
            for assignment in notebooks_of(self, name):
                self._ask(assignment)

    def _ask(self, assignment: Assignment) -> None:
        if not assignment.has_graders:
            return
        if line := adopted_unproven(assignment):
            self.log.warning(line)
        elif reason := why_unverified(assignment):
            reason = refusal(assignment.name, reason) + ", or press Verify Graders in Formgrader"
            self.log.error(reason)
            raise NbGraderException(reason)
        for line in thin_exercises(assignment):
            self.log.warning("%s: %s", assignment.name, line)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        return nb, resources


class HideChecks(NbGraderPreprocessor):  # type: ignore[misc]
    """For ``GenerateAssignment.preprocessors``: leaves the exercise's name alone in check cells.

    What instructors describe the tests with stays with them.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        return without_descriptions(nb), resources


class SetAside(NbGraderPreprocessor):  # type: ignore[misc]
    """For ``GenerateAssignment.preprocessors``, before ``ClearOutput``: saves what is to be kept.

    ``FinishRelease`` puts these outputs back. Without it they are cleared as all others.
    """

    only_for_releases = True

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        for number, cell in enumerate(nb.cells, 1):
            if keeps_output(cell):
                outputs = cell.get("outputs", [])  # a text has none
                if not outputs or any(o.output_type == "error" for o in outputs):
                    raise FairmarkError(f"cell {number} keeps its output: run it and save it first")
                cell.metadata[_KEPT] = outputs
        return nb, resources


class FinishRelease(NbGraderPreprocessor):  # type: ignore[misc]
    """For the end of ``GenerateAssignment.preprocessors``.

    Takes out what would tell a solution beside its text, lets a run of all cells go past those that
    fail, and refuses a marker that is left. Where there are graders, it also puts the visible tests
    beside the notebook, and leaves in it only what students need: the same bytes each time.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        _take_out_traces(nb)
        for call in check_calls(nb):
            raise FairmarkError(f"{call.label} of the release still describes its tests")
        regions = regions_of(self.config)
        for number, cell in enumerate(nb.cells, 1):
            for line in markers_left(cell, regions):
                raise FairmarkError(f"cell {number} of the release still has the marker {line}")
        notebooks = notebooks_of(self.parent, resources["nbgrader"]["assignment"])
        if not notebooks or any(one.asks_test_cells for one in notebooks):
            for cell in nb.cells:
                cell.update({"outputs": kept} if (kept := _kept(cell)) else {})
            _let_runs_go_on(nb)
            return nb, resources
        (assignment,) = notebooks
        sources = {path.name: path.read_text("utf-8") for path in assignment.grader_files}
        visible = dict(sources)
        if assignment.inline_checks().calls:
            sources[assignment.source.name] = assignment.inline.text_for_judge()
            visible[assignment.source.name] = assignment.inline.visible()
        outputs = dict(resources.get("outputs") or {})
        limits = assignment.limits()
        about = About(exercises_of(nb.cells, sources), limits.call_seconds, limits.question_seconds)
        outputs[CHECKS] = _formatted(visible_tests(visible) + written(about)).encode()
        if lessons_of(assignment).by_question:
            outputs[LESSONS] = visible_lessons(assignment)
        resources["outputs"] = outputs
        _import_checks(nb)
        _let_runs_go_on(_clean(nb))
        if (address := colab_address(assignment.course.config)) is not None:
            beside = sorted({*assignment.extra_files(), *outputs})
            add_colab_cell(nb, address, assignment.name, beside)
        return nb, resources


def generate_release(assignment: Assignment) -> Path:
    """Make ``release/<assignment>``, add it to the gradebook, and return the folder.

    An earlier release stays until the new one is whole.
    """
    course = assignment.course
    place = course.folder("release", assignment=assignment.name)
    with tempfile.TemporaryDirectory(prefix="fairmark-") as temporary:
        made = _convert(assignment, Path(temporary))
        with Recorder(course) as recorder:
            recorder.synchronise(assignment)
        with replaced_folder(place) as folder:
            shutil.copytree(made, folder, dirs_exist_ok=True)
    if colab_address(course.config) is not None:
        write_file(place.parent / wheel_name(), wheel())
    return place


def write_single_file(assignment: Assignment, release: Path) -> Path:
    """Write the notebook of a release once more, with its checks in it; return the file."""
    if assignment.asks_test_cells:
        raise FairmarkError(
            f"{assignment.name} has no checks beside its notebook: send it as it is"
        )
    nb = nbformat.read(release / assignment.source.name, as_version=4)
    beside = {name: data for name, data in _files(release).items() if Path(name).suffix != ".ipynb"}
    carry_checks(nb, assignment.name, beside)
    place = assignment.course.root / _SINGLE / assignment.source.name
    write_file(place, nbformat.writes(nb) + "\n", parents=True)
    return place


def release_is_stale(assignment: Assignment) -> list[str]:
    """Return how ``release/<assignment>`` differs from what would be made now; writes nothing."""
    place = assignment.course.folder("release", assignment=assignment.name)
    with tempfile.TemporaryDirectory(prefix="fairmark-") as temporary:
        wanted = _files(_convert(assignment, Path(temporary)))
        found = _files(place)
    differences = []
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            differences.append(f"{place / name} is missing")
        elif name not in wanted:
            differences.append(f"{place / name} is not made from the source")
        elif wanted[name] != found[name]:
            differences.append(f"{place / name} is out of date")
    return differences


def _convert(assignment: Assignment, folder: Path) -> Path:
    """Run nbgrader's converter, without any gradebook, into a folder of its own."""
    for notebook in assignment.notebooks:
        check_source(notebook.source, assignment.course.config)
    directory = CourseDirectory(config=assignment.course.config)
    if "+" not in assignment.name:  # nbgrader refuses it, and only its hooks read this
        directory.assignment_id = assignment.name
    directory.release_directory = str(folder)
    log = _Log()
    converter = _Generate(coursedir=directory, config=assignment.course.config, log=log.logger)
    converter.assignment = assignment
    steps = [import_item(s) if isinstance(s, str) else s for s in converter.preprocessors]
    if FinishRelease not in steps:
        steps.append(FinishRelease)
    # Before the cells' checksums are computed, and before outputs are cleared.
    steps[:0] = [step for step in (HideChecks, SetAside) if step not in steps]
    left_out = (SaveCells, CheckProof, CheckSource)  # the caller has asked; sources are checked
    converter.preprocessors = [step for step in steps if not issubclass(step, left_out)]
    converter.no_database = True
    try:
        converter.start()
    except NbGraderException as error:
        raise FairmarkError(f"{log.notebook}: {log.reason or error}") from None
    return folder / assignment.name


class _Generate(GenerateAssignment):  # type: ignore[misc]
    """nbgrader's converter for one assignment, whose name it would otherwise take for a pattern.

    With "[" in the name, it would find no notebook, or copy what is to be ignored: notebooks with
    solutions among it.
    """

    assignment: Assignment

    def init_notebooks(self) -> None:
        """Find the notebooks to convert."""
        folder = self._format_source(self.assignment.name, ".")
        names = [notebook.source.name for notebook in self.assignment.notebooks]
        self.assignments = {folder: [os.path.join(folder, name) for name in names]}
        self.notebooks: list[str] = []

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the files beside the notebooks."""
        source = Path(self._format_source(assignment_id, student_id))
        target = Path(self._format_dest(assignment_id, student_id))
        ignored = (*self.assignment.course.ignored, "*.ipynb")
        for path in files_below(source, ignored):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


class _Log:
    """Reads nbgrader's log: only there are the reason of a failure and the notebook that has it."""

    def __init__(self) -> None:
        self.reason = self.notebook = ""
        self.logger = logging.Logger("fairmark.nbgrader", logging.INFO)
        handler = logging.Handler()
        handler.emit = self._emit  # type: ignore[method-assign]
        self.logger.addHandler(handler)

    def _emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        if text.startswith("Converting notebook "):
            self.notebook = text.removeprefix("Converting notebook ")
        elif text.startswith("Traceback"):
            self.reason = _reason(text)


def _reason(traceback: str) -> str:
    """What the last exception of a traceback says, in one line."""
    lines = iter(traceback.rpartition("Traceback")[2].splitlines()[1:])
    said = [line.strip() for line in itertools.dropwhile(lambda line: line[:1] in " \t", lines)]
    kind, _, reason = " ".join(line for line in said if line).partition(": ")
    return (reason or kind)[:_MAX_REASON]


def _formatted(module: str) -> str:
    """A module as students can read it; what it does is the same."""
    try:
        return black.format_file_contents(module, fast=False, mode=_STYLE)
    except NothingChanged:
        return module
    except InvalidInput as error:
        raise FairmarkError(f"the students' copy of the graders cannot be read: {error}") from None


def _take_out_traces(nb: NotebookNode) -> None:
    """Take out what says of a solution what its text said: widgets, outputs and pictures."""
    nb.metadata.pop("widgets", None)
    for cell in nb.cells:
        if cell.cell_type == "code" and (utils.is_solution(cell) or utils.is_grade(cell)):
            cell.outputs, cell.execution_count = [], None
        pictures = cell.pop("attachments", {})
        shown = {name: data for name, data in pictures.items() if is_shown(name, cell.source)}
        if shown:
            cell.attachments = shown


def _kept(cell: NotebookNode) -> list[NotebookNode]:
    """The outputs of a cell that were set aside."""
    outputs: list[NotebookNode] = cell.metadata.pop(_KEPT, [])
    for output in outputs:
        if "execution_count" in output:
            output.execution_count = None
    return outputs


def _import_checks(nb: NotebookNode) -> None:
    """Let each check cell import what it calls."""
    for cell in nb.cells:
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            source = with_import(cell.source)
            if source != cell.source:
                cell.source = source
                cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)


def _let_runs_go_on(nb: NotebookNode) -> None:
    """Tag the cells that an answer can make fail, from the first answer on.

    A run of all cells stops at the first that fails otherwise: at a failing check, at a picture of
    what is not written yet. What failed is told by the outputs, as before: Validate and the
    graders read these, and no tag.
    """
    behind = False
    for cell in nb.cells:
        behind = behind or utils.is_solution(cell) or utils.is_grade(cell)
        tags = cell.metadata.get("tags", [])
        if behind and cell.cell_type == "code" and _GOES_ON not in tags:
            cell.metadata["tags"] = [*tags, _GOES_ON]


def _clean(nb: NotebookNode) -> NotebookNode:
    nb.nbformat, nb.nbformat_minor = 4, 5
    language = nb.metadata.get("language_info", {})
    about = {"kernelspec": nb.metadata.get("kernelspec")}
    about["language_info"] = {key: language[key] for key in _LANGUAGE if key in language}
    nb.metadata = {key: value for key, value in about.items() if value}
    for number, cell in enumerate(nb.cells):
        cell.setdefault("id", f"cell-{number}")
        kept = _kept(cell)
        tags = [tag for tag in cell.metadata.get("tags", []) if tag == _GOES_ON]
        cell.metadata = {key: cell.metadata[key] for key in _CELL_METADATA if key in cell.metadata}
        if tags:
            cell.metadata["tags"] = tags
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = kept, None
    return nb


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not set(path.relative_to(folder).parts) & set(_IGNORED)
    }
