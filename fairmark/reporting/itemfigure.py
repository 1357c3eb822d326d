"""A picture of item statistics: difficulty to the right, discrimination upwards, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from fairmark.reporting.items import POOR, Statistics

_WIDTH, _HEIGHT = 400.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 26.0, 16.0, 48.0
_LOWEST = -0.4
_RADIUS = 10.0
_STEP = 21.0


def scatter(found: Sequence[Statistics]) -> Markup:
    """Return the picture of the items that have a discrimination; nothing where there is none.

    Items are shown by their numbers, from 1. Colours are those of the page's style, and each value
    is in the text alternative, too.
    """
    known = [(one, n) for n, one in enumerate(found, 1) if one.discrimination is not None]
    if not known:
        return Markup("")
    lowest = min(_LOWEST, *(one.discrimination or 0.0 for one, _ in known))
    parts = [
        f'<svg class="items" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" '
        f'aria-label="{escape(_words(known))}">',
        *_grid(lowest),
    ]
    taken: list[tuple[float, float]] = []
    for one, number in known:
        x, y = _free(_x(one.difficulty), _y(one.discrimination or 0.0, lowest), taken)
        taken.append((x, y))
        kind = ' class="poor"' if (one.discrimination or 0.0) < POOR else ""
        parts.append(
            f"<g{kind}><title>{escape(_one(one, number))}</title>"
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:g}"/>'
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{number}</text></g>'
        )
    return Markup("".join([*parts, "</svg>"]))


def _grid(lowest: float) -> list[str]:
    """The axes with their numbers, and the line below which items are poor."""
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [
        f'<line class="grid" x1="{_x(share):.1f}" x2="{_x(share):.1f}" '
        f'y1="{_TOP:g}" y2="{bottom:g}"/>'
        f'<text x="{_x(share):.1f}" y="{bottom + 18:g}" text-anchor="middle">{share:.0%}</text>'
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    ticks = [round(-1 + 0.2 * step, 1) for step in range(11)]
    for value in (tick for tick in ticks if tick >= lowest):
        kind = "poor-line" if value == POOR else "zero" if value == 0 else "grid"
        y = _y(value, lowest)
        parts.append(
            f'<line class="{kind}" x1="{_LEFT:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    parts.append(f'<text x="{right:g}" y="{_HEIGHT - 8:g}" text-anchor="end">easier →</text>')
    parts.append(
        f'<text x="{_LEFT:g}" y="{_HEIGHT - 8:g}">difficulty: mean share of the points</text>'
    )
    parts.append(f'<text x="{_LEFT + 4:g}" y="{_TOP + 11:g}">↑ tells students apart</text>')
    return parts


def _x(share: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share


def _y(correlation: float, lowest: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - correlation) / (1 - lowest)


def _free(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The place, or one beside it where another item is there already."""
    places = [(x + side * _STEP * step, y) for step in range(9) for side in (1, -1)]
    inside = [place for place in places if _LEFT <= place[0] <= _WIDTH - _RIGHT]

    def is_free(place: tuple[float, float]) -> bool:
        return all(
            (place[0] - a) ** 2 + (place[1] - b) ** 2 >= (1.8 * _RADIUS) ** 2 for a, b in taken
        )

    return next(filter(is_free, inside), (x, y))


def _words(known: Sequence[tuple[Statistics, int]]) -> str:
    return "Questions by difficulty and discrimination. " + " ".join(
        f"{_one(one, number)}." for one, number in known
    )


def _one(one: Statistics, number: int) -> str:
    return (
        f"{number}, {one.item.name}: {one.difficulty:.0%} of the points, "
        f"discrimination {one.discrimination:.2f}"
    )
