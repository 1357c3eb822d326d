"""Drawing an exercise's inputs, and asking the instructor's solution what is right.

What the solution gives is what answers are compared with, so it is looked at with care: a solution
that is left to chance, changes its arguments or cannot stand the inputs is named in one line.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.errors import FairmarkError
from fairmark.guest.seeds import seed
from fairmark.harness.proxy import Mismatch
from fairmark.inline import layouts
from fairmark.inline.exercise import Exercise
from fairmark.testing import assert_close
from fairmark.wire.codec import Decoder, Encoder, WireError

_TRIES = 20
"""How often an input is drawn for each that is wanted: few different ones may exist."""
NARROW_TOLERANCE = {"rtol": 1e-3, "atol": 1e-4}
"""For answers to float32 inputs."""
_STEADY = {"rtol": 1e-4, "atol": 1e-5}
"""How little the solution's answer may change by float32, for it to be asked of students."""


@dataclass(frozen=True)
class Case:
    """A call and its right result; plain data."""

    arguments: tuple[Any, ...]
    result: Any


@dataclass(frozen=True)
class Cases:
    """All that the tests of one exercise need."""

    examples: tuple[Case, ...]
    random: tuple[Case, ...]
    narrow: tuple[Case, ...]
    """Random inputs with float32 arrays; none where that makes no sense."""
    layouts: tuple[str, ...]
    """The layouts of arrays that the solution can stand."""
    seconds: float
    """The longest that one call of the solution took."""

    @property
    def may_change_inputs(self) -> bool:
        """Whether an answer could change its arguments at all."""
        return any(map(_is_mutable, self.random[0].arguments))


def examine(exercise: Exercise, solution: Callable[..., Any], secret: str) -> Cases:
    """Return the cases of an exercise; raise FairmarkError with what is wrong, in one line.

    ``secret`` decides what is drawn. Who does not know it cannot draw the same.
    """
    with _generators_kept():
        asked = _Asked(exercise, solution)
        examples = _examples(exercise, asked)
        drawn = _drawn(exercise, secret, [case.arguments for case in examples])
        for number, arguments in enumerate(drawn, 1):
            _fit(solution, arguments, exercise.function, f"random input {number}")
        cases = [asked.case(arguments, f"random input {n}") for n, arguments in enumerate(drawn, 1)]
        return Cases(
            tuple(examples),
            tuple(_told_apart(cases)),
            tuple(_narrow(asked, cases[0])),
            tuple(name for name in layouts.NAMES if _stands(asked, cases[0], name)),
            asked.seconds,
        )


def plain(value: object, what: str) -> Any:
    """Return a copy of a value as plain data; raise FairmarkError where it is none."""
    return Decoder(tensors=True).decode(tree_of(value, what))


def tree_of(value: object, what: str) -> Any:
    """Return a value as a tree of the wire; raise FairmarkError where it is no plain data."""
    try:
        return Encoder().encode(value)
    except WireError as error:
        raise FairmarkError(
            f"{what} is no plain data ({error}): write a grader for this exercise"
        ) from None


class _Asked:
    """The solution, asked with copies, so that it can change nothing of ours."""

    def __init__(self, exercise: Exercise, solution: Callable[..., Any]) -> None:
        self.exercise = exercise
        self._solution = solution
        self.seconds = 0.0

    def case(self, arguments: tuple[Any, ...], where: str) -> Case:
        """Return a call with its result, having looked at how the solution behaves."""
        name = self.exercise.function
        before = tree_of(arguments, where)
        copy = Decoder(tensors=True).decode(before)
        result = self.result(lambda *given: self._solution(*given), copy, where, chance=1)
        if not _same(tree_of(copy, where), before):
            raise FairmarkError(
                f"the solution of {name} changes its arguments ({where}): students are asked not "
                "to; write a grader where that is meant"
            )
        again = Decoder(tensors=True).decode(before)
        other = self.result(lambda *given: self._solution(*given), again, where, chance=2)
        what = f"what {name} gives for {where}"
        if not _same(tree_of(result, what), tree_of(other, what)):
            raise FairmarkError(
                f"the solution of {name} is not deterministic: it gives another result when it is "
                f"called again ({where})"
            )
        return Case(plain(arguments, where), _as_data(result))

    def result(
        self, call: Callable[..., Any], arguments: Sequence[Any], where: str, chance: int = 1
    ) -> Any:
        """Call the solution in some way; an exception becomes one line."""
        seed(chance)
        started = time.perf_counter()
        try:
            return call(*arguments)
        except (Exception, SystemExit) as error:  # the instructor's code
            raise FairmarkError(
                f"the solution of {self.exercise.function} raised {_told(error)} for {where}"
            ) from None
        finally:
            self.seconds = max(self.seconds, time.perf_counter() - started)

    def in_layout(self, arguments: tuple[Any, ...], name: str) -> Any:
        """Call the solution with its arguments in another layout."""
        given = plain(arguments, "an input")
        return self.result(lambda *a: self._solution(*layouts.laid_out(a, name)), given, name)

    def fresh(self, arguments: tuple[Any, ...]) -> Any:
        """Call the solution with a copy of these arguments."""
        return self.result(self._solution, plain(arguments, "an input"), "an input")


def _examples(exercise: Exercise, asked: _Asked) -> list[Case]:
    found = []
    for number, arguments in enumerate(exercise.examples):
        where = "the example" if len(exercise.examples) == 1 else f"example {number + 1}"
        _fit(asked._solution, arguments, exercise.function, where)
        case = asked.case(arguments, where)
        if exercise.gives is not None:
            told = _as_data(plain(exercise.gives[number], "gives"))
            _compare(case, told, exercise, where)
            case = Case(case.arguments, told)
        found.append(case)
    return found


def _compare(case: Case, told: Any, exercise: Exercise, where: str) -> None:
    try:
        # The roles are turned: the solution is right, and gives= what may be wrong.
        _assert_close(told, case.result, exercise.tolerances, what="it")
    except Mismatch as mismatch:
        raise FairmarkError(
            f"gives is not what the solution of {exercise.function} gives for {where}: "
            f"{' '.join(mismatch.message.split()).rstrip('.')}"
        ) from None


def _drawn(
    exercise: Exercise, secret: str, examples: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The hidden inputs: all different, and none of them an example."""
    known = {repr(tree_of(arguments, "example")) for arguments in examples}
    found: list[tuple[Any, ...]] = []
    for number in range(exercise.hidden * _TRIES):
        arguments = _draw(exercise, secret, number)
        tree = repr(tree_of(arguments, "what random draws"))
        if tree != repr(tree_of(_draw(exercise, secret, number, chance=2), "what random draws")):
            raise FairmarkError("random draws from something else than its rng: use rng alone")
        if tree not in known:
            known.add(tree)
            found.append(arguments)
        if len(found) == exercise.hidden:
            break
    if len(found) < min(2, exercise.hidden):
        raise FairmarkError("random draws the same input again and again: draw it from rng")
    return found


def _told_apart(cases: Sequence[Case]) -> list[Case]:
    """The cases, the first two with different results; raise FairmarkError where all are the same.

    One that remembers its first result is told by these two, and a constant by all of them.
    """
    first, *others = cases
    result = tree_of(first.result, "the result")
    others.sort(key=lambda case: _same(tree_of(case.result, "the result"), result))
    if others and _same(tree_of(others[0].result, "the result"), result):
        raise FairmarkError(
            f"all {len(cases)} random inputs give the same result: an answer that knows it would "
            "get all hidden points; let random draw inputs with other results, or raise hidden="
        )
    return [first, *others]


def _draw(exercise: Exercise, secret: str, number: int, chance: int = 1) -> tuple[Any, ...]:
    digest = hashlib.sha256(f"{secret}\0{exercise.question}\0{number}".encode()).digest()
    seed(chance)
    try:
        arguments = exercise.random(np.random.default_rng(int.from_bytes(digest)))
    except (Exception, SystemExit) as error:  # the instructor's code
        raise FairmarkError(f"random raised {_told(error)}") from None
    if not isinstance(arguments, tuple):
        raise FairmarkError(
            "random must return a tuple of arguments, such as (x, y), or (x,) for one; it returned "
            f"a value of type {type(arguments).__name__}"
        )
    return arguments


def _fit(solution: Callable[..., Any], arguments: Sequence[Any], function: str, where: str) -> None:
    """Raise FairmarkError where a function does not take so many arguments."""
    try:
        signature = inspect.signature(solution)
    except (TypeError, ValueError):  # one that is not written in Python may not tell
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        number = f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}"
        raise FairmarkError(
            f"{where} has {number}, which {function}{signature} does not take: {error}"
        ) from None


def _narrow(asked: _Asked, case: Case) -> Iterator[Case]:
    """The input with float32 arrays, where the solution's answer to it hardly changes."""
    if not any(map(_is_double, case.arguments)):
        return
    narrow = tuple(v.astype(np.float32) if _is_double(v) else v for v in case.arguments)
    wide = tuple(v.astype(float) if isinstance(v, np.ndarray) else v for v in narrow)
    try:
        right = _as_data(asked.fresh(wide))
        _assert_close(_as_data(asked.fresh(narrow)), right, _STEADY)
    except (FairmarkError, Mismatch):
        return
    yield Case(narrow, right)


def _stands(asked: _Asked, case: Case, layout: str) -> bool:
    """Whether the solution gives the same in this layout: else it is not asked of students."""
    if not layouts.apply_to(case.arguments):
        return False
    try:
        found = _as_data(asked.in_layout(case.arguments, layout))
        _assert_close(found, case.result, asked.exercise.tolerances)
    except (FairmarkError, Mismatch):
        return False
    return True


def _same(one: Any, other: Any) -> bool:
    """Whether two trees hold the same; NaN is NaN."""
    return repr(one) == repr(other)


def _assert_close(
    actual: Any, expected: Any, tolerances: dict[str, float], what: str = "the answer"
) -> None:
    assert_close(actual, expected, **tolerances, hint="", what=what)


def _as_data(value: object) -> Any:
    """The value as the judge gets it: tensors are arrays."""
    return Decoder().decode(tree_of(value, "the result"))


def _is_double(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype == np.float64


def _is_mutable(value: object) -> bool:
    return not isinstance(value, (int, float, complex, str, bytes, np.generic, type(None)))


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextlib.contextmanager
def _generators_kept() -> Iterator[None]:
    """Put the global generators back: this may be the instructor's own kernel."""
    python, numpy, torch = random.getstate(), np.random.get_state(), sys.modules.get("torch")
    of_torch = torch.get_rng_state() if torch is not None else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if torch is not None and of_torch is not None:
            torch.set_rng_state(of_torch)
