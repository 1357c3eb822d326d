"""A line that cannot be run costs nothing that stands above and below of it."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Limits, Sandbox, make_sandbox
from tests.classic import RIGHT as CLASSIC
from tests.classic import make_classic_course
from tests.grading.test_testcells import submission
from tests.tiny import RIGHT, answer

SETUP = "import numpy as np\nfrom fairmark import check"
"""The tiny course's own cell."""
LINES = {
    "a module of elsewhere": "from google.colab import drive",
    "an upload": "from nothing.like_it import files; uploaded = files.upload()",
    "a mount": "drive.mount('/content/drive')",
    "a magic of elsewhere": "%load_ext no_such_extension",
    "another magic": "%no_such_magic",
    "a folder": "import os; os.chdir('/no/such/folder')",
    "a file": "data = open('mine.csv').read()",
    "a question": "name = input('Your name? ')",
    "a version": "import sys; assert sys.version_info[:2] == (3, 6), 'Python 3.6'",
    "a style": "raise OSError('no such style')",
    "several lines": "data = (\n    1 +\n    nothing_like_it\n)",
    "a block": "with open('mine.csv') as file:\n    data = file.read()",
    "a decorated function": "@no_such_decorator\ndef helper():\n    return 1",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_classic_course(tmp_path_factory.mktemp("classic"))


@pytest.fixture(scope="module")
def box(course: Course) -> Iterator[Sandbox]:
    with make_sandbox([], Limits(cell_seconds=1.5, call_seconds=1.5)) as box:
        yield box


def told(report: Report) -> str:
    return "\n".join(repair.text for repair in report.repairs)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("where", ["setup", "own", "answer"])
def test_a_line_that_fails(tiny: Assignment, sandbox: Sandbox, name: str, where: str) -> None:
    line = LINES[name]
    notebook = answer(tiny, RIGHT)
    setup = next(cell for cell in notebook.cells if cell.source == SETUP)
    if where == "setup":
        setup.source = f"{line}\n{SETUP}"
    elif where == "own":
        notebook.cells.remove(setup)
        own = nbformat.v4.new_code_cell(f"import json\n{line}\n{SETUP}\n{line}")
        notebook.cells.insert(0, own)
    else:
        cell = next(c for c in notebook.cells if "def double" in c.source)
        cell.source = f"import json\n{line}\n{cell.source}"
    report = grade(notebook, tiny, sandbox)
    assert report.score == 5.0, report.questions
    assert f"The line `{line.splitlines()[0].split(';')[0][:20]}" in told(report) or ";" in line
    assert "cannot be run here (" in told(report)


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_fails_before_test_cells(course: Course, box: Sandbox, name: str) -> None:
    classic = course.assignment("classic")
    source = CLASSIC["square"]
    report = grade(
        submission(classic, CLASSIC | {"square": f"{LINES[name]}\n{source}"}), classic, box
    )
    assert [q.score for q in report.questions if q.score is not None] == [2, 3, 3]


def test_a_test_cell_stops_where_it_fails(course: Course, box: Sandbox) -> None:
    """What stands below a failed assertion must not give the points after all."""
    classic = course.assignment("classic")
    wrong = "def share(part, whole):\n    raise ValueError"
    report = grade(submission(classic, CLASSIC | {"share": wrong}), classic, box)
    assert report.question("test_share").score == 0


def test_a_deliberate_end_ends_the_cell(tiny: Assignment, sandbox: Sandbox) -> None:
    stop = "raise SystemExit('that is all')\n" + RIGHT["double"]
    report = grade(answer(tiny, RIGHT | {"double": stop}), tiny, sandbox)
    assert report.question("double").score == 0


@pytest.mark.parametrize(
    "demo",
    [
        "while True: pass",
        "import time\ntime.sleep(99)",
        "for n in range(10**9):\n    double(n)",
        "import os\nos._exit(0)",
        "import ctypes\nctypes.string_at(0)",
        "big = [bytes(2**20) for _ in range(5000)]",
        "def more(): return more()\nimport sys; sys.setrecursionlimit(10**9); more()",
    ],
)
@pytest.mark.parametrize("below", [True, False])
def test_a_demonstration_that_never_ends_or_is_deadly(
    tiny: Assignment, sandbox: Sandbox, demo: str, below: bool
) -> None:
    parts = [RIGHT["double"], demo] if below else ["import json", demo, RIGHT["double"]]
    report = grade(answer(tiny, RIGHT | {"double": "\n".join(parts)}), tiny, sandbox)
    assert report.score == 5.0, report.questions


def test_the_line_that_was_left_out_is_told(tiny: Assignment, sandbox: Sandbox) -> None:
    source = f"x = 1\n{RIGHT['double']}\nwhile True: pass\ny = double(x)"
    report = grade(answer(tiny, RIGHT | {"double": source}), tiny, sandbox)
    assert "The line `while True: pass` was left out: it did not end within 3" in told(report)
    assert report.score == 5.0
