"""What a plot of matplotlib's shows, as plain data, asked of its objects where they are."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from fairmark.harness.failures import Mismatch
from fairmark.wire.codec import WireError

DESCRIBE = '''
def describe(target):
    """Describe the Axes of a figure, or of any nesting of them, as plain data."""
    import numpy as np
    from matplotlib import pyplot
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import FigureBase
    from matplotlib.patches import Rectangle

    def axes_in(thing):
        if isinstance(thing, Axes):
            return [thing]
        if isinstance(thing, FigureBase):
            return list(thing.axes)
        if isinstance(thing, (list, tuple, np.ndarray)):
            return [one for part in np.ravel(thing) for one in axes_in(part)]
        owner = getattr(thing, "axes", None) or getattr(thing, "figure", None)
        return axes_in(owner) if owner is not None else []

    def numbers(values):
        return np.asarray(values, float)

    def described(ax):
        legend = ax.get_legend()
        return {
            "title": ax.get_title(),
            "xlabel": ax.get_xlabel(),
            "ylabel": ax.get_ylabel(),
            "xlim": numbers(ax.get_xlim()),
            "ylim": numbers(ax.get_ylim()),
            "xscale": ax.get_xscale(),
            "yscale": ax.get_yscale(),
            "legend": None if legend is None else [t.get_text() for t in legend.get_texts()],
            "texts": [text.get_text() for text in ax.texts],
            "lines": [
                {
                    "x": numbers(line.get_xdata(orig=False)),
                    "y": numbers(line.get_ydata(orig=False)),
                    "label": str(line.get_label()),
                    "color": str(line.get_color()),
                    "marker": str(line.get_marker()),
                    "linestyle": str(line.get_linestyle()),
                }
                for line in ax.lines[:200]
            ],
            "bars": [
                {"x": bar.get_x(), "y": bar.get_y(), "width": bar.get_width(),
                 "height": bar.get_height()}
                for bar in ax.patches[:2000]
                if isinstance(bar, Rectangle)
            ],
            "points": [
                numbers(np.ma.filled(dots.get_offsets(), np.nan))
                for dots in ax.collections[:200]
                if isinstance(dots, PathCollection)
            ],
            "images": [np.asarray(image.get_array()) for image in ax.images[:20]],
        }

    return [described(ax) for ax in axes_in(pyplot.gcf() if target is None else target)[:64]]
'''
"""A helper that is run in the student's process."""


@dataclass(frozen=True)
class PlottedAxes:
    """One Axes of a plot, as plain data. It is what the student's process says of it."""

    title: Any
    xlabel: Any
    ylabel: Any
    xlim: Any
    ylim: Any
    xscale: Any
    yscale: Any
    legend: Any
    """The texts of the legend; None where there is none."""
    texts: Any
    """The texts that were put into the plot."""
    lines: Any
    """A dictionary for each line: ``x``, ``y``, ``label``, ``color``, ``marker``, ``linestyle``."""
    bars: Any
    """A dictionary for each bar or rectangle: ``x``, ``y``, ``width``, ``height``."""
    points: Any
    """An array of shape (n, 2) for each scatter plot."""
    images: Any
    """The array of each image."""


def plotted(answer: Any) -> list[PlottedAxes]:
    """Return what the helper has said; fail the test readably where there is no plot."""
    names = [field.name for field in fields(PlottedAxes)]
    if type(answer) is not list or not all(
        type(one) is dict and one.keys() == set(names) for one in answer
    ):
        raise WireError("what is told of a plot is malformed")
    if not answer:
        raise Mismatch("There is no plot: a figure of matplotlib's is expected, or its Axes.")
    return [PlottedAxes(**one) for one in answer]
