"""The limits of a submission, as a course's configuration sets them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from traitlets.config import Config

from fairmark.course.configuration import CONFIG_FILE
from fairmark.errors import FairmarkError
from fairmark.sandbox.limits import Limits

_TIMEOUTS = ("Execute", "ExecutePreprocessor", "NotebookClient")
"""nbgrader's preprocessor that runs cells, and the classes that it inherits its settings from."""
_CELLS_AT_THE_LIMIT = 10
"""How many cells may take all the time that nbgrader gives to each."""


def courses_limits(config: Config) -> Limits:
    """Return what ``c.Fairmark.limits`` sets; raise FairmarkError for what is no limit."""
    return _changed(Limits(), config.Fairmark.get("limits", {}), "limits")


def assignments_limits(config: Config, name: str, base: Limits) -> Limits:
    """Return the limits with what ``c.Fairmark.assignment_limits`` sets for an assignment.

    Raises FairmarkError for what is no limit.
    """
    wanted = dict(config.Fairmark.get("assignment_limits", {})).get(name, {})
    return _changed(base, wanted, f"assignment_limits[{name!r}]")


def with_nbgraders_timeout(config: Config, base: Limits) -> Limits:
    """Return the limits with nbgrader's time limit of a cell, where the course sets one.

    ``c.Execute.timeout`` goes before those that it inherits, as with nbgrader. Without a limit
    (None or -1), a cell may take the time of the whole notebook. That time grows with the limit of
    a cell, unless ``c.Fairmark.limits`` says how long it is. Raises FairmarkError for what is no
    number.
    """
    wanted = next(
        (config[n].timeout for n in _TIMEOUTS if n in config and "timeout" in config[n]), ""
    )
    if wanted == "":
        return base
    try:
        seconds = -1.0 if str(wanted) == "None" else float(wanted)
    except (TypeError, ValueError):
        raise FairmarkError(
            f"{CONFIG_FILE}: c.Execute.timeout is no number of seconds: {wanted!r}"
        ) from None
    whole = base.submission_seconds
    if "submission_seconds" not in config.Fairmark.get("limits", {}):
        whole = max(whole, _CELLS_AT_THE_LIMIT * seconds)
    return replace(
        base,
        cell_seconds=min(seconds, whole) if seconds >= 0 else whole,
        submission_seconds=whole,
        cpu_seconds=max(base.cpu_seconds, math.ceil(whole)),
        submission_cpu_seconds=max(base.submission_cpu_seconds, 2 * math.ceil(whole)),
    )


def _changed(base: Limits, wanted: Mapping[str, Any], trait: str) -> Limits:
    try:
        return replace(base, **wanted)
    except TypeError as error:
        raise FairmarkError(f"{CONFIG_FILE}: c.Fairmark.{trait}: {error}") from None
