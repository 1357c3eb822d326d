"""The spread of a class's points, for feedback pages: an instructor has to allow it.

It shows quartiles and outer tenths, and nobody's own points but the reader's: of a small class
there is none, and the best and the worst do not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fairmark.text import points

FEWEST = 10
"""How many students it takes."""
_WIDTH, _LEFT, _HEIGHT = 300.0, 10.0, 64


@dataclass(frozen=True)
class Spread:
    """The points of a class, of all whose notebook is marked for good."""

    students: int
    low: float
    """A tenth of the students have no more than this."""
    lower: float
    middle: float
    upper: float
    high: float
    """A tenth of the students have no less than this."""

    @property
    def sentence(self) -> str:
        """The spread in words."""
        return (
            f"The middle half of {self.students} students has {points(self.lower)} to "
            f"{points(self.upper)} points; half has {points(self.middle)} or more."
        )


def spread_of(totals: Sequence[float]) -> Spread | None:
    """Return the spread of a class's points; None of a class that is too small."""
    if len(totals) < FEWEST:
        return None
    low, lower, middle, upper, high = np.quantile(totals, [0.1, 0.25, 0.5, 0.75, 0.9])
    found = [round(float(value), 1) for value in (low, lower, middle, upper, high)]
    return Spread(len(totals), *found)


def figure(spread: Spread, own: float | None, most: float) -> str:
    """Return the spread as SVG, with the reader's own points where they are known.

    Its lines take the colour of the text around it, in light and in dark themes.
    """
    if most <= 0:
        return ""

    def x(value: float) -> float:
        return round(_LEFT + (_WIDTH - 2 * _LEFT) * min(max(value / most, 0.0), 1.0), 1)

    mine = "" if own is None else f" You have {points(own)}."
    label = f"{spread.sentence}{mine}"
    parts = [
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT}" role="img" aria-label="{label}" '
        'style="width:100%;max-width:34em;height:auto" fill="currentColor" stroke="currentColor" '
        'font-size="11" font-family="sans-serif">',
        f'<line x1="{x(0)}" x2="{x(most)}" y1="46" y2="46" stroke-width="1" opacity=".6"/>',
        f'<line x1="{x(spread.low)}" x2="{x(spread.high)}" y1="30" y2="30" stroke-width="2"/>',
        f'<rect x="{x(spread.lower)}" y="22" width="{x(spread.upper) - x(spread.lower):.1f}" '
        'height="16" fill="#2f6db5" fill-opacity=".45" stroke-width="1"/>',
        f'<path d="M {x(spread.middle)} 22 v 16" stroke-width="2.5"/>',
        f'<text x="{x(0)}" y="60" stroke="none" text-anchor="start">0</text>',
        f'<text x="{x(most)}" y="60" stroke="none" text-anchor="end">{points(most)}</text>',
    ]
    if own is not None:
        side = "start" if own < most / 2 else "end"
        parts += [
            f'<path d="M {x(own)} 20 l -5 -8 h 10 z" stroke="none" fill="#c9661f"/>',
            f'<text x="{x(own)}" y="9" stroke="none" text-anchor="{side}">',
            f"you: {points(own)}</text>",
        ]
    return "".join([*parts, "</svg>"])
