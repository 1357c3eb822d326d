"""Feedback pages: the graded notebook as its student may see it, without any script."""

from __future__ import annotations

import glob
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor, Preprocessor
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, GetGrades
from traitlets import Bool
from traitlets.config import Config

from fairmark.course.course import Assignment
from fairmark.course.marks import checked_by
from fairmark.errors import FairmarkError
from fairmark.files import replaced_folder
from fairmark.grading.outputs import question_outputs
from fairmark.harness.report import QuestionResult, Repair, Report
from fairmark.intake.kinds import is_notice
from fairmark.intake.stamp import TIMESTAMP
from fairmark.record.database import explained, gradebook_url, open_gradebook
from fairmark.record.gradebook import agrees
from fairmark.record.manual_marks import noted_changes
from fairmark.reporting.lost import lost_points
from fairmark.reporting.spread import figure, spread_of
from fairmark.sanitise.budget import Budget
from fairmark.sanitise.html import NO_TEXT
from fairmark.sanitise.outputs import safe_outputs
from fairmark.sanitise.text import escape_markdown

_FONTS = re.compile(r"@font-face\s*\{[^{}]*glyphicons[^{}]*\}")
_FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"


class StudentView(Preprocessor):
    """For ``GenerateFeedback.preprocessors``: the judge's tables as a student may see them.

    Only the report that the grader stored is believed; a notebook without one is unchanged.
    """

    enabled = Bool(True, help="Whether to use this preprocessor").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Preprocess a notebook."""
        own = nb.metadata.pop("fairmark", None)
        own = own if isinstance(own, dict) else {}
        nb.metadata.pop("widgets", None)
        about = resources["nbgrader"]
        marks = _read_marks(about, allows_spread(self.config))
        about["unmarked"] = marks.waiting
        about["spread"] = self._spread(about, marks)
        hide_tests(nb, self.config)
        about["changed"] = sorted(noted_changes(own) & set(marks.again))
        about["lost"] = lost_points(nb.cells, {}, marks.waiting)
        if own.get("report") is None:
            return nb, resources
        report = _report(own["report"], marks.scores)
        results = {question.id: question for question in report.questions}
        about["lost"] = lost_points(nb.cells, results, marks.waiting)
        budget = Budget()
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = _outputs(cell, results, budget)
        if report.repairs:
            nb.cells.insert(0, _repairs(report.repairs))
        if report.forgeable:
            nb.cells.insert(0, _notice(report))
        return nb, resources

    def _spread(self, about: Any, marks: _CellMarks) -> tuple[str, str] | None:
        """The class's spread as a figure and a sentence, where there is one to show."""
        spread = spread_of(marks.totals)
        if spread is None:
            return None
        own = None if marks.waiting else float(about["score"])
        return figure(spread, own, float(about["max_score"])), spread.sentence


def allows_spread(config: Config) -> bool:
    """Whether feedback pages show how the points of the class spread: ``c.Fairmark.class_spread``.

    By default they do not.
    """
    return bool(config.Fairmark.get("class_spread", False))


class FeedbackExporter(HTMLExporter):
    """Makes nbgrader's feedback page without scripts, with formulas as MathML."""

    @property
    def default_config(self) -> Config:
        """The defaults, under this class's name: so they have priority over HTMLExporter's."""
        config: Config = super().default_config
        bootstrap = _FORMGRADER / "static/node_modules/bootstrap/dist/css"
        config.FeedbackExporter.update(
            template_name="fairmark_feedback",
            extra_template_basedirs=[
                str(Path(__file__).parent / "templates"),
                str(_FORMGRADER / "templates"),
            ],
            extra_template_paths=[str(_FORMGRADER / "templates"), str(bootstrap)],
            filters={
                "markdown2html": "fairmark.sanitise.markdown.feedback_filter",
                "highlight_code": "fairmark.sanitise.code.highlighted",
            },
        )
        return config

    def from_notebook_node(  # type: ignore[override]  # as HTMLExporter's
        self, nb: Any, resources: Any = None, **kwargs: Any
    ) -> tuple[str, Any]:
        """Convert a notebook, without the icons' fonts: they are only beside Formgrader's pages.

        HTMLExporter's own method would then read the whole page, to give a text to pictures without
        one, and write it anew, which takes longer than making it. Here pictures have their texts
        from the template and from :func:`~fairmark.sanitise.html.safe_html`.
        """
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        resources["no_text"] = NO_TEXT
        kinds = WidgetsDataTypeFilter(
            notebook_metadata=self._nb_metadata, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", kinds)  # type: ignore[no-untyped-call]
        html, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kwargs)
        return _FONTS.sub("", html), resources


def generate_feedback(
    assignment: Assignment, students: Sequence[str] | None = None
) -> Iterator[tuple[str, Path | FairmarkError]]:
    """Make the pages of these students (default: all that are graded), one by one.

    Yields each student with the page, or with the error. Raises FairmarkError if no page can be
    made at all.
    """
    course = assignment.course
    if students is None:
        students = graded_students(assignment)
    open_gradebook(course).close()  # raises FairmarkError if it cannot be read
    directory = CourseDirectory(config=course.config)
    url = gradebook_url(course)
    directory.db_url = url.render_as_string(hide_password=False)
    converter = GenerateFeedback(coursedir=directory, config=course.config)
    exporter: Any = FeedbackExporter(parent=converter, config=converter.config)  # type: ignore[no-untyped-call]
    for step in (GetGrades, StudentView, CSSHTMLHeaderPreprocessor):
        exporter.register_preprocessor(step)
    for student in students:
        try:
            with explained(url):
                yield student, _page(assignment, student, converter, exporter)
        except FairmarkError as error:
            yield student, error


def graded_students(assignment: Assignment) -> list[str]:
    """Return the students who have a graded notebook of this assignment."""
    name, notebook = glob.escape(assignment.name), glob.escape(assignment.source.name)
    found = assignment.course.folder("autograded").glob(f"*/{name}/{notebook}")
    return sorted(path.parent.parent.name for path in found)


def _page(assignment: Assignment, student: str, converter: Any, exporter: Any) -> Path:
    course = assignment.course
    source = course.folder("autograded", student, assignment.name) / assignment.source.name
    if not source.is_file():
        raise FairmarkError(f"{student} is not graded: run `fairmark autograde {assignment.name}`")
    resources = converter.init_single_notebook_resources(str(source))
    try:
        html, _ = exporter.from_filename(str(source), resources=resources)
    except MissingEntry:
        raise FairmarkError(
            f"the gradebook has no marks of {student} for {assignment.label}: "
            f"run `fairmark autograde {assignment.name} --force`"
        ) from None
    place = course.folder("feedback", student, assignment.name)
    page = f"{assignment.notebook}.html"
    with replaced_folder(place) as folder:
        for other in assignment.notebooks:
            if other != assignment and (place / f"{other.notebook}.html").is_file():
                shutil.copy2(place / f"{other.notebook}.html", folder)
        (folder / page).write_text(html, encoding="utf-8")
        (folder / page).chmod(int(str(converter.permissions), 8))
        if (source.parent / TIMESTAMP).is_file():
            shutil.copy(source.parent / TIMESTAMP, folder)
    return place / page


@dataclass(frozen=True)
class _CellMarks:
    """The gradebook's marks of a notebook, by grade_id."""

    scores: dict[str, float | None]
    """The automatic scores."""
    waiting: list[str]
    """The cells that a person still has to mark."""
    again: list[str]
    """The cells that a person marked before the notebook was graded again."""
    totals: list[float]
    """The points of all students whose notebook is marked for good, where they are wanted."""


def _read_marks(about: Any, of_the_class: bool) -> _CellMarks:
    with Gradebook(about["db_url"]) as gradebook:
        row = gradebook.find_submission_notebook(
            about["notebook"], about["assignment"], about["student"]
        )
        everybody = (
            gradebook.notebook_submissions(about["notebook"], about["assignment"])
            if of_the_class
            else []
        )
        needed = [grade for grade in row.grades if grade.needs_manual_grade]
        return _CellMarks(
            {grade.cell.name: grade.auto_score for grade in row.grades},
            [grade.cell.name for grade in needed if grade.manual_score is None],
            [grade.cell.name for grade in needed if grade.manual_score is not None],
            [
                float(one.score - (one.late_submission_penalty or 0))
                for one in everybody
                if not one.needs_manual_grade
            ],
        )


def _report(stored: object, scores: dict[str, float | None]) -> Report:
    """The grader's report; raise FairmarkError without one, as the page would show hidden tests."""
    try:
        report = Report.from_json(stored)
    except ValueError:
        raise FairmarkError("the stored report is none of this version's: grade again") from None
    if not agrees(report, scores):
        raise FairmarkError("the stored report and the gradebook disagree: grade again")
    return report


def _outputs(cell: NotebookNode, results: dict[str, QuestionResult], budget: Budget) -> list[Any]:
    if utils.is_grade(cell) and not utils.is_solution(cell):
        name = cell.metadata.nbgrader.grade_id
        result = results.get(name) or results.get(checked_by(name))
        return question_outputs(result, "student") if result is not None else []
    return safe_outputs(cell.outputs, budget)


def hide_tests(nb: NotebookNode, config: Config) -> None:
    """Remove hidden tests from a graded notebook, and the outputs that reveal them."""
    for cell in nb.cells:
        if not utils.is_grade(cell) or utils.is_solution(cell):
            continue
        source = cell.source
        with suppress(RuntimeError):  # for unbalanced marks, which generate refuses
            ClearHiddenTests(config=config)._remove_hidden_test_region(cell)
        if cell.source != source and cell.cell_type == "code":
            failed = utils.has_failed(cell)
            text = "The tests of this cell failed; some of them are hidden.\n" if failed else ""
            cell.outputs = [nbformat.v4.new_output("stream", text=text)] if text else []


def _notice(report: Report) -> NotebookNode:
    """Which marks the student's own code could have changed."""
    whole = report.is_forgeable_as_a_whole
    named = "These marks" if whole else f"The marks of {', '.join(report.forgeable_questions)}"
    text = (
        f"{named} were given by test cells that ran in the same process as the notebook's own "
        "code, which could have changed them."
    )
    cell: NotebookNode = nbformat.v4.new_markdown_cell(
        escape_markdown(text), id="fairmark-forgeable"
    )
    return cell


def _repairs(repairs: tuple[Repair, ...]) -> NotebookNode:
    put_right = [escape_markdown(repair.text) for repair in repairs if not is_notice(repair)]
    text = "\n\n".join(escape_markdown(repair.text) for repair in repairs if is_notice(repair))
    if put_right:
        lines = "\n".join(f"- {line}" for line in put_right)
        said = f"**Before grading, this was put right in your notebook:**\n\n{lines}"
        text = f"{said}\n\n{text}".rstrip()
    cell: NotebookNode = nbformat.v4.new_markdown_cell(text, id="fairmark-repairs")
    return cell
