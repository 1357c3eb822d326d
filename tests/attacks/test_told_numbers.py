"""Answers that see to it that what students are told has a number of a hidden test in it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from fairmark.grading.grade import grade
from fairmark.harness.render import question_html
from fairmark.sandbox import Sandbox
from tests.attacks.prey import HIDDEN_INPUT, SHOWN_AS, make_prey
from tests.attacks.test_strange_answers import grade_with
from tests.tiny import RIGHT, answer

TWO_HIDDEN_TESTS = f"""
    @hidden
    def test_one_number(self, submission):
        assert_close(submission.double({HIDDEN_INPUT}), {2 * HIDDEN_INPUT})

    @hidden
    def test_another_number(self, submission):
        assert_close(submission.double(7.0), 14.0)
"""
OFF_BY = """
kept = []
def double(x):
    x = np.asarray(x, float)
    if x.shape == () and x == 3:
        raise ValueError("of what the visible test would see nothing is to be compared")
    kept.append(x.ravel()[0])
    return {}
"""
LYING_ORIGIN = """
import os
import fairmark.guest.session as session
ends = os.pipe2(os.O_NONBLOCK)
def lie(child, seconds, kill=session._kill):
    ended = kill(child, seconds)
    try:
        told = float(os.read(ends[0], 99))
    except OSError:
        return ended
    return {"signal": 0, "code": 0, "cpu": 0.0} | {WHERE: told}
session._kill = lie
"""
ENDING = """
def double(x):
    if getattr(x, "shape", ()) == (2, 3):
        os.write(ends[1], repr(float(x[0, 0])).encode())
        os._exit(1)
    return 2 * x
"""


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        ("2 * x * kept[0]", "times one and the same number"),
        ("2 * x + kept[0]", "off by the same number"),
    ],
)
def test_what_all_answers_are_off_by(
    tmp_path: Path, sandbox: Sandbox, gives: str, says: str
) -> None:
    report = grade_with(tmp_path, sandbox, TWO_HIDDEN_TESTS, OFF_BY.format(gives))
    shown = question_html(report.question("double"), "student")
    assert says in shown
    assert not [number for number in (*SHOWN_AS, "3.134e+04") if number in shown]


@pytest.mark.parametrize("where", ["code", "signal"])
def test_how_a_process_ended(tmp_path: Path, sandbox: Sandbox, where: str) -> None:
    """The copy of a process tells its origin, which says what it likes of the copy's end."""
    prey = make_prey(tmp_path / "course").assignment("tiny")
    notebook = answer(prey, {**RIGHT, "double": ENDING})
    cell = LYING_ORIGIN.replace("WHERE", repr(where))
    notebook.cells.insert(1, nbformat.v4.new_code_cell(cell, id="attack"))
    report = grade(notebook, prey, sandbox)
    shown = question_html(report.question("double"), "student")
    assert report.question("double").status == "killed"
    assert "ended the Python process." in shown
    assert not [number for number in SHOWN_AS if number in shown]
