"""Mistakes on a free course: what right answers leave free says nothing against one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fairmark.harness.diagnose import Lesson, Lessons
from fairmark.harness.freedom import contradicts, leaves_free, marked, unusual
from fairmark.harness.observe import Observation, agree, agreement, numbers_of, summarise
from fairmark.harness.report import TestResult
from tests.harness.test_observe import VALUES


def trained(*losses: float, image: float = 0.5, name: str = "train") -> Observation:
    """A training's result: an image on a course of its own, and the losses."""
    return Observation(name, "ok", summarise([[image, image + 1], list(losses)]))


RIGHTS = [
    [trained(3.25, 1.5, image=0.1), trained(7.75, 2.5, image=0.2)],
    [trained(3.25, 1.9, image=0.3), trained(7.75, 3.5, image=0.4)],
]
"""Two right answers: the first loss is the same, the rest hangs on the optimiser."""
WRONG = [trained(6.5, 4.5, image=0.7), trained(15.5, 5.5, image=0.8)]
"""A misconception that doubles the losses."""


def lesson(**seen: list[Observation]) -> Lesson:
    free = {key: marked(some, RIGHTS) for key, some in seen.items()}
    return Lesson("doubled", "You double.", ("train",), ("t",), seen, free)


def test_numbers_are_marked() -> None:
    assert marked(WRONG, RIGHTS) == ["~~!~", "~~!~"]
    assert marked([trained(3.25, 1.9, image=0.7)], RIGHTS) == ["~~.?"]
    # whatever is no value, or not reached by a right answer, is compared as it is
    error = Observation("train", "error", "ValueError")
    assert marked([error, trained(1), trained(1), trained(1)], RIGHTS) == ["", "~~~", "", ""]
    # something else than right answers give: its numbers are free where theirs are
    assert marked([Observation("train", "ok", summarise(4.5))], RIGHTS) == ["~"]
    assert marked([trained(4.5)], [[trained(3.25, 1.5)]]) == ["!!!"]
    # what right answers disagree about altogether cannot be compared
    shapes = [[trained(1, 2)], [trained(1, 2, 3)]]
    assert marked([trained(4, 2)], shapes) == ["*??~?"]
    assert marked([trained(1, 2)], [[trained(1, 2)], [error]]) == ["*????"]


def test_a_number_may_hang_on_what_came_before() -> None:
    """Two orders of layers give two results; who has one of the orders is bound to its result."""
    rights = [[trained(1.5), trained(2.5)], [trained(3.5), trained(4.5)]]
    assert marked([trained(1.5), trained(9.5)], rights) == ["..?", "..!"]
    assert marked([trained(8.5), trained(9.5)], rights) == ["..~", "..~"]


def test_rounding_is_no_freedom() -> None:
    rights = [[trained(3.25, 1.5)], [trained(3.25 * (1 + 3e-5), 1.5)]]
    assert marked([trained(6.5, 4.5)], rights) == ["..!!"]
    assert not leaves_free(marked([trained(6.5, 4.5)], rights))
    assert leaves_free(marked(WRONG, RIGHTS))


def diagnosed(
    known: Sequence[Lesson], failed: tuple[str, ...] = ("t",), **seen: list[Observation]
) -> list[str | None]:
    tests = [TestResult(key, key, False, 1.0, key not in failed) for key in seen]
    found = Lessons({"q": known}).diagnose("q", tests, seen)
    return [test.misconception for test in found]


def test_another_test_may_differ_in_what_is_free() -> None:
    known = lesson(t=WRONG, u=WRONG)
    course = [trained(6.5, 4.1), trained(15.5, 5.1, image=0.9)]
    assert diagnosed([known], t=WRONG, u=course) == ["doubled", None]
    assert diagnosed([replace(known, free={})], t=WRONG, u=course) == [None, None]
    # the failing test has to see the same, and that has to be unlike right answers
    assert diagnosed([known], t=course, u=course) == [None, None]
    usual = [trained(3.25, 1.5, image=0.1)]
    assert diagnosed([lesson(t=usual, u=WRONG)], t=usual, u=course) == [None, None]
    # in what is not free another test contradicts, also by an error or another form
    for other in (
        [trained(3.25, 4.5, image=0.7), WRONG[1]],
        [trained(6.5, 4.1), trained(14.5, 5.1)],
        [trained(6.5, 4.1), Observation("train", "error", "ValueError")],
        [trained(6.5, 4.1), trained(15.5)],
    ):
        assert diagnosed([known], t=WRONG, u=other) == [None, None]
    # other tests fail, or two mistakes fit
    assert diagnosed([known], ("t", "u"), t=WRONG, u=course) == [None, None]
    assert diagnosed([known], (), t=WRONG, u=course) == [None, None]
    assert diagnosed([known, replace(known, name="x")], t=WRONG, u=course) == [None, None]


def test_few_numbers_are_no_evidence() -> None:
    few = [Observation("train", "ok", summarise([6.5, 0.25, 7.0]))]
    rights = [[Observation("train", "ok", summarise([n, n, n]))] for n in (1.5, 2.5)]
    assert unusual(few, marked(few, rights), ("train",)) == {6.5, 0.25}
    assert unusual(few, marked(few, rights), ("other",)) == set()
    free = {"t": marked(few, rights), "u": marked(WRONG, RIGHTS)}
    known = Lesson("few", "Few.", ("train",), ("t",), {"t": few, "u": WRONG}, free)
    assert diagnosed([known], t=few, u=[trained(6.5, 4.1), WRONG[1]]) == [None, None]


def test_other_functions_contradict_nothing() -> None:
    mine = [trained(6.5, 4.5), trained(2.5, 1.5, name="other"), trained(8.5, 9.5)]
    marks = ["~~!~", "!!!!", "!!!!"]
    theirs = [trained(6.5, 4.1), trained(1.5, 1.5, name="other"), trained(9.5, 9.5)]
    assert not contradicts(theirs, mine, marks, ("train",))
    assert contradicts(theirs, mine, marks, ("train", "other"))
    assert contradicts([trained(1.5)], [trained(2.5)], ["!!!"], ("train",))
    assert not contradicts([trained(1.5)], [trained(2.5)], ["*~~~"], ("train",))
    assert not contradicts([trained(1.5)], [Observation("x", "ok")], ["~"], ("train",))


def test_marks_survive_json() -> None:
    lessons = Lessons({"q": [lesson(t=WRONG)]})
    data = json.loads(json.dumps(lessons.to_json()))
    assert Lessons.from_json(data) == lessons
    assert Lessons.from_json(data).only({"q": set()}).by_question["q"] == []
    data["q"][0]["free"] = {"t": [4]}
    with pytest.raises(TypeError):
        Lessons.from_json(data)


@pytest.mark.parametrize("first", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize("second", VALUES, ids=range(len(VALUES)))
def test_agreement_says_what_agree_says(first: Any, second: Any) -> None:
    one, other = summarise(first), summarise(second)
    found = agreement(one, other)
    assert (found is not None and all(found)) == agree(one, other)
    if found is not None:
        assert len(found) == len(list(numbers_of(one))) == len(list(numbers_of(other)))
