"""A course as nbgrader knows it, from its release to the feedback, with this configuration."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.apps.api import NbGraderAPI

from fairmark.batch.batch import Batch
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Assignment
from fairmark.intake.handins import find_handins
from fairmark.nbgrader.generate import generate_release, release_is_stale
from fairmark.reporting.feedback import generate_feedback
from tests.classic import RIGHT, make_classic_course
from tests.nbgrader.classroom import REPOSITORY, execute, rows

WRITES = new_code_cell("open('made.txt', 'w').write('42')\nprint(In)", id="writes")
CLASS: dict[str, Mapping[str, str]] = {
    "ada": RIGHT,
    "bob": {
        **RIGHT,
        "square": "def square(x):\n    return x + x",
        "share": "def share(part, whole):\n    return 0.5",
    },
    "cem": {},
}
SCORES = {"ada": [2.0, 3.0, 3.0], "bob": [0.0, 3.0, 1.0], "cem": [0.0, 0.0, 0.0]}


@pytest.fixture
def classic(tmp_path: Path) -> Assignment:
    root = tmp_path / "course"
    config = (
        f"load_subconfig('nbgrader_config.py', path={str(REPOSITORY)!r})\n"
        f"c.CourseDirectory.db_url = 'sqlite:///{root}/gradebook.db?timeout=0.2'"
    )
    return make_classic_course(root, config).assignment("classic")


def hand_in(assignment: Assignment) -> None:
    release = generate_release(assignment)
    released = nbformat.read(release / "classic.ipynb", 4)
    for student, answers in CLASS.items():
        notebook = copy.deepcopy(released)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        notebook.cells.append(WRITES)
        folder = assignment.course.folder("submitted", student, assignment.name)
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "classic.ipynb")


def marks(assignment: Assignment) -> dict[str, list[float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for student, name, score, _, _, by_hand in rows(assignment.course)["grade"]:
        found.setdefault(student, {})[name] = score
        assert by_hand == (name == "task" or (name == "essay" and student != "cem"))
    order = ("test_square", "test_cube", "test_share")
    return {student: [scores[name] for name in order] for student, scores in found.items()}


def test_a_release_is_nbgraders(classic: Assignment) -> None:
    folder = generate_release(classic)
    assert [path.name for path in folder.iterdir()] == ["classic.ipynb"]
    first = (folder / "classic.ipynb").read_bytes()
    assert b"secret" not in first
    assert b"wit" not in first.replace(b"with", b"")
    assert release_is_stale(classic) == []
    course = classic.course
    api = NbGraderAPI(course.directory, config=course.config)
    assert api.generate_assignment("classic", force=True)["success"]
    assert (folder / "classic.ipynb").read_bytes() == first


def test_both_ways_give_the_same_marks_and_pages_without_secrets(classic: Assignment) -> None:
    course = classic.course
    hand_in(classic)
    batch = Batch(course, find_handins(course, course.assignments()))
    with LocalBackend(course, workers=1) as backend:
        outcomes = list(batch.run(backend))
    assert all(outcome.report and outcome.report.forgeable for outcome in outcomes)
    by_fairmark = rows(course)
    assert marks(classic) == SCORES
    again = Batch(course, find_handins(course, course.assignments()))
    assert again.pending == []

    execute(course, "UPDATE grade SET auto_score = 99 WHERE auto_score IS NOT NULL")
    api = NbGraderAPI(course.directory, config=course.config)
    result = api.autograde("classic", "*", force=True)
    assert result["success"], result
    assert rows(course) == by_fairmark
    for student in CLASS:
        folder = course.folder("autograded", student, "classic")
        assert (folder / "made.txt").read_text() == "42"
        text = (folder / "classic.ipynb").read_text()
        assert "secret_number = 12" in text
        assert "Full marks for wit" in text
    for _, page in generate_feedback(classic):
        assert isinstance(page, Path)
        html = page.read_text()
        assert "could have changed them" in html
        assert "secret" not in html
        assert "def cube" in html
    bobs = (course.folder("feedback", "bob", "classic") / "classic.html").read_text()
    assert "0 of 1 further check passed" in bobs
    assert "A square is a number times itself." in bobs
