"""Drawings of networks. Nothing here is part of an exercise."""

import matplotlib.pyplot as plt
import numpy as np
from pictures import (
    BLUE,
    GREY,
    ORANGE,
    PALE_BLUE,
    PALE_GREY,
    PALE_ORANGE,
    PURPLE,
    blank,
    draw_network,
    show,
    unit,
    wire,
)
from sklearn.datasets import load_digits


def bio():
    """A handwritten 7, read by a network."""
    digit = load_digits()["images"][7]
    figure, ax = blank(9.4, 4.3, (-3.4, 8.6), (-3.1, 2.75))
    ax.imshow(digit, cmap="gray_r", extent=(-3.2, -0.9, -1.15, 1.15), zorder=2)
    ax.add_patch(plt.Rectangle((-3.2, -1.15), 2.3, 2.3, fill=False, ec=GREY, zorder=3))
    pixels = [2, 3, 4, 5, None, 58, 59, 60]
    heights = np.linspace(2.1, -2.1, 8)
    hidden = [(3.4, y) for y in np.linspace(1.6, -1.6, 5)]
    output = [(6.5, y) for y in np.linspace(2.3, -2.3, 10)]
    for pixel, y in zip(pixels, heights, strict=True):
        if pixel is None:
            ax.text(0.5, y, "⋮", ha="center", va="center", fontsize=16)
            continue
        for end in hidden:
            wire(ax, (0.5, y), end, lw=0.5)
        grey = 1 - digit.flat[pixel] / 16
        unit(ax, 0.5, y, colour=(grey,) * 3, radius=0.2)
    for start in hidden:
        for end in output:
            wire(ax, start, end, lw=0.5)
        unit(ax, *start, colour=PALE_GREY, radius=0.22)
    for name, spot in enumerate(output):
        seven = name == 7
        unit(ax, *spot, colour=ORANGE if seven else "white", radius=0.19)
        ax.text(
            7.0, spot[1], f"{name}", va="center", weight="bold" if seven else "normal", fontsize=10
        )
    for x, text in (
        (-2.05, "8 × 8 pixels"),
        (0.5, "64 inputs"),
        (3.4, "hidden units"),
        (6.5, "10 outputs"),
    ):
        ax.text(x, -2.75, text, ha="center", va="center", fontsize=10, color="#444444")
    ax.annotate(
        "", (0.1, 0), (-0.75, 0), arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.5}
    )
    show(
        figure,
        "Digit recognition with a network. Each pixel of a handwritten 7 is one input, the "
        "darker the larger; each of ten output units speaks for one digit, and that of the 7 fires.",
    )


def structures():
    """Four feed-forward networks."""
    figure, ax = blank(10.4, 3.5, (-0.6, 15.2), (-2.75, 2.5))
    examples = [
        (0.0, (3, 1), "one layer,\none unit:\nthe perceptron"),
        (2.9, (3, 4), "one layer,\nfour units"),
        (5.8, (3, 4, 2), "two layers"),
        (10.2, (3, 5, 4, 4, 2), "four layers:\na deep network"),
    ]
    for x, sizes, text in examples:
        gap = 1.3 if len(sizes) < 5 else 1.05
        draw_network(ax, sizes, x=x, y=0.5, gap=gap, step=0.75, radius=0.22)
        middle = x + gap * (len(sizes) - 1) / 2
        ax.text(middle, -1.6, text, ha="center", va="top", fontsize=10)
    show(
        figure,
        "Four feed-forward networks. Inputs are blue, hidden units grey, outputs orange. A layer "
        "may have any number of units, and a network any number of layers.",
    )


def square(ax, x, y, text):
    ax.add_patch(
        plt.Rectangle((x - 0.28, y - 0.28), 0.56, 0.56, fc="white", ec="black", lw=0.9, zorder=3)
    )
    ax.text(x, y, text, ha="center", va="center", zorder=4)


def terminology(ANIMALS):
    """The lecture's network, and the weights into two of its units."""
    figure, ax = blank(9.6, 5, (-1.2, 10.6), (-3.3, 2.9))
    inputs, hidden = [(0, 1.3), (0, 0), (0, -1.3)], [(4, 1.3), (4, 0), (4, -1.7)]
    outputs = [(8, y) for y in (1.95, 0.65, -0.65, -1.95)]
    first, second = (BLUE, "-"), (ORANGE, (0, (5, 2)))
    for layer, (left, right, (colour, dashes)) in enumerate(
        ((inputs, hidden[:2], first), (hidden, outputs, second)), start=1
    ):
        for i, start in zip((1, 2, 0), left, strict=True):
            for end in right:
                bold = end is right[0]
                style = (
                    {"color": colour, "lw": 2, "ls": dashes} if bold else {"lw": 0.8, "alpha": 0.7}
                )
                wire(ax, start, end, **style)
            x, y = (a + 0.37 * (b - a) for a, b in zip(start, right[0], strict=True))
            ax.text(
                x,
                y,
                f"$w^{{({layer})}}_{{{i},1}}$",
                ha="center",
                va="center",
                color=colour,
                zorder=2,
                fontsize=12,
                bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"},
            )
    for i in (1, 2):
        unit(ax, *inputs[i - 1], f"$x_{i}$", PALE_BLUE)
        unit(ax, *hidden[i - 1], f"$z_{i}$", PALE_GREY)
    square(ax, *inputs[2], "$x_0$")
    square(ax, *hidden[2], "$z_0$")
    for j, (spot, animal) in enumerate(zip(outputs, ANIMALS, strict=True), start=1):
        unit(ax, *spot, f"$a_{j}$", PALE_ORANGE)
        ax.text(8.7, spot[1], animal, va="center")
    for x, text in ((0, "input layer"), (4, "hidden layer"), (8, "output layer")):
        ax.text(x, -3.0, text, ha="center", va="center", color="#444444", fontsize=10)
    for x, text, colour in ((2, "layer 1 of weights", BLUE), (6, "layer 2 of weights", ORANGE)):
        ax.text(x, 2.6, text, ha="center", va="center", color=colour)
    show(
        figure,
        "The lecture's network. Bold lines: the three weights into hidden unit 1 (blue) and into "
        "output unit 1 (orange, dashed). The squares x0 and z0 are the constant 1; their weights are the biases.",
    )


def count():
    """A network of the sizes (2, 3, 4)."""
    figure, ax = blank(7.4, 3.9, (-0.9, 7.9), (-2.75, 2.1))
    draw_network(ax, (2, 3, 4), gap=3.5, step=0.95, radius=0.28)
    for x, size in ((0, 2), (3.5, 3), (7, 4)):
        ax.text(x, -2.1, f"{size} units", ha="center", fontsize=10)
    for x, text in (
        (1.75, "layer 1\n2·3 weights\n+ 3 biases"),
        (5.25, "layer 2\n3·4 weights\n+ 4 biases"),
    ):
        ax.text(x, -2.1, text, ha="center", va="center", color=BLUE, fontsize=10)
    show(figure, "A network of the sizes (2, 3, 4): three columns of units, two layers of weights.")


def forward(ANIMALS, W1, W2, a, b1, dense, sigmoid, x):
    """The forward pass, with its numbers."""
    z = sigmoid(dense(x, W1, b1))
    figure, ax = blank(9.6, 4.2, (-1.2, 10.6), (-2.9, 2.5))
    columns = [
        [(0, 0.9), (0, -0.9)],
        [(4, 0.9), (4, -0.9)],
        [(8, v) for v in (1.8, 0.6, -0.6, -1.8)],
    ]
    for left, right, W in ((columns[0], columns[1], W1), (columns[1], columns[2], W2)):
        for i, start in enumerate(left):
            for j, end in enumerate(right):
                weight = W[i, j]
                wire(
                    ax,
                    start,
                    end,
                    color=ORANGE if weight >= 0 else PURPLE,
                    lw=0.4 + 0.33 * abs(weight),
                    ls="-" if weight >= 0 else (0, (4, 2)),
                )
    for spot, value in zip(columns[0], x, strict=True):
        unit(ax, *spot, f"{value:g}", PALE_BLUE, 0.42)
    for spot, value in zip(columns[1], z, strict=True):
        unit(ax, *spot, f"{value:.2f}", PALE_GREY, 0.42)
    for spot, value, animal in zip(columns[2], a, ANIMALS, strict=True):
        unit(ax, *spot, f"{value:.0f}", PALE_ORANGE, 0.42)
        ax.text(8.75, spot[1], animal, va="center")
    for place, text in ((0, "$x$"), (4, "$z$ = sigmoid(…)"), (8, "$a$")):
        ax.text(place, -2.65, text, ha="center", va="center")
    show(
        figure,
        "The forward pass of x = (1, 2), with the numbers of your function in the units. Orange, solid lines are "
        "positive weights, purple, dashed ones negative; the thicker, the larger. Biases are not drawn.",
    )
