"""What a person has marked is told apart from what its student has written since."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fairmark.cli.main import main
from fairmark.course.course import Assignment, Course
from fairmark.record.manual_marks import answers, changed_answers
from fairmark.reporting.classreport import read_class
from fairmark.reporting.feedback import generate_feedback
from fairmark.reporting.reportpages import write_pages
from tests.nbgrader.classroom import execute, nbgrader, rows, submit
from tests.tiny import RIGHT, answer

Autograde = Callable[..., str]
OTHER = {**RIGHT, "essay": "Quite other thoughts."}

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def autograde(
    course: Course, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Autograde:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # as the command sets it, but not for the tests after these

    def run(*arguments: str, code: int = 0) -> str:
        capfd.readouterr()
        assert (
            main(["--course", str(course.root), "autograde", "--workers", "1", *arguments]) == code
        )
        return capfd.readouterr().out

    return run


def hand_in(tiny: Assignment, student: str, answers: Mapping[str, str]) -> None:
    path = tiny.course.folder("submitted", student, "tiny") / "tiny.ipynb"
    if path.exists():
        nbformat.write(answer(tiny, answers), path)
    else:
        submit(tiny.course, student, answer(tiny, answers))


def mark(course: Course, cell: str = "essay") -> None:
    """Do what Formgrader does when a person saves points for all students."""
    execute(
        course,
        "UPDATE grade SET manual_score = 2.5, needs_manual_grade = 0 WHERE cell_id IN "
        f"(SELECT id FROM base_cell WHERE name = '{cell}')",
    )


def changed(tiny: Assignment) -> dict[str, tuple[str, ...]]:
    return {one.student: one.changed for one in read_class(tiny).changed}


def essay(course: Course, student: str) -> tuple[Any, ...]:
    """The automatic and the manual points, the extra ones, and whether a person has to look."""
    return next(row[2:] for row in rows(course)["grade"] if row[:2] == (student, "essay"))


def test_a_changed_answer_is_told_until_a_person_looks(
    tiny: Assignment, autograde: Autograde
) -> None:
    course = tiny.course
    for student in ("ada", "ben"):
        hand_in(tiny, student, RIGHT)
    assert "changed after" not in autograde()
    mark(course)
    hand_in(tiny, "ada", OTHER)
    for arguments in ((), (), ("--force",), ("--force",)):  # graded, unchanged, and graded again
        told = autograde(*arguments)
        assert "1 answer changed after it was marked by hand: look at it in Formgrader." in told
        (row,) = (line for line in told.splitlines() if "changed after marking by hand" in line)
        assert row.split()[0] == "ada"
        assert "1 changed after marking by hand" in row
        assert changed(tiny) == {"ada": ("essay",)}
        assert essay(course, "ada") == (None, 2.5, None, 1), (
            "the mark stays, and is to be looked at"
        )
    mark(course)
    for arguments in ((), ("--force",)):
        assert "changed after" not in autograde(*arguments)
        assert changed(tiny) == {}
    hand_in(tiny, "ada", RIGHT)
    hand_in(tiny, "ben", OTHER)
    assert "2 answers changed after they were marked by hand: look at them" in autograde()
    hand_in(tiny, "ada", OTHER)  # what was marked last
    assert "1 answer changed" in autograde()
    assert changed(tiny) == {"ben": ("essay",)}


def test_nbgraders_command_tells_the_class_report(tiny: Assignment) -> None:
    course = tiny.course
    api = nbgrader(course)
    for student in ("ada", "ben"):
        hand_in(tiny, student, RIGHT)
    assert api.autograde("tiny", "*")["success"]
    mark(course)
    hand_in(tiny, "ada", OTHER)
    for students in ("*", "ada", "*"):
        assert api.autograde("tiny", students, force=True)["success"]
        assert changed(tiny) == {"ada": ("essay",)}
        assert essay(course, "ada") == (None, 2.5, None, 1)
    mark(course)
    assert changed(tiny) == {}


def test_pages_tell_it(tiny: Assignment, autograde: Autograde) -> None:
    for student in ("ada", "ben"):
        hand_in(tiny, student, RIGHT)
    autograde()
    mark(tiny.course)
    hand_in(tiny, "ada", OTHER)
    autograde("--force")
    for student, page in generate_feedback(tiny):
        assert isinstance(page, Path)
        text = " ".join(re.sub(r"<[^>]*>", " ", page.read_text()).split())
        assert "essay 2.5 of 4" in text
        assert ("for the answer as it was before you changed it" in text) == (student == "ada")
    found = read_class(tiny)
    text = write_pages(tiny.course, [found], index=False).read_text()
    assert "Changed after they were marked by hand:</strong> answers of 1 student." in text
    assert "changed after it was marked: essay" in " ".join(text.split())


def test_an_answer_that_is_gone(tiny: Assignment, autograde: Autograde) -> None:
    hand_in(tiny, "ada", RIGHT)
    autograde()
    mark(tiny.course)
    path = tiny.course.folder("submitted", "ada", "tiny") / "tiny.ipynb"
    path.write_text("no notebook")
    told = autograde(code=1)
    assert "1 answer changed after" in told
    assert essay(tiny.course, "ada") == (0.0, 2.5, None, 1)


def test_a_mark_that_a_person_put_in_the_place_of_a_tests(
    tiny: Assignment, autograde: Autograde
) -> None:
    hand_in(tiny, "ada", RIGHT)
    autograde()
    mark(tiny.course, "check_mean")
    hand_in(tiny, "ada", {**RIGHT, "double": "def double(x):\n    return x + x"})
    assert "changed after" not in autograde(), "another answer than the marked one has changed"
    hand_in(tiny, "ada", {**RIGHT, "mean": "def mean(x):\n    return np.mean(x)"})
    assert "1 answer changed after" in autograde()
    assert changed(tiny) == {"ada": ("check_mean",)}


def test_without_the_graded_notebook_nothing_is_claimed(
    tiny: Assignment, autograde: Autograde
) -> None:
    hand_in(tiny, "ada", RIGHT)
    autograde()
    mark(tiny.course)
    graded = tiny.course.folder("autograded", "ada", "tiny") / "tiny.ipynb"
    graded.chmod(0o644)
    graded.write_text("{")
    hand_in(tiny, "ada", OTHER)
    assert "changed after" not in autograde()
    assert essay(tiny.course, "ada") == (None, 2.5, None, 1)


def test_what_makes_an_answer_another_one(tiny: Assignment) -> None:
    before = answer(tiny, RIGHT)
    task = {"grade_id": "task", "task": True, "points": 3, "grade": False, "solution": False}
    before.cells += [
        nbformat.v4.new_markdown_cell("Do this.", metadata={"nbgrader": task}),
        nbformat.v4.new_markdown_cell("Done."),
    ]
    marked = answers(before.cells)
    assert set(marked) == {"check_double", "check_mean", "essay", "task"}

    def change(place: int, **values: Any) -> list[str]:
        after = copy.deepcopy(before)
        after.cells[place].update(values)
        return changed_answers(marked, after.cells)

    assert change(2, source=f"{RIGHT['double']}  \n\n", execution_count=7) == []
    assert change(2, source="def double(x):\n    return 6") == ["check_double"]
    assert change(3, source="check('double')") == [], "test cells are the instructor's"
    picture = {"picture.png": {"image/png": "iVBORw0K"}}
    assert change(6, attachments=picture) == ["essay"]
    assert change(7, source="Do that.") == []
    assert change(8, source="Not done.") == ["task"]
    del before.cells[-1], before.cells[6]
    assert changed_answers(marked, before.cells) == ["essay", "task"]
