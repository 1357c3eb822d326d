"""The order in which a class is graded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest

from fairmark.batch.batch import Batch
from fairmark.batch.local import LocalBackend
from fairmark.batch.order import in_order
from fairmark.course.course import Course
from fairmark.intake.handins import SubmittedNotebook, find_handins
from tests.tiny import RIGHT, answer, make_course

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def in_words(
    course: Course, class_: Mapping[str, str], known: Mapping[str, float] | None = None
) -> str:
    """The order of a class, ``class_`` being students by assignment; each as in "a1"."""
    handins = {
        f"{name}{student}": SubmittedNotebook(student, course.assignment(name), Path(student))
        for name, students in class_.items()
        for student in students
    }
    costs = {handins[name]: cost for name, cost in (known or {}).items()}
    names = {handin: name for name, handin in handins.items()}
    return " ".join(names[handin] for handin in in_order(list(handins.values()), costs))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = make_course(tmp_path)
    source = made.assignment("tiny").source
    for name, seconds in (("a", 3.0), ("b", 9.0), ("c", 3.0)):
        place = source.parent.with_name(name) / f"{name}.ipynb"
        place.parent.mkdir()
        place.write_bytes(source.read_bytes())
        (tmp_path / "graders" / name).mkdir()
        limits = f"c.Fairmark.assignment_limits[{name!r}] = {{'cell_seconds': {seconds}}}\n"
        with (tmp_path / "nbgrader_config.py").open("a") as config:
            config.write("c.Fairmark.assignment_limits = {}\n" if name == "a" else "")
            config.write(limits)
    return Course.load(tmp_path)


def test_what_is_done_soonest_comes_first_and_then_the_dearest(course: Course) -> None:
    assert in_words(course, {"a": "123", "b": "12", "c": "12"}) == "c1 c2 b1 b2 a1 a2 a3"


def test_one_assignment_keeps_its_order(course: Course) -> None:
    assert in_words(course, {"b": "312"}) == "b3 b1 b2"
    assert in_words(course, {}) == ""


def test_what_was_dear_the_last_time_comes_early(course: Course) -> None:
    known = {"a1": 1.0, "a2": 1.0, "a3": 40.0, "b1": 5.0, "c1": 0.5, "c2": 0.5}
    order = in_words(course, {"a": "1234", "b": "12", "c": "12"}, known)
    assert order == "c1 c2 a3 a1 a2 a4 b1 b2"  # a4 is likely to cost what a1 to a3 do


def test_what_a_notebook_cost_is_known_the_next_time(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    tiny = course.assignment("tiny")
    busy = "import time\nwhile time.process_time() < {}:\n    pass"
    for student, seconds in (("ada", 0), ("bob", 1000), ("eve", 0)):
        notebook = answer(tiny, RIGHT)
        notebook.cells.append(nbformat.v4.new_code_cell(busy.format(seconds)))
        place = course.folder("submitted", student, "tiny") / "tiny.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(notebook, place)
    handins = find_handins(course, [tiny])
    first = Batch(course, handins)
    assert [handin.student for handin in first.pending] == ["ada", "bob", "eve"]
    with LocalBackend(course, workers=2) as backend:
        assert len(list(first.run(backend))) == 3
    again = Batch(course, handins, force=True)
    assert again.pending[0].student == "bob"
