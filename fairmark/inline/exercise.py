"""What an instructor writes in a check cell, so that its tests are made: ``check("f", …)``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.errors import FairmarkError

KEYWORDS = ("example", "examples", "gives", "random", "hidden", "hint", "tolerance", "function")
"""The keywords of :func:`fairmark.check` in an instructor's notebook."""
HIDDEN = 5
"""The random inputs that are tried, unless ``hidden=`` says how many."""
_MAX_HIDDEN = 100


@dataclass(frozen=True)
class Exercise:
    """One exercise, as its check cell describes it."""

    question: str
    function: str
    """The function that is called; the instructor's own is the reference."""
    examples: tuple[tuple[Any, ...], ...]
    """The arguments of the calls that students see."""
    gives: tuple[Any, ...] | None
    """What these calls give; None where the solution is to tell."""
    random: Callable[[np.random.Generator], Any]
    """Draws the arguments of a hidden call."""
    hidden: int = HIDDEN
    hint: str = ""
    tolerance: float | None = None

    @classmethod
    def written(cls, question: str, keywords: Mapping[str, Any]) -> Exercise:
        """Read the keywords of a check cell's call; raise FairmarkError."""
        if unknown := sorted(keywords.keys() - set(KEYWORDS)):
            raise FairmarkError(f"there is no {unknown[0]}=; there are: {', '.join(KEYWORDS)}")
        several = "examples" in keywords
        if several == ("example" in keywords):
            raise FairmarkError(
                "it needs example=(…) with the arguments of a call, or examples=[…]"
            )
        if "random" not in keywords:
            raise FairmarkError(
                "it needs random=lambda rng: (…): an answer that knows the example only would get "
                "all points"
            )
        if not callable(keywords["random"]):
            raise FairmarkError("random must be a function of a generator: lambda rng: (…)")
        hidden, tolerance = keywords.get("hidden", HIDDEN), keywords.get("tolerance")
        if type(hidden) is not int or not 0 < hidden <= _MAX_HIDDEN:
            raise FairmarkError(f"hidden must be a number from 1 to {_MAX_HIDDEN}, not {hidden!r}")
        if tolerance is not None and not _is_tolerance(tolerance):
            raise FairmarkError(
                f"tolerance must be a number that is not below 0, not {tolerance!r}"
            )
        for name in ("hint", "function"):
            if not isinstance(keywords.get(name, ""), str):
                raise FairmarkError(f"{name} must be a text, not {keywords[name]!r:.40}")
        return cls(
            question=question,
            function=str(keywords.get("function", question)),
            examples=_examples(keywords, several),
            gives=_gives(keywords, several),
            random=keywords["random"],
            hidden=hidden,
            hint=str(keywords.get("hint", "")),
            tolerance=None if tolerance is None else float(tolerance),
        )

    @property
    def tolerances(self) -> dict[str, float]:
        """The arguments for ``assert_close``; none for its defaults."""
        return {} if self.tolerance is None else {"rtol": self.tolerance, "atol": self.tolerance}


def _is_tolerance(value: Any) -> bool:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return number and math.isfinite(value) and value >= 0


def _examples(keywords: Mapping[str, Any], several: bool) -> tuple[tuple[Any, ...], ...]:
    found = keywords["examples"] if several else [keywords["example"]]
    if several and not (isinstance(found, (list, tuple)) and found):
        raise FairmarkError("examples must be a list of tuples: [(…), (…)]")
    for arguments in found:
        if not isinstance(arguments, tuple):
            what = "each of examples" if several else "example"
            raise FairmarkError(
                f"{what} must be a tuple of arguments, such as (x, y), or (x,) for one; it is "
                f"of type {type(arguments).__name__}"
            )
    return tuple(found)


def _gives(keywords: Mapping[str, Any], several: bool) -> tuple[Any, ...] | None:
    if "gives" not in keywords:
        return None
    if not several:
        return (keywords["gives"],)
    found, number = keywords["gives"], len(keywords["examples"])
    if not isinstance(found, (list, tuple)) or len(found) != number:
        raise FairmarkError(f"gives must be a list with one result for each of {number} examples")
    return tuple(found)
