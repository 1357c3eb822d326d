"""The tests of a notebook whose check cells describe them: made here, and kept in no file.

The instructor's solution says what is right. It is run once, in a process of its own, on the
examples and on inputs that are drawn by a secret; what came of it is data, and the graders hold
nothing else. Who does not know the solution's text does not know the secret.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgpack

from fairmark.course.checkcalls import CheckCall, call_faults, check_calls
from fairmark.course.handout import state_of
from fairmark.course.marks import mark_of
from fairmark.errors import FairmarkError, SeveralErrors
from fairmark.inline.examine import Case, Cases
from fairmark.inline.exercise import Exercise
from fairmark.inline.write import CASES, full_module, visible_module
from fairmark.sandbox import Limits
from fairmark.syntax.names import global_uses
from fairmark.syntax.slices import only_statements, statements_run
from fairmark.wire.codec import Decoder

if TYPE_CHECKING:
    from nbformat import NotebookNode

_CALLS = 12
"""About how often the tests of one exercise call the answer, beside the random inputs."""


@dataclass(frozen=True)
class InlineChecks:
    """The exercises of one notebook whose check cells describe their tests."""

    source: Path
    notebook: NotebookNode
    limits: Limits

    @functools.cached_property
    def calls(self) -> list[CheckCall]:
        """The check cells, in the notebook's order."""
        return check_calls(self.notebook)

    @functools.cached_property
    def questions(self) -> frozenset[str]:
        """The exercises."""
        return frozenset(call.question for call in self.calls)

    @functools.cached_property
    def program(self) -> list[tuple[int, str]]:
        """What has to be run: statements of the notebook's cells, with their numbers."""
        cells = [str(c.source) if _is_run(c) else "" for c in self.notebook.cells]
        kept: set[tuple[int, int]] = set()
        for call in self.calls:
            statement = ast.Expr(call.node)
            wanted = (global_uses(statement) | {call.function}) - {"check"}
            kept |= statements_run(cells[: call.number - 1], wanted)
        places = {place for place, _ in kept}
        found = {
            place + 1: only_statements(cells[place], {n for p, n in kept if p == place})
            for place in places
        }
        found |= {call.number: ast.unparse(call.node) for call in self.calls}
        return sorted(found.items())

    def text(self, question: str = "") -> str:
        """Return all that decides about the tests of one question, or of all."""
        last = max((c.number for c in self.calls if question in ("", c.question)), default=0)
        others = {c.number for c in self.calls if question not in ("", c.question)}
        return json.dumps(
            [cell for cell in self.program if cell[0] <= last and cell[0] not in others]
        )

    def described(self) -> list[tuple[Exercise, Cases]]:
        """Return the exercises with their cases; raise SeveralErrors with what is wrong."""
        if faults := list(call_faults(self.notebook)):
            raise SeveralErrors(*(f"{self.source}: {fault}" for fault in faults))
        if not self.calls:
            return []
        folder = self.source.parent
        stamps = tuple(state_of([folder]))
        secrets = tuple((str(call.number), self._secret(call)) for call in self.calls)
        seconds = 2 * self.limits.question_seconds + self.limits.cell_seconds
        found = _evaluated(folder, tuple(self.program), secrets, seconds, stamps)
        labels = {call.number: call.label for call in self.calls}
        faults = [
            f"{self.source}: {labels.get(int(number), f'cell {number}')}: {result['fault']}"
            for number, result in found.items()
            if "fault" in result
        ]
        if faults:
            raise SeveralErrors(*faults)
        made = [_made(found[number]) for number, _ in secrets]
        if faults := list(self._too_slow(made)):
            raise SeveralErrors(*faults)
        return made

    def visible(self) -> str:
        """Return the module with the tests that students get: examples, and no solution."""
        return visible_module(self.described())

    def text_for_judge(self) -> str:
        """Return the text of the grader module, hidden tests and all; it holds no case."""
        return full_module(self.described())

    def module(self) -> ModuleType:
        """Return the grader module, ready to be collected."""
        described = self.described()
        module = ModuleType("inline_checks")
        vars(module)[CASES] = {exercise.question: cases for exercise, cases in described}
        exec(compile(full_module(described), str(self.source), "exec"), vars(module))
        return module

    def _secret(self, call: CheckCall) -> str:
        """What decides about the hidden inputs of an exercise: the solution is a part of it."""
        return hashlib.sha256(self.text(call.question).encode()).hexdigest()

    def _too_slow(self, described: list[tuple[Exercise, Cases]]) -> Iterator[str]:
        for call, (exercise, cases) in zip(self.calls, described, strict=True):
            limits, calls = self.limits, len(cases.random) + _CALLS
            longest = min(limits.call_seconds / 2, limits.question_seconds / 2 / calls)
            if cases.seconds > longest:
                yield (
                    f"{self.source}: {call.label}: the solution of {exercise.function} is slow: a "
                    f"call took {cases.seconds:.2g} seconds, and {longest:.2g} leave students half "
                    "of their time; make the inputs smaller, or raise c.Fairmark.limits"
                )


def _is_run(cell: Any) -> bool:
    """Whether a cell can define what a check cell needs: code, and no test."""
    mark = mark_of(cell)
    return cell.cell_type == "code" and not (mark.get("grade") and not mark.get("solution"))


@functools.lru_cache(maxsize=16)
def _evaluated(
    folder: Path,
    program: tuple[tuple[int, str], ...],
    secrets: tuple[tuple[str, str], ...],
    seconds: float,
    _stamps: tuple[Any, ...],
) -> dict[str, Any]:
    """Run the program in a process of its own; return what came of each check cell."""
    job = {"cells": list(program), "secrets": dict(secrets), "seconds": seconds}
    # Of a set's texts, the order is another in each process, unless it is told.
    settings = {"MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "fairmark.inline.run"],
            input=json.dumps(job).encode(),
            capture_output=True,
            cwd=folder,
            env=os.environ | settings,
            timeout=60 + 2 * seconds * len(program),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FairmarkError(f"{folder}: what the check cells need does not end") from None
    if done.returncode != 0 or not done.stdout:  # it may have ended itself, with any code
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise FairmarkError(
            f"{folder}: what the check cells need ended with code {done.returncode}: "
            f"{said[-1]:.200}"
        )
    found: dict[str, Any] = msgpack.unpackb(done.stdout, strict_map_key=False)
    return found


def _made(result: dict[str, Any]) -> tuple[Exercise, Cases]:
    cases = result["cases"]
    kinds = {
        kind: tuple(_case(tree) for tree in cases[kind])
        for kind in ("examples", "random", "narrow")
    }
    exercise = Exercise(**result["exercise"], examples=(), gives=None, random=_drawn_already)
    return exercise, Cases(**kinds, layouts=tuple(cases["layouts"]), seconds=cases["seconds"])


def _case(tree: Any) -> Case:
    arguments, result = Decoder(tensors=True).decode(tree)
    return Case(arguments, result)


def _drawn_already(_rng: object) -> Any:
    raise AssertionError("the inputs are drawn in another process")
