"""Where tests leave the judge: test cells that run beside student code, and what students get.

Marks by test cells can be forged, and the report says so; hidden tests must stay hidden all the
same. What goes to students' machines must hold no trace of one either.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.harness.diagnose import LESSONS
from fairmark.harness.render import question_html
from fairmark.sandbox import Sandbox, make_sandbox
from tests.classic import RIGHT, make_classic_course
from tests.conftest import ROOT
from tests.grading.test_testcells import submission

KEEP = "kept = []\nkept_in = open('note', 'w+')\ndef keep(text): kept.append(text); "
KEEP += "kept_in.write(str(text)); kept_in.flush()\n"
LOOKS = {
    "transformer": "import ast\nclass Look(ast.NodeVisitor):\n"
    "    def visit(self, node): keep(ast.unparse(node)); return node\n"
    "get_ipython().ast_transformers.append(Look())",
    "input": "get_ipython().input_transformers_post.append(lambda ls: (keep(''.join(ls)), ls)[1])",
    "event": "get_ipython().events.register('pre_run_cell', lambda info: keep(info.raw_cell))",
    "builtins": "import builtins, sys\nclass Names(dict):\n"
    "    def __getitem__(self, name): keep(name); return dict.__getitem__(self, name)\n"
    "sys.setprofile(lambda frame, *_: keep(str(frame.f_code.co_names)[:200]))",
    "frames": "import sys\ndef square(x):\n"
    "    keep(sys._getframe(1).f_code.co_names); keep(In); return x * x",
}


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return make_classic_course(tmp_path_factory.mktemp("classic")).assignment("classic")


@pytest.fixture(scope="module")
def box(classic: Assignment) -> Iterator[Sandbox]:
    with make_sandbox([], classic.course.limits) as box:
        yield box


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_at_hidden_test_cells(classic: Assignment, box: Sandbox, name: str) -> None:
    notebook = submission(classic, RIGHT)
    place = next(n for n, cell in enumerate(notebook.cells) if "def square" in cell.source)
    notebook.cells.insert(place + 1, new_code_cell(KEEP + LOOKS[name]))
    notebook.cells.append(new_code_cell("print(kept)\nprint(open('note').read())\nprint(In)"))
    notebook.cells.append(new_code_cell("raise ValueError(str(kept))"))
    report = grade(notebook, classic, box)
    assert report.forgeable
    own = [cell for cell in report.cells if not cell["metadata"].get("nbgrader")]
    shown = str(own) + "".join(question_html(q, "student") for q in report.questions)
    assert "square" in shown
    assert "secret_number" not in shown
    assert b"secret_number" not in b"".join(report.files.values())


def keys_in(path: Path, *, hidden: bool) -> set[str]:
    """The keys of the tests in a module: all of them, or those that students do not get."""
    found = set()
    for top in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(top, ast.ClassDef):
            continue
        for node in top.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = map(ast.unparse, [*node.decorator_list, *top.decorator_list])
                if not hidden or "hidden" in marks:
                    found.add(f"{top.name}::{node.name}")
    return found


def test_no_hidden_test_travels_to_students() -> None:
    course = Course.load(ROOT)
    looked_at = 0
    for assignment in course.assignments():
        hidden = set().union(*(keys_in(p, hidden=True) for p in assignment.grader_files))
        release = course.folder("release", ".", assignment.name)
        if (release / LESSONS).is_file():
            lessons = json.loads((release / LESSONS).read_text("utf-8"))["lessons"]
            keys = {k for some in lessons.values() for one in some for k in one["seen"]}
            assert not keys & hidden, assignment.name
            looked_at += len(keys)
        if (release / "checks.py").is_file():
            tests = keys_in(release / "checks.py", hidden=False)
            assert not tests & hidden, assignment.name
            looked_at += len(tests)
    assert looked_at > 40
