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


def draw_boundary(ax, w, low, high, add_bias, predict, decision_boundary):
    """Colour the two sides of the boundary with predict, and draw it with decision_boundary."""
    ticks = np.linspace(low, high, 161)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    sides = np.reshape(predict(w, add_bias(grid)), (161, 161))
    ax.contourf(ticks, ticks, sides, levels=[-2, 0, 2], colors=[BLUE, ORANGE], alpha=0.13)
    try:
        slope, intercept = decision_boundary(w)
        ax.plot([low, high], [slope * low + intercept, slope * high + intercept], "k", lw=1.6)
    except ValueError:
        if w[1] != 0:
            ax.axvline(-w[0] / w[1], color="k", lw=1.6)
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")


def draw_points(ax, points, labels):
    """Dogs (-1) as blue circles, pandas (+1) as orange squares."""
    for label, colour, marker, name in ((-1, BLUE, "o", "dog, -1"), (1, ORANGE, "s", "panda, +1")):
        chosen = points[labels == label]
        ax.scatter(
            *chosen.T, c=colour, marker=marker, s=34, ec="white", lw=0.6, label=name, zorder=3
        )


def unit(ax, x, y, text, colour="white", radius=0.32):
    ax.add_patch(plt.Circle((x, y), radius, facecolor=colour, edgecolor="black", zorder=3))
    ax.text(x, y, text, ha="center", va="center", zorder=4)


def wire(ax, start, end, text="", place=0.5, **style):
    ax.plot(*zip(start, end, strict=True), **({"color": GREY, "lw": 1.2, "zorder": 1} | style))
    if text:
        x, y = (a + place * (b - a) for a, b in zip(start, end, strict=True))
        ax.text(x, y, text, ha="center", va="center", zorder=2, backgroundcolor="white")


def blank(width, height, xlim, ylim):
    figure, ax = plt.subplots(figsize=(width, height))
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return figure, ax


def neuron():
    """A neuron: it weighs, sums and activates."""
    figure, ax = blank(8.4, 3.7, (-0.9, 7.7), (-2.75, 1.95))
    for y, name in ((1.5, "1"), (0.45, "2"), (-1.5, "d")):
        wire(ax, (0, y), (2.8, 0), f"$w_{name}$", 0.45)
        unit(ax, 0, y, f"$x_{name}$", PALE_BLUE)
    ax.text(0, -0.55, "⋮", ha="center", va="center", fontsize=18)
    wire(ax, (2.8, 0), (7, 0))
    unit(ax, 2.8, 0, r"$\Sigma$", PALE_ORANGE, 0.45)
    ax.add_patch(
        plt.Rectangle((4.55, -0.45), 0.9, 0.9, facecolor=PALE_ORANGE, edgecolor="black", zorder=3)
    )
    ax.plot([4.7, 5, 5, 5.3], [-0.22, -0.22, 0.22, 0.22], color="black", zorder=4)
    ax.text(3.9, 0.15, "score $s$", ha="center")
    ax.text(6.4, 0.15, "output", ha="center")
    ax.annotate("", (7.3, 0), (6.9, 0), arrowprops={"arrowstyle": "-|>", "color": GREY})
    for x, name in ((0, "inputs"), (1.4, "weights"), (2.8, "sum"), (5, "activation function")):
        ax.text(x, -2.5, name, ha="center", color="#444444", fontsize=10)
    show(figure, "One neuron: inputs x1 to xd are weighted, summed to the score s, and activated.")


def network():
    """A network with one hidden layer."""
    figure, ax = blank(6.6, 3.4, (-0.8, 7.0), (-2.4, 2.3))
    columns = [(0, [1, 0, -1]), (3, [1.5, 0.5, -0.5, -1.5]), (6, [0.5, -0.5])]
    for side in (0, 1):
        (x0, left), (x1, right) = columns[side : side + 2]
        for a in left:
            for b in right:
                wire(ax, (x0, a), (x1, b))
    for (x, heights), name, colour in zip(
        columns, ("input", "hidden", "output"), (PALE_BLUE, PALE_GREY, PALE_ORANGE), strict=True
    ):
        for y in heights:
            unit(ax, x, y, "", colour)
        ax.text(x, -2.35, f"{name} layer", ha="center", fontsize=10)
    for x, text in ((1.5, "weights\nlayer 1"), (4.5, "weights\nlayer 2")):
        ax.text(x, 1.62, text, ha="center", va="bottom", color="#444444", fontsize=10)
    show(
        figure,
        "A network with three inputs, four hidden units, two outputs: two layers of weights.",
    )


def activations(binary_step, identity, leaky_relu, relu, sigmoid, step, tanh):
    """The curves of the activation functions."""
    functions = [step, binary_step, identity, sigmoid, tanh, relu, leaky_relu]
    x = np.linspace(-3, 3, 601)
    figure, axes = plt.subplots(2, 4, figsize=(10, 4.6), sharex=True)
    for ax, function in zip(axes.flat, functions, strict=False):
        ax.axhline(0, color=GREY, lw=0.6)
        ax.axvline(0, color=GREY, lw=0.6)
        y = np.array(function(x), dtype=float)
        if function in (step, binary_step):
            here, other = (
                float(function(0.0)),
                float(function(1.0) + function(-1.0) - function(0.0)),
            )
            ax.plot(0, other, "o", color=BLUE, mfc="white", zorder=3)  # the value beside the jump
            ax.plot(0, here, "o", color=BLUE, zorder=3)  # and the value at it
            y[np.abs(x) < 1e-9] = np.nan
        ax.plot(x, y, color=BLUE, lw=2.2)
        ax.set(title=function.__name__.replace("_", " "), ylim=(-1.4, 1.4), yticks=[-1, 0, 1])
        ax.set_xticks([-2, 0, 2], ["-2", "0", "2"])
        ax.tick_params(labelbottom=True)
    axes[1, 3].axis("off")
    show(
        figure,
        "Seven activation functions between -3 and 3. Both steps jump at 0, where a full dot marks the value; sigmoid and tanh "
        "bend smoothly from 0 and -1 to 1; ReLU and leaky ReLU have a kink at 0.",
    )


def derivatives(
    identity,
    identity_derivative,
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
):
    """Each function with its slope."""
    pairs = [
        (identity, identity_derivative),
        (sigmoid, sigmoid_derivative),
        (tanh, tanh_derivative),
        (relu, relu_derivative),
        (leaky_relu, leaky_relu_derivative),
    ]
    x = np.linspace(-3, 3, 601)
    figure, axes = plt.subplots(1, 5, figsize=(11, 2.6), sharex=True, sharey=True)
    for ax, (function, derivative) in zip(axes, pairs, strict=True):
        ax.axhline(0, color=GREY, lw=0.6)
        slope = np.array(derivative(x), dtype=float)
        slope[np.flatnonzero(np.abs(np.diff(slope)) > 0.5)] = np.nan  # a jump is no line
        ax.plot(x, function(x), color=BLUE, lw=1.6, alpha=0.55, label="f")
        ax.plot(x, slope, color=ORANGE, lw=2.2, ls="--", label="f '")
        ax.set(title=function.__name__.replace("_", " "), ylim=(-1.4, 1.4), yticks=[-1, 0, 1])
        ax.set_xticks([-2, 0, 2], ["-2", "0", "2"])
    axes[0].legend(frameon=False, loc="lower right")
    show(
        figure,
        "Each function (solid) and its slope (dashed). The slope of sigmoid is a hill of height "
        "0.25, that of tanh a hill of height 1; the slopes of the ReLUs jump to 1 at 0.",
    )


def example(add_bias, predict, decision_boundary, perceptron_update):
    """The lecture's example, before and after an update."""
    w, x_c = np.array([0.0, -1.0, 1.0]), np.array([1.0, 2.0, 3.0])
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.9), sharey=True)
    for ax, lr in zip(axes, (0, 0.05, 0.1), strict=True):
        w_new = np.array(perceptron_update(w, x_c, -1, lr))
        draw_boundary(ax, w_new, -1, 5, add_bias, predict, decision_boundary)
        draw_points(ax, x_c[np.newaxis, 1:], np.array([-1]))
        aside = (-18, 5) if w_new @ x_c > 0 else (6, 3)
        ax.annotate("$x_C$", x_c[1:], aside, textcoords="offset points")
        middle = np.array([1.0, -(w_new[0] + w_new[1]) / w_new[2]])  # on the boundary
        arrow = 0.9 * w_new[1:] / np.linalg.norm(w_new[1:])
        ax.annotate("", middle + arrow, middle, arrowprops={"arrowstyle": "->", "lw": 1.5})
        title = f"lr = {lr}" if lr else "before"
        ax.set(
            title=f"{title}: w = ({', '.join(f'{v:g}' for v in w_new.round(2))})", xlabel="$x_1$"
        )
        ax.text(-0.8, 4.7, f"score of $x_C$ = {w_new @ x_c:.1f}", va="top")
    axes[0].set_ylabel("$x_2$")
    show(
        figure,
        "The boundary before the update, and after a step of 0.05 and of 0.1. The dog x_C lies "
        "on the panda side at first (score 1), still after the small step (0.3), and on its own side "
        "after the lecture's step (-0.4). The arrow, (w1, w2), points to the panda side.",
    )


def run(points, labels, add_bias, predict, decision_boundary, train_perceptron):
    """A training run, sweep by sweep; give (weights, mistakes) of each."""
    X = add_bias(points)
    w, runs = np.zeros(3), []
    for _ in range(100):
        w, _, converged = train_perceptron(X, labels, lr=0.1, max_epochs=1, w=w)
        w = np.array(w)
        runs.append((w, int(np.sum(predict(w, X) != labels)), converged))
        if converged:
            break
    shown = sorted({0, 1, 2, 2 * len(runs) // 3, len(runs) - 2, len(runs) - 1})
    figure, axes = plt.subplots(2, 3, figsize=(9.6, 6.6), sharex=True, sharey=True)
    for ax, sweep in zip(axes.flat, shown, strict=False):
        w, mistakes, converged = runs[sweep]
        draw_boundary(ax, w, -2.5, 5.5, add_bias, predict, decision_boundary)
        draw_points(ax, points, labels)
        wrong = points[predict(w, X) != labels]
        ax.scatter(*wrong.T, s=130, facecolor="none", edgecolor="crimson", lw=1.6)
        ax.set(title=f"sweep {sweep + 1}: {mistakes} wrong" + (", no update" if converged else ""))
    axes[0, 0].legend(loc="lower left", fontsize=8, framealpha=0.9)
    show(
        figure,
        "The boundary after several sweeps, with wrong points circled. It swings to and fro, "
        "even when few points are wrong, until a sweep needs no update.",
    )
    return runs


def mistakes(runs):
    """Points on the wrong side after each sweep."""
    figure, ax = plt.subplots(figsize=(7, 2.5))
    mistakes = [run[1] for run in runs]
    ax.plot(range(1, len(runs) + 1), mistakes, "o-", color=BLUE, ms=4)
    ax.set(xlabel="sweep", ylabel="points on the wrong side", ylim=(-0.4, None))
    show(
        figure,
        "Points on the wrong side after each sweep. The number does not fall steadily, but it "
        "ends at 0.",
    )


def solutions(points, labels, add_bias, decision_boundary, train_perceptron):
    """Solutions from other starts and in other orders."""
    rng = np.random.default_rng(3)
    X = add_bias(points)
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), sharey=True)
    for ax, title in zip(axes, ("eight random starts", "eight orders of the points"), strict=True):
        for _ in range(8):
            order = np.arange(40) if "starts" in title else rng.permutation(40)
            start = rng.normal(size=3) if "starts" in title else np.zeros(3)
            w, _, _ = train_perceptron(X[order], labels[order], max_epochs=1000, w=start)
            slope, intercept = decision_boundary(w)
            ax.plot(
                [-2.5, 5.5],
                [-2.5 * slope + intercept, 5.5 * slope + intercept],
                "k",
                lw=1,
                alpha=0.6,
            )
        draw_points(ax, points, labels)
        ax.set(title=title, xlim=(-2.5, 5.5), ylim=(-2.5, 5.5), aspect="equal")
    axes[0].legend(loc="lower left", fontsize=8, framealpha=0.9)
    show(
        figure,
        "The same dogs and pandas, solved sixteen times. Every line separates them, and the "
        "lines differ, with the start (left) and with the order (right).",
    )


def xor(add_bias, predict, decision_boundary, train_perceptron):
    """XOR, which no line solves."""
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    xor = np.array([-1, 1, 1, -1])
    X = add_bias(corners)
    w, weights, mistakes = np.array([0.45, 0.01, 0.22]), [], []
    for _ in range(40):
        updates = 0
        for i in range(4):  # one point at a time, to look at each boundary on the way
            w, _, right = train_perceptron(X[[i]], xor[[i]], lr=0.1, max_epochs=1, w=w)
            w = np.array(w)
            weights.append(w)
            updates += not right
        mistakes.append(updates)
    figure, axes = plt.subplots(1, 5, figsize=(11.5, 2.7), width_ratios=[1, 1, 1, 1, 1.9])
    for ax, w, visited in zip(axes, weights[-4:], corners, strict=False):
        draw_boundary(ax, w, -0.5, 1.5, add_bias, predict, decision_boundary)
        draw_points(ax, corners, xor)
        ax.scatter(*visited, s=150, facecolor="none", edgecolor="black")
        ax.set(title=f"after ({visited[0]:.0f}, {visited[1]:.0f})", xticks=[0, 1], yticks=[0, 1])
    axes[4].plot(range(1, 41), mistakes, "o-", color=BLUE, ms=3)
    axes[4].set(title="mistakes per sweep", xlabel="sweep", ylim=(-0.2, 4.4), yticks=range(5))
    show(
        figure,
        "XOR. Left: sweep 40, with the boundary after each of its four points; every step puts "
        "right what it visits and spoils another. Right: the mistakes per sweep never fall to 0.",
    )


def digits(data, label):
    """The first twenty digits."""
    figure, axes = plt.subplots(2, 10, figsize=(9, 2.3))
    for ax, row in zip(axes.flat, range(20), strict=True):
        ax.imshow(data[row].reshape(8, 8), cmap="gray_r")
        ax.set_title(label[row], fontsize=9, pad=3)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY, lw=0.5)
    show(
        figure, "The first twenty digits, with their labels: 0 to 9, twice, in coarse grey squares."
    )


def pca(data, label, pca_project):
    """The digits on their first two principal components."""
    projected, ratio = pca_project(data, 2)
    projected = np.array(projected)
    projected *= np.sign(projected[np.abs(projected).argmax(axis=0), [0, 1]])  # any sign is right
    figure, ax = plt.subplots(figsize=(6.8, 5))
    for digit in range(10):
        chosen = projected[label == digit]
        ax.scatter(*chosen.T, s=9, color=plt.cm.tab10(digit), alpha=0.55)
        ax.text(
            *np.median(chosen, axis=0),
            str(digit),
            fontsize=17,
            weight="bold",
            ha="center",
            va="center",
            bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": plt.cm.tab10(digit)},
        )
    ax.set(xlabel=f"PC1 ({ratio[0]:.1%} of the variance)", ylabel=f"PC2 ({ratio[1]:.1%})")
    show(
        figure,
        "The digits projected on their first two principal components, one colour per class. "
        "Classes such as 0, 4 and 6 form clusters of their own; others lie over each other.",
    )
    print(f"PC1 + PC2 explain {ratio[0] + ratio[1]:.4f} of the variance")


def weights(data, label, add_bias, predict, zero_versus_one):
    """What tells a one from a zero."""
    two = label < 2
    images, which = data[two].reshape(-1, 8, 8), label[two]
    known, unseen = slice(None, 180), slice(180, None)  # learn from one half, test on the other
    w = np.array(zero_versus_one(images[known], which[known]))
    pixels = images[unseen].reshape(-1, 64)
    scores = add_bias(pixels) @ w
    right = np.mean(predict(w, add_bias(pixels)) == np.where(which[unseen] == 1, 1, -1))

    figure, axes = plt.subplots(1, 4, figsize=(11, 3), width_ratios=[1, 1, 1.25, 1.9])
    for ax, digit in zip(axes[:2], (0, 1), strict=True):
        ax.imshow(images[known][which[known] == digit].mean(axis=0), cmap="gray_r")
        ax.set(title=f"mean {'zero' if digit == 0 else 'one'}", xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY)
    limit = np.abs(w[1:]).max()
    mesh = axes[2].imshow(w[1:].reshape(8, 8), cmap=SIGNED, vmin=-limit, vmax=limit)
    axes[2].set(title="learned weights", xticks=[], yticks=[])
    axes[2].spines[:].set(visible=True, color=GREY)
    figure.colorbar(mesh, ax=axes[2], shrink=0.75, ticks=[-limit, 0, limit], format="%.1f")
    bins = np.linspace(scores.min(), scores.max(), 36)
    axes[3].hist(scores[which[unseen] == 0], bins, color=BLUE, label="zeros")
    axes[3].hist(
        scores[which[unseen] == 1], bins, color=ORANGE, label="ones", hatch="//", alpha=0.85
    )
    axes[3].axvline(0, color="k", lw=1)
    axes[3].set(xlabel="score", title="180 unseen digits", yticks=[])
    axes[3].legend(frameon=False, loc="upper right", fontsize=9)
    show(
        figure,
        "The mean zero, the mean one, the 64 weights as an image, and the scores of unseen "
        "digits. Ink in the middle speaks for a one (orange), ink to its left and right for a zero "
        "(purple). The scores of zeros lie below 0, those of nearly all ones above.",
    )
    print(f"right on unseen digits: {right:.1%}")
