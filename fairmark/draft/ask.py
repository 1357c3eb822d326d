"""Asking answers: what the instructor's gives, and which cases a mutant is noticed by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fairmark.draft.edges import is_noise, is_on_edge
from fairmark.draft.forms import Form, at_recorded_sizes, tied
from fairmark.draft.inputs import Case, Style, cases_of, made
from fairmark.draft.pace import seconds_used
from fairmark.draft.results import Failure as Failure
from fairmark.draft.results import Tolerance as Tolerance
from fairmark.draft.results import asked
from fairmark.draft.results import compare as compare
from fairmark.draft.texts import Text
from fairmark.harness.proxy import (
    Mismatch,
    ProcessDied,
    Remote,
    StudentError,
    Submission,
    TimeLimitExceeded,
)
from fairmark.testing import assert_close
from fairmark.wire.codec import WireError

_SLOW = 1.0
"""A call that takes the right answer more processor seconds than this is asked of nobody."""
_TRIED_EDGES = 3
_MAX_VALUES = 20_000
_LEAST_RECORDS = 3
_MOST_CASES = 70
_DRAWS, _DRAWS_OF_WHOLE = 2, 12
_LEAST = 1e-4
"""Less than this is asked of nobody: an honest answer may be computed in float32."""


@dataclass(frozen=True)
class Known:
    """A case with what is right."""

    case: Case
    result: Any
    raises: str = ""
    """The exception that the text says is raised here; then there is no result."""
    keeps_inputs: bool = True
    """Whether the right answer leaves the arguments as they are."""
    on_edge: bool = False
    """Whether the least change of an input changes the result by a jump."""
    signless: bool = False
    """Whether only the sizes of the results count."""
    steady: bool = True
    """Whether other draws of the same sizes and values can be asked, too."""
    is_record: bool = False
    """Whether the result is a dictionary with the same names whatever comes in."""
    drawn: bool = False
    """Whether its arrays are what the generator 0 draws, for they are too large to be written."""


def right_of(
    forms: Sequence[Form],
    submission: Submission,
    reference: Callable[..., Any] | None,
    text: Text,
) -> list[Known]:
    """Return the cases of a function's forms that can be asked, with what is right."""
    styles: list[Style] = ["recorded", "random", "whole"]
    if text.is_about_large_values:
        styles.append("large")
    if text.errors:
        styles.append("edges")
    if text.allows_integers:
        styles.append("integers")
    found: list[Known] = []
    for form in forms:
        known = right(cases_of(form, styles), submission, reference, text)
        if all(one.case.style == "recorded" for one in known):
            other = tied(form, text)
            other = replace(other, keeps=form.keeps) if other is not None else None
            more = cases_of(other, styles) if other is not None else ()
            known += right(more, submission, reference, text)
        if all(one.case.style == "recorded" for one in known):
            for fixed in at_recorded_sizes(form):
                known += right(cases_of(fixed, styles), submission, reference, text)
        found += known[:_MOST_CASES]
    return found


def right(
    cases: Iterable[Case],
    submission: Submission,
    reference: Callable[..., Any] | None,
    text: Text,
) -> list[Known]:
    """Return the cases that can be asked of students, with what the right answer gives.

    Left out are those that the right answer refuses (unless the text says how), that it answers in
    another way each time, slowly or with what is no data; where there is a reference, those on
    which the two differ; and those whose result jumps at the least change of an input, unless the
    text says what happens there.
    """
    found: list[Known] = []
    seen: list[str] = []
    for case in cases:
        if (key := repr((case.form.function, case.args, case.kwargs))) in seen:
            continue
        seen.append(key)
        known = _right(case, submission, reference, text)
        if known is None or (known.on_edge and not text.compares):
            continue
        found.append(_steadied(known, submission, reference, text))
    if found and not any(one.case.style == "recorded" for one in found):
        found += _drawn(found, submission, reference, text)
    return _with_records(found)


def _with_records(found: list[Known]) -> list[Known]:
    """The same, having looked whether all results have the same names: then others do no harm."""
    results = [one.result for one in found if not one.raises]
    names = {tuple(result) if isinstance(result, dict) else None for result in results}
    if len(results) < _LEAST_RECORDS or len(names) != 1:
        return found
    (keys,) = names
    is_record = bool(keys) and all(isinstance(key, str) for key in keys or ())
    return [replace(one, is_record=is_record and not one.raises) for one in found]


def _steadied(
    one: Known, submission: Submission, reference: Callable[..., Any] | None, text: Text
) -> Known:
    """The same, having looked whether other draws are as good."""
    if one.raises or one.case.style == "recorded":
        return one
    for number in range(11, 11 + (_DRAWS_OF_WHOLE if _has_whole(one.case) else _DRAWS)):
        other = made(one.case.setting, np.random.default_rng(number), exact=True)
        try:
            result = asked(other, submission)
        except Failure:
            return replace(one, steady=False)
        agrees = reference is None or _agrees(other, result, reference, text.leaves_sign)
        if not agrees or not is_usable(result):
            return replace(one, steady=False)
    return one


def _has_whole(case: Case) -> bool:
    """Whether numbers may, by chance, add up to 0, be all equal, or all different."""
    pools = [np.asarray(slot.pool[0]) for slot in case.form.slots if slot.is_array and slot.pool]
    return case.style == "whole" or any(pool.dtype.kind in "iub" for pool in pools)


def _drawn(
    found: Sequence[Known],
    submission: Submission,
    reference: Callable[..., Any] | None,
    text: Text,
) -> list[Known]:
    """One more example, for where no input is small enough to be written: one that is drawn."""
    for one in found:
        if one.steady and not one.raises and any(s.is_array for s in one.case.form.slots):
            case = made(one.case.setting, np.random.default_rng(0), exact=True)
            known = _right(case, submission, reference, text)
            return [replace(known, drawn=True)] if known is not None else []
    return []


def _right(
    case: Case, submission: Submission, reference: Callable[..., Any] | None, text: Text
) -> Known | None:
    try:
        started = seconds_used(submission)
        result = asked(case, submission)
        again = asked(case, submission)
        seconds = seconds_used(submission) - started
        assert_close(again, result, rtol=1e-9, atol=1e-12)
    except StudentError as error:
        return _refusal(case, error, reference, text)
    except Failure:
        return None
    if seconds > 2 * _SLOW or not is_usable(result):
        return None
    signless = text.leaves_sign
    if reference is not None and not _agrees(case, result, reference, signless):
        return None
    if case.style == "large":
        try:
            with submission.silent():
                asked(case, submission)
        except Failure:
            return None
    on_edge = is_on_edge(case, result, submission)
    if not on_edge and is_noise(case, result, submission):
        return None
    kept = keeps(case, submission)
    return Known(case, result, keeps_inputs=kept, on_edge=on_edge, signless=signless)


def _refusal(
    case: Case, error: StudentError, reference: Callable[..., Any] | None, text: Text
) -> Known | None:
    told = next((name for name in text.errors if name in error.types), "")
    if not told:
        return None
    if reference is not None:
        try:
            reference(*case.args, **case.kwargs)
        except Exception as refused:
            if told not in {cls.__name__ for cls in type(refused).__mro__}:
                return None
        else:
            return None
    return Known(case, None, raises=told)


def is_usable(result: Any) -> bool:
    """Whether a result is data that a person can compare: no object, no nan, not endless."""
    if isinstance(result, Remote) or result is None:
        return False
    if isinstance(result, np.ndarray):
        finite = result.dtype.kind not in "fc" or bool(np.isfinite(result).all())
        is_nothing = result.ndim > 1 and not result.size  # as a list it has one axis
        return finite and result.size <= _MAX_VALUES and not is_nothing
    if isinstance(result, float | complex):
        return bool(np.isfinite(result))
    if isinstance(result, list | tuple):
        return all(v is None or is_usable(v) for v in result) and len(result) < 5000
    if isinstance(result, dict):
        return all(v is None or is_usable(v) for v in result.values())
    return isinstance(result, bool | int | str | np.generic)


def _agrees(case: Case, result: Any, reference: Callable[..., Any], signless: bool) -> bool:
    try:
        other = plain(reference(*_copied(case.args), **_copied(case.kwargs)))
        compare(result, other, Tolerance(1e-5, 1e-7, ""), signless)
    except (Exception, SystemExit):  # the instructor's code may raise anything
        return False
    return True


def plain(value: Any) -> Any:
    """The result of a reference as it would arrive from a student: tensors are arrays."""
    from fairmark.wire.codec import Decoder, Encoder

    return Decoder().decode(Encoder().encode(value))


def _copied(values: Any) -> Any:
    import copy

    return copy.deepcopy(values)


def keeps(case: Case, submission: Submission) -> bool:
    """Whether an answer leaves its arguments as they are."""
    try:
        with submission.inputs_unchanged():
            asked(case, submission)
    except Failure:
        return False
    return True


# --- Tolerances -------------------------------------------------------------------------------


def tolerance_of(known: Sequence[Known], submission: Submission) -> Tolerance:
    """How far answers may be off: what single precision costs the right answer, with room."""
    spread, is_single = 0.0, False
    tried = 0
    for one in known:
        if one.raises or tried >= _TRIED_EDGES * 4:
            continue
        single, narrow = _narrow(one.case)
        is_single = is_single or single
        if narrow is None:
            continue
        tried += 1
        try:
            spread = max(spread, _apart(asked(narrow, submission), one.result))
        except Failure:
            return _usual(is_single)
    if not tried or spread > 1e-3:
        return _usual(is_single)
    rtol = 10.0 ** np.ceil(np.log10(max(10 * spread, _LEAST)) - 1e-9)
    large = [_largest(one.result) for one in known if not one.raises]
    atol = rtol / 10 * 10.0 ** np.ceil(np.log10(max(1.0, float(np.median(large)))))
    reason = (
        f"the instructor's answer moves by {spread:.0e} of the largest value when its inputs are "
        "rounded to float32"
    )
    return Tolerance(float(f"{rtol:g}"), float(f"{atol:g}"), reason)


def _usual(is_single: bool) -> Tolerance:
    if is_single:
        return Tolerance(1e-4, 1e-5, "float32 has seven digits, and sums may run in another order")
    return Tolerance(1e-6, 1e-8, "float64 has sixteen digits; sums may run in another order")


def _largest(result: Any) -> float:
    """The largest number in a result."""
    if isinstance(result, list | tuple | dict):
        items = result.values() if isinstance(result, dict) else result
        return max(map(_largest, items), default=0.0)
    if isinstance(result, np.ndarray) and result.dtype.kind in "iufc":
        return float(np.abs(result).max()) if result.size else 0.0
    is_number = isinstance(result, int | float | np.number) and not isinstance(result, bool)
    return float(abs(result)) if is_number else 0.0


def _narrow(case: Case) -> tuple[bool, Case | None]:
    """Whether a call is in single precision already, and else the call rounded to it."""
    values = (*case.args, *case.kwargs.values())
    if any(hasattr(v, "numpy") for v in values):
        return True, None
    if not any(isinstance(v, np.ndarray) and v.dtype == np.float64 for v in values):
        return False, None

    def rounded(value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            return value.astype(np.float32)
        return value

    kwargs = {key: rounded(value) for key, value in case.kwargs.items()}
    return False, Case(case.setting, tuple(map(rounded, case.args)), kwargs)


def _apart(one: Any, other: Any) -> float:
    """How far two results are apart, as a part of the largest number."""
    if isinstance(other, list | tuple) and isinstance(one, list | tuple):
        return max((_apart(a, b) for a, b in zip(one, other, strict=False)), default=0.0)
    if isinstance(other, dict) and isinstance(one, dict):
        return max((_apart(one[k], other[k]) for k in other if k in one), default=0.0)
    if isinstance(other, bool | str) or other is None:
        return 0.0
    try:
        a, b = np.asarray(one, complex), np.asarray(other, complex)
    except (TypeError, ValueError):
        return 0.0
    if a.shape != b.shape or not b.size:
        return 0.0
    return float(np.abs(a - b).max() / max(float(np.abs(b).max()), 1e-3))


# --- What is noticed --------------------------------------------------------------------------


def noticed(known: Sequence[Known], tolerance: Tolerance, submission: Submission) -> set[int]:
    """Return the places of the cases by which an answer is seen to be wrong."""
    found: set[int] = set()
    for place, one in enumerate(known):
        try:
            if one.raises:
                _check_refusal(one, submission)
            elif one.keeps_inputs:
                with submission.inputs_unchanged():
                    answer = asked(one.case, submission)
                _compare(answer, one, tolerance)
            else:
                _compare(asked(one.case, submission), one, tolerance)
        except (TimeLimitExceeded, ProcessDied, WireError):
            return found | {place}
        except Failure:
            found.add(place)
    return found


def _compare(answer: Any, one: Known, tolerance: Tolerance) -> None:
    if one.is_record and isinstance(answer, dict):
        answer = {key: value for key, value in answer.items() if key in one.result}
    compare(answer, one.result, tolerance, one.signless)


def _check_refusal(one: Known, submission: Submission) -> None:
    try:
        asked(one.case, submission)
    except StudentError as error:
        if one.raises in error.types:
            return
    raise Mismatch("it raised nothing, or something else")
