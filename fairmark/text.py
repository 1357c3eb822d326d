"""Text for people: points, numbers with their nouns, and text that comes from outside, cleaned."""

from __future__ import annotations

import re
import textwrap

_MAX_CHARACTERS = 1_500
_MAX_LINES = 24
# Text comes from students' code. Control characters and changes of writing direction could make
# a table say something else than what was returned; half a surrogate pair cannot be stored.
_UNPRINTABLE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")


def points(number: float) -> str:
    """Points as a person writes them: 3, 2.5, 1.67."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 submission", "2 submissions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """``text`` without control characters: it may come from a student's notebook or file name."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def clean(text: str) -> str:
    """Printable text of a bounded size, without colours and changes of writing direction."""
    text = _UNPRINTABLE.sub("\ufffd", _COLOUR_CODES.sub("", text.replace("\r\n", "\n")))
    text = textwrap.dedent(text.rstrip().strip("\n"))
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        text = "\n".join([*lines[:_MAX_LINES], "…"])
    if len(text) > _MAX_CHARACTERS:
        text = text[:_MAX_CHARACTERS] + " …"
    return text
