"""Drafts for classes of numbers."""

from __future__ import annotations

from typing import Any

from fairmark.draft.programs import (
    Numbers,
    chosen,
    module_of,
    noticed,
    numbers_class,
    programs,
    with_numbers_only,
)
from fairmark.draft.texts import Text
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport

DUAL = '''class Dual:
    """A number with its slope; value and slope can be read."""

    def __init__(self, value, slope=1.0):
        self.value = value
        self.slope = slope
        self.history = []

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other, 0.0)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other, 0.0)
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def square(self):
        return self * self
'''


def submission(source: str) -> Submission:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return Submission(LocalTransport(namespace))


def dual() -> Numbers:
    found = numbers_class(DUAL, "Dual", Text("The history does not count.", ""))
    assert found is not None
    return with_numbers_only(found, submission(DUAL))


def test_what_is_told_of_a_class() -> None:
    assert dual() == Numbers(
        "Dual", frozenset({"__add__", "__mul__"}), ("square",), (), ("value", "slope")
    )
    assert numbers_class("class Net:\n    def __init__(self): ...", "Net", Text("", "")) is None


def test_programs_tell_right_from_wrong() -> None:
    numbers = dual()
    known = programs(numbers, submission(DUAL))
    wrong = [
        DUAL.replace("self.value * other.slope", "other.slope"),
        DUAL.replace("self.slope + other.slope", "self.slope"),
        DUAL.replace("return self * self", "return self * 2.0"),
    ]
    notices = [noticed(numbers, known, submission(source)) for source in wrong]
    kept = chosen(known, notices)
    assert all(notices)
    assert len(kept) < len(known) // 4
    other = DUAL.replace("self.slope + other.slope", "other.slope + self.slope")
    assert noticed(numbers, kept, submission(other)) == set()
    text = module_of("dual", "A number.", numbers, kept, "reference.hw")
    assert "from reference import hw as reference" in text
    compile(text, "test_dual.py", "exec")
