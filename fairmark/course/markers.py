"""The markers around what students do not get: solutions, hidden tests and mark schemes.

nbgrader looks for its markers letter by letter. A line that is almost one, in small letters say, is
none to it, and what stands below would be handed out. Here such lines are found.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmark.course.marks import mark_of

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

_KINDS = (
    ("solution", "an answer cell", "solution"),
    ("hidden tests", "a test cell", "grade"),
    ("mark scheme", "a task", "task"),
)
"""What nbgrader takes out of a release, from which cells, and how their marks call these."""
_COMMENT = re.compile(r"#|//|%|--")
_WORD = re.compile(r"[^\W_]+")
_SAME = {"start": "begin", "stop": "end", "finish": "end", "marking": "mark"}
_MIN_LIKENESS = 0.8
"""How alike two words must be to be one that was meant: "beign" and "begin" just are."""


@dataclass(frozen=True)
class Region:
    """One kind of what students do not get, as the course marks it."""

    what: str
    begin: str
    end: str
    usual: str
    """What nbgrader's own markers call it, behind BEGIN and END."""
    place: str
    """What a cell must be to hold such a region."""
    flag: str | None
    """What the cell's mark must say then; None where the course does not mind."""


def regions_of(config: Config) -> list[Region]:
    """Return the kinds of regions that a course's configuration takes out of a release."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

    solutions = ClearSolutions(config=config)
    tests = ClearHiddenTests(config=config)
    schemes = ClearMarkScheme(config=config)
    begins = (
        solutions.begin_solution_delimeter,
        tests.begin_test_delimeter,
        schemes.begin_mark_scheme_delimeter,
    )
    ends = (
        solutions.end_solution_delimeter,
        tests.end_test_delimeter,
        schemes.end_mark_scheme_delimeter,
    )
    return [
        Region(what, begin, end, what.upper(), place, flag if step.enforce_metadata else None)
        for step, begin, end, (what, place, flag) in zip(
            (solutions, tests, schemes), begins, ends, _KINDS, strict=True
        )
        if step.enabled
    ]


def marker_faults(cell: NotebookNode, regions: Sequence[Region]) -> list[str]:
    """Return what is wrong with the markers in a cell, each in one line."""
    lines = cell.source.split("\n")
    faults: list[str] = []
    inside: set[int] = set()
    for region in regions:
        found, wrong = _parsed(lines, region)
        faults += wrong
        inside |= found
        if found and region.flag is not None and not mark_of(cell).get(region.flag):
            faults.append(f"it holds {region.begin}, but is not {region.place}")
    for number, line in enumerate(lines):
        if number in inside or _is_marker(line, regions):
            continue
        marker = _meant(line, cell.cell_type == "code", regions)
        if marker is not None:
            faults.append(f"line {number + 1}, {_short(line)}, is no marker: write {marker}")
    return faults


def markers_left(cell: NotebookNode, regions: Sequence[Region]) -> Iterator[str]:
    """Yield the lines of a cell of a release that are markers, or almost are."""
    for line in cell.source.split("\n"):
        if _is_marker(line, regions) or _meant(line, cell.cell_type == "code", regions):
            yield _short(line)


def _is_marker(line: str, regions: Sequence[Region]) -> bool:
    return any(marker in line for region in regions for marker in (region.begin, region.end))


def _parsed(lines: Sequence[str], region: Region) -> tuple[set[int], list[str]]:
    """The lines of a cell's regions of one kind, as nbgrader finds them, and what is wrong."""
    inside: set[int] = set()
    faults = []
    opened: int | None = None
    for number, line in enumerate(lines):
        if region.begin in line:
            if opened is not None:
                faults.append(f"{region.begin} stands in line {opened + 1} and in {number + 1}")
            opened = number
        elif region.end in line:
            if opened is None:
                faults.append(f"line {number + 1} is {region.end} without {region.begin} above it")
            else:
                inside |= set(range(opened, number + 1))
            opened = None
    if opened is not None:
        faults.append(f"line {opened + 1} is {region.begin} without {region.end} below it")
        inside.add(opened)
    return inside, faults


def _meant(line: str, is_code: bool, regions: Sequence[Region]) -> str | None:
    """Return the marker that a line is meant to be, as the course writes it; None if none is.

    Text may speak of a solution, so there the whole line must be the marker. In code, it may also
    be the beginning of a comment.
    """
    whole = _words(line)
    if not whole:
        return None
    comment = _COMMENT.split(line, maxsplit=1)[1:] if is_code else []
    wanted = [
        (words, marker)
        for region in regions
        for text, marker in (
            (region.begin, region.begin),
            (region.end, region.end),
            (f"BEGIN {region.usual}", region.begin),
            (f"END {region.usual}", region.end),
        )
        if len(words := _words(text)) > 1  # one word alone says too little
    ]
    likeness, marker = max(((_likeness(whole, words), m) for words, m in wanted), default=(0, ""))
    if likeness >= _MIN_LIKENESS:
        return marker
    for words, marker in wanted:
        if comment and _starts_with(_words(comment[0]), words):
            return marker
    return None


def _words(text: str) -> list[str]:
    return [_SAME.get(word, word) for word in _WORD.findall(text.casefold())]


def _likeness(words: list[str], wanted: list[str]) -> float:
    """How much a line is like a marker: by its least similar word, whatever its order."""
    if "".join(words) in _spellings(wanted):
        return 1.0
    if len(words) != len(wanted):
        return 0.0
    turned = [*words[-1:], *words[:-1]]
    return max(min(map(_word_likeness, some, wanted)) for some in (words, turned))


@functools.lru_cache(maxsize=10_000)  # the same words stand in many lines
def _word_likeness(word: str, wanted: str) -> float:
    return difflib.SequenceMatcher(None, word, wanted).ratio()


def _starts_with(words: list[str], wanted: list[str]) -> bool:
    spellings = _spellings(wanted)
    return any("".join(words[:count]) in spellings for count in range(1, len(wanted) + 1))


def _spellings(words: list[str]) -> set[str]:
    joined = "".join(words)
    return {joined, joined.removesuffix("s"), f"{joined}s"}


def _short(line: str) -> str:
    line = line.strip()
    return repr(line if len(line) <= 60 else f"{line[:59]}…")
