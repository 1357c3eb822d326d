"""Penalties for being late: those of the gradebook's deadlines as they are now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fairmark.batch.batch import Batch
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Course
from fairmark.intake.handins import find_handins
from fairmark.record.marks import read_marks
from tests.nbgrader.classroom import execute, new_course, submit
from tests.tiny import RIGHT, answer

PLUGIN = "c.AssignLatePenalties.plugin_class = 'penalties_of_this_test.{}'"
RULES = """
from nbgrader.plugins import BasePlugin


class Hourly(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late // 3600


class Half(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "penalties_of_this_test.py").write_text(RULES)
    course = new_course(tmp_path, PLUGIN.format("Hourly"))
    tiny = course.assignment("tiny")
    submit(course, "ada", answer(tiny, RIGHT), "2026-02-01 10:00:00 UTC")
    submit(course, "bob", answer(tiny, RIGHT), "2026-02-01 12:00:00 UTC")
    return course


def grade(course: Course) -> tuple[dict[str, float], set[str], int]:
    """Return the marks, whose penalties have changed, and how many were graded."""
    batch = Batch(course, find_handins(course, course.assignments()))
    with LocalBackend(course, workers=1) as backend:
        graded = len(list(batch.run(backend)))
    marks = {s.id: s.marks["tiny"].score for s in read_marks(course).students}
    return marks, {student for student, *_ in batch.penalties}, graded


def test_a_moved_deadline_an_extension_and_a_changed_rule(course: Course) -> None:
    assert grade(course) == ({"ada": 5, "bob": 5}, set(), 2)
    execute(course, "UPDATE assignment SET duedate = '2026-02-01 11:00:00'")
    assert grade(course) == ({"ada": 5, "bob": 4}, {"bob"}, 0)
    assert grade(course) == ({"ada": 5, "bob": 4}, set(), 0)
    execute(course, "UPDATE assignment SET duedate = '2026-02-01 09:00:00'")
    assert grade(course) == ({"ada": 4, "bob": 2}, {"ada", "bob"}, 0)
    extension = "UPDATE submitted_assignment SET extension = '1970-01-01 02:00:00'"
    execute(course, f"{extension} WHERE student_id = 'bob'")
    assert grade(course) == ({"ada": 4, "bob": 4}, {"bob"}, 0)
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace("Hourly", "Half"))
    assert grade(Course.load(course.root)) == ({"ada": 2.5, "bob": 2.5}, {"ada", "bob"}, 0)
    execute(course, "UPDATE assignment SET duedate = NULL")
    assert grade(course) == ({"ada": 5, "bob": 5}, {"ada", "bob"}, 0)


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "instructor-guide.md"


@pytest.mark.parametrize(
    ("rule", "marks"),
    [("", {"ada": 5, "bob": 5}), ("zero", {"ada": 5, "bob": 0}), ("late.", {"ada": 5, "bob": 4})],
)
def test_the_rules_that_the_guide_tells(tmp_path: Path, rule: str, marks: dict[str, float]) -> None:
    """As they stand there: none, nbgrader's own, and the plugin."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (plugin,) = [block for block in blocks if "class TenPerCentADay" in block]
    (tmp_path / "late.py").write_text(plugin)
    lines = [block for block in blocks if rule and rule in block and "import" not in block]
    course = new_course(tmp_path, "".join(lines))
    tiny = course.assignment("tiny")
    submit(course, "ada", answer(tiny, RIGHT), "2026-02-01 10:00:00 UTC")
    submit(course, "bob", answer(tiny, RIGHT), "2026-02-02 12:00:00 UTC")
    grade(course)
    execute(course, "UPDATE assignment SET duedate = '2026-02-01 11:00:00'")
    found, late, graded = grade(course)
    assert (found, graded) == (marks, 0)
    assert late == ({"bob"} if rule else set())
