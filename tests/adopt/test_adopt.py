"""Test cells become graders: the same marks, and none that can be forged."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from fairmark.adopt.adoption import adopt, try_out
from fairmark.adopt.agree import Both, Difference
from fairmark.adopt.layout import tried_course
from fairmark.course.adopted import ADOPTED
from fairmark.course.course import Assignment, Course
from fairmark.course.proof import edited_test_cells
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.sandbox import make_sandbox
from tests.cells import answer, given, make_course, marked_by
from tests.classic import RIGHT, make_classic_course, mark

FORGED = {
    "patched": {
        "square": "import builtins\nclass Any:\n    __eq__ = __ge__ = __le__ = lambda a, b: True\n"
        "    __mul__ = __sub__ = __abs__ = lambda *a: Any()\ndef square(x):\n    return Any()",
        "cube": "def cube(x):\n    return Any()",
        "share": "def share(part, whole):\n    return Any()",
    },
    "tests": {
        "squares": "import numpy as np\nclass Any:\n    __eq__ = lambda a, b: True\n"
        "    __iter__ = lambda a: iter([])\nnp.testing.assert_equal = lambda *a, **k: None\n"
        "np.testing.assert_allclose = lambda *a, **k: None\ndef squares(n):\n    return Any()",
        "sum_of_squares": "def sum_of_squares(n):\n    return Any()",
    },
}


def adopted(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fairmark", "adopt", "--course", str(course.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def scores(assignment: Assignment, answers: Mapping[str, str]) -> dict[str, float | None]:
    notebook = copy.deepcopy(assignment.handed_out)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    with make_sandbox([], assignment.course.limits) as box:
        report = grade(notebook, assignment, box)
    return {result.id: result.score for result in report.questions if result.score is not None}


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, str, bytes]:
    """The classic course with its graders, what the command has said, and the source before."""
    course = make_classic_course(tmp_path_factory.mktemp("classic"))
    source = (course.source / "classic/classic.ipynb").read_bytes()
    told = adopted(course, "classic", "--mutants", "0")
    assert told.returncode == 0, told.stderr
    assert "would write" in told.stderr and not course.graders.exists()
    done = adopted(course, "classic", "--write", "--mutants", "4")
    assert done.returncode == 0, done.stderr
    return Course.load(course.root), done.stdout, source


def test_all_cells_are_taken_over(classic: tuple[Course, str, bytes]) -> None:
    course, told, source = classic
    assert "classic: 3 of 3 test cells taken over" in told
    assert "old and new marks of the cells taken over agree" in told
    assert (course.source / "classic/classic.ipynb").read_bytes() == source


def test_the_module_reads_well(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    text = (course.graders / "classic/test_classic.py").read_text()
    assert '"""A square is a number times itself."""' in text
    assert "faithful.assert_equal(submission.square(2), 4)" in text
    assert 'assert submission.cube(2) == 8, "two times two times two"' in text
    assert "@weight(2)" in text and text.count("@all_or_nothing\n") == 2
    assert "objects = " not in text
    assert "secret_number = 12" in text.partition("@hidden")[2]


def test_marks_agree(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    new = course.assignment("classic")
    assert scores(new, RIGHT) == {"test_square": 2, "test_cube": 3, "test_share": 3}
    assert scores(new, {}) == {"test_square": 0, "test_cube": 0, "test_share": 0}
    half = RIGHT | {"share": "def share(part, whole):\n    return 0.5"}
    assert scores(new, half)["test_share"] == 1
    wrong = RIGHT | {"square": "def square(x):\n    return 4", "cube": "def cube(x):\n    return 8"}
    assert scores(new, wrong)["test_square"] == 0, "the hidden tests count with the others"


def test_a_forged_submission_gets_nothing(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    new = course.assignment("classic")
    found = scores(new, FORGED["patched"])
    shutil.move(course.graders, course.root / "away")
    try:
        old = scores(Course.load(course.root).assignment("classic"), FORGED["patched"])
    finally:
        shutil.move(course.root / "away", course.graders)
    assert old == {"test_square": 2, "test_cube": 3, "test_share": 3}
    assert found == {"test_square": 0, "test_cube": 0, "test_share": 0}


def test_other_graders_are_not_overwritten(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    module = course.graders / "classic/test_classic.py"
    own = module.read_text() + "\n# mine\n"
    module.write_text(own)
    refused = adopted(course, "classic", "--write", "--mutants", "0")
    assert refused.returncode == 2 and "--force" in refused.stderr and module.read_text() == own
    forced = adopted(course, "classic", "--write", "--force", "--mutants", "0")
    assert forced.returncode == 0 and "# mine" not in module.read_text()
    adopted_toml = course.graders / "classic" / ADOPTED
    adopted_toml.write_text('[left]\n"test_cube" = "no draft was asked for"\n')
    again = adopted(course, "classic", "--write", "--mutants", "0")
    assert again.returncode == 0 and "test_cube" in adopted_toml.read_text().partition("made_of")[2]
    adopted_toml.rename(course.root / "aside.toml")
    has_own = adopted(course, "classic")
    (course.root / "aside.toml").rename(course.graders / "classic" / ADOPTED)
    assert has_own.returncode == 2 and "has graders already" in has_own.stderr


def test_the_course_of_quickstart(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbgrader", "quickstart", "course101"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    course = Course.load(tmp_path / "course101")
    notebook = nbformat.read(course.source / "ps1/problem1.ipynb", 4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "correct_squares":
            cell.source += "\nimport numpy as np\nnp.testing.assert_equal(squares(3), [1, 4, 9])\n"
    nbformat.write(notebook, course.source / "ps1/problem1.ipynb")
    old = scores(course.assignment("ps1/problem1"), FORGED["tests"])
    done = adopted(course, "ps1", "--write", "--mutants", "4")
    assert done.returncode == 0, done.stderr
    assert "ps1/problem1: 4 of 4 test cells taken over" in done.stdout
    assert "agree for the source, the release and" in done.stdout
    assert "ps1/problem2: no test cell has points" in done.stdout
    assert "next: `fairmark verify ps1` proves them" in done.stderr
    new = scores(Course.load(course.root).assignment("ps1/problem1"), FORGED["tests"])
    taken = ("correct_squares", "correct_sum_of_squares", "sum_of_squares_uses_squares")
    assert [old[name] for name in taken] == [1, 0.5, 0]
    assert [new[name] for name in taken] == [0, 0, 0]


def test_an_edited_test_cell_is_told(classic: tuple[Course, str, bytes], tmp_path: Path) -> None:
    shutil.copytree(classic[0].root, tmp_path / "course")
    course = Course.load(tmp_path / "course")
    assert edited_test_cells(course.assignment("classic")) == ""
    path = course.source / "classic/classic.ipynb"
    path.write_text(path.read_text().replace("secret_number = 12", "secret_number = 13"))
    line = edited_test_cells(Course.load(course.root).assignment("classic"))
    assert line.startswith("classic: edited since the graders were made of them: test_square; ")
    for name in ("generate", "autograde"):
        command = [sys.executable, "-m", "fairmark", name, "--course", str(course.root), "classic"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert line in " ".join(done.stderr.split()), done.stderr
        handed_in = course.root / "submitted/ada/classic"
        if not handed_in.exists():
            shutil.copytree(course.root / "release/classic", handed_in)


LIAR = """
class Vector:
    def __init__(self, x): self.x = x
    def __sub__(self, other): return Vector(self.x - other.x)
class Liar:
    __sub__ = __rsub__ = lambda self, other: self
    __abs__ = lambda self: 0.0
    __len__ = lambda self: 2
    __iter__ = lambda self: iter(())
    __contains__ = lambda self, item: True
"""
OBJECTS = {
    "make": "def make(x): return Vector(x)",
    "dist": "def dist(a, b): return abs((a - b).x)",
    "coords": "def coords(v): return [v.x, v.x]",
    "level": "level = 4.5",
    "root": "def root(x):\n    if x < 0: raise ValueError('negative')\n    return x ** 0.5",
}
TESTS = {
    "make": "v = make(3)\nassert v.x == 3 and (v - make(1)).x == 2",
    "dist": "assert make(1).x == 1\nassert abs(dist(make(1), make(9)) - 8.0) < 1e-9",
    "coords": "v = make(3)\nassert v.x == 3 and len(coords(v)) == 2 and 3 in coords(v)\n"
    "for a, b in zip(coords(v), [3, 3]):\n    assert a == b",
    "level": "assert abs(level - 4.5) < 1e-9",
    "root": "import pytest\nassert root(4) == 2\nwith pytest.raises(ValueError):\n    root(-1)",
}
LIES = {
    "make": LIAR + "def make(x): return Vector(x)",
    "dist": "def dist(a, b): return Liar()",
    "coords": "def coords(v): return Liar()",
    "level": "level = Liar()",
    "root": "def root(x): return abs(x) ** 0.5",
}


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in whose tests some answers give objects and others data."""
    course = make_classic_course(tmp_path_factory.mktemp("objects"))
    path = course.source / "classic/classic.ipynb"
    notebook = nbformat.read(path, 4)
    cells = []
    for name, source in OBJECTS.items():
        source = LIAR + source if name == "make" else source
        hidden = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"
        stub = "\nlevel = ..." if name == "level" else ""
        hidden = f"{stub}\n{hidden}" if stub else hidden
        test = mark(f"test_{name}", 1, grade=True)
        cells.append(new_code_cell(hidden, id=name, metadata=mark(name, solution=True)))
        cells.append(new_code_cell(TESTS[name], id=f"test-{name}", metadata=test))
    notebook.cells = cells
    nbformat.write(notebook, path)
    done = adopted(course, "classic", "--write", "--mutants", "0")
    assert done.returncode == 0 and "5 of 5 test cells taken over" in done.stdout, done.stdout
    return Course.load(course.root)


def test_an_object_says_nothing_of_itself_where_the_right_answer_is_data(objects: Course) -> None:
    new = objects.assignment("classic")
    text = (objects.graders / "classic/test_classic.py").read_text()
    assert 'objects = ("make()",)' in text and text.count("objects = ") == 3
    everything = {f"test_{name}": 1.0 for name in OBJECTS}
    right = OBJECTS | {"make": LIAR + OBJECTS["make"]}
    assert scores(new, right) == everything
    assert scores(new, LIES) == {name: float(name == "test_make") for name in everything}


def test_what_does_not_raise_is_a_wrong_answer_and_no_broken_grader(objects: Course) -> None:
    right = OBJECTS | {"make": LIAR + OBJECTS["make"], "root": LIES["root"]}
    assert scores(objects.assignment("classic"), right)["test_root"] == 0


LATER = {
    "a": "rows, dog = [1], Dog(1)\ndef age(d): return d.age",
    "b": "rows.append(2)\ndog.age = 5",
    "c": "rows = None\ndef double(x): return 2 * age(x)",
}
LATER_TESTS = {
    "a": "assert rows == [1] and dog.age == 1 and age(dog) == 1",
    "b": "assert rows == [1, 2] and dog.age == 5 and age(dog) == 5",
    "c": "assert rows is None and double(dog) == 10\nkept = age\ndef age(x): return 7\n"
    "assert double(dog) == 14\ndel age\ntry:\n    double(dog)\nexcept NameError:\n    pass\n"
    "else:\n    raise AssertionError('it does not use age')\nage = kept\nassert age(dog) == 5",
}


def test_a_cell_sees_what_its_answer_left_and_may_replace_it(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    path = course.source / "classic/classic.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells = [new_code_cell("class Dog:\n    def __init__(self, age): self.age = age")]
    for name, source in LATER.items():
        hidden = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"
        test = mark(f"test_{name}", 1, grade=True)
        notebook.cells += [
            new_code_cell(hidden, id=name, metadata=mark(name, solution=True)),
            new_code_cell(LATER_TESTS[name], id=f"test-{name}", metadata=test),
        ]
    nbformat.write(notebook, path)
    done = adopted(course, "classic", "--write", "--mutants", "2")
    assert done.returncode == 0 and "3 of 3 test cells taken over" in done.stdout, done.stdout
    new = Course.load(course.root).assignment("classic")
    assert scores(new, LATER) == {"test_a": 1, "test_b": 1, "test_c": 1}
    moved = LATER | {"a": "", "b": "", "c": "\n".join(LATER.values())}
    assert scores(new, moved)["test_c"] == 1, "the answers in another cell"
    skipped = scores(new, LATER | {"b": ""})
    assert skipped["test_a"] == 1 and skipped["test_b"] == 0
    own = LATER | {"c": "rows = None\ndef double(x): return 2 * x.age"}
    assert scores(new, own) == {"test_a": 1, "test_b": 1, "test_c": 0}


def test_a_package_beside_the_notebook_and_modules_in_a_folder_that_it_adds(tmp_path: Path) -> None:
    imports = "import sys\nfrom tools.numbers import thrice\nsys.path.append('lib')\nimport inner"
    cells = [
        given(imports),
        answer("total", "---\ntotal = 6"),
        marked_by("test_total", "assert total == thrice(2) == inner.SIX"),
    ]
    course = make_course(tmp_path, {"hw": cells})
    beside = {"tools/__init__.py": "", "tools/numbers.py": "def thrice(x): return 3 * x\n"}
    for name, text in (beside | {"lib/inner.py": "SIX = 6\n"}).items():
        (course.source / "hw" / name).parent.mkdir(exist_ok=True)
        (course.source / "hw" / name).write_text(text)
    done = adopted(course, "hw", "--write", "--mutants", "1")
    assert "1 of 1 test cell taken over" in done.stdout, done.stdout + done.stderr
    new = Course.load(course.root).assignment("hw")
    assert scores(new, {"total": "total = 6"}) == {"test_total": 2}
    assert scores(new, {"total": "total = 7"}) == {"test_total": 0}


def test_a_cell_that_breaks_the_module_is_left_where_no_class_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_classic_course(tmp_path)
    real = Both.differences

    def broken(both: Both, files: Mapping[Path, str]) -> list[Difference]:
        if any("TestCube" in text for text in files.values()):
            raise FairmarkError("a grader of classic is broken: it cannot be imported")
        return real(both, files)

    monkeypatch.setattr(Both, "differences", broken)
    adoption = adopt(course.assignment("classic"))
    with make_sandbox([], course.limits) as box, tried_course(course) as copied:
        try_out(adoption, copied, box)
    assert adoption.left == {"test_cube": "it cannot be imported"}
    assert set(adoption.taken) == {"test_square", "test_share"}


def test_a_notebook_of_which_nothing_is_taken_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path, {"hw": [given("while True: pass"), answer("a", "---\na = 1")]})
    monkeypatch.setattr(Both, "old", lambda *_: pytest.fail("the notebook was run"))
    adoption = adopt(course.assignment("hw"))
    with make_sandbox([], course.limits) as box, tried_course(course) as copied:
        try_out(adoption, copied, box)
    assert (adoption.points, adoption.files) == ({}, {})
