"""How the text of a test cell becomes a grader, and which cells are left."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.adopt.adoption import Adoption, adopt
from fairmark.adopt.layout import drafted_cells
from fairmark.course.adopted import ADOPTED
from fairmark.course.course import Course
from tests.classic import mark
from tests.tiny import CONFIG

ANSWER = """
import math
import numpy as np
def f(x, key=None):
    ### BEGIN SOLUTION
    return helper(x)
    ### END SOLUTION
def helper(x): return x
class Dog:
    pass
total = 3
"""
TAKEN = [
    ("assert f(1) == 1", "faithful.assert_equal(submission.f(1), 1)"),
    ("assert f(1) == 1, 'one'", 'assert submission.f(1) == 1, "one"'),
    ("assert total == 3", "faithful.assert_equal(submission.total.value(), 3)"),
    ("assert total.real == 3", "assert submission.total.value().real == 3"),
    ("assert np.allclose(f(1), 1)", "assert np.allclose(submission.f(1), 1)"),
    (
        "assert [f(f) for f in [abs]]",
        "f(f) for f in [abs]\n        ] and submission.total.value(),",
    ),
    ("assert f(f=2, x=1)", "assert submission.f(f=2, x=1)"),
    ("for x in [1, 2]:\n    assert f(x) == x", "assert submission.f(x) == x"),
    ("def check(f):\n    assert f(1) == 1\ncheck(f)", "check(submission.f)"),
    ("assert list(map(f, [1])) == [1]", "assert list(map(submission.f, [1])) == [1]"),
    ("assert isinstance(Dog(), Dog)", "(\n            submission.Dog(), submission.Dog\n        )"),
    ("assert f(1)", 'assert submission.f(1), "This must hold: f(1)"'),
    ("x = f(1)\nassert not x", 'assert not x, "This must hold: not x"'),
    ("assert f(1) < 2", "assert submission.f(1) < 2\n"),
    ("assert f.__wrapped__(1)", "assert submission.f.value().__wrapped__(1)"),
    ("assert callable(f)", "assert faithful.is_callable(submission.f)"),
    ("assert 'f' in dir()", 'assert faithful.defines(submission, "f")'),
    ("known = dir()\nassert 'f' in known", "known = faithful.names(submission)"),
    ("assert 'f' not in globals()", 'assert not faithful.defines(submission, "f")'),
    ("assert f'{f(1)}' == '1'", "submission.f(1)"),
    ("if f(1) != 1:\n    raise ValueError('No.')", 'fail("No.")'),
    ("from math import pi\nassert f(pi) == pi", "from math import pi\n"),
    ("# Look: it keeps\n# everything.\nassert f(1) == 1  # one", "# everything."),
    ("assert f(GIVEN) == 5", "GIVEN = 5\n"),
    ("assert f(doubled(1)) == 2", "def doubled(x):\n    return 2 * x\n"),
    ("assert twice(1) == 2", "def twice(x):\n            return 2 * submission.f(x)"),
    ("assert f(GIVEN) == steps", "left = 3\n        steps = []\n        while left"),
    ("assert f(rows) == rows", "rows = [1, 2]\n        rows.append(3)\n"),
    ("helper = None\nassert f(1)", 'helper = faithful.replace(submission, "helper", None)'),
    ("total = 4\nassert f(total) == total", "assert submission.f(total) == total"),
    ("kept = helper\ndel helper\nassert f(1)\nhelper = kept", 'kept(submission, "helper")'),
    ("del helper, total\nassert f(1)", 'faithful.remove(submission, "total")'),
    (
        "def helper(x): return total\nassert f(helper)",
        'faithful.replace(submission, "helper", helper)\n        assert submission.f(helper)',
    ),
    ("try:\n    f()\nexcept TypeError:\n    pass\nelse:\n    assert False", "assert False\n"),
]
LEFT = [
    ("assert f(1) is f(1)", "line 1: it asks whether two are one object"),
    ("x = 1\nimport inspect\nassert 'x' in inspect.getsource(f)", "line 3: it reads the answer's"),
    ("for helper in [1]:\n    assert f(1)", "line 1: it sets `helper`, which the answer uses, too"),
    ("helper, x = 1, 2\nassert f(1)", "line 1: it sets `helper`, which the answer uses, too"),
    ("def g(): return helper(1)\nhelper = abs\nassert f(1) == g()", "line 1: it sets `helper`"),
    ("f = 4\nassert twice(1)", "line 1: it sets `f`, which a helper uses"),
    ("assert 1 == 1", "line 1: it asks nothing of the answers"),
    ("assert f(1)\n!ls", "line 2: `!ls` is a command of IPython's"),
    ("assert 'f' in In[-1]\nf(1)", "line 1: `In` is IPython's own"),
    ("from unittest.mock import patch\nwith patch('__main__.f'):\n    f(1)", "line 2: it replaces"),
    ("exec('f(1)')\nf(1)", "line 1: it runs code that is made as a text"),
    ("assert nowhere(f(1))", "line 1: `nowhere` is no name of the notebook's cells above"),
    ("class Cat(Dog): pass\nassert Cat()", "line 1: it derives a class from the student's"),
    ("assert open('a.txt').read() == f(1)", "line 1: it reads or writes a file"),
    ("import time\nassert f(time.time())", "line 2: it measures time"),
    ("assert f(1)\nf(2)", "line 2: the value of this line may be its points"),
    ("assert type(f(1)) == Dog", "line 1: it asks for an object's very class"),
    (
        "import nolibrary\nassert f(1)",
        "it needs the library nolibrary, which is not installed here",
    ),
    ("points = 0\nif f(1): points += 1\npoints", "line 3: the parts of `points` do not add up"),
]


def adopted(root: Path, test: str) -> Adoption:
    given = "GIVEN = 5\ndef doubled(x):\n    return 2 * x\nrows = [1, 2]\nrows.append(3)"
    given += "\nleft = 3\nsteps = []\nwhile left:\n    left = left - 1\n    steps.append(left)"
    cells = [
        new_code_cell(given, id="given"),
        new_code_cell(ANSWER, id="answer", metadata=mark("answer", solution=True)),
        new_code_cell("def twice(x):\n    return 2 * f(x)", id="later"),
        new_code_cell(test, id="test", metadata=mark("test_f", 2, grade=True)),
    ]
    (root / "source/a").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(new_notebook(cells=cells), root / "source/a/a.ipynb")
    return adopt(Course.load(root).assignment("a"))


@pytest.mark.parametrize(("test", "expected"), TAKEN)
def test_what_is_taken_over(tmp_path: Path, test: str, expected: str) -> None:
    if "total" in expected and "total" not in test:
        test += " and total"
    adoption = adopted(tmp_path, test)
    assert not adoption.left
    assert expected in adoption.module.text()


@pytest.mark.parametrize(("test", "why"), LEFT)
def test_what_is_left(tmp_path: Path, test: str, why: str) -> None:
    adoption = adopted(tmp_path, test)
    assert adoption.left["test_f"].startswith(why)
    assert not adoption.files


def test_parts_with_points(tmp_path: Path) -> None:
    test = """score = 0
data = [1]
# One of a kind.
if f(data) == data:
    score += 0.5
    print("good")
try:
    # It takes texts.
    assert f("a") == "a"
    score += 1.5
except Exception:
    print("no text")
score"""
    text = adopted(tmp_path, test).module.text()
    assert "@all_or_nothing" not in text
    assert (
        '@weight(0.5)\n    def test_part_1(self, submission):\n        """One of a kind."""' in text
    )
    assert "assert submission.f(data) == data" in text
    assert (
        '@weight(1.5)\n    def test_part_2(self, submission):\n        """It takes texts."""'
        in text
    )
    assert 'assert_equal(submission.f("a"), "a")' in text and "score" not in text


def test_hidden_tests_repeat_no_check_that_changes_nothing(tmp_path: Path) -> None:
    test = """# Small numbers.
x = 2
assert f(x) == 2
### BEGIN HIDDEN TESTS
assert f(x + 1) == 3
### END HIDDEN TESTS"""
    visible, _, hidden = adopted(tmp_path, test).module.text().partition("@hidden")
    assert "assert_equal(submission.f(x), 2)" in visible and "x + 1" not in visible
    assert "x = 2" in hidden and "submission.f(x + 1)" in hidden
    assert "submission.f(x), 2" not in hidden and "HIDDEN" not in hidden
    assert '"""Small numbers."""' in visible


def test_a_module_beside_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "source/a").mkdir(parents=True)
    (tmp_path / "source/a/tests.py").write_text("def check(x):\n    assert x == 1\n")
    (tmp_path / "source/a/tests.py").rename(tmp_path / "tests.py")
    (tmp_path / "source/a").rmdir()
    root = tmp_path / "course"
    root.mkdir()
    adoption = adopted(root, "from tests import *\ncheck(f(1))\nprint('good')")
    assert adoption.left, "there is no such module"
    (tmp_path / "tests.py").rename(root / "source/a/tests.py")
    text = adopt(Course.load(root).assignment("a")).module.text()
    assert "        from tests import check\n" in text
    assert "NOTEBOOK_FOLDER = '../../source/a'" in text.replace('"', "'")


def test_what_has_drafted_tests_is_not_left(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, "assert f(1) == 1")
    folder = adoption.assignment.graders
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text('@question("test_g")\ndef test_it(submission): ...\n')
    (folder / "test_drafted_f.py").write_text('@question("test_f")\nclass TestF: ...\n')
    adoption.drafted = drafted_cells(tmp_path, adoption.assignment)
    assert adoption.drafted == {"test_f"}
    adoption.points["test_g"] = 1
    adoption.left = {"test_f": "because", "test_g": "because"}
    told = next(text for path, text in adoption.files.items() if path.name == ADOPTED)
    left = told.partition("[made_of]")[0]
    assert "test_g" in left and "test_f" not in left
