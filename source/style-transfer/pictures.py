"""The pictures of the notebook, one function each. Nothing here is part of an exercise."""

import io
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import Markdown, display
from PIL import Image

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


def gallery(pictures, text, columns=None, width=10.0):
    """Show pictures under their titles, side by side: {title: PIL image or array}."""
    columns = columns or len(pictures)
    rows = math.ceil(len(pictures) / columns)
    tallest = max(np.shape(p)[0] / np.shape(p)[1] for p in pictures.values())
    size = (width, rows * (width / columns * tallest + 0.34))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, (title, picture) in zip(axes.flat, pictures.items(), strict=False):
        ax.imshow(picture, cmap="magma", interpolation="bicubic")
        ax.set_title(title, fontsize=10)
    show_photos(figure, text)


def inputs(pagoda, flower, swirl, hatch):
    """What we have."""
    gallery(
        {
            "photo: pagoda": pagoda,
            "photo: flower": flower,
            "painting: swirl": swirl,
            "painting: hatch": hatch,
        },
        "What we have: a pagoda by a lake, a dahlia, a painting of long blue and yellow strokes "
        "around a centre, and one of short broad strokes in reds and greens.",
    )


def clip(prepare_image, to_image, pagoda):
    """There and back, brighter, and with clipping forgotten."""
    small = prepare_image(pagoda, 96)
    low, high = small.min().item(), small.max().item()
    print("tensor:", tuple(small.shape), "from", round(low, 2), "to", round(high, 2))
    raw = np.array(to_image(small)).astype(int) + 60
    gallery(
        {
            "there and back": to_image(small),
            "+60, clipped": to_image(small + 60 / 255 / 0.225),
            "+60, not clipped": (raw % 256).astype(np.uint8),
        },
        "The pagoda at 96 pixels; the same made brighter, clipped: the sky is white; and without "
        "clipping: bright parts wrap around to dark, false colours.",
        width=9,
    )


def features(model, extract_features, photo):
    """Maps of five layers."""
    names = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    with torch.no_grad():
        found = extract_features(model, photo, names)
    maps = {}
    for row in ("strongest", "most unlike it"):
        for name in names:
            F = found[name][0, :, 1:-1, 1:-1].cpu()  # without the frame of the padding
            order = F.std(dim=(1, 2)).argsort(descending=True)[: len(F) // 2]  # those that vary
            alike = torch.corrcoef(F[order].flatten(1))[0]
            channel = order[0 if row == "strongest" else alike.argmin()]
            maps[f"{name}, {row}"] = F[channel].numpy()
    gallery(
        maps,
        "The pagoda as five layers see it: of each, the map that varies most, and one that fires elsewhere. The "
        "first maps are as sharp as the photo; each pooling halves them, until relu5_1 has few positions left.",
        columns=5,
    )


def evolve(model, reconstruct, to_image, photo):
    """An image that evolves, and its loss."""
    film = {}
    for steps in (1, 3, 9, 27):
        image, losses = reconstruct(model, "relu2_2", photo, steps)
        film[f"{steps} step{'s'[: steps > 1]}"] = to_image(image)
    film["photo"] = to_image(photo)
    gallery(
        film,
        "Noise that evolves until relu2_2 sees the pagoda in it, after 1, 3, 9 and 27 steps, and the photo.",
    )
    figure, ax = plt.subplots(figsize=(6.5, 2.4))
    ax.semilogy(range(1, len(losses) + 1), losses, color=BLUE, lw=2)
    ax.set(xlabel="step", ylabel="$E_c$")
    show(
        figure,
        "The content loss on the way, on a logarithmic scale: it falls by factors, fast at first.",
    )


def optimisers(model, extract_features, content_loss, lbfgs, target, layer="relu3_1", count=30):
    """The content loss against evaluations, as a share of the first, for three optimisers."""
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]

    def evaluations(make):
        noise = 0.25 * torch.randn(target.shape, generator=torch.Generator().manual_seed(0))
        image, seen = noise.to(target.device).requires_grad_(), []
        optimiser = make(image)

        def closure():
            optimiser.zero_grad()
            loss = content_loss(extract_features(model, image, [layer])[layer], P)
            seen.append(float(loss.detach()))
            loss = loss * image.numel() / seen[0]
            loss.backward()
            return loss

        while len(seen) < count:
            optimiser.step(closure)
        return np.array(seen[:count]) / seen[0]

    settings = {"max_iter": 1, "history_size": 20, "tolerance_grad": 0, "tolerance_change": 0}
    rivals = {
        "L-BFGS, its own guess": (
            lambda image: torch.optim.LBFGS([image], **settings),
            ORANGE,
            "-",
        ),
        "L-BFGS, line search": (lbfgs, BLUE, "-"),
        "Adam, 0.05": (lambda image: torch.optim.Adam([image], lr=0.05), GREY, "--"),
    }
    figure, ax = plt.subplots(figsize=(7.5, 3))
    for title, (make, colour, line) in rivals.items():
        shares = evaluations(make)
        ax.semilogy(range(1, len(shares) + 1), shares, line, color=colour, lw=2, label=title)
    ax.axhline(1, color="black", lw=0.6)
    ax.set(xlabel="evaluations", ylabel="$E_c$ / first $E_c$")
    ax.legend(frameon=False, fontsize=10)
    show(
        figure,
        "The content loss in relu3_1 against evaluations. L-BFGS with its own guess of the step leaps to about twenty times the first loss "
        "before it recovers. With a line search it never accepts a rise, and comes as far. Adam falls without a leap, but far more slowly.",
    )


def depth(model, unlearned, reconstruct, to_image, photo):
    """Reconstructions from three poolings, trained and random."""
    found = {}
    for row, network in {"trained": model, "random": unlearned}.items():
        for name in ("pool1", "pool2", "pool3"):
            image, _ = reconstruct(network, name, photo, 24)
            found[f"{name}, {row}"] = to_image(image)
        found["photo" if row == "trained" else "the photo again"] = to_image(photo)
    gallery(
        found,
        "The pagoda, reconstructed in 24 steps from the first three poolings. Above, trained features: pool1 gives nearly the photo, pool2 keeps "
        "edges and most colours, pool3 the roofs and the trees, in wrong colours and with ghosts of edges in the sky. Beneath, random features: pool1 gives the photo, pool2 a "
        "shadow of the tower, pool3 noise.",
        columns=4,
    )


def gram(model, extract_features, gram_matrix, prepare_image, to_image, swirl, hatch):
    """Four pictures and their Gram matrices."""
    shuffled = np.array(swirl.resize((96, 96))).reshape(-1, 3)
    shuffled = np.random.default_rng(0).permutation(shuffled).reshape(96, 96, 3)
    examples = {
        "swirl": swirl,
        "swirl, turned": swirl.rotate(180),
        "hatch": hatch,
        "swirl, shuffled": Image.fromarray(shuffled),
    }
    tensors = [
        prepare_image(example, 96).to(next(model.parameters()).device)
        for example in examples.values()
    ]
    with torch.no_grad():
        found = [extract_features(model, x, ["relu2_1"])["relu2_1"] for x in tensors]
        grams = [gram_matrix(F)[0].cpu() / F[0, 0].numel() for F in found]
    strong = grams[0].diagonal().argsort(descending=True)[:32]
    shown = [each[strong][:, strong].sqrt() for each in grams]
    top = max(float(each.max()) for each in shown)
    figure, axes = plt.subplots(2, 4, figsize=(8, 4.2))
    for column, title in enumerate(examples):
        axes[0, column].imshow(to_image(tensors[column]), interpolation="bicubic")
        axes[1, column].imshow(shown[column], cmap="magma", vmin=0, vmax=top)
        axes[0, column].set_title(title)
        axes[1, column].set(xlabel="Gram matrix: channel j")
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
    axes[1, 0].set_ylabel("channel i")
    show_photos(
        figure,
        "Above, pictures; beneath, their Gram matrices in relu2_1, for the 32 channels that the swirl excites most; "
        "square roots per position, bright is large. The swirl turned upside down has nearly the same matrix; the hatch has another. The "
        "swirl with its pixels shuffled has the same colours, but not the same strokes, and the matrix differs.",
    )


def first(to_image, content, style, painted):
    """The first painting."""
    gallery(
        {"content": to_image(content), "style": to_image(style), "painted": to_image(painted)},
        "The pagoda, the swirl, and the pagoda painted in blue and yellow strokes: they run around a centre in the "
        "sky, as in the swirl.",
        width=9.5,
    )


def strip(film):
    """The painting as it evolves."""
    gallery(
        film,
        "The painting as it evolves, after 1, 3, 6, 9, 14 and 20 steps: faint strokes first, in the sky; then the "
        "palette, until the tower is blue and yellow, too.",
        columns=3,
    )


def styles(paint, prepare_image, to_image, content, swirl, hatch, flower):
    """Three styles and what they make of the pagoda; return the one after the hatch."""
    painted = {}
    for name, picture in {"swirl": swirl, "hatch": hatch, "flower": flower}.items():
        style = prepare_image(picture, 80).to(content.device)
        painted[name] = to_image(style)
        painted[f"pagoda after {name}"], _ = paint(content, style, steps=12)
    gallery(
        painted,
        "Three styles and what they make of the pagoda. The swirl gives long strokes, the hatch short ones in red. A "
        "photo is a style, too: the dahlia puts its petals into the tower and into the clouds.",
        columns=6,
        width=11.5,
    )
    return painted["pagoda after hatch"]


def large(LARGE, paint, prepare_image, to_image, device, pagoda, swirl):
    """One painting at 256 pixels."""
    if not LARGE:
        print("Not painted: set LARGE = True and wait half a minute")
        return
    x, y = (prepare_image(picture, 256).to(device) for picture in (pagoda, swirl))
    painted, _ = paint(x, y, "conv4_1", beta=100.0, steps=25)
    gallery(
        {
            "the pagoda after the swirl, at 256 pixels": painted,
            "the swirl at the same scale": to_image(y),
        },
        "The pagoda after the swirl at 256 pixels, and the swirl at the same scale. In the sky and on the "
        "hill single strokes can be told apart: they run in curves, as the swirl's do, and have its blues and "
        "yellows.",
        width=11,
    )


def grain(prepare_image, to_image, tv_loss, content, rough, smooth):
    """With and without a price on roughness."""
    shown = {"photo": to_image(content), "gamma 0": rough, "gamma 1": smooth}
    for title, picture in shown.items():
        print(f"{title:9} roughness {float(tv_loss(prepare_image(picture, 80))):6.0f}")
    gallery(
        {"photo": shown["photo"], "painted, gamma 0": rough, "painted, gamma 1": smooth},
        "The pagoda after the hatch without and with a price on roughness: the specks in the sky have melted into "
        "soft patches. At this price the strokes and the edges of the roofs begin to blur as well; a tenth of it "
        "would hardly be seen.",
        width=9.5,
    )


def own(to_image, x, y, painted):
    """The student's own."""
    gallery(
        {"photo": to_image(x), "style": to_image(y), "painted": painted},
        "The photo, the style, and the photo painted in that style.",
        width=9.5,
    )


def location(LOCATIONS, paint, content, style):
    """Two content layers."""
    painted = {
        f"content layer {layer}": paint(content, style, layer, beta=3.0, steps=12)[0]
        for layer in LOCATIONS
    }
    gallery(
        painted,
        "The same transfer with a shallow content layer and a deep one, at equal beta / alpha. The tower stands in both. With relu1_1 the "
        "hill and the trees have smooth outlines; with conv5_1 short strokes run across them, and the layer does not mind.",
        width=7,
    )


def ratio(RATIOS, paint, content, style):
    """Two ratios of style to content."""
    painted = {
        f"beta / alpha = {beta:g}": paint(content, style, beta=beta, steps=12)[0] for beta in RATIOS
    }
    gallery(
        painted,
        "Content against style. At beta / alpha = 0.1 it is nearly the photo, at 1000 a painting with a memory of the pagoda.",
        width=7,
    )


def layers(ALONE, paint, content, style):
    """Style from one layer at a time."""
    painted = {
        f"{layer} alone": paint(content, style, shares={layer: 1.0}, beta=30.0, steps=12)[0]
        for layer in ALONE
    }
    gallery(
        painted,
        "Style from one layer at a time. relu1_1 alone brings the palette over, and no stroke; "
        "relu3_1 short strokes and some of the colours; relu5_1 large curves, in colours that are not the painting's.",
        width=9.5,
    )
