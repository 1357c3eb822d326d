"""Functions whose results are the slopes of another function, by differences of that one.

Whether they are is found out, and not read: each argument is moved a little, and what the other
function of the reference makes of it is compared with what came. Then the hints say what the
numbers mean. A test by differences is a candidate as others are: the reference's own values tell
right from wrong already, so it is kept only where they do not.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.course.course import Assignment
from fairmark.draft.ask import Known
from fairmark.draft.choose import is_usual
from fairmark.draft.forms import Form
from fairmark.draft.inputs import Case, made
from fairmark.draft.references import helpers_of, solutions_module
from fairmark.draft.results import Failure, asked
from fairmark.draft.texts import Text
from fairmark.draft.write import Property, looped, target
from fairmark.grading.modules import importable
from fairmark.harness.proxy import Submission
from fairmark.inline.write import listed

Helper = Callable[..., Any]

_STEP = 1e-5
_CASES = 3
_ENTRIES = 6
"""So many numbers of an argument are moved."""
_CLOSE = 1e-5
"""How far from the differences, as a share of the largest: their own error is smaller by far."""


@dataclass(frozen=True)
class Slope:
    """A part of a function's result: how fast another function grows with an argument."""

    part: str
    """As an expression, such as ``answer[0]``."""
    slot: str
    helper: str
    value: str
    """The number that grows, as an expression of the arguments; ``{}`` is the other function."""
    says: str
    """The same in words."""
    module: str
    """Where a grader imports the other function from."""


def slopes_of(
    assignment: Assignment, known: Sequence[Known], submission: Submission
) -> list[Slope]:
    """Return what a function's results are slopes of, in all inputs tried; mostly nothing."""
    usual = [one for one in known if is_usual(one) and not one.signless]
    alike = [one for one in usual if one.case.form is usual[0].case.form][:_CASES]
    if not alike or not any(_is_moved(alike[0].case.form, name) for name in _named(alike[0].case)):
        return []
    try:
        cases = [_drawn(one, submission) for one in alike]
    except Failure:
        return []
    module, helpers = helpers_of(assignment, alike[0].case.form.function)
    found: dict[str, Slope] = {}
    for helper, parameters in helpers.items():
        way = _way_to(assignment, module, helper, submission)
        for value, says in _values(helper, parameters, cases, way):
            for part, slot in itertools.product(_parts(cases[0][1]), _named(cases[0][0])):
                if part not in found and _is_slope(part, slot, value, cases, way):
                    found[part] = Slope(part, slot, helper, value, says, module)
    return list(found.values())


def hint_of(slopes: Sequence[Slope], text: Text) -> str:
    """Return a hint that says what the numbers mean; "" where the text is about other things."""
    if not slopes or not text.is_about_slopes:
        return ""
    by_value: dict[str, list[str]] = {}
    for one in slopes:
        by_value.setdefault(one.says, []).append(one.slot)
    grows = [f"{says} grows with a number of {listed(slots)}" for says, slots in by_value.items()]
    return f"Each number says how fast {listed(grows)}: move that one a little, and compare."


def properties_of_differences(
    known: Sequence[Known], number: int, slopes: Sequence[Slope]
) -> Iterator[Property]:
    """Yield a test that compares the parts of a result with differences, on so many inputs."""
    if not slopes:
        return
    form = known[0].case.form
    arguments = ", ".join(f"{s.name}={s.name}" if s.keyword else s.name for s in form.slots)
    lines = [f"answer = {target(form.function)}({arguments})"]
    for one in slopes:
        value = one.value.format(f"reference.{one.helper}")
        lines += [
            f"way = rng.normal(size=np.shape({one.slot}))",
            f"expected = _growth(lambda {one.slot}: {value}, {one.slot}, way)",
            f'what = "how fast {one.says} grows when {one.slot} moves some way"',
            f"assert_close(np.sum(way * as_array({one.part})), expected, **CLOSE, what=what)",
        ]
    title = f"{form.function} gives how fast {listed([*{one.says: 0 for one in slopes}])} grows."
    cases = [one.case for one in known[:number]]
    yield Property(form.function, "differences", title, True, looped(cases, lines))


def _way_to(assignment: Assignment, module: str, helper: str, submission: Submission) -> Helper:
    """The other function: of the reference, else the solution in the sandbox."""
    if module == solutions_module(assignment):
        return submission[helper]
    with importable(assignment.course.root):
        found: Helper = getattr(importlib.import_module(module), helper)
    return found


def _drawn(one: Known, submission: Submission) -> tuple[Case, Any]:
    """A case like this one with all digits, at no bound, and its result."""
    case = made(one.case.setting, np.random.default_rng(5), exact=True)
    return case, asked(case, submission)


def _named(case: Case) -> dict[str, Any]:
    """The arguments by name."""
    given = iter(case.args)
    return {
        slot.name: case.kwargs[slot.name] if slot.keyword else next(given)
        for slot in case.form.slots
    }


def _is_moved(form: Form, name: str) -> bool:
    """Whether an argument is made of numbers that can be moved a little."""
    for slot in form.slots:
        if slot.name == name:
            floats = slot.kind == "array" and bool(slot.pool) and slot.pool[0].dtype.kind == "f"
            return slot.kind == "float" or floats
    return False


def _parts(result: Any) -> dict[str, Any]:
    """The parts of a result, by the expressions for them."""
    if isinstance(result, dict):
        return {f"answer[{key!r}]": value for key, value in result.items()}
    if isinstance(result, tuple | list) and any(isinstance(part, np.ndarray) for part in result):
        return {f"answer[{place}]": value for place, value in enumerate(result)}
    return {"answer": result}


def _numbers(value: Any) -> np.ndarray[Any, Any] | None:
    """A part of a result as an array; None where it is none of numbers."""
    try:
        found = np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        return None
    return found if found.dtype.kind in "fiu" else None


def _values(
    helper: str, parameters: Sequence[str], cases: Sequence[tuple[Case, Any]], way: Helper
) -> Iterator[tuple[str, str]]:
    """The numbers that may be meant, as expressions and in words.

    They are what the other function gives, or the sum of it, weighed by an argument of its shape.
    """
    named = _named(cases[0][0])
    if not parameters or not set(parameters) <= named.keys():
        return
    call = f"{{}}({', '.join(parameters)})"
    try:
        result = _numbers(way(*(named[name] for name in parameters)))
    except Exception:  # the reference's own code may refuse arguments of another function
        return
    if result is None or result.dtype.kind != "f":
        return
    if not result.ndim:
        yield call, helper
        return
    for name in named:
        if name not in parameters and np.shape(named[name]) == result.shape:
            yield f"np.sum({name} * {call})", f"the sum of {name} * {helper}"
    yield f"np.sum({call})", helper


def _is_slope(
    part: str, slot: str, value: str, cases: Sequence[tuple[Case, Any]], way: Helper
) -> bool:
    """Whether a part is, in all cases, how fast a value grows with an argument."""
    random = np.random.default_rng(0)
    some = False
    for case, result in cases:
        named = _named(case)
        given = _parts(result).get(part)
        if not _is_moved(case.form, slot):
            return False
        slopes, at = _numbers(given), np.asarray(named[slot], dtype=float)
        if slopes is None or slopes.shape != at.shape or not slopes.size:
            return False
        scale = float(np.abs(slopes).max())
        some = some or scale > 0
        places = list(np.ndindex(at.shape))
        for place in (places[i] for i in random.permutation(len(places))[:_ENTRIES]):
            try:
                found = _difference(value, way, named, slot, at, place)
            except Exception:  # as above
                return False
            if not abs(found - slopes[place]) <= _CLOSE * max(scale, 1e-3):
                return False
    return some


def _difference(
    value: str,
    way: Helper,
    named: Mapping[str, Any],
    slot: str,
    at: np.ndarray[Any, Any],
    place: tuple[int, ...],
) -> float:
    """How fast a value grows with one number."""
    found = []
    for step in (_STEP, -_STEP):
        moved = at.copy()
        moved[place] += step
        scope = {**named, slot: moved if at.ndim else float(moved), "np": np, "way": way}
        found.append(float(eval(value.format("way"), scope)))
    return (found[0] - found[1]) / (2 * _STEP)
