"""Diagrams: what is connected to what. Nothing here is part of an exercise."""

import matplotlib.pyplot as plt
import numpy as np
from pictures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    PALE_PURPLE,
    PURPLE,
    RUST,
    SIGNED,
    blank,
    cell,
    frame,
    numbers,
    picture,
    show,
)


def depth():
    """The revolution of depth."""
    winners = [
        ("2010\nshallow", 28.2, 0),
        ("2011\nshallow", 25.8, 0),
        ("2012\nAlexNet", 16.4, 8),
        ("2013\nClarifai", 11.7, 8),
        ("2014\nVGG", 7.3, 19),
        ("2014\nGoogLeNet", 6.7, 22),
        ("2015\nResNet", 3.57, 152),
    ]
    names, errors, depths = zip(*winners, strict=True)
    figure, axes = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
    for ax, values, colour, title in (
        (axes[0], errors, ORANGE, "error among five guesses, in %"),
        (axes[1], depths, BLUE, "layers of weights"),
    ):
        ax.bar(range(7), values, color=colour, width=0.6)
        for place, value in enumerate(values):
            text = f"{value:g}" if value else "none learned"
            ax.text(place, value + 0.02 * max(values), text, ha="center", fontsize=10)
        ax.set_title(title, loc="left")
        ax.set(yticks=[], ylim=(0, 1.15 * max(values)))
        ax.spines["left"].set_visible(False)
    axes[1].set_xticks(range(7), names)
    show(
        figure,
        "The revolution of depth in the ImageNet challenge. From 2010 to 2015 the error fell from 28.2% to 3.57%, while the "
        "layers grew from none that learned features to 8, 19, 22 and 152. (16.4% is AlexNet without extra training data; the slide's 15% "
        "is its best result, 15.3%, with such data. The slide calls the winner of 2013 ZFNet; 11.7% is what Clarifai, the company of one of "
        "ZFNet's two authors, reached with several networks of that kind.)",
    )


def nodes():
    """Fully and locally connected, and shared."""
    figure, axes = plt.subplots(1, 4, figsize=(10.5, 4.3))
    kinds = [
        ("fully connected\n7 · 4 = 28 weights", 4, 7, False),
        ("locally connected, F = 4\n4 · 4 = 16 weights", 4, 4, False),
        ("convolution, F = 4\n4 weights", 4, 4, True),
        ("convolution, F = 3\n3 weights", 5, 3, True),
    ]
    looks = [(BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":")]
    for ax, (title, outputs, width, shared) in zip(axes, kinds, strict=True):
        blank(ax, (-0.6, 3.6), (-0.5, 6.5))
        offset = (7 - outputs) / 2
        for o in range(outputs):
            for u in range(width):
                colour, line = looks[u] if shared else ("#555555", "-")
                i = u if width == 7 else o + u
                ax.plot(
                    [0, 3],
                    [i, offset + o],
                    color=colour,
                    ls=line,
                    lw=2 if shared else 0.9,
                    zorder=1,
                )
        for x, count, start, colour in ((0, 7, 0, PALE_BLUE), (3, outputs, offset, PALE_ORANGE)):
            for y in range(count):
                ax.add_patch(
                    plt.Circle((x, start + y), 0.3, facecolor=colour, edgecolor="black", zorder=3)
                )
        ax.set_title(title, fontsize=10.5)
    show(
        figure,
        "Seven inputs (left nodes) and the outputs (right nodes). Fully connected: every line is a weight of its own. Locally connected: "
        "each output sees four inputs. Convolution: lines of one colour and stroke share one weight, so 4 are left, or 3 with a shorter filter, which "
        "then fits into five places.",
    )


def stride():
    """Where a filter lies, for some strides."""
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.1))
    for ax, stride, padding in zip(axes, (1, 2, 3, 1), (0, 0, 0, 1), strict=True):
        places = [p for p in range(-padding, 7 + padding - 2) if (p + padding) % stride == 0]
        seen = {i for p in places for i in range(p, p + 3)}
        blank(ax, (-1.3, 8.3), (-0.2, 8.7))
        for i in range(-padding, 7 + padding):
            if 0 <= i < 7:
                cell(
                    ax,
                    i,
                    0,
                    f"$x_{i + 1}$",
                    PALE_BLUE if i in seen else "white",
                    hatch="" if i in seen else "////",
                )
            else:
                cell(ax, i, 0, "0", PALE_GREY, ls="--")
        for row, place in enumerate(places):
            for u in range(3):
                cell(ax, place + u, 1.5 + row, "", (BLUE, ORANGE, GREEN)[u], alpha=0.55)
        title = f"stride {stride}" + (f", padding {padding}" if padding else "")
        ax.set_title(f"{title}: {len(places)} places")
    show(
        figure,
        "A filter of F = 3 weights on N = 7 inputs, one row for each place. Stride 1: five places. Stride 2: three. "
        "Stride 3: two, and the last input (hatched) is seen by none. With one zero at either end and stride 1: seven, as many as inputs.",
    )


def matrix(convolution_matrix):
    """Three layers as matrices."""
    rng = np.random.default_rng(4)
    full = rng.choice([-1, 1], size=(4, 7)) * rng.uniform(0.3, 2, size=(4, 7))
    k = np.array([1.5, -0.5, -2.0, 1.0])
    M = np.array(convolution_matrix(k, 7), dtype=float)
    local = np.where(M != 0, full[::-1], 0)
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 2.7))
    for ax, matrix, title in (
        (axes[0], full, "fully connected: 28 weights"),
        (axes[1], local, "locally connected: 16 weights"),
        (axes[2], M, "convolution: 4 weights"),
    ):
        picture(ax, matrix, title, limit=2)
        numbers(ax, matrix, 2, "{:.1f}")
        ax.set(xlabel="input", ylabel="output")
    show(
        figure,
        "Three layers from 7 inputs to 4 outputs as matrices. Fully connected: 28 numbers. Locally connected: a band of 16, all different. "
        "Convolution: the same band, but each row holds the same four numbers, one place further to the right.",
    )


def row(three):
    """A digit as a picture and as a row."""
    mixed = np.random.default_rng(0).permutation(64)
    figure = plt.figure(figsize=(10, 4))
    top, bottom = figure.subfigures(2, 1, height_ratios=[2.6, 1])
    axes = top.subplots(1, 2)
    axes[0].imshow(three, cmap="gray_r")
    axes[0].set(title="2-D: neighbours are neighbours")
    frame(axes[0], 1.5, 2.5, 3, 3, ORANGE)
    axes[1].imshow(three.reshape(-1)[mixed].reshape(8, 8), cmap="gray_r")
    axes[1].set(title="mixed: all the same to a fully connected layer")
    row = bottom.subplots()
    row.imshow(three.reshape(1, 64), cmap="gray_r", aspect=1.6)
    row.set_title("1-D: one row of 64 numbers")
    for start in (3, 4, 5):
        frame(row, 8 * start + 1.5, -0.5, 3, 1, ORANGE)
    for ax in (*axes, row):
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY, lw=0.6)
    show(
        figure,
        "A digit as a picture, with its pixels mixed, and as one row of numbers. The nine neighbours in the frame end up in three "
        "separate places of the row.",
    )


def sliding():
    """A filter slides over a picture."""
    image = np.array(
        [[0, 0, 2, 3, 3], [0, 0, 2, 3, 3], [0, 1, 3, 3, 2], [1, 1, 3, 2, 2], [0, 1, 3, 3, 2]]
    )
    kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    figure, axes = plt.subplots(3, 3, figsize=(11, 6.2))
    found = []
    for ax, (i, j) in zip(axes.flat, np.ndindex(3, 3), strict=True):
        blank(ax, (-0.2, 10.2), (-0.2, 5.2))
        for (r, c), value in np.ndenumerate(image):
            cell(ax, c, r, "", plt.cm.Blues(0.03 + 0.11 * value))
            seen = i <= r < i + 3 and j <= c < j + 3
            ax.text(
                c + (0.3 if seen else 0.5),
                r + (0.33 if seen else 0.52),
                value,
                ha="center",
                va="center",
                fontsize=9,
            )
        for (u, v), value in np.ndenumerate(kernel):
            ax.text(
                j + v + 0.95,
                i + u + 0.9,
                f"×{value}",
                ha="right",
                va="baseline",
                fontsize=7.5,
                color=RUST,
                weight="bold",
            )
        frame(ax, j, i, 3, 3, ORANGE)
        found.append(np.sum(image[i : i + 3, j : j + 3] * kernel))
        for step, (r, c) in enumerate(np.ndindex(3, 3)):
            known = step < len(found)
            colour = plt.get_cmap(SIGNED)(0.5 + 0.05 * found[step]) if known else "white"
            cell(ax, 7 + c, 1 + r, found[step] if known else "", colour)
        frame(ax, 7 + j, 1 + i, 1, 1, ORANGE)
        ax.annotate("", (6.8, 2.5), (5.2, 2.5), arrowprops={"arrowstyle": "-|>", "color": GREY})
    show(
        figure,
        "A 3 by 3 filter (small orange factors: -1, 0, 1 in each row) slides over a 5 by 5 picture and fills a 3 by 3 activation map, one number at a "
        "time. The map is largest where the numbers of the picture grow from left to right: where its blue turns from light to dark.",
    )
    return found, image, kernel


def sheets(ax, x, y, width, height, colours, text):
    """Sheets of paper one behind the other: the channels of an image, a filter, some maps."""
    for depth, colour in reversed(list(enumerate(colours))):
        corner = (x + 0.28 * depth, y - 0.28 * depth)
        ax.add_patch(
            plt.Rectangle(corner, width, height, facecolor=colour, edgecolor="#444444", lw=0.9)
        )
    ax.text(x + width / 2, y + height + 0.3, text, ha="center", va="top", fontsize=10)


def channels():
    """Channels in, maps out."""
    figure, ax = plt.subplots(figsize=(10, 4.2))
    blank(ax, (-0.3, 17.2), (-1.2, 6.9))
    rgb = ["#f3b8a8", "#b9e2c4", "#b5cdf0"]
    tints = [BLUE, ORANGE, GREEN, PURPLE]
    sheets(ax, 0, 1, 5, 4, rgb, "input layer\n$(C, H, W)$, here $C = 3$")
    for index, tint in enumerate(tints):
        y = 0.05 + 1.55 * index
        sheets(ax, 8, y, 0.9, 0.9, [tint] * 3, "")
        ax.annotate(
            "", (10.3, y + 0.4), (9.7, y + 0.4), arrowprops={"arrowstyle": "-|>", "color": GREY}
        )
    ax.annotate(
        "", (7.6, 2.8), (6.0, 2.8), arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.5}
    )
    ax.text(
        8.8,
        6.1,
        "filters, kernels\n$(K, C, F, F)$, here $K = 4$",
        ha="center",
        va="top",
        fontsize=10,
    )
    ax.annotate(
        "", (11.6, 2.8), (10.8, 2.8), arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.5}
    )
    sheets(ax, 11.8, 1.25, 4.2, 3.4, tints, "activation maps, feature maps\n$(K, H', W')$")
    show(
        figure,
        "A convolutional layer: an input of three channels, four filters of three channels each, and four activation maps, one for "
        "each filter.",
    )


def pooling():
    """Two poolings of one map."""
    values = np.array(
        [[3, 1, -4, -2, 6], [0, 8, -3, -7, 1], [5, 5, 2, 9, 0], [1, 1, 0, 1, 4], [7, 2, 3, 3, 8]]
    )
    tints = np.array([[PALE_BLUE, PALE_ORANGE], [PALE_GREEN, PALE_PURPLE]])
    figure, ax = plt.subplots(figsize=(9, 3.4))
    blank(ax, (-0.4, 15.4), (-1, 5.4))
    for (r, c), value in np.ndenumerate(values):
        left_out = r == 4 or c == 4
        cell(
            ax,
            c,
            r,
            value,
            PALE_GREY if left_out else tints[r // 2, c // 2],
            hatch="///" if left_out else "",
            ls=":" if left_out else "-",
        )
    for x, name, function in ((7.5, "max-pooling", np.max), (12, "average pooling", np.mean)):
        for (r, c), tint in np.ndenumerate(tints):
            cell(
                ax,
                x + c,
                1 + r,
                f"{function(values[2 * r : 2 * r + 2, 2 * c : 2 * c + 2]):g}",
                tint,
            )
        ax.text(x + 1, 0.7, name, ha="center", fontsize=11)
    ax.text(2.5, -0.3, "activation map, 5 × 5", ha="center", fontsize=11)
    ax.annotate("", (7.1, 2), (5.4, 2), arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.5})
    show(
        figure,
        "Pooling with windows of 2 by 2, one colour each. The maxima are 8, -2, 5 and 9, the means 3, -4, 3 and 3. The fifth row and "
        "column (hatched) do not fill a window and are left out. A window may well be negative throughout.",
    )


def receptive():
    """What a deep unit sees."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 2.7))
    for ax, layers, title in (
        (axes[0], [(3, 1), (3, 1), (3, 1)], "three layers with F = 3, stride 1"),
        (axes[1], [(3, 1), (2, 2), (3, 1)], "F = 3, then pooling (2, stride 2), then F = 3"),
    ):
        blank(ax, (-1.6, 15.2), (-3.6, 0.4))
        positions = [np.arange(15.0)]
        for f, stride in layers:
            below = positions[-1]
            starts = range(0, len(below) - f + 1, stride)
            positions.append(np.array([below[s : s + f].mean() for s in starts]))
        unit = {int(np.argmin(np.abs(positions[-1] - 7)))}
        units = [unit]
        for f, stride in reversed(layers):
            units.insert(0, {u * stride + v for u in units[0] for v in range(f)})
        for level, row in enumerate(positions):
            for index, x in enumerate(row):
                chosen = index in units[level]
                ax.plot(
                    x,
                    -level,
                    "o",
                    ms=9,
                    mfc=ORANGE if chosen else "white",
                    mec=ORANGE if chosen else GREY,
                    zorder=3,
                )
                if level and chosen:
                    f, stride = layers[level - 1]
                    for v in range(f):
                        ax.plot(
                            [positions[level - 1][index * stride + v], x],
                            [1 - level, -level],
                            color=ORANGE,
                            lw=1.3,
                        )
            ax.text(
                -1.1,
                -level,
                "input" if level == 0 else f"{level}",
                ha="center",
                va="center",
                fontsize=10,
            )
        ax.set_title(f"{title}:\none unit sees {len(units[0])} inputs")
    show(
        figure,
        "Receptive fields, with the input at the bottom and the layers above it. Three layers with filters of three: one unit of layer 3 sees 7 inputs. With "
        "a pooling layer between, neighbours lie two inputs apart, and one unit sees 8.",
    )
