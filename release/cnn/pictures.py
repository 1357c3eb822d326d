"""The pictures of the notebook, one function each. Nothing here is part of an exercise."""

import io

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from IPython.display import Markdown, display
from torch import nn
from torchvision.models import EfficientNet_B0_Weights

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


def show_photos(figure, text):
    """As show, for photos and paintings, which take less room as JPEG."""
    file = io.BytesIO()
    figure.savefig(file, format="jpeg", dpi=160, pil_kwargs={"optimize": True, "quality": 72})
    plt.close(figure)
    picture = {"image/jpeg": file.getvalue(), "text/plain": text}
    look = {"alt": text, "width": int(80 * figure.get_figwidth())}
    display(picture, metadata={"image/jpeg": look}, raw=True)
    display(Markdown(f"*{text}*"))


def draw_image(ax, image, title="", **style):
    """One image (height, width), dark ink on white paper unless told otherwise, in a thin frame."""
    ax.imshow(image, **({"cmap": "gray_r", "vmin": 0, "vmax": 1} | style))
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=9, pad=3)
    ax.spines[:].set(visible=True, color=GREY, lw=0.5)


def signed(number, form):
    """A number as text, with a minus, where Python writes a hyphen."""
    return format(number, form).replace("-", "\N{MINUS SIGN}")


def digits(X_train, y_train, X_test, y_test):
    """Three handwritings."""
    figure, axes = plt.subplots(3, 10, figsize=(9, 3.3))
    for digit in range(10):
        rows = [(X_train, y_train, 0), (X_train, y_train, 60), (X_test, y_test, 5)]
        for ax, (X, y, number) in zip(axes[:, digit], rows, strict=True):
            draw_image(ax, X[y == digit][number, 0])
    for ax, name in zip(axes[:, 0], ("training", "training", "test"), strict=True):
        ax.set_ylabel(name)
    show(
        figure,
        "Three handwritings, one in each row: two of the training digits, one of the test digits. "
        "People differ in how they write a 1, a 4 or a 7.",
    )


def losses(RATES, build_cnn, train, X_train, y_train):
    """Train a network with each learning rate, and draw the losses; return the networks."""
    networks, curves = {}, {}
    for rate in RATES:
        torch.manual_seed(0)
        networks[rate] = build_cnn()
        curves[rate] = [
            float(loss) for loss in train(networks[rate], X_train, y_train, epochs=12, lr=rate)
        ]
    figure, ax = plt.subplots(figsize=(7.4, 3.3))
    guess = np.log(10)
    ax.axhline(guess, color=GREY, lw=0.8, ls=":")
    text = {"ha": "right", "va": "bottom", "color": "#555555", "fontsize": 9}
    ax.text(12, guess * 1.06, "guessing: ln 10", **text)
    looks = (("black", "s--"), (BLUE, "o-"), (ORANGE, "^-."))
    for rate, (colour, style) in zip(RATES, looks, strict=True):
        ax.plot(range(1, 13), curves[rate], style, color=colour, ms=4, label=f"lr = {rate}")
    ax.set(xlabel="epoch", ylabel="mean cross-entropy", yscale="log", xticks=range(1, 13))
    ax.set_yticks([0.01, 0.03, 0.1, 0.3, 1, 3], ["0.01", "0.03", "0.1", "0.3", "1", "3"])
    ax.minorticks_off()
    ax.legend(frameon=False, loc="lower left")
    show(
        figure,
        "The loss of each epoch, for three learning rates. A small rate learns slowly, a large one may jump "
        "about or learn nothing at all; the dotted line is the loss of a network that guesses.",
    )
    return networks


def mistakes(cnn, X_test, y_test):
    """Digits that were misread; return all answers."""
    with torch.no_grad():
        answers = cnn(X_test).argmax(dim=1)
    wrong = (answers != y_test).nonzero().flatten().tolist()
    figure, axes = plt.subplots(2, 8, figsize=(9, 3.1))
    for ax in axes.flat:
        ax.axis("off")
    for ax, i in zip(axes.flat, wrong, strict=False):
        ax.axis("on")
        draw_image(ax, X_test[i, 0], f"a {y_test[i]}, read as {answers[i]}")
    show(
        figure,
        "Test digits that the network misread, up to sixteen of them, with what they are and what it "
        "said. Many have an unusual form.",
    )
    return answers


def confusion(answers, y_test):
    """The confusion matrix."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y_test.numpy(), answers.numpy()), 1)
    wrong = np.where(np.eye(10) > 0, 0, counts)
    figure, ax = plt.subplots(figsize=(5.2, 4.6))
    ax.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(1, wrong.max()) * 1.6)
    for (truth, said), count in np.ndenumerate(counts):
        if count:
            weight = "bold" if truth == said else "normal"
            ax.text(said, truth, count, ha="center", va="center", fontsize=9, weight=weight)
    ax.set(xlabel="what the network said", ylabel="what it was", xticks=range(10), yticks=range(10))
    ax.spines[:].set(visible=True, color=GREY)
    show(
        figure,
        "The confusion matrix of the test digits: right answers in bold on the diagonal, mistakes in orange. They are not spread "
        "evenly: a few pairs of digits that some people write alike make up many of them.",
    )


def loss_of(network, X, y):
    """The mean cross-entropy of a network that is not training."""
    network.eval()
    with torch.no_grad():
        value = float(F.cross_entropy(network(X), y))
    network.train()
    return value


def reader(dropout):
    """The notebook's network, with dropout before its last layer."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(128, 10),
    )


def curves(train, best, X_train, y_train, epochs=20):
    """The losses on known and on new writers, without and with dropout."""
    figure, axes = plt.subplots(1, 2, figsize=(9.4, 3.4), sharey=True)
    known, new = (X_train[:1157], y_train[:1157]), (X_train[1157:], y_train[1157:])
    for ax, (name, dropout) in zip(axes, {"as it is": 0, "with dropout": 0.5}.items(), strict=True):
        torch.manual_seed(0)
        network, on_training, on_validation = reader(dropout), [], []
        for epoch in range(epochs):
            train(network, *known, epochs=1, lr=best, seed=epoch)
            on_training.append(loss_of(network, *known))
            on_validation.append(loss_of(network, *new))
        ticks, look = range(1, epochs + 1), {"ms": 3, "lw": 1.5}
        ax.plot(ticks, on_training, "o-", color=BLUE, label="training digits", **look)
        ax.plot(ticks, on_validation, "s--", color=ORANGE, label="validation digits", **look)
        ax.set(title=name, xlabel="epoch", yscale="log", xticks=range(0, epochs + 1, 5))
    axes[0].set_ylabel("mean cross-entropy")
    axes[0].set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    axes[0].minorticks_off()
    axes[0].legend(frameon=False, loc="lower left", fontsize=9)
    show(
        figure,
        "The loss on digits that the network trains on, and on those of other writers. On the first it falls on and on, on the second it soon "
        "stops falling: from there on the network learns the 1157 digits, and not to read. That is overfitting. With dropout it is put off.",
    )


def filters(cnn):
    """The first layer's filters; return both convolutions."""
    first, second = (module for module in cnn.modules() if isinstance(module, nn.Conv2d))
    weights = first.weight.detach()[:, 0]
    limit = float(weights.abs().max())
    figure, axes = plt.subplots(2, 8, figsize=(9, 2.6))
    for number, (ax, kernel) in enumerate(zip(axes.flat, weights, strict=True)):
        draw_image(ax, kernel, str(number), cmap=SIGNED, vmin=-limit, vmax=limit)
    ticks = [-limit, 0, limit]
    figure.colorbar(
        axes[0, 0].images[0],
        ax=axes,
        shrink=0.9,
        ticks=ticks,
        format=lambda weight, _: signed(weight, ".1f"),
    )
    show(
        figure,
        "The 16 filters of the first layer: orange weights are positive, purple ones negative. Where one side is "
        "orange and the other purple, the filter answers to an edge of that direction: the simple cells of Hubel and Wiesel.",
    )
    return first, second


def dead_filters(network, X_train):
    """How many filters of each convolution answer to no training digit anywhere."""
    front, back = (module for module in network.modules() if isinstance(module, nn.Conv2d))
    with torch.no_grad():
        maps = F.relu(front(X_train))
        deeper = F.relu(back(F.max_pool2d(maps, 2)))
    return [int((layer.amax(dim=(0, 2, 3)) == 0).sum()) for layer in (maps, deeper)]


def dead(networks, X_train):
    """The share of dead filters, by learning rate."""
    figure, ax = plt.subplots(figsize=(7.4, 2.4))
    looks = ((-0.2, 16, BLUE, ""), (0.2, 32, ORANGE, "//"))
    for row, network in enumerate(networks.values()):
        counts = dead_filters(network, X_train)
        for count, (offset, total, colour, hatch) in zip(counts, looks, strict=True):
            share = 100 * count / total
            ax.barh(row + offset, share, 0.36, color=colour, hatch=hatch, edgecolor="white")
            ax.text(share + 1, row + offset, f"{count} of {total}", va="center", fontsize=9)
    ax.bar(0, 0, color=BLUE, label="first convolution")
    ax.bar(0, 0, color=ORANGE, hatch="//", label="second convolution")
    ax.set(xlim=(0, 108), ylim=(2.5, -0.5), xlabel="dead filters (%)")
    ax.set_yticks(range(3), [f"lr = {rate}" for rate in networks])
    ax.legend(frameon=False, fontsize=9, loc="upper right")
    show(
        figure,
        "Filters that answer to no training digit. One step that is too large can push a filter to where it never answers "
        "again: the larger the learning rate, the more of the network lies dead.",
    )


def mosaic(maps, columns):
    """Maps (n, height, width) side by side in one picture, with gaps of one pixel."""
    n, height, width = maps.shape
    sheet = np.full((n // columns * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for number, image in enumerate(maps):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        sheet[top : top + height, left : left + width] = image
    return sheet


def maps(first, second, X_test, y_test):
    """Two digits inside the network."""
    chosen = [int((y_test == digit).nonzero()[3]) for digit in (3, 7)]
    figure, axes = plt.subplots(2, 3, figsize=(9.4, 5.3), width_ratios=[0.55, 1, 2])
    for row, i in zip(axes, chosen, strict=True):
        with torch.no_grad():
            shallow = F.relu(first(X_test[[i]]))
            deep = F.relu(second(F.max_pool2d(shallow, 2)))
        draw_image(row[0], X_test[i, 0], "the digit")
        for ax, found, columns, name in (
            (row[1], shallow[0], 4, "first layer: 16 maps of 8×8"),
            (row[2], deep[0], 8, "second layer: 32 maps of 4×4"),
        ):
            draw_image(ax, mosaic(found, columns), name, cmap="viridis", vmax=float(found.max()))
            ax.spines[:].set(visible=False)
    show(
        figure,
        "A 3 and a 7 inside the network. In the first layer's maps the digit can still be seen, its edges picked out by "
        "direction; in the second layer's maps only rough places are left. Dark means that nothing was found.",
    )


def invariance(accuracy, compared, changes, X_test, y_test):
    """The accuracy of three networks on changed digits."""
    looks = (("s--", ORANGE), ("o-", BLUE), ("^:", "black"))
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.5), sharey=True)
    for ax, (label, (change, amounts)) in zip(axes, changes.items(), strict=True):
        for (style, colour), (name, network) in zip(looks, compared.items(), strict=True):
            curve = [100 * float(accuracy(network, change(X_test, a), y_test)) for a in amounts]
            ax.plot(amounts, curve, style, color=colour, ms=3.5, lw=1.4, label=name)
        ax.axhline(10, color=GREY, lw=0.8)
        ax.set(xlabel=label, ylim=(0, 100))
    axes[0].set(ylabel="test digits read right (%)", xticks=range(-4, 5))
    axes[1].set_xticks([-180, -90, 0, 90, 180])
    axes[1].legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(0.5, 1.0))
    show(
        figure,
        "Accuracy on changed test digits. Shifts by one pixel already cost both networks much, the CNN less than the fully "
        "connected one; training on shifts mends these, and helps with other sizes, but not with turns. Turned by 45 degrees or more, or reduced to half their size, most digits are lost to all three. The grey line is guessing.",
    )


def one_digit(cnn, mlp, shift, turn, X_test, y_test, digit=5):
    """What two networks say of one digit that moves and turns."""

    def says(name, network, image):
        with torch.no_grad():
            answer = int(network(image).argmax())
        return f"{name}: {answer}" + ("" if answer == digit else " ✗")

    with torch.no_grad():
        both = (cnn(X_test).argmax(dim=1) == y_test) & (mlp(X_test).argmax(dim=1) == y_test)
    i = int((both & (y_test == digit)).nonzero()[0])
    figure, axes = plt.subplots(2, 7, figsize=(9.4, 3.9))
    for row, change, amounts, unit in (
        (axes[0], shift, range(-3, 4), " px"),
        (axes[1], turn, (-90, -60, -30, 0, 30, 60, 90), "°"),
    ):
        for ax, amount in zip(row, amounts, strict=True):
            image = change(X_test[[i]], amount)
            title = says("CNN", cnn, image) + "\n" + says("connected", mlp, image)
            draw_image(ax, image[0, 0], title)
            ax.set_xlabel(signed(amount, "+d") + unit if amount else "as it is", fontsize=9)
    show(
        figure,
        f"One test digit, a {digit}, shifted (above) and turned (below), with the answers of the CNN and of the fully "
        "connected network. A cross marks a wrong answer. Each network is right about the digit as it is.",
    )


def top5(classifier, trained, prepare, photos):
    """Six photos, and the five likeliest kinds of things on each."""
    categories = EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
    figure, axes = plt.subplots(2, 6, figsize=(11.4, 3.7), height_ratios=[1.25, 1])
    white = {"fc": "white", "alpha": 0.7, "ec": "none", "pad": 0.6}
    for (name, photo), (top, below) in zip(list(photos.items())[:6], axes.T, strict=True):
        x = prepare(photo)
        with torch.no_grad():
            shares, classes = F.softmax(classifier(x)[0], dim=0).topk(5)
        top.imshow(((x[0] * 128 + 127) / 255).clamp(0, 1).permute(1, 2, 0))
        top.set(xticks=[], yticks=[], title=name)
        below.barh(range(5), shares, color=BLUE)
        for row, number in enumerate(classes.tolist()):
            below.text(0.03, row, categories[number], va="center", fontsize=8, bbox=white)
        below.set(xlim=(0, 1), ylim=(4.6, -0.6), yticks=[], xticks=[0, 1])
    show_photos(
        figure,
        "Six photos, and the five kinds of things that the network finds likeliest, with their probabilities. "
        + (
            "It knows the cat, the espresso and the palace. The astronaut is none of its 1000 kinds of things, and it has to "
            "choose one of them all the same: a softmax cannot say that it does not know."
            if trained
            else "Its weights are random, and so are its answers: all of its 1000 kinds are about equally likely."
        ),
    )
