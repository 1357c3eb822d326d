"""Figures of matplotlib as pictures in a cell's outputs, whichever backend the student asks for.

A person marks what a plot shows. There is neither a window nor a browser's widget here, so each
backend that needs one is taken for the notebook's own ("inline"), and what another one, such as
"Agg", has drawn by the end of a cell is shown there.
"""

from __future__ import annotations

import base64
import functools
import sys
import weakref
from collections.abc import Callable
from typing import Any

_INLINE = "module://matplotlib_inline.backend_inline"
_TO_FILES = frozenset({"agg", "pdf", "pgf", "ps", "svg", "template"})
"""The backends that draw without a screen, and need nothing installed."""
_known: weakref.WeakSet[Any] = weakref.WeakSet()
_shown: weakref.WeakSet[Any] = weakref.WeakSet()
"""The figures that were shown, and those of them that have not changed since."""


def enable_figures(ipython: Any) -> None:
    """Let cells show their figures; to be called once, in the warm process."""
    if "matplotlib" not in sys.modules:
        return
    import matplotlib
    from matplotlib_inline import backend_inline

    ipython.enable_matplotlib("inline")
    backend_inline._enable_matplotlib_integration()
    matplotlib.use = _without_a_screen(matplotlib.use)
    if "matplotlib.pyplot" not in sys.modules:
        return
    # A first figure loads fonts and picture formats: once here, not once in each process.
    from IPython.core.pylabtools import print_figure
    from matplotlib import pyplot

    pyplot.switch_backend = _without_a_screen(pyplot.switch_backend)
    figure, axes = pyplot.subplots(figsize=(1, 1))
    axes.set_title("$x$")
    print_figure(figure)
    pyplot.close(figure)
    show: Any = backend_inline.show
    show._draw_called = False  # it would close the first figures of another backend


def unseen_figures() -> list[dict[str, Any]]:
    """Return as outputs the open figures that a backend without a screen has drawn on.

    Each is returned again only when it has changed. It stays open, as the backend leaves it: a
    later cell may go on with it.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    from matplotlib import _pylab_helpers

    figures = [manager.canvas.figure for manager in _pylab_helpers.Gcf.get_all_fig_managers()]
    if not figures or "inline" in str(pyplot.get_backend()):  # which shows its figures itself
        return []
    return [_output(figure) for figure in figures if figure.axes and figure not in _shown]


def _output(figure: Any) -> dict[str, Any]:
    from IPython.core.pylabtools import print_figure

    data = {"text/plain": repr(figure)}
    try:
        data["image/png"] = base64.b64encode(print_figure(figure)).decode()
    except Exception as error:  # a part of the figure may raise any
        data["text/plain"] += f" that cannot be drawn: {type(error).__name__}: {error}"
    if figure not in _known:
        _known.add(figure)
        figure.canvas.mpl_connect("draw_event", _forget)
    figure.stale = False  # or it would be drawn again behind the next cell
    _shown.add(figure)
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _forget(event: Any) -> None:
    """Show a figure once more that was drawn again: matplotlib does that where it has changed."""
    _shown.discard(event.canvas.figure)


def _without_a_screen(choose: Callable[..., Any]) -> Callable[..., Any]:
    """A function of matplotlib's that chooses a backend, as one that asks for no screen."""

    @functools.wraps(choose)
    def chosen(backend: Any, *args: Any, **kwargs: Any) -> Any:
        draws_to_files = str(backend).lower() in _TO_FILES
        return choose(backend if draws_to_files else _INLINE, *args, **kwargs)

    return chosen
