"""What ``adopted.toml`` changes in an assignment."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.course.answers import answer_cells, answers_names, checked_answers, solution_source
from fairmark.course.beside import fingerprint
from fairmark.course.course import Course
from fairmark.course.exercises import add_exercises
from fairmark.course.proof import adopted_unproven, why_unverified
from fairmark.errors import FairmarkError
from tests.adopted import ADOPTED, make_adopted_course
from tests.classic import make_classic_course
from tests.tiny import make_course, prove


def test_answers_of_test_cells(tmp_path: Path) -> None:
    adopted = make_adopted_course(tmp_path)
    assert answer_cells(adopted, "test_cube") == {"cube": frozenset({"cube"})}
    assert answers_names(adopted, "test_cube") == ["cube"]
    assert checked_answers(adopted).keys() == {"test_square", "test_cube", "test_share"}
    source = solution_source(adopted, "test_cube")
    assert "def square" in source and "assert" not in source and "def share" not in source


def test_other_assignments_are_as_before(tmp_path: Path) -> None:
    tiny = make_course(tmp_path / "tiny").assignment("tiny")
    assert (tiny.adopted, tiny.asks_test_cells) == (None, False)
    assert answer_cells(tiny, "mean") == {"mean": frozenset({"mean"})}
    classic = make_classic_course(tmp_path / "classic").assignment("classic")
    assert (classic.adopted, classic.asks_test_cells, classic.has_graders) == (None, True, False)
    assert not any(question.judged for question in classic.questions)


def test_what_is_left_decides_marks_and_proof(tmp_path: Path) -> None:
    adopted = make_adopted_course(tmp_path)
    prove(adopted)
    assert why_unverified(adopted) == adopted_unproven(adopted) == ""
    before = fingerprint(adopted)
    (adopted.graders / "adopted.toml").write_text(ADOPTED + '"test_cube" = "why"\n')
    again = Course.load(tmp_path).assignment("classic")
    assert fingerprint(again) != before
    assert "have changed since they were verified; the release does" in adopted_unproven(again)
    assert f"remove {again.graders}: then the test cells give the marks" in adopted_unproven(again)


def test_exercises_of_the_other_kind_cannot_stand_beside_test_cells(tmp_path: Path) -> None:
    with pytest.raises(FairmarkError, match="is marked by its own test cells"):
        add_exercises(make_adopted_course(tmp_path), ["shift"])
