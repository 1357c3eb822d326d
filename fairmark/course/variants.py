"""Reading the right and wrong answers that an instructor keeps beside the graders.

``graders/<assignment>/alternatives.py`` holds right answers in other styles, ``misconceptions.py``
wrong ones. Both are divided into cells, as editors know them::

    # %% conv1d: flips-the-kernel
    # You have flipped the kernel: frameworks slide it unflipped.
    def conv1d(x, k, stride=1, padding=0):
        ...

The comment under a misconception's title is the sentence for students whose answers agree with it.
The code runs after the instructor's own answer, so it defines only what differs.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from fairmark.course.answers import answers_names
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.syntax.cells import names_defined

ALTERNATIVES, MISCONCEPTIONS = "alternatives.py", "misconceptions.py"
_TITLE = re.compile(r"^# %% *([\w-]+): *([\w.-]+) *$", re.MULTILINE)
_ANY_TITLE = re.compile(r"^# ?%%.*$", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """One answer to one question."""

    question: str
    name: str
    lesson: str
    """The comment under its title, as one paragraph."""
    source: str
    line: int
    """The line of its title in the file."""


def read_variants(path: Path) -> list[Variant]:
    """Return the answers in a file, in its order; none if there is no file.

    Raise FairmarkError for a title that is malformed or appears twice, and for invalid Python.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    variants: list[Variant] = []
    titles = list(_ANY_TITLE.finditer(text))
    for number, title in enumerate(titles):
        line = text.count("\n", 0, title.start()) + 1
        match = _TITLE.match(title[0])
        if match is None:
            raise FairmarkError(
                f"{path}:{line}: expected `# %% EXERCISE: NAME`, with a name of letters, digits "
                f"and hyphens, but found `{title[0]}`"
            )
        end = titles[number + 1].start() if number + 1 < len(titles) else len(text)
        variants.append(_variant(path, line, match, text[title.end() : end]))
    seen: set[tuple[str, str]] = set()
    for variant in variants:
        if (variant.question, variant.name) in seen:
            raise FairmarkError(f"{path}:{variant.line}: {variant.name} is there twice")
        seen.add((variant.question, variant.name))
    return variants


def _variant(path: Path, line: int, title: re.Match[str], body: str) -> Variant:
    lines = body.strip("\n").split("\n")
    comment = []
    while lines and lines[0].startswith("#"):
        comment.append(lines.pop(0).lstrip("#").strip())
    source = "\n".join(lines).strip("\n")
    try:
        ast.parse(source)
    except SyntaxError as error:
        place = line + len(comment) + (error.lineno or 1)
        raise FairmarkError(f"{path}:{place}: {error.msg}") from None
    return Variant(title[1], title[2], " ".join(filter(None, comment)), source, line)


def names_of(source: str, assignment: Assignment, question: str) -> list[str]:
    """Return the names asked for by the question that a variant defines; all of them if none."""
    wanted = answers_names(assignment, question)
    return [name for name in wanted if name in names_defined(source)] or wanted
