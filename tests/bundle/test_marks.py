"""The sample class gets the same marks from each platform's bundle and ``fairmark autograde``.

``make test`` compares one assignment. FAIRMARK_TEST_BUNDLES has all compared, half an hour or more
of one processor: it names the platforms that get the whole class, as in ``github,gradescope``, or
says ``few``; the others get of each assignment a right answer, a wrong one, and what is damaged or
never ends.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundle.classes import ALWAYS, FEW, WHOLE, Graded
from tests.bundle.places import MARKS, unpacked

OTHERS = "perceptron", "softmax", "backpropagation", "convolution", "cnn", "style-transfer"
LONG = pytest.mark.skipif(not WHOLE, reason="it takes half an hour: FAIRMARK_TEST_BUNDLES")


@pytest.mark.parametrize("platform", MARKS)
@pytest.mark.parametrize("name", [ALWAYS, *(pytest.param(each, marks=LONG) for each in OTHERS)])
def test_the_class_gets_the_same_marks_there(
    name: str, platform: str, graded: Callable[[str], Graded], tmp_path: Path
) -> None:
    here = graded(name)
    is_whole = name == ALWAYS or platform in WHOLE.split(",")
    wanted = {who: marks for who, marks in here.marks.items() if is_whole or who in FEW}
    assert {"ada", "goran"} <= wanted.keys()
    for student in wanted:
        shutil.copytree(here.handins / student, tmp_path / "class" / student)
    bundle = unpacked(here.course, name, platform, tmp_path)
    found = MARKS[platform](bundle, tmp_path / "class", name, tmp_path)
    if platform == "prairielearn":  # what is no notebook costs no attempt there, and has no mark
        wanted |= {who: {} for who in wanted if here.reports[who].error is not None}
    assert found == wanted


def test_all_assignments_are_compared(course_root: Path) -> None:
    assert {path.name for path in (course_root / "source").iterdir()} == {ALWAYS, *OTHERS}
