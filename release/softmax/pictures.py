"""The pictures of the notebook, one function each. Nothing here is part of an exercise."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from matplotlib.colors import to_rgb

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
    """A figure without axes, for diagrams."""
    figure, ax = plt.subplots(figsize=(width, height))
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return figure, ax


def unit(ax, x, y, text="", colour="white", radius=0.32, size=11):
    ax.add_patch(plt.Circle((x, y), radius, facecolor=colour, edgecolor="black", lw=0.9, zorder=3))
    ax.text(x, y, text, ha="center", va="center", zorder=4, fontsize=size)


def wire(ax, start, end, **style):
    ax.plot(*zip(start, end, strict=True), **({"color": GREY, "lw": 1, "zorder": 1} | style))


PALE = {"input": PALE_BLUE, "hidden": PALE_GREY, "output": PALE_ORANGE}


def draw_network(ax, sizes, x=0.0, y=0.0, gap=1.6, step=0.8, radius=0.26):
    """Columns of units, each wired to the whole next one; return their places, by column."""
    places = []
    for column, size in enumerate(sizes):
        heights = y + step * (np.arange(size)[::-1] - (size - 1) / 2)
        places.append([(x + gap * column, height) for height in heights])
    for left, right in zip(places[:-1], places[1:], strict=True):
        for start in left:
            for end in right:
                wire(ax, start, end)
    for column, spots in enumerate(places):
        name = "input" if column == 0 else "output" if column == len(sizes) - 1 else "hidden"
        for spot in spots:
            unit(ax, *spot, colour=PALE[name], radius=radius)
    return places


def xor(dense, sigmoid, two_layer_forward):
    """XOR, solved by two layers."""
    X1, c1 = np.array([[8.0, 8.0], [8.0, 8.0]]), np.array([-4.0, -12.0])  # x1 + x2 > 0.5, and > 1.5
    X2, c2 = np.array([[1.0], [-1.0]]), np.array([-0.5])  # the first, but not the second
    ticks = np.linspace(-0.5, 1.5, 101)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    first = sigmoid(dense(grid, X1, c1))
    answer = np.array(two_layer_forward(grid, X1, c1, X2, c2))[:, 0]
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.9))
    titles = ["hidden unit $z_1$: OR", "hidden unit $z_2$: AND", "output: $z_1 - z_2 - 0.5$"]
    for ax, values, title in zip(
        axes, (first[:, 0], first[:, 1], answer + 0.5), titles, strict=True
    ):
        values = values.reshape(101, 101)
        ax.imshow(
            values,
            cmap=SIGNED,
            vmin=-0.4,
            vmax=1.4,
            origin="lower",
            extent=(-0.5, 1.5, -0.5, 1.5),
        )
        ax.contour(ticks, ticks, values, levels=[0.5], colors="black", linewidths=1.4)
        ax.scatter([0, 1], [0, 1], s=80, c="white", ec="black", marker="o", zorder=3, label="no")
        ax.scatter([0, 1], [1, 0], s=80, c="black", marker="s", zorder=3, label="yes")
        ax.set(title=title, xticks=[0, 1], yticks=[0, 1], xlabel="$x_1$", ylabel="$x_2$")
    axes[2].legend(loc="upper right", fontsize=9, framealpha=0.9)
    show(
        figure,
        "XOR, solved by two layers. Each hidden unit draws one line (left, middle): at least one "
        "input, both inputs. Their difference is large only in the strip between the lines (right).",
    )


def bars(ANIMALS, a, table):
    """Sigmoids, normalised sigmoids, softmax."""
    figure, axes = plt.subplots(1, 3, figsize=(9.8, 3.3), sharey=True)
    names = ["sigmoid of each", "normalised sigmoids", "softmax"]
    for ax, values, name, colour in zip(axes, table[1:], names, (GREY, BLUE, ORANGE), strict=True):
        bars = ax.bar(ANIMALS, values, color=colour, width=0.65)
        ax.bar_label(bars, [f"{value:.5f}" for value in values], padding=2, fontsize=9)
        ax.set(title=f"{name}\nsum {abs(np.sum(values)):.2f}", ylim=(0, 1.12), yticks=[0, 0.5, 1])
        ax.set_xticks(
            range(4),
            [f"{animal}\n{output:+.0f}" for animal, output in zip(ANIMALS, a, strict=True)],
        )
    show(
        figure,
        "The outputs (-5, -1, 1, 5) as sigmoids, normalised sigmoids and softmax. The sigmoids "
        "add up to 2. Normalised, the cat gets 0.497 and the dog 0.366; with softmax the cat gets 0.980.",
    )


def experiments(ANIMALS, normalize, sigmoid, softmax):
    """Three experiments with the outputs."""
    experiments = [
        ([5, 9, 11, 15], "all outputs 10 higher"),
        ([-1, -0.2, 0.2, 1], "differences 5 times smaller"),
        ([3, 6, 9, 12], "all outputs high"),
    ]
    figure, axes = plt.subplots(1, 3, figsize=(10.4, 3.5), sharey=True)
    for ax, (outputs, title) in zip(axes, experiments, strict=True):
        outputs = np.array(outputs, dtype=float)
        pairs = (
            (np.array(normalize(sigmoid(outputs))), "normalised", BLUE, ""),
            (np.array(softmax(outputs)), "softmax", ORANGE, "//"),
        )
        for shift, (values, name, colour, hatch) in zip((-0.2, 0.2), pairs, strict=True):
            bars = ax.bar(
                np.arange(4) + shift,
                values,
                0.38,
                color=colour,
                hatch=hatch,
                ec="white",
                label=name,
            )
            ax.bar_label(bars, [f"{value:.2f}" for value in values], padding=1, fontsize=8)
        ax.set(title=title, ylim=(0, 1.12), yticks=[0, 0.5, 1])
        ax.set_xticks(
            range(4),
            [f"{animal}\n{output:g}" for animal, output in zip(ANIMALS, outputs, strict=True)],
        )
    axes[0].legend(frameon=False, loc="upper left")
    show(
        figure,
        "Left: softmax gives the same as before, while the normalised sigmoids are all 0.25: they "
        "have forgotten who is ahead. Middle: with small differences softmax is unsure as well. Right: "
        "outputs 3 apart are nearly equal for the sigmoid, and clear for softmax.",
    )


def cross_entropy(ANIMALS, cross_entropy, softmax):
    """The loss, against the probability of the truth."""
    lecture_y = np.array(softmax(np.array([-5.0, -1.0, 1.0, 5.0])))
    losses = [float(cross_entropy(t, lecture_y)) for t in np.eye(4)]
    p = np.linspace(0.004, 1, 500) ** 2  # closer together near 0
    curve = np.array(cross_entropy(np.tile([0.0, 1.0], (500, 1)), np.stack([1 - p, p], axis=1)))
    figure, axes = plt.subplots(1, 2, figsize=(9.8, 3.6))
    axes[0].plot(p, curve, color=BLUE, lw=2)
    axes[0].plot(lecture_y, losses, "o", color=ORANGE, ms=8, mec="white", zorder=3)
    for animal, probability, loss in zip(ANIMALS, lecture_y, losses, strict=True):
        axes[0].annotate(
            f"{animal}: {loss:.2f}",
            (probability, loss),
            textcoords="offset points",
            xytext=(6, 12) if animal == "cat" else (9, 3),
            ha="right" if animal == "cat" else "left",
        )
    axes[0].set(
        xlabel="probability of the true class",
        ylabel="cross-entropy",
        ylim=(-0.4, 11.5),
        xlim=(-0.02, 1.02),
        title="what if the animal was …",
    )
    axes[1].plot(p, curve, color=BLUE, lw=2, label="cross-entropy")
    axes[1].plot(p, 2 * (1 - p) ** 2, color=GREY, lw=2, ls="--", label="squared error")
    axes[1].set(
        xlabel="probability of the true one of two classes",
        ylim=(-0.2, 6),
        xlim=(-0.02, 1.02),
        title="two losses",
    )
    axes[1].legend(frameon=False)
    show(
        figure,
        "Left: minus the logarithm of the true class's probability, with the losses of the "
        "lecture's softmax if the animal was a cat (0.02), a dog, a bird or a frog (10.02). Right: a squared error "
        "stops at 2 where the cross-entropy rises without limit.",
    )
    return lecture_y


def gradient(ANIMALS, softmax, softmax_cross_entropy_gradient):
    """What the network says, minus what is true."""
    figure, axes = plt.subplots(1, 3, figsize=(10.4, 3.7), sharey=True)
    cases = [
        (np.array([-5.0, -1.0, 1.0, 5.0]), 3, "sure, and right"),
        (np.array([-5.0, -1.0, 1.0, 5.0]), 1, "sure, and wrong"),
        (np.array([-1.0, -0.2, 0.2, 1.0]), 2, "unsure"),
    ]
    for ax, (outputs, label, title) in zip(axes, cases, strict=True):
        t = np.eye(4)[label]
        y = np.array(softmax(outputs))
        gradient = np.array(softmax_cross_entropy_gradient(outputs, t))
        ax.bar(np.arange(4) - 0.14, y, 0.44, color=BLUE, label="$y$, the network")
        ax.bar(
            np.arange(4) - 0.14, t, 0.52, fill=False, ec="black", ls="--", label="$t$, the truth"
        )
        for k, value in enumerate(gradient):
            if abs(value) > 0.015:
                ax.annotate(
                    "",
                    (k + 0.28, y[k] - value),
                    (k + 0.28, y[k]),
                    arrowprops={
                        "arrowstyle": "-|>",
                        "color": ORANGE,
                        "lw": 2.4,
                        "shrinkA": 0,
                        "shrinkB": 0,
                    },
                )
            ax.text(k, 1.1, f"{value:+.2f}", ha="center", color=RUST, fontsize=10)
        ax.set(
            title=f"{title}: it was a {ANIMALS[label]}",
            ylim=(-0.02, 1.2),
            xlim=(-0.5, 3.5),
            yticks=[0, 0.5, 1],
        )
        ax.set_xticks(
            range(4),
            [f"{animal}\n{output:g}" for animal, output in zip(ANIMALS, outputs, strict=True)],
        )
    axes[0].plot([], [], color=ORANGE, lw=2.4, label="step along $-(y - t)$")
    axes[0].legend(frameon=False, loc="upper left", bbox_to_anchor=(-0.02, 0.9), fontsize=9.5)
    show(
        figure,
        "The gradient y - t (numbers on top) for three cases; arrows show the step against it, from y to t. "
        "Right: hardly any step. Sure and wrong: a long push down for the cat, and one up for the bird.",
    )


def clouds(dense, one_hot, softmax, train_classifier):
    """Three clouds of points, while the network learns."""
    rng = np.random.default_rng(8)
    centres = np.array([[-1.6, -0.8], [1.5, -1.0], [0.1, 1.5]])
    labels = np.repeat([0, 1, 2], 40)
    points = centres[labels] + rng.normal(scale=0.75, size=(120, 2))
    T = np.array(one_hot(labels, 3))
    ticks = np.linspace(-4, 4, 121)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    tints = np.array([to_rgb(colour) for colour in (BLUE, ORANGE, GREEN)])
    figure, axes = plt.subplots(1, 4, figsize=(11.6, 3.2), width_ratios=[1, 1, 1, 1.15])
    for ax, steps in zip(axes, (1, 10, 200), strict=False):
        W, b, losses = train_classifier(points, T, lr=0.5, steps=steps)
        y = np.array(softmax(np.array(dense(grid, W, b))))
        ax.imshow(
            (0.35 + 0.65 * y @ tints).clip(0, 1).reshape(121, 121, 3),
            origin="lower",
            extent=(-4, 4, -4, 4),
        )
        for k in range(3):  # where class k has as much as the best of the others
            lead = y[:, k] - np.delete(y, k, axis=1).max(axis=1)
            ax.contour(
                ticks, ticks, lead.reshape(121, 121), levels=[0], colors="black", linewidths=0.9
            )
        for k, marker in enumerate("os^"):
            ax.scatter(
                *points[labels == k].T, s=17, color=tints[k], marker=marker, ec="white", lw=0.5
            )
        right = np.mean(np.array(dense(points, W, b)).argmax(axis=1) == labels)
        ax.set(title=f"after {steps} step{'s' * (steps > 1)}: {right:.0%}", xticks=[], yticks=[])
    axes[3].plot(losses, color=BLUE, lw=2)
    axes[3].axhline(np.log(3), color=GREY, lw=1, ls="--")
    axes[3].text(
        200, np.log(3), "ln 3: no idea", ha="right", va="bottom", color="#555555", fontsize=9.5
    )
    axes[3].set(title="mean loss", xlabel="step", ylim=(0, 1.25))
    show(
        figure,
        "A softmax classifier learns three clouds of points, with your gradient. The borders between the classes are straight lines; "
        "near them it is unsure. The mean loss falls from ln 3, which is that of three equal guesses.",
    )


def digits(digit_y, digits, label, right):
    """Three unseen digits, and the probabilities that they get."""
    sure, wrong = digit_y.max(axis=1), np.flatnonzero(~right)
    easy = np.flatnonzero(right)[np.argmax(sure[right])]
    unsure = np.flatnonzero(right)[np.argmin(sure[right])]
    fooled = wrong[np.argmax(sure[wrong])] if len(wrong) else unsure
    figure, axes = plt.subplots(2, 3, figsize=(9.6, 3.9), height_ratios=[1, 1.15])
    for column, (row, title) in enumerate(
        ((easy, "sure, and right"), (unsure, "unsure"), (fooled, "sure, and wrong"))
    ):
        truth, top = label[1415 + row], axes[0, column]
        top.imshow(digits["images"][1415 + row], cmap="gray_r")
        top.set(title=f"{title}: a {truth}", xticks=[], yticks=[])
        top.spines[:].set(visible=True, color=GREY)
        colours = [ORANGE if k == truth else BLUE for k in range(10)]
        axes[1, column].bar(
            range(10),
            digit_y[row],
            color=colours,
            hatch=["//" if k == truth else "" for k in range(10)],
            ec="white",
        )
        axes[1, column].set(xticks=range(10), ylim=(0, 1), yticks=[0, 0.5, 1])
    show(
        figure,
        "Three unseen digits and the ten probabilities that the network gives; the true class is "
        "orange and hatched. The first is clear, the second nearly a draw, the third a confident mistake.",
    )
    return easy, fooled, unsure


def weights(digit_W):
    """The weights of each digit."""
    figure, axes = plt.subplots(1, 10, figsize=(10.4, 1.5))
    limit = np.abs(digit_W).max()
    for digit, ax in enumerate(axes):
        ax.imshow(digit_W[:, digit].reshape(8, 8), cmap=SIGNED, vmin=-limit, vmax=limit)
        ax.set(title=str(digit), xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY)
    show(
        figure,
        "The 64 weights of each output unit, as images. Ink on orange pixels speaks for the digit, ink on purple ones "
        "against it: the unit of the 0 wants no ink in the middle.",
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


def compare_networks(right):
    """The scoreboard, as bars."""
    scoreboard(
        [right.mean()],
        "The scoreboard of the course, with its first network. The black line says how far chance alone may move the figure: "
        "with another 382 digits of the same kind it would seldom lie outside of it.",
    )
