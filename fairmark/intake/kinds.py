"""The kinds of repair: the sentence about one repair, and the heading for a class."""

from __future__ import annotations

import re
from enum import Enum

from fairmark.harness.report import Repair


class RepairKind(Enum):
    """A kind of repair: its sentence, which a student reads, and its heading in a class report.

    The heading is the sentence with dots in place of its fields, unless a second text is given.
    """

    MISSING = "The cell {cell} was missing; it was put back."
    SETUP_MISSING = "The cell that starts with {start} was put back."
    KNOWN_BY_ID = "The cell {cell} had lost its mark; it was known by its id."
    KNOWN_BY_CONTENT = "The cell {cell} had lost its mark; it was known by its content."
    KNOWN_BY_PLACE = "The cell {cell} had lost its mark; it was known by its place."
    ANSWER_ELSEWHERE = "The answer to {cell} was found in another cell."
    SEVERAL_ANSWERS = "The cell {cell} was there more than once; the last answer counts."
    SEVERAL_COPIES = "The cell {cell} was there more than once; one is kept."
    OTHER_TYPE = "The cell {cell} was no {type} cell; now it is."
    OTHER_ORDER = "The cells were in another order; that costs nothing."
    MARK_CHANGED = (
        "The mark of the cell {cell} was changed: {fields}.",
        "The mark of the cell … was changed.",
    )
    OTHER_RELEASE = "The cell {cell} is from an earlier release; the present one counts."
    CHECK_CHANGED = "The check cell {cell} was changed; it was restored."
    READ_ONLY_CHANGED = "The read-only cell {cell} was changed; it was restored."
    FENCED = "The answer to {cell} was in a text's code fences; it was taken out."
    IN_PIECES = (
        "The cell with {names} was in {number} pieces; they were joined.",
        "The cell was in pieces; they were joined.",
    )
    SEVERAL_IN_ONE = "The answers to {names} were in one cell; it was divided."
    LINE_FAILED = (
        "The line {line} cannot be run here ({error}); what stands below it in its cell was run.",
        "A line could not be run; what stands below it in its cell was.",
    )
    LINE_LEFT_OUT = (
        "The line {line} was left out: {reason}. The other lines of its cell were run.",
        "A line that took too long, or ended the process, was left out.",
    )
    NOT_RUN = (
        "These cells of the course were not run, as they are {reason}: {cells}.",
        "Cells of the course were not run.",
    )
    OTHER_NAME = (
        "The notebook was called {name}; {expected} was expected.",
        "The notebook had another name than was expected.",
    )

    ORIGINAL_BESIDE = (
        "The notebook {own} was as it was handed out; {name}, which holds answers, took its place.",
        "The notebook was as it was handed out, and another one beside it held the answers.",
    )
    NOT_LOOKED_AT = (
        "There were answers in other notebooks, too, which were not looked at: {names}.",
        "There were answers in other notebooks, which were not looked at.",
    )
    OTHER_FOLDER = (
        "The folder was called {name}; {expected} was expected.",
        "The folder had another name than was expected.",
    )
    FILES_LEFT_OUT = (
        "Files that were handed in were too large, or could not be read, and were left out: "
        "{files}.",
        "Files that were handed in were too large, or could not be read, and were left out.",
    )

    def __init__(self, sentence: str, heading: str = "") -> None:
        self.sentence = sentence
        self.heading = heading or re.sub(r"\{\w+\}", "…", sentence)

    @property
    def id(self) -> str:
        """The name of the kind in a :class:`Repair`."""
        return self.name.lower().replace("_", "-")

    def of(self, cell: str = "", **details: object) -> Repair:
        """Return a repair of this kind. ``cell`` is a grade_id, or "" for no single cell."""
        return Repair(self.id, cell, self.sentence.format(cell=cell, **details))


def is_notice(repair: Repair) -> bool:
    """Whether it only tells of something: there was nothing to put right in the notebook."""
    return repair.kind == RepairKind.NOT_RUN.id


_HEADINGS = {kind.id: kind.heading for kind in RepairKind}


def heading(repair: Repair) -> str:
    """Return the heading of a repair's kind; the repair's sentence if the kind is unknown."""
    return _HEADINGS.get(repair.kind, repair.text)
