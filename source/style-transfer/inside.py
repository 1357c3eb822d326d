"""Diagrams, and what is seen inside of networks. Nothing here is part of an exercise."""

import matplotlib.pyplot as plt
import torch
from pictures import BLUE, GREY, ORANGE, PALE_BLUE, PALE_GREY, PALE_ORANGE, gallery, show


def vgg(vgg_layer_index):
    """VGG19's layers, named and counted."""
    colours = {"conv": PALE_BLUE, "relu": PALE_ORANGE, "pool": PALE_GREY}
    figure, ax = plt.subplots(figsize=(11.5, 3.6))
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        height = 2.3 - 0.33 * block
        names = [f"{kind}{block}_{i + 1}" for i in range(convolutions) for kind in ("conv", "relu")]
        for name in [*names, f"pool{block}"]:
            x = vgg_layer_index(name)
            look = {"fc": colours[name[:4]], "ec": "black", "lw": 0.7}
            ax.add_patch(plt.Rectangle((x, -height / 2), 0.86, height, **look))
            ax.text(x + 0.43, 0, name, rotation=90, ha="center", va="center", fontsize=8.5)
            ax.text(x + 0.43, -height / 2 - 0.17, x, ha="center", va="center", fontsize=8.5)
        channels, share = (64, 128, 256, 512, 512)[block - 1], 2 ** (block - 1)
        size = "H x W" if share == 1 else f"H/{share} x W/{share}"
        x = vgg_layer_index(names[0])
        ax.text(x, 1.42, f"block {block}: {channels}\nchannels, {size}", fontsize=9, va="center")
    ax.set(xlim=(-0.3, 37.3), ylim=(-1.45, 1.75))
    ax.axis("off")
    show(
        figure,
        "VGG19's features, named and counted: 37 layers in five blocks, convolutions in blue, "
        "ReLUs in orange, poolings in grey. From block to block there are more channels, and fewer positions.",
    )


def roles():
    """Three images in one frozen network."""
    figure, ax = plt.subplots(figsize=(9.6, 4.3))
    lanes = {"painting": (2, ORANGE), "image that learns": (1, "black"), "photo": (0, BLUE)}
    columns = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "conv4_1", "relu5_1")
    for lane, (y, colour) in lanes.items():
        ax.text(-0.25, y, lane, ha="right", va="center", color=colour, weight="bold")
        ax.plot([-0.1, 6.3], [y, y], color=colour, lw=1, zorder=1)
        look = {"fc": "white", "ec": colour, "lw": 1.5, "zorder": 2}
        for x, name in enumerate(columns):
            ax.add_patch(plt.Rectangle((x + 0.2, y - 0.2), 0.7, 0.4, **look))
            ax.text(x + 0.55, y, name, ha="center", va="center", fontsize=9, zorder=3)
    for x in (0, 1, 2, 3, 5):
        arrow = {"arrowstyle": "<|-|>", "color": ORANGE}
        ax.annotate("", (x + 0.55, 1.78), (x + 0.55, 1.22), arrowprops=arrow)
        ax.text(x + 0.62, 1.5, "$E_s$: G, A", color=ORANGE, fontsize=10, va="center")
    arrow = {"arrowstyle": "<|-|>", "color": BLUE}
    ax.annotate("", (4.55, 0.78), (4.55, 0.22), arrowprops=arrow)
    ax.text(4.62, 0.5, "$E_c$: F, P", color=BLUE, fontsize=10, va="center")
    ax.text(6.4, 1.5, r"$\beta \, \Sigma \, w_l E_s$", color=ORANGE, fontsize=13, va="center")
    ax.text(6.4, 0.5, r"$\alpha \, E_c$", color=BLUE, fontsize=13, va="center")
    ax.annotate(
        "gradient: only this image changes",
        (-0.1, 0.93),
        (1.2, 0.5),
        va="center",
        arrowprops={"arrowstyle": "-|>", "color": GREY, "connectionstyle": "arc3,rad=-0.2"},
    )
    ax.set(xlim=(-1.6, 7.6), ylim=(-0.35, 2.35))
    ax.axis("off")
    show(
        figure,
        "Three images in one frozen network. The image that learns is compared with the painting by Gram matrices in "
        "several layers, and with the photo by features in one layer; the gradient of both flows back to its pixels.",
    )


def saliency(classifier, saliency_map, LABELS, prepare_image, to_image, pagoda, swirl, hatch):
    """Where the classifier looks."""
    device = next(classifier.parameters()).device
    maps = {}
    for label, painting, i, j in ((1, swirl, 50, 20), (2, hatch, 30, 96)):
        picture = prepare_image(pagoda, 144).to(device)
        piece = prepare_image(painting, 160).to(device)[0, :, 40:58, 60:78]
        picture[0, :, i : i + 18, j : j + 18] = piece
        maps[f"a piece of the {LABELS[label]}"] = to_image(picture)
        maps[f'saliency of "{LABELS[label]}"'] = saliency_map(classifier, picture, label).cpu()
    gallery(
        maps,
        "Where the classifier looks. A piece of the swirl is glued onto the pagoda: the answer hangs on its pixels, and on "
        "hardly any other. So it does on the piece of the hatch on the right. What else the photo shows does not matter.",
        width=11.5,
    )


def fooled(classifier, fool, LABELS, to_image, picture):
    """A picture that is changed until the classifier sees a swirl in it."""
    level = 1 / 255 / 0.225  # one level of a colour, normalised
    for levels in range(1, 33):
        changed = fool(picture, 1, levels * level)
        with torch.no_grad():
            sure = classifier(changed).softmax(1)[0, 1].item()
        if sure > 0.9:
            break
    with torch.no_grad():
        before = classifier(picture).softmax(1)[0]
    said = LABELS[int(before.argmax())]
    change = 0.5 + (changed - picture)[0].permute(1, 2, 0).cpu().numpy() / (2 * levels * level)
    print(f"{levels} of 255 levels")
    gallery(
        {
            f'"{said}", {before.max():.0%}': to_image(picture),
            "the change, enlarged": change.clip(0, 1),
            f'"swirl", {sure:.0%}': to_image(changed),
        },
        'The pagoda, to which the classifier says "nothing"; what was added to it, enlarged until it can be seen; and '
        "the sum, in which it is quite sure to see a piece of the swirl. We see no difference: no value has moved by "
        f"more than {levels} of 255 levels.",
        width=9,
    )


def channels(trained, untrained, maximise_channel, to_image):
    """What conv2_2 looks for."""
    climbs = [maximise_channel(trained, "conv2_2", c, 30, size=48) for c in range(16)]
    highest = sorted(range(16), key=lambda c: -float(climbs[c][1][-1]))[:5]
    wanted = {f"trained, channel {c}": to_image(climbs[c][0]) for c in highest}
    for c in highest:
        image, _ = maximise_channel(untrained, "conv2_2", c, 30, size=48)
        wanted[f"untrained, channel {c}"] = to_image(image)
    gallery(
        wanted,
        "What conv2_2 looks for. Above, the five channels of the classifier that climb highest want blue strokes: some short, with red "
        "between them, some long and lying, with one bright edge. Beneath, the same channels before the training want nothing but speckles.",
        columns=5,
        width=8.5,
    )


def patches(model, strongest_patches, maximise_channel, to_image):
    """Four channels of VGG: what climbing makes, and what excites them most."""
    found = strongest_patches("relu3_1", range(10, 14), step=4, field=24)
    rows = {}
    for c, best in found.items():
        image, _ = maximise_channel(model, "relu3_1", c, 18, size=48)
        rows[f"channel {c}: climbed"] = to_image(image)
        rows |= {f"channel {c}, patch {n}": patch for n, patch in enumerate(best, start=1)}
    gallery(
        rows,
        "Four channels of relu3_1 in VGG: the image that climbing makes, and the four patches that excite each most. "
        "Channel 10 answers to a mesh, and finds one among strokes and petals; 11 to upright bars: a pillar, and "
        "strokes that stand; 12 to light arcs on dark, the edge of the dahlia among them; 13 to pale strokes on blue "
        "that run upwards.",
        columns=5,
        width=8.5,
    )
