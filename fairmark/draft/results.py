"""Results of answers: how they are asked for, and how they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.draft.inputs import Case
from fairmark.harness.failures import NotDefined
from fairmark.harness.proxy import (
    Mismatch,
    ProcessDied,
    StudentError,
    Submission,
    TimeLimitExceeded,
)
from fairmark.testing import assert_close
from fairmark.wire.codec import WireError

Failure = (Mismatch, StudentError, NotDefined, ProcessDied, TimeLimitExceeded, WireError)


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may be from what is right, and why."""

    rtol: float
    atol: float
    reason: str


def asked(case: Case, submission: Submission) -> Any:
    """Make the call of a case."""
    return submission[case.form.function](*case.args, **case.kwargs)


def compare(answer: Any, result: Any, tolerance: Tolerance, signless: bool = False) -> None:
    """Raise Mismatch where an answer is not as it should be."""
    if signless:
        answer, result = without_signs(answer), without_signs(result)
    assert_close(answer, result, rtol=tolerance.rtol, atol=tolerance.atol)


def without_signs(value: Any) -> Any:
    """The sizes of all numbers in a result."""
    if isinstance(value, list | tuple):
        return [without_signs(item) for item in value]
    if isinstance(value, np.ndarray | float):
        return np.abs(value)
    return value
