"""Mistakes of which no student would ever be told."""

from __future__ import annotations

from dataclasses import replace

from fairmark.harness.diagnose import Lesson, Lessons
from fairmark.harness.observe import Observation
from fairmark.verify.lessons import is_recognised, never_named
from fairmark.verify.trials import Trial


def saw(value: float, name: str = "f") -> list[Observation]:
    return [Observation(name, "ok", ["array", [], [value]])]


def lesson(name: str, *functions: str, **seen: list[Observation]) -> Lesson:
    return Lesson(name, f"You have {name}.", functions or ("f",), tuple(seen), seen)


def problems(*lessons: Lesson) -> dict[str, str]:
    found = never_named(Lessons({"mean": lessons}), [])
    return {case: problem for _, case, problem, _ in found}


def test_each_has_a_test_of_its_own() -> None:
    assert problems(lesson("a", t=saw(1), u=saw(2)), lesson("b", t=saw(1), u=saw(3))) == {}


def test_twins() -> None:
    found = problems(lesson("a", t=saw(1)), lesson("b", t=saw(1)), lesson("c", t=saw(2)))
    assert list(found) == ["mean: b"]
    assert "no test tells it from a" in found["mean: b"]


def test_one_that_stands_in_another_ones_shadow() -> None:
    # what g says in u speaks against the first, and not against the second, which is about f
    first = Lesson("a", "You have a.", ("g",), ("t",), {"t": saw(1), "u": saw(5, "g")})
    second = Lesson("b", "You have b.", ("f",), ("t",), {"t": saw(1), "u": saw(6, "g")})
    found = problems(first, second)
    assert list(found) == ["mean: a"]
    assert "another mistake fits as well" in found["mean: a"]
    assert problems(first, replace(second, functions=("g",))) == {}


def test_what_differs_from_run_to_run_is_not_recognised() -> None:
    known = lesson("a", t=saw(1, "model"), u=saw(2, "model"))
    for again, expected in (
        ({"t": saw(1, "model"), "u": saw(2, "model")}, True),
        ({"t": saw(1.1, "model"), "u": saw(2.1, "model")}, False),
        ({"t": saw(1, "other"), "u": saw(2.1, "model")}, False),
    ):
        assert is_recognised(known, Trial(observations=again)) == expected
    nothing_failed = Lesson("b", "You have b.", ("f",), (), {"t": saw(1)})
    assert is_recognised(nothing_failed, Trial(observations={"t": saw(3)}))


def test_an_answer_that_is_left_to_chance() -> None:
    known = lesson("a", "f", t=saw(1), u=saw(2, "model"))
    assert is_recognised(known, Trial(observations={"t": saw(1.5), "u": saw(3, "model")}))
    steady = lesson("a", "f", t=saw(1, "model"))
    assert not is_recognised(steady, Trial(observations={"t": saw(3, "model")}))
