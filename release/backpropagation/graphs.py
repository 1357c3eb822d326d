"""What flows forward and backward, drawn from the student's own engine. Nothing here is part of an exercise."""

import operator

import matplotlib.pyplot as plt
from pictures import BLUE, GREY, ORANGE, PALE_BLUE, PALE_GREY, PALE_ORANGE, arrow, blank, box, show


class Drawn:
    """A Value together with what the picture needs to know: a text and where it came from."""

    def __init__(self, value, text, parents=()):
        self.value, self.text, self.parents = value, text, parents

    def _join(self, operation, text, other):
        if isinstance(other, Drawn):
            return Drawn(operation(self.value, other.value), text, (self, other))
        return Drawn(operation(self.value, other), f"{text} {other:g}", (self,))

    def __add__(self, other):
        return self._join(operator.add, "+", other)

    def __sub__(self, other):
        return self._join(operator.sub, "−", other)

    def __mul__(self, other):
        return self._join(operator.mul, "×", other)

    def __pow__(self, n):
        return self._join(operator.pow, "to the power", n)

    def __call__(self, function):
        return Drawn(getattr(self.value, function)(), function, (self,))


def draw_values(ax, places, names=None):
    """Draw nodes (Drawn) at their places, with data and grad, and an arrow from each parent."""
    for node, (x, y) in places.items():
        for parent in node.parents:
            px, py = places[parent]
            arrow(ax, (px + 0.86, py), (x - 0.86, y))
        box(ax, x, y, "", PALE_BLUE if not node.parents else PALE_GREY, 1.66, 1.36)
        title = (
            node.text if names is None or node not in names else f"{names[node]}  ( {node.text} )"
        )
        ax.text(x, y + 0.42, title, ha="center", va="center", zorder=4, fontsize=10)
        ax.text(
            x,
            y,
            f"{float(node.value.data):.4g}",
            color=BLUE,
            ha="center",
            va="center",
            zorder=4,
            weight="bold",
        )
        ax.text(
            x,
            y - 0.42,
            f"{float(node.value.grad):.4g}",
            color=ORANGE,
            ha="center",
            va="center",
            zorder=4,
            weight="bold",
        )


def values(Value):
    """The graph of the toy and its error, as the engine sees it."""
    w, x, b = (Drawn(Value(number), name) for number, name in ((-2.0, "w"), (5.0, "x"), (3.0, "b")))
    g = w * x
    f = g + b
    difference = f - 3
    square = difference**2
    E = square * 0.5
    E.value.backward()
    figure, ax = blank(10.8, 3.9, (-1, 12.2), (-2.35, 2.0))
    places = {
        w: (0, 1),
        x: (0, -0.75),
        g: (2.25, 0.2),
        b: (2.25, -1.55),
        f: (4.5, 0.2),
        difference: (6.75, 0.2),
        square: (9, 0.2),
        E: (11.2, 0.2),
    }
    draw_values(ax, places, {g: "g", f: "f", E: "E"})
    ax.text(11.2, 1.55, "data", color=BLUE, ha="center", weight="bold")
    ax.text(11.2, -1.05, "grad", color=ORANGE, ha="center", weight="bold")
    show(
        figure,
        "The toy example and its squared error, as computed by your class: in each box the operation, the "
        "data and the gradient of E. dE/dw = -50 and dE/db = -10, ten times the slide's slopes and of "
        "the other sign.",
    )


def twice(Value):
    """Nodes that are used twice."""
    figure, axes = plt.subplots(1, 2, figsize=(10.8, 3.1))
    for ax in axes:
        ax.set(xlim=(-1, 6.8), ylim=(-1.5, 2.0), aspect="equal")
        ax.axis("off")
    a, b = Drawn(Value(3.0), "a"), Drawn(Value(2.0), "b")
    product = a * b
    y = product + a
    y.value.backward()
    draw_values(axes[0], {a: (0, 1.2), b: (0, -0.7), product: (2.7, -0.2), y: (5.6, 0.6)})
    axes[0].set_title("a × b + a")
    a = Drawn(Value(0.5), "a")
    s = a("sigmoid")
    y = s * s
    y.value.backward()
    draw_values(axes[1], {a: (0, 0.3), s: (2.8, 0.3), y: (5.9, 0.3)})
    axes[1].set_title("sigmoid(a) × sigmoid(a)")
    show(
        figure,
        "Nodes that are used twice. Left: a is in the product and in the sum, so its gradient is "
        "b + 1 = 3. Right: both factors are the same node, which receives its gradient from both.",
    )


def shapes():
    """The shapes on the way forward and backward."""
    figure, ax = blank(10.6, 3.6, (-1, 12.4), (-2.3, 2.1))
    columns = [
        (0, "$X$\n(n, d)"),
        (3, "$H$\n(n, m)"),
        (6, "$A$\n(n, k)"),
        (8.7, "$Y$\n(n, k)"),
        (11.4, "$E$\none number"),
    ]
    for x, text in columns:
        box(ax, x, 1, text, PALE_BLUE, 1.7, 1.0, fontsize=10)
    for x0, x1, text in (
        (0.87, 2.13, "$W_1, b_1$\nsigmoid"),
        (3.87, 5.13, "$W_2, b_2$"),
        (6.87, 7.83, "softmax"),
        (9.57, 10.53, "with $T$"),
    ):
        arrow(ax, (x0, 1), (x1, 1), BLUE)
        ax.text((x0 + x1) / 2, 1.62, text, ha="center", va="bottom", fontsize=9, color=BLUE)
    for x, text in ((3, "$\\delta^{(1)}$\n(n, m)"), (6, "$\\delta^{(2)}$\n(n, k)")):
        box(ax, x, -0.9, text, PALE_ORANGE, 1.7, 1.0, fontsize=10)
    arrow(ax, (11.4, 0.47), (6.9, -0.9), ORANGE, connectionstyle="angle3,angleA=-90,angleB=0")
    ax.text(9.2, -1.05, "$(Y - T) / n$", color=ORANGE, ha="center", va="top", fontsize=10)
    arrow(ax, (5.13, -0.9), (3.87, -0.9), ORANGE)
    ax.text(4.5, -1.05, "$W_2$", color=ORANGE, ha="center", va="top", fontsize=10)
    arrow(ax, (6, -1.43), (6, -1.75), ORANGE)
    ax.text(6, -1.8, "slopes of $W_2$ and $b_2$", ha="center", va="top", color=ORANGE, fontsize=10)
    arrow(ax, (3, -1.43), (3, -1.75), ORANGE)
    ax.text(3, -1.8, "slopes of $W_1$ and $b_1$", ha="center", va="top", color=ORANGE, fontsize=10)
    for x, y in ((3, 0.47), (6, 0.47)):
        arrow(ax, (x, y), (x, -0.37), GREY, ls=":", lw=1.2)
    show(
        figure,
        "Forward (blue) from X to the error, backward (orange) from the error to the slopes. Each delta has "
        "the shape of the values above it.",
    )
