"""Trying many cases, and keeping what came of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fairmark.course.course import Assignment, Course
from fairmark.sandbox import Sandbox
from fairmark.verify.tries import Tries
from tests.tiny import make_course


@dataclass(frozen=True)
class Length:
    """The length of a word."""

    letters: int = 0
    untried: str = ""

    def to_json(self) -> dict[str, Any]:
        """The outcome as data."""
        return asdict(self)


def length(word: str) -> Length:
    """What a worker does."""
    if word == "crash":
        raise RuntimeError(word)
    return Length(len(word))


def tries(assignment: Assignment, *words: str, whole: bool = True, afresh: bool = False) -> Any:
    """The tries of words whose key is themselves; no outcome of 3 letters holds."""
    found: Tries[str, Length] = Tries(
        assignment,
        {word: word for word in words},
        lambda data: Length(**data),
        holds=lambda word, outcome: outcome.letters != 3,
        workers=2,
        whole=whole,
        afresh=afresh,
        on_wait=None,
    )
    return found


def test_outcomes_are_kept_and_only_the_unknown_are_tried(tmp_path: Path) -> None:
    """By key; what does not hold, or could not be tried, is tried again."""
    sandboxes: list[Sandbox] = []

    def run(found: Any, first: Sequence[str], others: Sequence[str]) -> list[str]:
        def tester(sandbox: Sandbox) -> Any:
            sandboxes.append(sandbox)
            return length

        return sorted(
            found.run(
                first,
                others,
                narrow=lambda words: [word for word in words if word != "hopeless"],
                answers=(),
                tester=tester,
                failed=lambda reason: Length(untried=reason),
            )
        )

    assignment = make_course(tmp_path / "course").assignment("tiny")
    words = ("first", "four", "cat", "crash", "hopeless")
    found = tries(assignment, *words)
    assert found.unknown == list(words)
    assert run(found, words[:1], words[1:]) == ["cat", "crash", "first", "four"]
    assert {word: one.letters for word, one in found.outcomes.items()} == {
        "first": 5,
        "four": 4,
        "cat": 3,
        "crash": 0,
    }
    assert "crash" in found.outcomes["crash"].untried

    again = tries(assignment, *words)
    assert again.unknown == ["cat", "crash", "hopeless"]
    assert run(again, (), ()) == []
    assert len(sandboxes) == 2  # nothing to try starts nothing
    assert tries(assignment, *words, afresh=True).unknown == list(words)

    # A part leaves the outcomes of the others alone.
    part = tries(assignment, "another", whole=False)
    assert run(part, (), ["another"]) == ["another"]
    assert tries(assignment, "another", *words).unknown == ["cat", "crash", "hopeless"]


def test_one_worker_tries_what_uses_a_gpu(tmp_path: Path) -> None:
    """It keeps its turn, which another one would wait for until it has ended."""
    course = make_course(tmp_path / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.Fairmark.assignment_limits = {"tiny": {"gpu_memory_mib": 64}}\n')
    found = tries(Course.load(course.root).assignment("tiny"), "one", "two")
    done = found.run(
        ["one", "two"],
        (),
        narrow=lambda words: words,
        answers=(),
        tester=lambda sandbox: lambda word: Length(os.getpid()),
        failed=lambda reason: Length(untried=reason),
    )
    assert sorted(done) == ["one", "two"]
    assert len({outcome.letters for outcome in found.outcomes.values()}) == 1, found.outcomes
