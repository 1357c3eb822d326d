"""Diagrams and bars. Nothing here is part of an exercise."""

import matplotlib.pyplot as plt
import numpy as np
from pictures import BLUE, GREY, ORANGE, PALE_BLUE, PALE_ORANGE, show
from torch import nn


def network():
    """The network, as sheets of maps."""
    volumes = [
        ("image", 1, 8),
        ("conv + ReLU", 16, 8),
        ("pool", 16, 4),
        ("conv + ReLU", 32, 4),
        ("pool", 32, 2),
    ]
    figure, ax = plt.subplots(figsize=(9.6, 3.1))
    ax.set(xlim=(-0.3, 25.4), ylim=(-2.6, 6.9), aspect="equal")
    ax.axis("off")
    below = {"ha": "center", "va": "top", "fontsize": 10}
    x = 0.0
    for name, channels, size in volumes:
        sheets, side = min(channels, 4 if channels == 16 else 6), 0.5 * size
        for sheet in reversed(range(sheets)):
            corner = (x + 0.28 * sheet, 2 - side / 2 + 0.28 * sheet)
            face = "white" if name == "image" else PALE_BLUE if "conv" in name else PALE_ORANGE
            box(ax, *corner, side, side, face, lw=0.8)
        for line in np.arange(1, size) * 0.5:
            ax.plot([x + line] * 2, [2 - side / 2, 2 + side / 2], color=GREY, lw=0.4)
            ax.plot([x, x + side], [2 - side / 2 + line] * 2, color=GREY, lw=0.4)
        ax.text(x + side / 2, -0.55, name, **below)
        ax.text(x + side / 2, -1.55, f"{channels} × {size} × {size}", color="#444444", **below)
        x += side + 0.28 * sheets + 0.9
        arrow = {"arrowstyle": "-|>", "color": GREY}
        ax.annotate("", (x - 0.15, 2), (x - 0.75, 2), arrowprops=arrow)
    for number in range(10):
        y = -0.05 + 0.455 * number
        ax.add_patch(plt.Circle((x + 0.7, y), 0.19, facecolor="white", edgecolor="black", lw=0.8))
        ax.text(x + 1.1, y, str(9 - number), va="center", fontsize=7)
    ax.text(x + 0.7, -0.55, "linear", **below)
    ax.text(x + 0.7, -1.55, "10 logits", color="#444444", **below)
    show(
        figure,
        "The network. Convolutions (blue) make more activation maps, pooling (orange) makes them "
        "smaller, and a linear layer weighs what is left into ten scores. Of the 16 and 32 maps only a few are drawn.",
    )


def box(ax, x, y, width, height, face, **style):
    ax.add_patch(plt.Rectangle((x, y), width, height, facecolor=face, edgecolor="black", **style))


def parameters(build_cnn, count_parameters):
    """What shared weights save."""
    pairs = [  # inputs and outputs of each layer as plain numbers, and what the layer needs
        ("conv 1 → 16", 1 * 8 * 8, 16 * 8 * 8, count_parameters(nn.Conv2d(1, 16, 3))),
        ("conv 16 → 32", 16 * 4 * 4, 32 * 4 * 4, count_parameters(nn.Conv2d(16, 32, 3))),
    ]
    figure, ax = plt.subplots(figsize=(8.4, 2.5))
    for row, (_, inputs, outputs, needed) in enumerate(pairs):
        for offset, number, colour, hatch in (
            (-0.2, needed, BLUE, ""),
            (0.2, inputs * outputs + outputs, ORANGE, "//"),
        ):
            ax.barh(row + offset, number, 0.36, color=colour, hatch=hatch, edgecolor="white")
            ax.text(number * 1.1, row + offset, f"{number:,}", va="center")
    ax.set(xscale="log", xlim=(50, 1e6), xlabel="parameters (logarithmic scale)", yticks=[0, 1])
    ax.set_yticklabels([pair[0] for pair in pairs])
    ax.invert_yaxis()
    ax.bar(0, 0, color=BLUE, label="convolution")
    ax.bar(0, 0, color=ORANGE, hatch="//", label="fully connected")
    ax.legend(frameon=False, loc="upper right", fontsize=9, bbox_to_anchor=(1.0, 1.12))
    show(
        figure,
        "What local receptive fields and weight sharing save: 160 and 4640 parameters, where fully "
        "connected layers between as many values would need 66,560 and 131,584.",
    )
    print("the whole network:", count_parameters(build_cnn()))


def clock():
    """Why the slide measures too little."""
    figure, ax = plt.subplots(figsize=(9.4, 3.0))
    ax.set(xlim=(-1.7, 11.2), ylim=(-1.5, 2.6))
    ax.axis("off")
    for y, name in ((1.2, "CPU"), (0, "GPU")):
        ax.text(-0.3, y + 0.25, name, ha="right", va="center", weight="bold")
        ax.plot([0, 10.8], [y, y], color=GREY, lw=0.8)
    above = {"ha": "center", "va": "bottom", "fontsize": 9}
    box(ax, 0.3, 1.2, 0.9, 0.5, PALE_BLUE)
    ax.text(0.75, 1.8, "model(X)", **above)
    box(ax, 2.6, 1.2, 5.4, 0.5, "white", hatch="..", lw=0.8)
    ax.text(5.3, 1.8, "synchronize(): waits", **above)
    box(ax, 1.0, 0, 7.0, 0.5, PALE_ORANGE)
    ax.text(4.5, 0.25, "the GPU works", ha="center", va="center", fontsize=9)
    ax.annotate("", (1.1, 0.55), (1.1, 1.18), arrowprops={"arrowstyle": "->", "color": GREY})
    for x, text, colour in (
        (0.3, "start", "black"),
        (1.6, "too early:\nthe slide's end", ORANGE),
        (8.2, "end", BLUE),
    ):
        ax.plot([x, x], [-0.35, 1.9], color=colour, lw=1.4, ls="--")
        ax.text(x, -0.45, text, ha="center", va="top", color=colour, fontsize=9)
    ax.text(10.8, -0.45, "time", ha="right", va="top", fontsize=9, color="#555555")
    show(
        figure,
        "Why the slide measures too little. The CPU hands over the job and goes on at once; who looks at the clock now "
        "sees only how long that took. After synchronize() the GPU has finished, and the clock tells the truth.",
    )


def times(seconds, SIZES):
    """The time for one digit, against the batch size."""
    figure, ax = plt.subplots(figsize=(7.4, 3.2))
    for (where, found), style in zip(
        seconds.items(), (("o-", BLUE), ("s--", ORANGE)), strict=False
    ):
        per_digit = [1e6 * s / n for s, n in zip(found, SIZES, strict=True)]
        ax.plot(SIZES, per_digit, style[0], color=style[1], label=where)
    ax.set(xscale="log", yscale="log", xlabel="batch size", ylabel="microseconds a digit")
    ax.set_xticks(SIZES, [str(size) for size in SIZES])
    ax.yaxis.set_major_locator(plt.LogLocator(base=10, subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(plt.FormatStrFormatter("%g"))
    ax.minorticks_off()
    ax.legend(frameon=False)
    show(
        figure,
        "Time for one digit, forward and backward, against the batch size, on this machine. A digit in a batch costs less than a digit "
        "alone, up to a point: where the device is busy all the time, more digits at once gain nothing.",
    )


def compare_networks(board, NETWORKS):
    """The scoreboard, with new writers and with known ones: {(part, network): share}."""
    figure, ax = plt.subplots(figsize=(8.6, 3.6))
    white = {"fc": "white", "ec": "none", "pad": 1}
    for part, offset, colour, hatch in (
        ("new writers", -0.2, BLUE, ""),
        ("known writers", 0.2, ORANGE, "//"),
    ):
        for row, name in enumerate(NETWORKS):
            y, share = row + offset, board[part, name]
            label = "" if row else part
            ax.barh(y, 100 * share, 0.36, color=colour, hatch=hatch, ec="white", label=label)
            chance = 200 * np.sqrt(share * (1 - share) / 382)  # two standard deviations
            ax.errorbar(100 * share, y, xerr=chance, color="black", capsize=2, lw=1)
            ax.text(80.4, y, f"{share:.1%}", va="center", fontsize=9, bbox=white)
    ax.set(xlim=(80, 100), ylim=(3.5, -0.5), xlabel="digits read right (%); the axis begins at 80")
    ax.set_yticks(range(len(NETWORKS)), NETWORKS)
    ax.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=2)
    show(
        figure,
        "The course's scoreboard. With new writers the CNN stands out. With known writers all networks look better, "
        "and the two worst gain most: the leak hides what a good network is good for. The black lines say how far chance alone may move each figure.",
    )
