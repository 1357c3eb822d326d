"""The results of grading a notebook: frozen records that are written and read as JSON."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, field, replace
from types import UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

_LARGEST = sys.float_info.max
_REPAIRS = "repair_records"
"""The key of the repairs in stored reports; the key "repairs" holds only their sentences."""

Status = Literal["graded", "manual", "missing", "error", "timeout", "killed"]


@dataclass(frozen=True)
class TestResult:
    """One test of one question."""

    __test__ = False  # not a test class of pytest's

    name: str
    title: str
    """The first line of the test's docstring: what a student reads."""
    hidden: bool
    weight: float
    passed: bool
    message: str = ""
    expected: str | None = None
    actual: str | None = None
    hint: str = ""
    misconception: str | None = None
    """The name of the known mistake that fits the answer."""
    lesson: str = ""
    """What a student is told about that mistake."""
    seconds: float = 0.0
    call: str = ""
    """The call that went wrong, as a student would type it."""
    together: str = ""
    """Of tests that count all or nothing: what they have in common; "" for one by itself."""


@dataclass(frozen=True)
class QuestionResult:
    """One question: an exercise with its points."""

    id: str
    score: float | None
    """None when the question is marked by hand."""
    max_score: float
    status: Status
    tests: tuple[TestResult, ...] = ()
    note: str = ""
    """Why the status is not "graded", in words for the student."""
    forgeable: bool = False
    """Marked by a test cell that ran in the student's own process, which could have changed it."""


@dataclass(frozen=True)
class Repair:
    """One repair of a notebook, made before it was graded."""

    kind: str
    """The name of the kind of repair; "" in the reports of older versions."""
    cell: str
    """The grade_id of the repaired cell; "" for no single cell."""
    text: str
    """The sentence that the student reads."""


@dataclass(frozen=True)
class Report:
    """One graded notebook."""

    notebook: str
    assignment: str | None
    """With the notebook's name if the assignment has several: "ps1/problem1"."""
    questions: tuple[QuestionResult, ...] = ()
    repairs: tuple[Repair, ...] = ()
    error: str | None = None
    forgeable: bool = False
    """Whether any question is; the reports of older versions say it of the whole only."""
    unseen: tuple[str, ...] = ()
    """Paths of this machine that the notebook did not find in the sandbox. For instructors only."""
    cells: tuple[dict[str, Any], ...] = field(default=(), compare=False)
    """The cells of the notebook as graded: repaired, run, with outputs (nbformat 4 dicts)."""
    files: dict[str, bytes] = field(default_factory=dict, compare=False)
    """What the notebook's code wrote into its work folder; kept where test cells mark it."""
    cpu_seconds: float = field(default=0.0, compare=False)
    """CPU time of the student's processes."""
    crowded: bool = field(default=False, compare=False)
    """Whether something ran out of time that had to wait for other work of the machine."""

    @property
    def score(self) -> float:
        """Points for all questions that are marked automatically."""
        return round(sum(q.score for q in self.questions if q.score is not None), 2)

    @property
    def max_score(self) -> float:
        """Points that :attr:`score` could reach."""
        return round(sum(q.max_score for q in self.questions if q.status != "manual"), 2)

    @property
    def forgeable_questions(self) -> tuple[str, ...]:
        """The questions whose marks the student's own code could have changed."""
        found = tuple(q.id for q in self.questions if q.forgeable)
        if self.forgeable and not found:  # as an older version has stored it
            return tuple(q.id for q in self.questions if q.status != "manual")
        return found

    @property
    def is_forgeable_as_a_whole(self) -> bool:
        """Whether no question is marked in any other way than by such a test cell, or by hand."""
        marked = [q.id for q in self.questions if q.status != "manual"]
        return self.forgeable and set(self.forgeable_questions) >= set(marked)

    def question(self, question_id: str) -> QuestionResult:
        """Return one question's result; raise KeyError."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-able data: what ``fairmark check --json`` prints."""
        return {
            "notebook": self.notebook,
            "assignment": self.assignment,
            "score": self.score,
            "max_score": self.max_score,
            "repairs": [repair.text for repair in self.repairs],
            "error": self.error,
            "forgeable": self.forgeable,
            "questions": [asdict(question) for question in self.questions],
        }

    def to_stored_json(self) -> dict[str, Any]:
        """The report as JSON-able data to be stored: :meth:`to_json`, and what it leaves out."""
        repairs = [asdict(repair) for repair in self.repairs]
        return {**self.to_json(), _REPAIRS: repairs, "unseen": list(self.unseen)}

    @classmethod
    def from_json(cls, data: object) -> Report:
        """Read what :meth:`to_stored_json` or :meth:`to_json` wrote.

        Raise ValueError where it is anything else.
        """
        if not isinstance(data, dict):
            raise ValueError("the report is no object")
        fields = ("notebook", "assignment", "questions", "error", "forgeable", "unseen")
        report: Report = _read(cls, {name: data[name] for name in fields if name in data})
        return replace(report, repairs=_read_repairs(data))


def share_earned(tests: Sequence[TestResult]) -> float:
    """Return the share of a question's points that its tests give, from 0 to 1.

    It is the weight of those that passed. Tests that count together do so if all of them passed.
    """
    failed = {test.together for test in tests if not test.passed}
    total = sum(test.weight for test in tests)
    earned = sum(t.weight for t in tests if t.passed and not (t.together and t.together in failed))
    return earned / total if total else 0.0


def _read_repairs(data: dict[str, Any]) -> tuple[Repair, ...]:
    """The repairs of a report; reports of older versions have only the sentences."""
    texts = _read(tuple[str, ...], data.get("repairs", ()))
    if _REPAIRS not in data:
        return tuple(Repair("", "", text) for text in texts)
    repairs: tuple[Repair, ...] = _read(tuple[Repair, ...], data[_REPAIRS])
    if tuple(repair.text for repair in repairs) != texts:
        raise ValueError("its repairs are told in two ways")
    return repairs


def _read(kind: Any, value: object) -> Any:
    """Return the value as this type; raise ValueError where it has another type.

    Libraries for this refuse lone surrogates, which odd file names contain.
    """
    if kind in (Report, QuestionResult, TestResult, Repair) and isinstance(value, dict):
        types = _types(kind)
        if not _required(kind) <= value.keys() <= types.keys():
            raise ValueError(f"it has other fields than a {kind.__name__}")
        return kind(**{name: _read(types[name], item) for name, item in value.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(_read(arguments[0], item) for item in value)
    if origin is UnionType:  # something, or None
        return None if value is None else _read(arguments[0], value)
    if origin is Literal and type(value) is str and value in arguments:
        return value
    if kind is float and type(value) in (int, float) and abs(cast(float, value)) <= _LARGEST:
        return value
    if kind in (str, bool) and type(value) is kind:
        return value
    shown = value[:40] if isinstance(value, str) else type(value).__name__
    raise ValueError(f"{shown!r} is no {getattr(kind, '__name__', kind)}")


@functools.cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@functools.cache
def _required(kind: Any) -> frozenset[str]:
    return frozenset(
        field.name
        for field in dataclasses.fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )
