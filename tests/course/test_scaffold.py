"""The files of a new assignment work as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.course.course import Course
from fairmark.course.scaffold import new_assignment, new_course
from fairmark.errors import FairmarkError
from fairmark.verify.gate import Gate


def test_a_new_assignment_can_be_trusted(tmp_path: Path) -> None:
    made = new_course(tmp_path) + new_assignment(tmp_path, "linear-regression")
    assert all(path.is_file() for path in made)
    assert not any("{{" in path.read_text() for path in made)
    gate = Gate(Course.load(tmp_path).assignment("linear-regression"), workers=1)
    tried = len(list(gate.run()))
    found = gate.verification(tried)
    assert found.findings == []
    assert found.rows[0].misconceptions.all >= 5
    assert found.rows[0].alternatives.all >= 3


@pytest.mark.parametrize(
    "name", ["Linear", "a b", "../up", "", "a--b", "class", "1st", "a/b", "ü", "a" * 300]
)
def test_a_name_that_cannot_be_one(tmp_path: Path, name: str) -> None:
    new_course(tmp_path)
    with pytest.raises(FairmarkError, match="cannot name an assignment"):
        new_assignment(tmp_path, name)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    new_course(tmp_path)
    with pytest.raises(FairmarkError, match="is a course already"):
        new_course(tmp_path)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "mine.py").write_text("x = 1")
    with pytest.raises(FairmarkError, match="exists already; nothing was written"):
        new_assignment(tmp_path, "mine")
    assert not (tmp_path / "source").exists()
