"""The pictures of the notebook, one function each. Nothing here is part of an exercise."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

# The course's colours. Of numbers, orange ones are above zero and purple ones below.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#2f6db5", "#e0752d", "#2a8f6d", "#7a4fa3", "#8a8f98"
PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_PURPLE = "#dce8f5", "#fbe3d3", "#d5ecd9", "#e6dcf0"
PALE_GREY, RUST, SIGNED = "#eeeeee", "#b4520f", "PuOr_r"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.grid": False})
plt.rcParams.update({"font.size": 11, "axes.titlesize": 11, "figure.constrained_layout.use": True})


def show(figure, text):
    """Show a figure with a text beneath, which also tells it to those who cannot see it."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=160, pil_kwargs={"optimize": True})
    plt.close(figure)
    picture = {"image/png": file.getvalue(), "text/plain": text}
    look = {
        "alt": text,
        "width": int(80 * figure.get_figwidth()),
    }  # half its pixels: sharp on any screen
    display(picture, metadata={"image/png": look}, raw=True)
    display(Markdown(f"*{text}*"))


def canvas(width, height, xlim, ylim):
    """An empty drawing; y runs down, as the rows of an array do."""
    figure, ax = plt.subplots(figsize=(width, height))
    ax.set(xlim=xlim, ylim=ylim[::-1], aspect="equal")
    ax.axis("off")
    return figure, ax


def grid(ax, values, x, y, colours, edge="white", ink="black"):
    """Draw an array as a grid of cells, its corner at (x, y)."""
    values = np.atleast_2d(values)
    colours = np.broadcast_to(colours, values.shape)
    for (i, j), value in np.ndenumerate(values):
        ax.add_patch(plt.Rectangle((x + j, y + i), 1, 1, facecolor=colours[i, j], edgecolor=edge))
        text = value if isinstance(value, str) else f"{value:g}"
        ax.text(x + j + 0.5, y + i + 0.53, text, ha="center", va="center", fontsize=9, color=ink)


def shapes(X):
    """An array as a grid, and what an index and a slice take out of it."""
    figure, ax = canvas(8.4, 4.3, (-0.3, 15.5), (-1.3, 7.5))
    colours = np.full(X.shape, PALE_GREY, dtype=object)
    colours[0], colours[2:4] = PALE_ORANGE, PALE_GREEN
    colours[:, 1] = PALE_BLUE
    grid(ax, X, 0, 0, colours)
    ax.text(1.5, -0.35, "X    (6, 3)", ha="center")
    ax.text(1.5, 6.7, "one row = one sample", ha="center", fontsize=10, color="#444444")
    for y, values, colour, name in (
        (0, X[0], PALE_ORANGE, "X[0]    (3,)"),
        (1.7, X[:, 1], PALE_BLUE, "X[:, 1]    (6,)"),
        (3.4, X[2:4], PALE_GREEN, "X[2:4]    (2, 3)"),
        (6.1, X[0, 1], PALE_BLUE, "X[0, 1]    ()"),
    ):
        grid(ax, values, 5, y, colour)
        ax.text(11.4, y + np.atleast_2d(values).shape[0] / 2 + 0.1, name, va="center")
    show(
        figure,
        "X is a grid of six rows and three columns. The row X[0] and the column X[:, 1] have one axis only and lie flat: "
        "an array of shape (6,) is neither a row nor a column. The slice X[2:4] keeps two axes, X[0, 1] is one number.",
    )


def axes(X):
    """Which axis vanishes."""
    figure, ax = canvas(7.6, 4.6, (-3.6, 11.0), (-1.0, 8.9))
    grid(ax, X, 0, 0, PALE_BLUE)
    for j in range(3):
        ax.annotate(
            "", (j + 0.5, 7.25), (j + 0.5, 6.1), arrowprops={"arrowstyle": "-|>", "color": ORANGE}
        )
    for i in range(6):
        ax.annotate(
            "", (4.3, i + 0.5), (3.1, i + 0.5), arrowprops={"arrowstyle": "-|>", "color": BLUE}
        )
    grid(ax, X.mean(axis=0), 0, 7.4, PALE_ORANGE)
    grid(ax, X.sum(axis=1)[:, np.newaxis], 4.4, 0, PALE_ORANGE)
    ax.text(1.5, -0.3, "X    (6, 3)", ha="center")
    ax.text(-0.3, 6.8, "axis=0", ha="right", va="center", color=ORANGE)
    ax.text(3.3, 7.95, "np.mean(X, axis=0)    (3,)", va="center")
    ax.text(3.7, -0.3, "axis=1", ha="center", color=BLUE)
    ax.text(5.7, 3.0, "np.sum(X, axis=1)    (6,)", va="center")
    show(
        figure,
        "axis=0 runs down the columns and leaves one mean for each of the three features. axis=1 runs across the rows and "
        "leaves one total for each of the six samples, drawn beside its row: here nonsense, kg plus cm plus years.",
    )


def broadcasting():
    """Three pairs of shapes, and how the smaller one is stretched."""
    figure, ax = canvas(9.6, 3.1, (-0.2, 23.4), (-1.5, 6.2))
    ghost = PALE_GREY
    row, column = np.array([["a", "b", "c"]]), np.array([["a"], ["b"], ["c"], ["d"]])
    for x, name in (
        (0, "(1)   (4, 3) and (3,)"),
        (8.4, "(2)   (4, 3) and (4,)"),
        (16.8, "(3)   (4, 3) and (4, 1)"),
    ):
        grid(ax, np.full((4, 3), ""), x, 0, PALE_BLUE)
        ax.text(x, -0.6, name, fontsize=10)
    grid(ax, np.repeat(row, 3, axis=0), 3.5, 1, ghost, ink=GREY)
    grid(ax, row, 3.5, 0, PALE_ORANGE)
    ax.annotate("", (6.8, 4), (6.8, 0.6), arrowprops={"arrowstyle": "-|>", "color": ORANGE})
    grid(ax, column.T, 11.9, 0, PALE_ORANGE)
    ax.plot([15, 15.9], [0, 1], color="crimson", lw=1.5, ls=":")
    ax.text(
        13.9, 2.2, "3 and 4 meet:\nerror", ha="center", va="center", color="crimson", fontsize=10
    )
    grid(ax, np.repeat(column, 2, axis=1), 21.3, 0, ghost, ink=GREY)
    grid(ax, column, 20.3, 0, PALE_ORANGE)
    ax.annotate("", (23.3, 4.4), (20.9, 4.4), arrowprops={"arrowstyle": "-|>", "color": ORANGE})
    ax.text(3.5, 5.2, "the same for each row", fontsize=10, color="#444444", ha="center")
    ax.text(20.3, 5.2, "the same for each column", fontsize=10, color="#444444", ha="center")
    show(
        figure,
        "(1) works: the three values are stretched down, the same for each row. (2) is an error, for flush right 3 meets 4. "
        "(3) works: the column of four is stretched to the right, the same for each column.",
    )


def slopes():
    """A forward and a central difference."""
    x = np.linspace(0.2, 1.75, 200)
    figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.3), sharey=True)
    for ax, start, name in ((panels[0], 1.0, "forward"), (panels[1], 0.5, "central")):
        steep = (1.5**3 - start**3) / (1.5 - start)
        ax.plot(x, x**3, color=BLUE, lw=2)
        ax.plot(x, 1 + 3 * (x - 1), color=GREY, lw=1.4, ls="--", label="slope 3, the tangent at 1")
        ax.plot(x, start**3 + steep * (x - start), color=ORANGE, lw=1.8, label=f"slope {steep:g}")
        ax.plot([start, 1.5], [start**3, 1.5**3], "o", color=ORANGE)
        ax.set(title=f"{name}: {steep:g}", xlabel="x", ylim=(-1.2, 5), xticks=[0.5, 1, 1.5])
        ax.legend(frameon=False, fontsize=9, loc="upper left")
    panels[0].set_ylabel("$x^3$")
    show(
        figure,
        "The line through two points of the curve. Forward, from 1 to 1.5, it is too steep: 4.75. Central, from 0.5 to 1.5, it is nearly "
        "parallel to the tangent: 3.25. What the curve bends on one side, it bends back on the other.",
    )
