"""What is proven of test cells, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.testcells.accept import accept
from fairmark.testcells.cases import proofs_folder
from fairmark.testcells.gate import CellGate, CellVerification
from fairmark.verify.gate import Count
from tests.cells import answer, given, make_assignment, marked_by

ADD = answer("add", "def add(a, b):\n---\n    return a + b")
SHOWN_TRACEBACK = (
    "import traceback\ntry:\n    assert loud() + c\nexcept NameError:\n    traceback.print_exc()"
)
GOOD = marked_by("test_add", "assert add(1, 2) == 3\nassert add([1], [2]) == [1, 2]")


def copied(*cells: NotebookNode) -> list[NotebookNode]:
    return [cell.copy() for cell in cells]


def state(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*/*")}


def proven(assignment: Assignment, only: str = "") -> CellVerification:
    gate = CellGate(assignment, workers=1, only=only)
    return gate.verification(len(list(gate.run())))


def test_cells_that_can_be_trusted(tmp_path: Path) -> None:
    in_place = "x = [1]\nassert add(x, [2]) == [1, 2] and x == [1]"
    cells = copied(ADD, GOOD, marked_by("test_place", in_place))
    assignment = make_assignment(tmp_path, *cells)
    before = state(tmp_path / "source")
    found = proven(assignment)
    assert found.findings == []
    assert found.doubts == []
    assert found.mutants.all == found.mutants.good > 1
    first, second = found.rows
    assert (first.cell, first.points, first.answers) == ("test_add", 2, ["add"])
    assert first.mutants == Count(found.mutants.good - 1, found.mutants.all)
    assert second.mutants.good == found.mutants.all
    assert (first.survivors, second.survivors) == (0, 0)
    assert state(tmp_path / "source") == before
    again = CellGate(assignment)
    assert again.unknown == []
    assert again.verification(0).rows == found.rows


def test_a_mutant_that_survives(tmp_path: Path) -> None:
    cells = copied(ADD, marked_by("test_add", "assert add(0, 0) == 0"))
    assignment = make_assignment(tmp_path, *cells)
    found = proven(assignment, only="add: core/")
    (finding,) = found.findings
    assert finding.text == "no test of `test_add` notices this"
    assert finding.where == "line 3\n- return a + b\n+ return a - b"
    assert not found.whole
    with pytest.raises(FairmarkError, match="did you mean 'add: core/"):
        accept(assignment, finding.case[:-1] + "4", "why")
    path = accept(assignment, finding.case, "nobody adds anything")
    assert path == tmp_path / "proofs/hw/equivalent_mutants.toml"
    assert proven(assignment, only="add: core/").findings == []
    with pytest.raises(FairmarkError, match="is listed already: nobody adds anything"):
        accept(assignment, finding.case, "why")
    path.write_text(path.read_text().replace("a - b", "a % b"))
    with pytest.raises(FairmarkError, match="no mutant of add"):
        CellGate(assignment)


def test_an_instructors_own_answers(tmp_path: Path) -> None:
    assignment = make_assignment(tmp_path, *copied(ADD, GOOD))
    folder = proofs_folder(assignment)
    folder.mkdir(parents=True)
    (folder / "alternatives.py").write_text(
        "# %% add: swapped\ndef add(a, b):\n    return b + a\n"
        "# %% test_add: named-by-the-test\ndef add(a, b):\n    return sum([b], a)\n"
        "# %% add: twice\nold = add\ndef add(*both):\n    return old(*both)\n"
    )
    (folder / "misconceptions.py").write_text(
        "# %% add: times\n# This multiplies.\ndef add(a, b):\n    return a * b\n"
        "# %% add: unnoticed\n# This prints.\ndef add(a, b):\n    print(a)\n    return a + b\n"
    )
    found = proven(assignment)
    told = {f.case: f.text for f in found.findings if "/" not in f.case}
    assert told == {
        "add: swapped": "test_add: a right answer gets 0 of 2 points",
        "add: unnoticed": "no test of `test_add` notices this",
    }
    (row,) = found.rows
    assert (row.alternatives, row.misconceptions) == (Count(2, 3), Count(1, 2))
    (folder / "misconceptions.py").write_text("# %% nothing: x\n# Wrong.\ny = 1\n")
    with pytest.raises(FairmarkError, match="no tested answer 'nothing'; there are: add, test_add"):
        CellGate(assignment)


def test_what_bad_cells_get(tmp_path: Path) -> None:
    cells = [
        given("import time, random, numpy as np\nrng = random.SystemRandom()"),
        answer("wrong", "def wrong(x):\n---\n    return x + 1"),
        marked_by("test_wrong", "assert wrong(1) == 3, 'not three'"),
        answer("free", "def free(x):\n---\n    return x + 1"),
        marked_by("test_free", "assert 1 + 1 == 2"),
        marked_by("test_shown", "print(free(1))"),
        answer("stub", "value = None\n---\nvalue = 4"),
        marked_by("test_stub", "1 if value is None else 2"),
        answer("chance", "def chance():\n---\n    return rng.random()"),
        marked_by("test_chance", "chance() * 2"),
        answer("fast", "def fast(x):\n---\n    return x + 1"),
        marked_by(
            "test_fast", "start = time.time()\nassert fast(1) == 2\nassert time.time() > start"
        ),
        answer("web", "def web():\n---\n    return 'https://a.example/b'"),
        marked_by("test_web", "import urllib.request\nassert web() and urllib.request.urlopen"),
        given("open('shared.txt', 'w').write('1')"),
        answer("file", "def file():\n---\n    return open('shared.txt').read()"),
        marked_by("test_file", "import nobodys as requests\nrequests.get(web())\nfile()"),
        answer("alone", "def alone(x):\n---\n    return x"),
        answer("loud", "def loud():\n---\n    return 1"),
        marked_by("test_loud", SHOWN_TRACEBACK),
    ]
    found = proven(make_assignment(tmp_path, *cells))
    told = [f.text for f in found.findings if "/" not in f.case]
    own = "the instructor's own solution gets 0 of 2 points"
    assert f"test_wrong: {own}: AssertionError: not three" in told
    assert f"test_loud: {own}: it wrote to stderr: NameError: name 'c' is not defined" in told
    assert "test_free: it tests nothing: it gives 2 of 2 points without any answer" in told
    assert "test_shown: it tests nothing: no assertion in it can fail" in told
    assert "test_stub: an untouched stub gets 1 of 2 points" in told
    (chance,) = (text for text in told if text.startswith("test_chance"))
    assert chance.startswith("test_chance: two runs of the instructor's own solution give ")
    assert any(text.startswith(f"test_file: {own}: ModuleNotFound") for text in told)
    assert len(told) == 7
    assert [(doubt.cell, doubt.text) for doubt in found.doubts] == [
        ("test_fast", "it depends on the clock, line 1: start = time.time()"),
        ("file", "it reads the file 'shared.txt', which cell 15 writes"),
        ("test_file", "it depends on the network, line 2: requests.get(web())"),
        ("alone", "no test cell uses this answer"),
    ]
    rows = {row.cell: row for row in found.rows}
    assert rows["test_wrong"].mutants == Count()  # nothing is said of what cannot be judged
    assert rows["test_fast"].mutants.good > 0


def test_cells_whose_order_matters_secretly(tmp_path: Path) -> None:
    cells = [
        given("import math"),
        answer("f", "def f(x):\n---\n    return math.floor(x)"),
        marked_by("test_f", "assert f(1.5) == 1 and not hasattr(math, 'note')"),
        marked_by("test_g", "import sys\nsys.modules['math'].note = 1\nassert f(2.5) == 2"),
    ]
    found = proven(make_assignment(tmp_path, *cells), only="another order")
    assert [finding.text for finding in found.findings] == [
        "test_f: with independent cells in another order it gives 0 of 2 points, and 2 in the "
        "notebook's"
    ]
