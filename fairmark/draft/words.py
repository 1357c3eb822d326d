"""The words of drafted tests."""

from __future__ import annotations

import textwrap

_LINE = 96

WHAT = {
    "random": "Random inputs of other sizes and values, compared with the reference.",
    "more": "More random inputs, compared with the reference.",
    "whole": "Small whole numbers, so that equal values, zeros and bounds occur.",
    "large": "Very large values: the result is finite, exact and comes without a warning.",
    "integers": "Arrays of integers.",
    "edges": "Numbers at the bounds of what may come.",
    "raises": "Arguments that have to be refused.",
    "recorded": "More calls of this kind.",
}


HINTS: dict[str, str] = {
    "large": "What becomes of numbers as large as these on the way to the result?",
    "integers": "Whole numbers come in: is anything cut off on the way?",
    "edges": "Which numbers are still allowed, and which are not?",
}
"""What to think about where such inputs are answered wrongly, whatever the exercise is."""
ON_EDGE = "Equal numbers, or one at a bound, occur here: what does the text say of them?"


def docstring(text: str) -> str:
    """Return a text as a docstring of one line."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text[:-1] + chr(92) + chr(34) if text.endswith(chr(34)) else text}"""'


def long_docstring(text: str) -> str:
    """Return a text as the docstring of a class, which may take several lines."""
    lines = textwrap.wrap(docstring(text), _LINE)
    if len(lines) > 1:
        lines = [*textwrap.wrap(docstring(text)[:-3], _LINE), '"""']
    return textwrap.indent("\n".join(lines), "    ")


def brief_line(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(text.split())[:80]
