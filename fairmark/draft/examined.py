"""What was found out about the functions of an answer, and what of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fairmark.draft.ask import Known, Tolerance
from fairmark.draft.choose import Choice, chosen
from fairmark.draft.differences import Slope, hint_of
from fairmark.draft.references import Reference
from fairmark.draft.texts import Text, about_of
from fairmark.draft.write import Drafted
from fairmark.syntax.cells import names_defined
from fairmark.verify.calls import Function


@dataclass(frozen=True)
class Examined:
    """What was found out about one function."""

    name: str
    reason: str
    """Why nothing can be asked of it; "" where something can."""
    known: list[Known] = field(default_factory=list)
    reference: Reference = field(default_factory=lambda: Reference("", None))
    slopes: list[Slope] = field(default_factory=list)
    """Of what its results are the slopes."""


def chosen_of(
    question: str,
    source: str,
    found: Sequence[Examined],
    notices: Sequence[set[int]],
    tolerance: Tolerance,
    text: Text,
) -> Drafted:
    """Return what is kept of all cases; ``notices`` has, by mutant, those that notice it."""
    choices: dict[str, Choice] = {}
    start = 0
    for examined in found:
        end = start + len(examined.known)
        own = [{place - start for place in cases if start <= place < end} for cases in notices]
        choices[examined.name] = chosen(examined.known, own)
        start = end
    about = about_of(source)
    modules = {examined.name: examined.reference.module for examined in found}
    hints = {e.name: hint for e in found if (hint := hint_of(e.slopes, text))}
    return Drafted(question, about, choices, tolerance, modules, text.keeps_inputs, hints=hints)


def own_of(found: Sequence[Examined]) -> tuple[str, ...]:
    """Return the functions whose reference is the instructor's solution."""
    return tuple(e.name for e in found if e.reference.function is None)


def no_functions(source: str, names: Sequence[str], functions: Sequence[Function]) -> list[str]:
    """Return the names of an answer that are no functions, each with that reason."""
    known = {function.name for function in functions}
    others = [n for n in names if n not in known]
    if not names and names_defined(source):
        return ["the stub defines no name that a test could ask for"]
    return [f"{name} is no function" for name in others]
