"""The pictures of the notebook, one function each. Nothing here is part of an exercise."""

import io
import math

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


def blank(width, height, xlim, ylim):
    """A figure without axes."""
    figure, ax = plt.subplots(figsize=(width, height))
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return figure, ax


def box(ax, x, y, text, colour="white", width=1.5, height=0.8, **style):
    """A rounded box with a text in it."""
    frame = plt.matplotlib.patches.FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle="round,pad=0.02,rounding_size=0.1",
        facecolor=colour,
        edgecolor="black",
        lw=1,
        zorder=3,
    )
    ax.add_patch(frame)
    ax.text(x, y, text, ha="center", va="center", zorder=4, **style)


def arrow(ax, start, end, colour=GREY, **style):
    """An arrow between two points."""
    style = {"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0} | style
    ax.annotate("", end, start, arrowprops=style, zorder=2)


def overview():
    """Forward, compare, backward, update."""
    figure, ax = blank(10, 3.9, (-1.15, 10.6), (-2.35, 2.1))
    for x, text, colour in (
        (0, "sample\n$x$", PALE_BLUE),
        (3.2, "network\nweights $w$", PALE_GREY),
        (6.4, "output\n$f$", PALE_BLUE),
        (9.4, "error\n$E$", PALE_ORANGE),
    ):
        box(ax, x, 0, text, colour, 1.9, 1.1)
    box(ax, 9.4, 1.6, "target", PALE_BLUE, 1.9, 0.6)
    arrow(ax, (9.4, 1.27), (9.4, 0.6), BLUE)
    for x0, x1 in ((0.98, 2.22), (4.18, 5.42), (7.38, 8.42)):
        arrow(ax, (x0, 0.22), (x1, 0.22), BLUE)
    for x0, x1 in ((8.42, 7.38), (5.42, 4.18)):
        arrow(ax, (x0, -0.22), (x1, -0.22), ORANGE)
    ax.text(3.2, 1.05, "1. forward", color=BLUE, ha="center", weight="bold")
    ax.text(7.75, 1.05, "2. compare", color=BLUE, ha="center", weight="bold")
    ax.text(6.4, -1.1, "3. backward: slopes of $E$", color=ORANGE, ha="center", weight="bold")
    arrow(ax, (2.6, -0.58), (3.8, -0.58), GREEN, connectionstyle="arc3,rad=1.1")
    ax.text(3.2, -1.85, "4. update", color=GREEN, ha="center", weight="bold")
    show(
        figure,
        "The four steps of training: values run forward (blue), the output is compared with the "
        "target, slopes of the error run backward (orange), and the weights are updated (green).",
    )


def draw_toy(ax, values, slopes=None):
    """The toy's graph: values above the edges (blue), slopes of f beneath them (orange)."""
    times, plus, end = (2, 1), (4.6, 0.6), (7.4, 0.6)
    edges = {
        "w": ((0, 2.3), times),
        "x": ((0, -0.3), times),
        "g": (times, plus),
        "b": ((2.6, -0.8), plus),
        "f": (plus, end),
    }
    for name, (start, stop) in edges.items():
        (x0, y0), (x1, y1) = start, stop
        reach = 1 - 0.34 / math.hypot(x1 - x0, y1 - y0)
        arrow(ax, start, (x0 + reach * (x1 - x0), y0 + reach * (y1 - y0)))
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        ax.text(
            x,
            y + 0.17,
            f"{float(values[name]):g}",
            color=BLUE,
            ha="center",
            weight="bold",
            va="bottom",
        )
        if slopes is not None:
            ax.text(
                x,
                y - 0.17,
                f"{float(slopes[name]):g}",
                color=ORANGE,
                ha="center",
                va="top",
                weight="bold",
            )
    for (x, y), text in ((times, "×"), (plus, "+")):
        ax.add_patch(plt.Circle((x, y), 0.3, facecolor=PALE_GREY, edgecolor="black", zorder=3))
        ax.text(x, y, text, ha="center", va="center", zorder=4, fontsize=14)
    for name, (x, y) in (("w", (0, 2.3)), ("x", (0, -0.3)), ("b", (2.6, -0.8)), ("f", (7.4, 0.6))):
        ax.add_patch(plt.Circle((x, y), 0.3, facecolor=PALE_BLUE, edgecolor="black", zorder=3))
        ax.text(x, y, f"${name}$", ha="center", va="center", zorder=4)
    ax.text(3.35, 1.38, "$g$", ha="center", color="black")


def forward(toy_forward):
    """The toy's graph, forward."""
    g, f = toy_forward(-2, 5, 3)
    values = {"w": -2, "x": 5, "b": 3, "g": g, "f": f}
    figure, ax = blank(7.6, 3.2, (-0.5, 8.2), (-1.25, 2.7))
    draw_toy(ax, values)
    show(
        figure,
        f"Forward: w = -2 and x = 5 meet in a product, g = {float(g):g}; with b = 3 added, "
        f"f = {float(f):g}.",
    )
    return f, values


def backward(values, toy_gradients):
    """The toy's graph with its slopes."""
    slopes = toy_gradients(-2, 5, 3)
    figure, ax = blank(7.6, 3.2, (-0.5, 8.2), (-1.25, 2.7))
    draw_toy(ax, values, slopes | {"g": 1, "f": 1})
    ax.text(7.85, 1.6, "value", color=BLUE, ha="right", weight="bold")
    ax.text(7.85, -0.55, "slope of $f$", color=ORANGE, ha="right", weight="bold")
    show(
        figure,
        "Above each edge its value (blue, computed from left to right), beneath it the slope of f "
        "by that value (orange, computed from right to left, beginning with df/df = 1).",
    )
    return slopes


def rates(fit_to_target, climb):
    """What the learning rate does."""
    RATES = ((0.01, "0.01", BLUE, "o"), (1 / 26, "1/26", GREEN, "s"), (0.1, "0.1", ORANGE, "^"))
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.1), width_ratios=[1.15, 1])
    axes[0].axhline(3, color="black", lw=1, ls=":")
    axes[0].text(12.1, 4, "target", ha="right", va="bottom", fontsize=10)
    axes[0].plot(climb, "--", color=GREY, lw=2, label="slide's step, 0.1")
    w, b = np.meshgrid(np.linspace(-5.2, 4.6, 120), np.linspace(1.8, 4.9, 120))
    axes[1].contourf(w, b, np.sqrt(abs(5 * w + b - 3)), levels=12, cmap="Greys", alpha=0.55)
    axes[1].plot([-0.38, 0.24], [4.9, 1.8], color="black", lw=1, ls=":")
    axes[1].text(0.22, 2.0, "  $E = 0$", fontsize=10)
    for eta, name, colour, marker in RATES:
        history = [-7, *fit_to_target(-2, 5, 3, 3, eta, 3 if eta == 0.1 else 12)[2]]
        axes[0].plot(
            history, marker=marker, color=colour, ms=5, lw=1.8, label=rf"descent, $\eta$ = {name}"
        )
        path = [(-2, 3), *(fit_to_target(-2, 5, 3, 3, eta, steps)[:2] for steps in range(1, 13))]
        path = np.array([[float(v) for v in pair] for pair in path])
        path = path[: 4 if eta == 0.1 else None]
        lift = {0.01: 0.0, 1 / 26: 0.28, 0.1: -0.28}[eta]  # the three paths lie on one line
        axes[1].plot(path[:, 0], path[:, 1] + lift, marker=marker, color=colour, ms=5, lw=1.4)
    axes[0].text(3.2, 41, "and so on: -62.5, 107.9, -165, ...", color=ORANGE, fontsize=9)
    axes[0].set(ylim=(-27, 48), xlabel="step", ylabel="$f$", title="f over the steps")
    axes[0].legend(frameon=False, fontsize=9, loc="lower right")
    axes[1].set(
        xlabel="$w$", ylabel="$b$", xlim=(-5.2, 4.6), ylim=(1.8, 4.9), title="the paths of (w, b)"
    )
    show(
        figure,
        "Left: the slide's step climbs for ever; descent with 0.01 approaches 3, with 1/26 it is there "
        "at once, with 0.1 it jumps across, each time further. Right: the valley of E (light: small) with the three "
        "paths, which in truth lie on one line and are drawn apart.",
    )


def bumpy(x):
    return np.exp(np.sin(x)).sum()


def errors_of_differences(numerical_gradient):
    """The error of differences, against h."""
    x = np.array([[0.4, 1.3], [-0.8, 2.1]])
    exact = np.exp(np.sin(x)) * np.cos(x)
    sizes = 10.0 ** np.arange(-13, 0.1, 0.5)
    central = [np.abs(np.array(numerical_gradient(bumpy, x, h)) - exact).max() for h in sizes]
    forward = []
    for h in sizes:
        moved = [bumpy(x + h * unit.reshape(2, 2)) for unit in np.eye(4)]
        forward.append(np.abs((np.array(moved) - bumpy(x)) / h - exact.ravel()).max())
    figure, ax = plt.subplots(figsize=(7.6, 4.1))
    ax.loglog(sizes, forward, "s--", color=ORANGE, ms=5, label="forward difference")
    ax.loglog(sizes, central, "o-", color=BLUE, ms=5, label="central difference (yours)")
    ax.axvline(1e-5, color="black", lw=1, ls=":")
    ax.text(8e-6, 5e-12, "h = 1e-5", fontsize=10, ha="right")
    ax.text(1e-13, 1e-8, "rounding errors grow\nas 1/h", fontsize=10)
    ax.text(1.5, 1e-9, "the formula's errors\ngrow as h and h²", fontsize=10, ha="right")
    ax.set(xlabel="h", ylabel="largest error", ylim=(1e-13, 10))
    ax.legend(frameon=False, loc="upper left")
    show(
        figure,
        "The error of both differences against h, on logarithmic axes. To the right the formula is too "
        "coarse, to the left the difference drowns in rounding errors. The central difference is best "
        "near 1e-5, and there hundreds of times better than the other at its best.",
    )


def xor(CORNERS, XOR, weights, xor_losses, xor_network):
    """The XOR network: its loss, and what it says on the plane."""
    ticks = np.linspace(-0.5, 1.5, 41)
    says = [
        [float(xor_network(weights, float(x1), float(x2)).data) for x1 in ticks] for x2 in ticks
    ]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), width_ratios=[1.35, 1])
    axes[0].plot(xor_losses, color=BLUE)
    axes[0].axhline(math.log(2), color="black", lw=1, ls=":")
    axes[0].text(400, math.log(2) + 0.02, "knowing nothing: ln 2", ha="right", fontsize=10)
    axes[0].set(xlabel="epoch", ylabel="loss", ylim=(0, None))
    mesh = axes[1].contourf(
        ticks, ticks, says, levels=np.linspace(0, 1, 11), cmap=SIGNED, alpha=0.8
    )
    axes[1].contour(ticks, ticks, says, levels=[0.5], colors="black", linewidths=1.4)
    for (x1, x2), t in zip(CORNERS, XOR, strict=True):
        axes[1].plot(x1, x2, "s" if t else "o", color="white", mec="black", ms=13)
        axes[1].text(x1, x2, t, ha="center", va="center", fontsize=10)
    axes[1].set(xlabel="$x_1$", ylabel="$x_2$", xticks=[0, 1], yticks=[0, 1], aspect="equal")
    figure.colorbar(mesh, ax=axes[1], ticks=[0, 0.5, 1], shrink=0.85)
    show(
        figure,
        "Left: the loss of the XOR network, trained by your engine. Right: what it says on the plane, and the "
        "boundary (black) that it has bent around the corners; each corner bears its label.",
    )


def loss(label, losses, says, unseen, wrong):
    """The loss, and how unseen digits are read."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=[1.25, 1])
    axes[0].plot(range(1, len(losses) + 1), losses, color=BLUE, lw=2)
    axes[0].axhline(math.log(10), color="black", lw=1, ls=":")
    axes[0].text(400, math.log(10) + 0.05, "knowing nothing: ln 10 = 2.30", ha="right", fontsize=10)
    axes[0].set(
        xlabel="epoch", ylabel="mean loss", ylim=(0, 2.6), title=f"training, {len(losses)} epochs"
    )
    table = np.zeros((10, 10))
    np.add.at(table, (label[unseen], says.argmax(axis=1)), 1)
    axes[1].imshow(np.sqrt(table), cmap="Blues")
    for i, j in np.argwhere(table):
        axes[1].text(
            j,
            i,
            f"{table[i, j]:.0f}",
            ha="center",
            va="center",
            fontsize=9,
            color="white" if table[i, j] > 15 else "black",
        )
    axes[1].set(
        xlabel="read as",
        ylabel="is a",
        xticks=range(10),
        yticks=range(10),
        title=f"{1 - len(wrong) / np.sum(unseen):.1%} of the unseen digits are right",
    )
    show(
        figure,
        "Left: the loss falls from ln 10, where the network knows nothing, quickly and then ever more slowly. Right: "
        "how the unseen digits are read; the right answers lie on the diagonal.",
    )


def weights(W1):
    """The weights of the first layer."""
    figure, axes = plt.subplots(4, 8, figsize=(9, 4.9))
    limit = np.abs(W1).max()
    for ax, weights_of_unit in zip(axes.flat, W1.T, strict=False):
        mesh = ax.imshow(weights_of_unit.reshape(8, 8), cmap=SIGNED, vmin=-limit, vmax=limit)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY, lw=0.5)
    figure.colorbar(mesh, ax=axes, shrink=0.7, ticks=[-limit, 0, limit], format="%.1f")
    show(
        figure,
        "The weights of the first layer, one image for each of the 32 hidden units. Orange: ink here excites "
        "the unit; purple: ink here calms it. Nobody told them to look for strokes and gaps.",
    )


def wrong(data, label, says, unseen, wrong):
    """Digits that are read wrong."""
    figure, axes = plt.subplots(1, 8, figsize=(9.4, 1.7))
    for ax in axes:
        ax.axis("off")
    for ax, which in zip(axes, wrong, strict=False):
        ax.imshow(data[unseen][which].reshape(8, 8), cmap="gray_r")
        ax.set_title(f"{label[unseen][which]}, read as {says[which].argmax()}", fontsize=9)
    show(
        figure,
        "Some unseen digits that the network gets wrong: what each is, and what it was taken for.",
    )


NETWORKS = (
    "linear: notebook 2",
    "hidden layer: notebook 3",
    "CNN: notebook 5",
    "CNN, shifts: notebook 5",
)


def scoreboard(shares, text):
    """A bar for each network's share of right answers; empty for those that are still to come."""
    figure, ax = plt.subplots(figsize=(8.4, 2.4))
    for row, share in enumerate(shares):
        chance = 200 * np.sqrt(share * (1 - share) / 382)  # two standard deviations
        ax.barh(
            row,
            100 * share,
            0.6,
            color=BLUE if row % 2 else ORANGE,
            hatch="" if row % 2 else "//",
            ec="white",
        )
        ax.errorbar(100 * share, row, xerr=chance, color="black", capsize=3, lw=1)
        ax.text(
            81,
            row,
            f"{share:.1%}",
            va="center",
            weight="bold",
            bbox={"fc": "white", "ec": "none", "pad": 1.5},
        )
    for row in range(len(shares), len(NETWORKS)):
        ax.text(80.5, row, "still to come", va="center", color="#555555")
    ax.set(xlim=(80, 100), xlabel="right answers on the test writers (%); the axis begins at 80")
    ax.set_yticks(range(len(NETWORKS)), NETWORKS)
    ax.set_ylim(3.5, -0.5)
    show(figure, text)


def compare_networks(by_writers, data, label, one_hot, test):
    """The scoreboard, as bars."""
    W, b = np.zeros((64, 10)), np.zeros(10)
    for _ in range(150):  # 150 steps with the rate that notebook 2 chose on the validation writers
        says = np.exp(data[:1415] @ W + b)
        gradient = says / says.sum(axis=1, keepdims=True) - one_hot[:1415]
        W -= 3.0 * data[:1415].T @ gradient / 1415
        b -= 3.0 * gradient.mean(axis=0)
    linear = np.mean((data[test] @ W + b).argmax(axis=1) == label[test])
    scoreboard(
        [linear, by_writers],
        "The scoreboard with two networks. The black lines say how far chance alone may move each figure: they overlap by far, "
        "so these 382 digits do not show that the hidden layer reads new writers better.",
    )
