"""What becomes of tests that a call makes, in the students' copy and in what they are told."""

from __future__ import annotations

import pytest

from fairmark.errors import FairmarkError
from fairmark.selfcheck.hidden import hidden_tests
from fairmark.selfcheck.release import visible_tests

MODULE = """
from fairmark.testing import cases, question
from reference import topic as reference

SECRET = 7

def draw(rng):
    return (rng.normal(size=SECRET),)

@question("double")
class TestDouble:
    test_three = cases("double", examples=[(3,)], gives=[6], hidden=False)
    test_random = cases("double", reference.double, random=draw, hidden=True)
    test_nine = cases("double", reference.double, [(9,)], hidden=True)
"""
HIDDEN = '    test_nine = cases("double", reference.double, [(9,)], hidden=True)\n'


def test_hidden_ones_are_cut() -> None:
    text = visible_tests({"test_a.py": MODULE})
    assert 'test_three = cases("double", examples=[(3,)], gives=[6], hidden=False)' in text
    for word in ("SECRET", "draw", "reference", "random", "nine", "hidden=True"):
        assert word not in text
    assert hidden_tests({"test_a.py": MODULE}) == {"double": 2}


def test_a_question_with_hidden_ones_only_is_known() -> None:
    module = MODULE.replace("test_three", "table").replace("gives=[6], hidden=False", "gives=[6]")
    assert "class TestDouble" in visible_tests({"test_a.py": module})


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("SECRET = 7", "SECRET = 7\nmake = cases", "^$"),  # nothing needs it
        (HIDDEN, '    test_nine = [cases][0]("double", [(9,)], hidden=True)\n', "^$"),
        (
            HIDDEN,
            "    def test_four(self):\n        made = cases\n        made('double', hidden=True)\n",
            "gives `cases` another name",
        ),
        (HIDDEN, '    test_nine = cases("double", **{"hidden": True})\n', "^$"),
        (HIDDEN, '    table = [cases("double", random=draw, hidden=SECRET)]\n', "^$"),
        (
            HIDDEN,
            '    def test_four(self):\n        return cases("double", [(9,)], hidden=True)\n',
            "cannot be cut",
        ),
        (
            HIDDEN,
            "    def test_four(self, submission, solution):\n        assert solution.double\n",
            r"TestDouble\.test_four compares with the solution: mark it @hidden",
        ),
    ],
)
def test_what_cannot_be_cut_is_refused(was: str, becomes: str, told: str) -> None:
    assert was in MODULE
    module = MODULE.replace(was, becomes)
    if told == "^$":
        text = visible_tests({"test_a.py": module})
        assert "(9,)" not in text and "hidden=True" not in text and "draw" not in text
    else:
        with pytest.raises(FairmarkError, match=told):
            visible_tests({"test_a.py": module})
