"""Penalties for being late, by nbgrader's rule and the course's plugin for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

from nbgrader.preprocessors import AssignLatePenalties

from fairmark.course.course import Course
from fairmark.errors import FairmarkError


class Penalties:
    """The rule of a course."""

    def __init__(self, course: Course) -> None:
        self._rule = AssignLatePenalties(config=course.config)

    def of(
        self,
        student: str,
        score: float,
        handed_in: datetime | None,
        due: datetime | None,
        extension: timedelta | None,
    ) -> float | None:
        """Return what a notebook with this score loses; None for nothing. Raise FairmarkError.

        The times are UTC, and name no zone.
        """
        if handed_in is None or due is None or not self._rule.enabled:
            return None
        late = (handed_in - (due + extension if extension else due)).total_seconds()
        if late <= 0:
            return None
        self._rule.init_plugin()
        try:
            penalty = self._rule.plugin_inst.late_submission_penalty(student, score, late)
        except Exception as error:
            raise FairmarkError(f"the plugin for late submissions failed: {error}") from None
        if penalty is None:
            return None
        return float(self._rule._check_late_penalty(SimpleNamespace(score=score), penalty))
