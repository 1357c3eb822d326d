"""What grading a notebook yields: plain, frozen records that turn into JSON."""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

Status = Literal["graded", "manual", "missing", "error", "timeout", "killed"]

_EXACTLY = {"strict": True, "extra": "forbid", "allow_inf_nan": False}
"""How pydantic reads these records: a student may have written what it is given."""


@dataclass(frozen=True)
class TestResult:
    """One test of one question."""

    __test__ = False  # not a test class of pytest's
    __pydantic_config__: ClassVar = _EXACTLY

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
    """The name of the mistake that the answer agrees with."""
    lesson: str = ""
    """What a student is told about that mistake."""
    seconds: float = 0.0


@dataclass(frozen=True)
class QuestionResult:
    """One question: an exercise with its points."""

    __pydantic_config__: ClassVar = _EXACTLY

    id: str
    score: float | None
    """None when the question is marked by hand."""
    max_score: float
    status: Status
    tests: tuple[TestResult, ...] = ()
    note: str = ""
    """Why the status is not "graded", in words for the student."""


@dataclass(frozen=True)
class Report:
    """One graded notebook."""

    __pydantic_config__: ClassVar = _EXACTLY

    notebook: str
    assignment: str | None
    """Where it has several notebooks, with the notebook's name: "ps1/problem1"."""
    questions: tuple[QuestionResult, ...] = ()
    repairs: tuple[str, ...] = ()
    error: str | None = None
    forgeable: bool = False
    """Marked by test cells that ran in the student's own process, which could have changed them."""
    cells: tuple[dict[str, Any], ...] = field(default=(), compare=False)
    """The cells of the notebook as graded: repaired, run, with outputs (nbformat 4 dicts)."""
    files: dict[str, bytes] = field(default_factory=dict, compare=False)
    """What the notebook's code wrote into its work folder; kept where test cells mark it."""
    cpu_seconds: float = field(default=0.0, compare=False)
    """CPU time of the student's processes."""

    @property
    def score(self) -> float:
        """Points for all questions that are marked automatically."""
        return round(sum(q.score for q in self.questions if q.score is not None), 2)

    @property
    def max_score(self) -> float:
        """Points that :attr:`score` could reach."""
        return round(sum(q.max_score for q in self.questions if q.status != "manual"), 2)

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
            "repairs": list(self.repairs),
            "error": self.error,
            "forgeable": self.forgeable,
            "questions": [asdict(question) for question in self.questions],
        }

    @classmethod
    def from_json(cls, data: object) -> Report:
        """Read what :meth:`to_json` wrote; raise ValueError where it is anything else."""
        if not isinstance(data, dict):
            raise ValueError("the report is no object")
        written = ("notebook", "assignment", "questions", "repairs", "error", "forgeable")
        own = {name: data[name] for name in written if name in data}
        report: Report = _reader().validate_json(json.dumps(own))
        return report


@functools.cache
def _reader() -> Any:
    from pydantic import TypeAdapter  # slow to import, and not there on a student's machine

    return TypeAdapter(Report)
