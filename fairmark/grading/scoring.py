"""nbgrader's rules for the points of a test cell, read from its outputs.

An exception, or text on stderr, costs all the points; a number as the cell's value is the points;
all else gives full points. Where nbgrader's own code goes astray, these rules do not: a warning, a
progress bar or unittest's "OK" costs nothing, and a number is held within 0 and the cell's points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

_WARNING = re.compile(r"^.*:\d+: \w*Warning: .*\n?(?:[ \t]+.*\n?)*", re.MULTILINE)
_PROGRESS = re.compile(r"^[^\n]*\r[^\n]*\n?", re.MULTILINE)
_UNITTEST_TEST = re.compile(r"[.sx]+|.* \.\.\. (?:ok|skipped .*|expected failure)|test\w* \(.+\)")
_UNITTEST_END = re.compile(r"^-{70}\nRan \d+ tests? in [\d.]+s\n\nOK(?: \(.+\))?\n", re.MULTILINE)
_WRAPPED_NUMBER = re.compile(
    r"(?:(?:np|numpy)\.\w+|array|tensor)\((-?[\w.+-]+?),?(?: dtype=.*)?\)$"
)


def points_earned(
    outputs: Iterable[Any], failed: bool, max_score: float, ignored: str = ""
) -> float:
    """Return a test cell's points. ``ignored`` is a pattern of stderr output that costs nothing."""
    outputs = list(outputs)
    if failed or any(output.output_type == "error" for output in outputs):
        return 0.0
    if stderr_text(outputs, ignored):
        return 0.0
    values = [o for o in outputs if o.output_type == "execute_result"]
    value = partial_credit(values[-1].data.get("text/plain")) if values else None
    return max_score if value is None else min(max(value, 0.0), max_score)


def partial_credit(text: object) -> float | None:
    """Return the number that a cell's value says; None where it is none. NaN is no points."""
    if not isinstance(text, str):
        return None
    wrapped = _WRAPPED_NUMBER.match(text.strip())
    try:
        value = float(wrapped[1] if wrapped else text)
    except ValueError:
        return None
    return 0.0 if math.isnan(value) else value


def stderr_text(outputs: Iterable[Any], ignored: str = "") -> str:
    """Return what a cell wrote to stderr, but for what is no failure, and what is ignored.

    No failures are warnings, progress bars, and unittest's report that all tests passed.
    """
    kept = []
    for output in outputs:
        if output.output_type != "stream" or output.name != "stderr":
            continue
        if ignored and re.search(ignored, output.text):
            continue
        kept.append(_PROGRESS.sub("", _WARNING.sub("", output.text)))
    return _without_unittest("".join(kept)).strip()


def _without_unittest(text: str) -> str:
    """Leave out what unittest says where all went well: it says everything on stderr.

    From each end of a report, the lines are gone through backwards: students' code may have written
    any number of lines that look like a part of one, for which one pattern would look again and
    again.
    """
    kept, behind = [], 0
    for end in _UNITTEST_END.finditer(text):
        lines = text[behind : end.start()].splitlines(keepends=True)
        if lines and lines[-1] == "\n":
            lines.pop()
        while lines and _UNITTEST_TEST.fullmatch(lines[-1].rstrip("\n")):
            lines.pop()
        kept += lines
        behind = end.end()
    return "".join([*kept, text[behind:]])
