"""The pictures of the notebook, one function each. Nothing here is part of an exercise."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from sklearn.datasets import load_digits

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


def blank(ax, xlim, ylim):
    """A sheet to draw on: x to the right, y down, one unit a cell."""
    ax.set(xlim=xlim, ylim=ylim[::-1], aspect="equal")
    ax.axis("off")


def cell(ax, x, y, text="", colour="white", **style):
    """One square with a text, its upper left corner at (x, y)."""
    edge = "#c4c4c4" if style.get("hatch") else "#555555"
    look = {"facecolor": colour, "edgecolor": edge, "lw": 0.8} | style
    ax.add_patch(plt.Rectangle((x, y), 1, 1, **look))
    ax.text(x + 0.5, y + 0.53, text, ha="center", va="center", fontsize=9, zorder=4)


def frame(ax, x, y, width, height, colour, **style):
    """A thick frame around some squares."""
    look = {"fill": False, "edgecolor": colour, "lw": 2.6, "zorder": 3} | style
    ax.add_patch(plt.Rectangle((x, y), width, height, **look))


def picture(ax, image, title="", grey=False, limit=None):
    """A grey picture, or values around zero: orange above, white at and purple below it."""
    image = np.array(image, dtype=float)
    limit = limit or np.abs(image).max() or 1.0
    colours = {"cmap": "gray"} if grey else {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    ax.imshow(image, **colours)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10)
    ax.spines[:].set(visible=True, color=GREY, lw=0.6)


def numbers(ax, values, limit, form="{:g}"):
    """Write its number into each cell of a small picture, white on dark cells."""
    for (row, column), value in np.ndenumerate(np.array(values, dtype=float)):
        ink = "white" if abs(value) > 0.7 * limit else "black"
        text = form.format(value + 0.0).replace("-0.0", "0.0")
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color=ink)


def simple_cell():
    """A simple cell, imitated."""
    ticks = np.linspace(-1, 1, 25)
    across, down = np.meshgrid(ticks, ticks)
    inside = across**2 + down**2 < 1
    receptive_field_of_cell = np.exp(-2.5 * (across**2 + down**2)) * np.cos(6.5 * across) * inside
    receptive_field_of_cell -= receptive_field_of_cell[inside].mean() * inside

    def bar(degrees):
        """A bar of light through the middle, turned from the vertical."""
        angle = np.deg2rad(degrees)
        return (np.abs(across * np.cos(angle) + down * np.sin(angle)) < 0.2) * inside

    angles = np.arange(-90, 91, 10)
    answers = np.array([max(0, np.sum(receptive_field_of_cell * bar(angle))) for angle in angles])
    figure, axes = plt.subplots(1, 5, figsize=(10.5, 2.4), width_ratios=[1.15, 1, 1, 1, 2.2])
    picture(axes[0], receptive_field_of_cell, "receptive field")
    for ax, angle in zip(axes[1:4], (0, 30, 90), strict=True):
        picture(ax, bar(angle), f"bar turned by {angle}°", grey=True)
    axes[4].plot(angles, answers / answers.max(), "o-", color=BLUE, ms=4)
    axes[4].set(
        xlabel="turn of the bar", ylabel="answer", xticks=[-90, -45, 0, 45, 90], yticks=[0, 1]
    )
    show(
        figure,
        "A simple cell, imitated by a small grid of weights: light in the middle excites it (orange), light beside "
        "the middle calms it (purple). It answers to an upright bar and to hardly any other.",
    )


def versions():
    """One digit, four times."""
    digits = load_digits()
    three = digits.images[13]
    moved = np.zeros((8, 8))
    moved[:, 1:] = three[:, :-1]
    places = 4.5 + (np.arange(8) - 3.5) / 0.75  # where each pixel of the smaller three comes from
    small = np.array([np.interp(places, range(10), row) for row in np.pad(three, 1)])
    small = np.array([np.interp(places, range(10), column) for column in small.T]).T
    figure, axes = plt.subplots(1, 4, figsize=(9, 2.5))
    for ax, image, title in zip(
        axes,
        (three, moved, np.rot90(three), small),
        ("a three", "moved", "turned", "smaller"),
        strict=True,
    ):
        ax.imshow(image, cmap="gray_r")
        changed = np.sum(image != three)
        ax.set(
            title=f"{title}: {changed} of 64\nnumbers changed" if changed else title,
            xticks=[],
            yticks=[],
        )
        ax.spines[:].set(visible=True, color=GREY, lw=0.6)
    show(
        figure,
        "One digit, four times: as it is, moved by one pixel, turned by a quarter, made smaller. Each change alters "
        "most of the 64 numbers.",
    )
    return digits, three


def padding(pad2d, three):
    """A picture with zeros around it."""
    figure, axes = plt.subplots(1, 3, figsize=(8, 2.9))
    for ax, padding in zip(axes, (0, 1, 3), strict=True):
        padded = np.array(pad2d(16 - three, padding))
        picture(ax, padded, f"padding {padding}: {padded.shape[0]} × {padded.shape[1]}", grey=True)
        frame(ax, padding - 0.5, padding - 0.5, 8, 8, ORANGE)
    show(
        figure,
        "A picture of 8 by 8 pixels with 0, 1 and 3 zeros around it. The frame marks the picture itself; zeros are black.",
    )


def conv1d(conv1d):
    """What two filters find in a signal."""
    rng = np.random.default_rng(1)
    signal = np.repeat([1.0, 4.0, 2.0, 2.0, 5.0, 1.0], 14) + rng.normal(scale=0.35, size=84)
    figure, axes = plt.subplots(3, 1, figsize=(9, 5), sharex=True)
    axes[0].plot(signal, color=GREY, lw=1.3)
    axes[0].set_title("the signal", loc="left")
    for ax, k, colour, name in (
        (axes[1], np.full(5, 0.2), BLUE, "smoothed by (.2, .2, .2, .2, .2)"),
        (
            axes[2],
            np.array([-0.3, -0.2, 0.0, 0.2, 0.3]),
            ORANGE,
            "edges found by (-.3, -.2, 0, .2, .3)",
        ),
    ):
        ax.plot(range(2, 82), conv1d(signal, k), color=colour, lw=1.8)
        ax.set_title(name, loc="left")
    axes[2].axhline(0, color=GREY, lw=0.6)
    axes[2].set_xlabel("place")
    show(
        figure,
        "A noisy signal with steps, and what two filters make of it. Equal weights smooth the noise. Weights from "
        "negative to positive give a peak at each step up, a trough at each step down, and about 0 between.",
    )


def equivariance(conv2d, digits):
    """What moves along, and what does not."""
    seven = np.zeros((14, 14))
    seven[3:11, 1:9] = digits.images[7]
    versions = {
        "as it is": seven,
        "moved by 3": np.roll(seven, 3, axis=1),
        "turned": np.rot90(seven),
    }
    edges = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    results = [
        np.array(conv2d(image[np.newaxis], edges, np.zeros(1), padding=1))[0]
        for image in versions.values()
    ]
    figure, axes = plt.subplots(2, 3, figsize=(7.2, 5))
    for column, (name, image) in enumerate(versions.items()):
        picture(axes[0, column], 16 - image, name, grey=True)
        picture(axes[1, column], results[column], "its activation map")
    show(
        figure,
        "A seven, moved and turned, and the activation maps of one edge filter. The map of the moved picture is the map, moved. The map of the "
        "turned picture is another one: the filter still looks for upright edges.",
    )
    print(
        "map of the moved picture = moved map:  ",
        np.allclose(results[1], np.roll(results[0], 3, axis=1)),
    )
    print("map of the turned picture = turned map:", np.allclose(results[2], np.rot90(results[0])))


def uses(activation_map_size, conv2d_backward):
    """In how many windows a pixel lies."""
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 2.9))
    for ax, stride, padding in zip(axes, (1, 2, 2), (0, 0, 1), strict=True):
        rows, columns = (
            activation_map_size(6, 3, stride, padding),
            activation_map_size(8, 3, stride, padding),
        )
        counts, _, _ = conv2d_backward(
            np.ones((1, rows, columns)), np.zeros((1, 6, 8)), np.ones((1, 1, 3, 3)), stride, padding
        )
        counts = np.array(counts)[0]
        ax.imshow(counts, cmap="Blues", vmin=0, vmax=14)
        for (row, column), value in np.ndenumerate(counts):
            ax.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=10)
        ax.set(title=f"stride {stride}, padding {padding}", xticks=[], yticks=[])
    show(
        figure,
        "In how many 3 by 3 windows each pixel of a 6 by 8 picture lies. At stride 1 pixels in the middle lie in nine, corners in one. At stride 2 "
        "it is 1, 2 or 4, and without padding the last row and column lie in none.",
    )


def tolerance(max_pool2d):
    """A dot that moves."""
    figure, axes = plt.subplots(2, 4, figsize=(8.6, 3.7))
    for column, place in enumerate((2, 3, 4, 5)):
        dot = np.zeros((1, 6, 8))
        dot[0, 2, place] = 1
        for ax, image, step in (
            (axes[0, column], dot, 2),
            (axes[1, column], np.array(max_pool2d(dot)), 1),
        ):
            ax.imshow(image[0], cmap="Blues", vmax=1.3)
            ax.set(
                xticks=np.arange(step, image.shape[2], step) - 0.5,
                yticks=np.arange(step, image.shape[1], step) - 0.5,
            )
            ax.grid(True, color=GREY, lw=1)
            ax.tick_params(length=0, labelbottom=False, labelleft=False)
            ax.spines[:].set(visible=True, color=GREY)
        axes[0, column].set_title(f"dot in column {place}")
    axes[0, 0].set_ylabel("picture")
    axes[1, 0].set_ylabel("max-pooled")
    show(
        figure,
        "A dot in columns 2, 3, 4 and 5, with the borders of the pooling windows, and the pooled maps. Columns 2 and 3 give the same map, and so do "
        "4 and 5; from 3 to 4 the pooled dot jumps by one.",
    )


def vgg(receptive_field):
    """The receptive fields of VGG19."""
    layers, names = [], []
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for index in range(1, convolutions + 1):
            layers.append((3, 1))
            names.append(f"conv{block}_{index}")
        layers.append((2, 2))
        names.append(f"pool{block}")
    fields = [receptive_field(layers[: depth + 1]) for depth in range(len(layers))]
    figure, ax = plt.subplots(figsize=(10, 3.5))
    ax.bar(range(21), fields, color=[ORANGE if "pool" in name else BLUE for name in names])
    for place, field in enumerate(fields):
        ax.text(place, field + 4, field, ha="center", fontsize=9)
    ax.axhline(224, color=GREY, lw=1, ls="--")
    ax.text(-0.5, 229, "width of the picture: 224", fontsize=9, color="#555555")
    ax.set_xticks(range(21), names, rotation=60, ha="right", fontsize=9)
    ax.set(ylabel="pixels in a row", ylim=(0, 290))
    show(
        figure,
        "The receptive field along VGG19, whose filters are all 3 by 3: 3 and 5 pixels in the first block, 252 at the last convolution, more than the "
        "picture is wide. Pooling (orange) itself adds little, but after it each filter adds twice as much.",
    )


def network(conv2d, digits, fully_connected, max_pool2d):
    """A whole network of own parts."""
    hand_made = np.array(
        [
            [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
            [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
            [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
            [[1, 1, 0], [1, 0, -1], [0, -1, -1]],
        ],
        dtype=float,
    )[:, np.newaxis]

    def features(image):
        """Convolution, the two halves of each edge by ReLU, pooling: (8, 8) -> (8, 3, 3)."""
        maps = np.array(conv2d(image[np.newaxis] / 16, hand_made, np.zeros(4)))
        return np.array(max_pool2d(np.maximum(np.concatenate([maps, -maps]), 0)))

    learn, test = slice(0, 300), slice(300, 400)
    rows = np.array([features(image).reshape(-1) for image in digits.images[learn]])
    wanted = np.eye(10)[digits.target[learn]]
    ones = np.ones((300, 1))
    ridge = np.vstack([np.hstack([rows, ones]), 1.0 * np.eye(73)[:72]])
    fitted = np.linalg.lstsq(ridge, np.vstack([wanted, np.zeros((72, 10))]), rcond=None)[0]
    W, b = fitted[:-1], fitted[-1]
    answers = [np.argmax(fully_connected(features(image), W, b)) for image in digits.images[test]]

    image = digits.images[300]
    maps = np.array(conv2d(image[np.newaxis] / 16, hand_made, np.zeros(4)))
    found = np.maximum(np.concatenate([maps, -maps]), 0)
    pooled = np.array(max_pool2d(found))
    figure = plt.figure(figsize=(11, 3.4))
    parts = figure.subfigures(1, 4, width_ratios=[1, 1.6, 1.25, 1.25])
    ax = parts[0].subplots()
    picture(ax, 16 - image, "", grey=True)
    parts[0].suptitle("input (1, 8, 8)", fontsize=10)
    for part, stack, name in (
        (parts[1], found, "convolution, ReLU\n(8, 6, 6)"),
        (parts[2], pooled, "max-pooling\n(8, 3, 3)"),
    ):
        for ax, single in zip(part.subplots(4, 2).T.flat, stack, strict=True):
            ax.imshow(single, cmap="Oranges", vmin=0, vmax=found.max())
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color=GREY, lw=0.6)
        part.suptitle(name, fontsize=10)
    ax = parts[3].subplots()
    scores = np.array(fully_connected(pooled, W, b))
    ax.barh(range(10), scores, color=[ORANGE if c == scores.argmax() else GREY for c in range(10)])
    ax.set(yticks=range(10), ylim=(9.6, -0.6), xticks=[0, 1])
    parts[3].suptitle("fully connected\n10 scores", fontsize=10)
    show(
        figure,
        f"A small network: a handwritten {digits.target[300]}, eight maps of edges, the same maps pooled, and ten scores, the largest at {scores.argmax()}.",
    )
    print(f"right on 100 unseen digits: {np.mean(np.array(answers) == digits.target[test]):.0%}")
