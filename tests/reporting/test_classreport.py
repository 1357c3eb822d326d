"""What a class did: states, marks, tests, mistakes and repairs."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from fairmark.course.course import Assignment
from fairmark.grading.grade import unreadable
from fairmark.harness.report import QuestionResult, Repair, Report
from fairmark.intake.handins import SubmittedNotebook, fingerprint_base
from fairmark.intake.kinds import RepairKind, heading
from fairmark.intake.repair import repair
from fairmark.record.records import Records
from fairmark.reporting.classreport import ClassReport, StudentRow, read_class
from fairmark.reporting.reportpages import page_path
from tests.classic import make_pair_course
from tests.marked import hand_in, question, record, report
from tests.tiny import RIGHT, answer, make_course

NOT_RUN = RepairKind.NOT_RUN.of(cells="figure", reason="needed by no question")
"""Nothing was put right: it is no repair of bob's."""


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path).assignment("tiny")


def by_student(found: ClassReport) -> dict[str, StudentRow]:
    return {submission.student: submission for submission in found.submissions}


def test_nobody(tiny: Assignment) -> None:
    found = read_class(tiny)
    assert (found.submissions, found.scores, found.max_score) == ((), [], 9.0)
    assert [row.question.id for row in found.questions] == ["double", "mean", "essay"]
    assert found.questions[0].mean is None


def test_a_class(tiny: Assignment) -> None:
    first_only = question("mean", (False, True), mistake="takes-the-first")
    record(
        tiny,
        {
            "ada": report(),
            "bob": report(first_only, repairs=(RepairKind.MISSING.of("double"), NOT_RUN)),
            "cy": report(
                question("double", (False, False), "missing", "not-written-yet"),
                question("mean", (True, False), "timeout"),
                repairs=(RepairKind.MISSING.of("check_mean"),) * 2,
            ),
            "dee": report(question("double", (False, False)), first_only),
            "eve": unreadable("it is no notebook", tiny, "tiny.ipynb"),
        },
    )
    hand_in(tiny, "fay")
    found = read_class(tiny)
    states = {student: one.state for student, one in by_student(found).items()}
    assert states == {
        **dict.fromkeys(("ada", "bob", "cy", "dee"), "graded"),
        "eve": "failed",
        "fay": "waiting",
    }
    assert found.scores == [1.5, 1.5, 3.5, 5.0]
    assert not found.outdated
    assert not found.forgeable
    assert found.unproven == "its graders have not been verified"
    assert [one.student for one in found.unmarked] == ["ada", "bob", "cy", "dee"]

    double, mean, essay = found.questions
    assert double.scores == {"ada": 2, "bob": 2, "cy": 0, "dee": 0}
    assert (double.mean, double.full, double.nothing) == (1.0, 2, 2)
    assert double.by_status["missing"] == ("cy",)
    # Who gave no answer has failed no test.
    assert [(row.tried, row.failed) for row in double.tests] == [
        (("ada", "bob", "dee"), ("dee",)),
        (("ada", "bob", "dee"), ("dee",)),
    ]
    assert [row.test.hidden for row in double.tests] == [False, True]
    assert (mean.mean, mean.full, mean.nothing) == (1.875, 1, 0)
    assert mean.by_status["timeout"] == ("cy",)
    assert [row.failed for row in mean.tests] == [("bob", "dee"), ("cy",)]
    assert (essay.scores, essay.waiting) == ({}, ("ada", "bob", "cy", "dee"))

    (mistake,) = found.mistakes
    assert (mistake.question, mistake.name) == ("mean", "takes-the-first")
    assert mistake.sentence == "The sentence of takes-the-first."
    assert mistake.students == ("bob", "dee")
    (repaired,) = found.repairs
    assert repaired.heading == "The cell … was missing; it was put back."
    assert (repaired.students, repaired.number) == (("bob", "cy"), 3)


def test_what_is_out_of_date(tiny: Assignment) -> None:
    record(tiny, {"ada": report(), "bob": report(), "cy": report()})
    path = tiny.course.folder("submitted", "bob", "tiny") / "tiny.ipynb"
    path.write_text(path.read_text() + "\n")
    shutil.rmtree(tiny.course.folder("submitted", "cy", "tiny"))  # its mark stays in the gradebook
    found = read_class(tiny)
    assert len(found.of("graded")) == 3
    assert [one.student for one in found.outdated] == ["bob"]

    grader = tiny.graders / "test_tiny.py"
    grader.write_text(grader.read_text() + "\n# repaired\n")
    outdated = read_class(make_again(tiny)).outdated
    assert [one.student for one in outdated] == ["ada", "bob"]


def make_again(assignment: Assignment) -> Assignment:
    """The assignment without what is kept of its files."""
    return Assignment(assignment.name, assignment.course, assignment.source)


def test_what_formgrader_graded(tiny: Assignment) -> None:
    record(tiny, {"ada": report(question("mean", (True, False)))})
    shutil.rmtree(tiny.course.root / ".fairmark")  # only fairmark's own command makes notes
    found = read_class(tiny)
    assert [(one.student, one.score) for one in found.of("graded")] == [("ada", 3.5)]
    assert not found.outdated
    assert found.questions[1].tests[1].failed == ("ada",)


def test_what_cannot_be_read_is_not_graded(tiny: Assignment) -> None:
    record(tiny, {"ada": report(), "bob": report()})
    shutil.rmtree(tiny.course.root / ".fairmark")
    path = tiny.course.folder("autograded", "ada", "tiny") / "tiny.ipynb"
    path.write_text("no notebook")
    assert [one.student for one in read_class(tiny).of("waiting")] == ["ada"]
    path = tiny.course.folder("autograded", "bob", "tiny") / "tiny.ipynb"
    notebook = json.loads(path.read_text())
    del notebook["metadata"]["fairmark"]
    path.write_text(json.dumps(notebook))
    assert [one.student for one in read_class(tiny).of("waiting")] == ["ada", "bob"]


def test_a_lost_gradebook(tiny: Assignment) -> None:
    record(tiny, {"ada": report()})
    (tiny.course.root / "gradebook.db").unlink()
    assert [one.student for one in read_class(tiny).of("waiting")] == ["ada"]


def test_marks_by_hand(tiny: Assignment) -> None:
    record(tiny, {"ada": report(question("mean", (False, False))), "bob": report()})
    with Gradebook(tiny.course.directory.db_url) as gradebook:
        essay = gradebook.find_grade("essay", "tiny", "tiny", "ada")
        essay.manual_score, essay.needs_manual_grade = 3.5, False
        # Changed, and to be looked at again since the notebook was graded again.
        changed = gradebook.find_grade("check_mean", "tiny", "tiny", "ada")
        changed.manual_score, changed.extra_credit, changed.needs_manual_grade = 1.0, 0.5, True
        late = gradebook.find_submission_notebook("tiny", "tiny", "ada")
        late.late_submission_penalty = 2.0
        gradebook.db.commit()
    found = read_class(tiny)
    ada, bob = found.submissions
    assert (ada.score, ada.unmarked) == (5.0, ())
    assert (bob.score, bob.unmarked) == (5.0, ("essay",))
    _, mean, essay_row = found.questions
    assert mean.scores["ada"] == 1.5
    assert (essay_row.scores, essay_row.waiting) == ({"ada": 3.5}, ("bob",))


def test_each_notebook_of_an_assignment_has_its_own_report(tmp_path: Path) -> None:
    first, second = make_pair_course(tmp_path).notebooks("classic")
    for share, notebook in ((1.0, first), (0.5, second)):
        results = (
            QuestionResult(q.id, None, q.points, "manual")
            if q.manual
            else QuestionResult(q.id, share * q.points, q.points, "graded")
            for q in notebook.questions
        )
        made = Report(notebook.source.name, "classic", tuple(results), forgeable=True)
        folder = notebook.course.folder("submitted", "ada", "classic")
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook.handed_out, folder / notebook.source.name)
        handin = SubmittedNotebook("ada", notebook, folder)
        with Records(notebook.course) as records:
            records.synchronise([notebook])
            records.write(handin, made, handin.fingerprint(fingerprint_base(notebook)))
    assert [read_class(notebook).title for notebook in (first, second)] == [
        "classic/first",
        "classic/second",
    ]
    for share, notebook in ((1.0, first), (0.5, second)):
        found = read_class(notebook)
        (ada,) = found.of("graded")
        points = sum(q.points for q in notebook.questions if not q.manual)
        assert (ada.score, found.outdated) == (share * points, [])
        assert found.forgeable == [ada]
        assert found.unproven == ""
    assert page_path(first) != page_path(second)


def test_real_repairs_have_headings(tiny: Assignment) -> None:
    notebook = answer(tiny, RIGHT)
    twin = copy.deepcopy(notebook.cells[2])
    notebook.cells[3].metadata.nbgrader.points = 20
    notebook.cells[5].source = "check('double')"
    notebook.cells.insert(0, twin)
    head, _, tail = notebook.cells[5].source.partition("\n")
    notebook.cells[5].source = head
    piece = copy.deepcopy(notebook.cells[5])
    piece.id, piece.source, piece.metadata = "piece", tail, {}
    notebook.cells.insert(6, piece)
    del notebook.cells[-1]
    repairs = repair(notebook, tiny).repairs
    assert len(repairs) > 4
    names = {"double", "check_double", "mean", "check_mean", "essay"}
    headings = {heading(one) for one in repairs}
    assert headings.isdisjoint(one.text for one in repairs if one.cell)
    assert not any(name in line for line in headings for name in names), headings


def test_repairs_of_one_kind_stand_together(tiny: Assignment) -> None:
    old = Repair("", "", "The cell mean was missing; it was put back.")
    names = [RepairKind.OTHER_NAME.of(name=name, expected="tiny.ipynb") for name in ("a", "b; c")]
    record(tiny, {"ada": report(repairs=(names[0], old)), "bob": report(repairs=(names[1],))})
    rows = read_class(tiny).repairs
    assert [(row.heading, row.students, row.number) for row in rows] == [
        ("The notebook had another name than was expected.", ("ada", "bob"), 2),
        (old.text, ("ada",), 1),  # of a version that noted no kind
    ]
    shutil.rmtree(tiny.course.root / ".fairmark")  # the graded notebooks say the same
    assert read_class(tiny).repairs == rows
