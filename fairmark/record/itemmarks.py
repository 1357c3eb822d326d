"""The marks of a class question by question, and which tests each answer passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.harness.report import QuestionResult
from fairmark.record.marks import ClassMarks, Mark, StudentMarks
from fairmark.record.queries import CellMark, cell_marks
from fairmark.record.records import stored_reports


@dataclass(frozen=True)
class TestMarks:
    """Which tests each student's answers pass."""

    __test__ = False  # not a test class of pytest's

    tests: tuple[str, ...]
    """Their names, with those of assignment and question: "tiny: mean: test_example"."""
    students: tuple[StudentMarks, ...]
    passed: Mapping[str, Mapping[str, bool]]
    """By student and test. What is not in it was not tried, or nobody knows what came of it."""
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By notebook, the students who have a mark of which the tests are not known."""


def by_question(course: Course, marks: ClassMarks) -> ClassMarks:
    """Return the marks with a column for each question in place of each assignment.

    Penalties for being late have columns of their own where there are any, so that sums stay.
    Assignments without a notebook in Python, whose questions are not known here, stay whole.
    """
    columns: dict[str, float] = {}
    found: dict[str, dict[str, Mark]] = {student.id: {} for student in marks.students}
    for name in marks.max_scores:
        notebooks = _notebooks(course, name)
        if not notebooks:
            columns[name] = marks.max_scores[name]
            for student in marks.students:
                if name in student.marks:
                    found[student.id][name] = student.marks[name]
        for notebook in notebooks:
            _add_questions(notebook, cell_marks(notebook), columns, found)
    students = tuple(replace(one, marks=found[one.id]) for one in marks.students)
    return replace(marks, max_scores=columns, students=students)


def by_test(course: Course, marks: ClassMarks) -> TestMarks:
    """Return which tests the answers pass, by the reports that have the marks."""
    names: dict[str, None] = {}
    passed: dict[str, dict[str, bool]] = {student.id: {} for student in marks.students}
    unknown: dict[str, tuple[str, ...]] = {}
    for assignment in marks.max_scores:
        for notebook in _notebooks(course, assignment):
            known = set()
            missing: dict[str, list[str]] = {}
            own: dict[str, list[str]] = {}
            for stored in stored_reports(notebook):
                student = stored.handin.student
                known.add(student)
                for result in stored.report.questions:
                    if result.status == "missing" or stored.report.error is not None:
                        missing.setdefault(result.id, []).append(student)
                        continue
                    for name, right in _tests(notebook, result):
                        own.setdefault(result.id, []).append(name)
                        passed.setdefault(student, {})[name] = right
            for question in notebook.questions:
                tests = dict.fromkeys(own.get(question.id, ()))
                names |= tests
                for student in missing.get(question.id, ()):  # no answer passes no test
                    passed.setdefault(student, {}).update(dict.fromkeys(tests, False))
            rows = [row for row in cell_marks(notebook) if row.cell is not None]
            graded = {row.student for row in rows if not row.needs_a_person or row.by_hand}
            if lost := tuple(sorted(graded - known)):
                unknown[notebook.label] = lost
    return TestMarks(tuple(names), marks.students, passed, unknown)


def label(assignment: Assignment, question: str = "") -> str:
    """Return what the columns of a notebook, or of one of its questions, are called."""
    return f"{assignment.label}: {question}" if question else assignment.label


def _notebooks(course: Course, assignment: str) -> tuple[Assignment, ...]:
    try:
        return course.notebooks(assignment)
    except FairmarkError:  # it is gone, or in another language
        return ()


def _add_questions(
    notebook: Assignment,
    rows: Iterable[CellMark],
    columns: dict[str, float],
    found: dict[str, dict[str, Mark]],
) -> None:
    names = {q.grade_cell: label(notebook, q.id) for q in notebook.questions}
    columns |= {names[q.grade_cell]: float(q.points) for q in notebook.questions}
    penalty = label(notebook, "penalty for being late")
    for row in rows:
        own = found.setdefault(row.student, {})
        if row.penalty:
            columns.setdefault(penalty, 0.0)
            own[penalty] = Mark(-round(row.penalty, 2))
        if row.cell in names:
            waits = row.needs_a_person and row.by_hand is None
            unmarked = (row.cell,) if waits and row.cell is not None else ()
            own[names[row.cell]] = Mark(round(row.score or 0.0, 2), unmarked)


def _tests(notebook: Assignment, result: QuestionResult) -> list[tuple[str, bool]]:
    """The names of a question's tests, each once, and whether they pass."""
    found: list[tuple[str, bool]] = []
    taken: set[str] = set()
    for test in result.tests:
        name, number = f"{label(notebook, result.id)}: {test.name}", 1
        while name in taken:
            number += 1
            name = f"{label(notebook, result.id)}: {test.name} ({number})"
        taken.add(name)
        found.append((name, test.passed))
    return found
