"""What a check cell shows beside the results."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from fairmark.errors import FairmarkError
from fairmark.selfcheck import history, session
from fairmark.selfcheck.session import Shown, check_question

CHECKS = """
import numpy as np
from fairmark.testing import assert_close, question

@question("scale")
def test_scale(submission):
    assert_close(submission.scale(np.array([1.0, -0.5])), [2, -1])

@question("shift")
class TestShift:
    def test_number(self, submission):
        assert_close(submission.shift(-0.3), 0.4)

    def test_again(self, submission):
        assert_close(submission.shift(1.0), 3.0)

ABOUT = {
    "call_seconds": 0.3,
    "question_seconds": 5.0,
    "exercises": {
        "scale": {"points": 2.0, "hidden": 3, "names": ["scale"]},
        "essay": {"points": 4.0, "by_hand": True},
        "shift": {"points": 1.0, "hidden": None, "names": ["shift", "unused"]},
    },
}
"""
SCALE = "def scale(x):\n    return 2 * x\n"
SHIFT = "def helper(x):\n    return scale(x)\n\ndef shift(x):\n    return helper(x) + 1\n"


@pytest.fixture(autouse=True)
def markers(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("question", "hidden", "weight"):
        pytestconfig.addinivalue_line("markers", f"fairmark_{name}: of graders")
    monkeypatch.setattr(session, "_progress", {})
    monkeypatch.setattr(history, "runs", {})
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


class Kernel:
    """The names of a kernel whose notebook lies in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {}

    def run(self, source: str) -> None:
        exec(source, self.names)

    def check(self, question: str) -> Shown:
        return check_question(question, {"checks.py": CHECKS}, self.folder, self.folder, self.names)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def save(folder: Path, *cells: tuple[str, str, int | None]) -> Path:
    """Save a notebook of code cells: id, source, number."""
    path = folder / "notebook.ipynb"
    made: list[dict[str, Any]] = [
        {"cell_type": "code", "id": i, "source": s.splitlines(True), "metadata": {},
         "execution_count": n}
        for i, s, n in cells
    ]  # fmt: skip
    path.write_text(json.dumps({"cells": made}))
    return path


def test_points_and_what_follows_and_the_call(kernel: Kernel) -> None:
    kernel.run(SCALE.replace("2 *", "3 *"))
    shown = kernel.check("scale")
    assert "scale: 0 of 1 check passed, worth 2 points" in shown.text
    assert "call:     scale(np.array([1.0, -0.5]))" in shown.text
    assert "3 further checks follow when you hand in." in shown.text
    assert "Further checks follow" not in shown.text
    assert shown.failure == "scale: 1 of 1 check failed."
    kernel.run(SCALE + SHIFT)
    text = kernel.check("shift").text
    assert "call:     shift(-0.3)" not in text
    assert "worth 1 point" in text
    assert "Further checks follow when you hand in." in text


def test_progress(kernel: Kernel) -> None:
    kernel.run(SCALE + SHIFT)
    shown = kernel.check("scale")
    assert shown.failure == ""
    line = "1 of 2 exercises pass their checks: 2 of 3 points, if they pass those that follow."
    assert f"Your notebook: {line}" in shown.text
    assert "Not checked yet: shift" in shown.text
    assert "Marked by a person: essay" in shown.text
    assert "Only checks since the kernel was started are counted." in shown.text
    assert "width:66.7%" in shown.html
    text = kernel.check("shift").text
    assert "2 of 2 exercises" in text
    assert "Open" not in text
    assert "since the kernel" not in text


def test_a_changed_answer_is_open_again(kernel: Kernel) -> None:
    kernel.run(SCALE + SHIFT)
    kernel.check("scale")
    kernel.run(SCALE)  # the same once more
    assert "1 of 2 exercises" in kernel.check("shift").text.replace("2 of 2", "1 of 2")
    assert "scale (changed" not in kernel.check("shift").text
    kernel.run(SCALE.replace("2 * x", "x + x"))
    assert "Changed since the check: scale" in kernel.check("shift").text


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (True, "The check of scale fails: mend that first"),
        (False, "scale was not checked since the kernel was started"),
    ],
)
def test_an_earlier_exercise_is_named(kernel: Kernel, first: bool, words: str) -> None:
    kernel.run(SCALE.replace("2", "7") + SHIFT)
    if first:
        kernel.check("scale")
    text = kernel.check("shift").text
    assert "This answer uses scale of an earlier exercise." in text
    assert words in text


def test_an_earlier_exercise_is_not_blamed_without_reason(kernel: Kernel) -> None:
    kernel.run(SCALE.replace("2", "7") + "def shift(x):\n    return x.scale\n")
    kernel.check("scale")
    assert "earlier exercise" not in kernel.check("shift").text  # an attribute of that name
    kernel.run(SCALE + SHIFT.replace("+ 1", "+ 5"))
    kernel.check("scale")
    assert "earlier exercise" not in kernel.check("shift").text  # it passes
    kernel.run(SCALE.replace("2", "7") + "def shift(x):\n    return 2 * x + 1\n")
    kernel.check("scale")
    assert "earlier exercise" not in kernel.check("shift").text  # this one passes


def test_after_a_restart_one_sentence(kernel: Kernel) -> None:
    with pytest.raises(FairmarkError) as caught:
        kernel.check("shift")
    assert str(caught.value) == (
        "Run the cells above first (menu Run > Run All Above Selected Cell): shift and unused are "
        "not defined yet."
    )


def test_what_the_cells_above_make(kernel: Kernel) -> None:
    save(
        kernel.folder,
        ("a", "import math as m\nfrom os import path", None),
        ("b", SHIFT, None),
    )
    kernel.run("def shift(x):\n    return m.floor(x)\n")
    with pytest.raises(FairmarkError, match=r"Run the cells above .*: m is made there, and shift "):
        kernel.check("shift")
    kernel.run("def shift(x):\n    return mm.floor(x)\n")  # a slip
    assert "NameError: name 'mm' is not defined" in kernel.check("shift").text


def test_an_endless_loop_is_stopped_and_its_line_shown(kernel: Kernel) -> None:
    source = "def shift(x):\n    while x < 9:\n        x -= 1\n    return x\n"
    path = kernel.folder / "cell.py"
    path.write_text(source)
    exec(compile(source, str(path), "exec"), kernel.names)
    text = kernel.check("shift").text
    assert "Your code did not answer within 0.3 seconds. It was stopped." in text
    assert re.search(r"line [23], in shift\n +(while x < 9:|x -= 1)", text)
    assert "call:     shift(-0.3)" in text
    assert "Not tried again: shift did not end in a check above." in text


class TestACellThatWasEdited:
    def run(self, kernel: Kernel, cell: str, source: str, number: int) -> None:
        kernel.run(source)
        history.runs[cell] = history.Run(source, number, time.time() - 5)

    def noticed(self, kernel: Kernel) -> bool:
        return "was changed after it was run" in kernel.check("scale").text

    def test_it_is_noticed(self, kernel: Kernel) -> None:
        self.run(kernel, "a", SCALE, 3)
        save(kernel.folder, ("a", SCALE.replace("2", "3"), 3))
        assert self.noticed(kernel)

    def test_not_where_nothing_was_changed(self, kernel: Kernel) -> None:
        self.run(kernel, "a", SCALE, 3)
        save(kernel.folder, ("a", f"{SCALE}\n", 3))
        assert not self.noticed(kernel)

    def test_not_by_a_file_that_was_saved_before_the_run(self, kernel: Kernel) -> None:
        self.run(kernel, "a", SCALE, 3)
        path = save(kernel.folder, ("a", SCALE.replace("2", "3"), 3))
        os.utime(path, (0, time.time() - 60))
        assert not self.noticed(kernel)

    def test_not_by_a_file_that_knows_no_such_run(self, kernel: Kernel) -> None:
        self.run(kernel, "a", SCALE, 3)
        save(kernel.folder, ("a", SCALE.replace("2", "3"), 2))
        assert not self.noticed(kernel)

    def test_not_in_another_cell(self, kernel: Kernel) -> None:
        self.run(kernel, "a", SCALE, 3)
        save(kernel.folder, ("b", SCALE.replace("2", "3"), 3), ("a", SCALE, 3))
        assert not self.noticed(kernel)

    def test_a_damaged_file_says_nothing(self, kernel: Kernel) -> None:
        self.run(kernel, "a", SCALE, 3)
        (kernel.folder / "notebook.ipynb").write_text("{")
        assert not self.noticed(kernel)
