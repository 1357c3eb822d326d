"""Running grader modules under pytest: what comes of those that are broken."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from fairmark.harness.plugin import Grading, run_graders
from fairmark.harness.proxy import Submission

WITHOUT_A_SUBMISSION = """
import sys
from fairmark.testing import question

@question("double")
def test_alone():
    print("a word of the grader", file=sys.stderr)
"""


def nobody(question: str) -> AbstractContextManager[Submission]:
    raise AssertionError(question)


def test_what_a_grader_says_is_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test_a.py").write_text(WITHOUT_A_SUBMISSION)
    grading = Grading(nobody)
    run_graders([tmp_path / "test_a.py"], tmp_path, grading)
    assert [result.passed for result in grading.results["double"]] == [True]
    assert capsys.readouterr().err == "a word of the grader\n"


@pytest.mark.parametrize("root", ["", "gone"])
def test_graders_that_are_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: str
) -> None:
    grading = Grading(nobody)
    run_graders([tmp_path / root / "test_a.py"], tmp_path / root, grading)
    (line,) = grading.broken
    assert line.startswith("ERROR: ")
    assert str(tmp_path / root) in line
    assert capsys.readouterr() == ("", "")
