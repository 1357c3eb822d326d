"""Filters on real pictures. Nothing here is part of an exercise."""

import matplotlib.pyplot as plt
import numpy as np
from pictures import BLUE, GREY, SIGNED, numbers, picture, show
from sklearn.datasets import load_sample_image


def edges(conv2d):
    """Four filters on a photo."""
    photo = (
        load_sample_image("china.jpg")[40:400:5, 120:620:5] / 255.0
    )  # every fifth pixel, (72, 100, 3)
    grey = photo.mean(axis=2)
    filters = {
        "upright edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "level edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "blur": np.full((3, 3), 1 / 9),
        "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    }
    weight = np.array(list(filters.values()), dtype=float)[:, np.newaxis]
    maps = np.array(conv2d(grey[np.newaxis], weight, np.zeros(4)))
    figure, axes = plt.subplots(2, 5, figsize=(11.5, 3.5), height_ratios=[1, 2])
    axes[0, 0].axis("off")
    picture(axes[1, 0], grey, "picture (1, 72, 100)", grey=True)
    for column, name in enumerate(filters):
        limit = {"blur": 0.3, "sharpen": 5}.get(name, 2)
        picture(axes[0, 1 + column], filters[name], name, limit=limit)
        numbers(axes[0, 1 + column], filters[name], limit, "1/9" if name == "blur" else "{:g}")
        result = maps[column] if column < 2 else np.clip(maps[column], 0, 1)
        picture(axes[1, 1 + column], result, f"map {column}", grey=column > 1)
    show(
        figure,
        "A photo of a Chinese temple, four filters and their four activation maps. The first map answers to upright edges: orange where it gets "
        "brighter to the right, purple where it gets darker. The second answers to level edges; the other two blur and sharpen.",
    )
    return grey, maps


def colour(conv2d):
    """One filter over three channels."""
    flower = load_sample_image("flower.jpg")[60:400:8, 130:530:8] / 255.0  # (43, 50, 3)
    x = flower.transpose(2, 0, 1)  # a file has (H, W, C), the layer wants (C, H, W)
    reddish = np.zeros((1, 3, 3, 3))
    reddish[0, 0], reddish[0, 1] = 1 / 9, -1 / 9  # red minus green, smoothed
    red_map = np.array(conv2d(x, reddish, np.zeros(1), padding=1))
    figure, axes = plt.subplots(1, 5, figsize=(11, 2.3))
    axes[0].imshow(flower)
    axes[0].set(xticks=[], yticks=[])
    axes[0].set_title("picture (3, 43, 50)", fontsize=10)
    for ax, channel, name in zip(axes[1:4], x, ("red", "green", "blue"), strict=True):
        picture(ax, channel, f"channel {name}", grey=True)
    picture(axes[4], red_map[0], "red minus green")
    show(
        figure,
        "An orange flower, its three channels, and the activation map of one filter that adds up red and subtracts green: orange on the "
        "petals, pale or purple on the leaves behind. One filter, three channels, one map.",
    )


def learning(conv2d, conv2d_backward, grey):
    """A filter that is learned."""
    small = grey[26:46, 38:62][np.newaxis]  # (1, 20, 24)
    small = small - small.mean()
    secret = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    target = np.array(conv2d(small, secret, np.zeros(1)))
    weight, bias, losses, kept = np.zeros((1, 1, 3, 3)), np.zeros(1), [], {}
    for step in range(61):
        if step in (0, 3, 15, 60):
            kept[step] = weight[0, 0].copy()
        difference = np.array(conv2d(small, weight, bias)) - target
        losses.append(0.5 * np.mean(difference**2))
        _, dweight, dbias = conv2d_backward(difference / difference.size, small, weight)
        weight = weight - 7.0 * np.array(dweight)
        bias = bias - 0.5 * np.array(dbias)
    figure, axes = plt.subplots(1, 6, figsize=(11.5, 2.3), width_ratios=[1, 1, 1, 1, 1, 1.8])
    for ax, (name, values) in zip(
        axes,
        [*((f"after {step} steps", w) for step, w in kept.items()), ("the secret", secret[0, 0])],
        strict=False,
    ):
        ax.imshow(values, cmap=SIGNED, vmin=-2.2, vmax=2.2)
        numbers(ax, values, 2, "{:.1f}")
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, fontsize=10)
    axes[5].semilogy(losses, color=BLUE, lw=2)
    axes[5].set(xlabel="step", title="loss")
    show(
        figure,
        "A 3 by 3 filter learned from one picture by gradient descent. It starts at zeros, soon has the right signs, and after 60 steps comes close to the "
        "secret filter for upright edges, while the loss keeps falling.",
    )


def pooled(avg_pool2d, maps, max_pool2d):
    """The pooled map of a photo."""
    strength = np.abs(maps[:1])  # how strong the upright edges of the photo are, (1, 70, 98)
    figure, axes = plt.subplots(1, 3, figsize=(11, 3))
    for ax, result, name in (
        (axes[0], strength, "strength of edges"),
        (axes[1], max_pool2d(strength, 5), "max-pooling, size 5"),
        (axes[2], avg_pool2d(strength, 5), "average pooling, size 5"),
    ):
        result = np.array(result)
        ax.imshow(result[0], cmap="gray_r", vmin=0, vmax=0.8 * strength.max())
        ax.set(title=f"{name}\n{result.shape[1]} × {result.shape[2]}", xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY, lw=0.6)
    show(
        figure,
        "The upright edges of the photo, pooled in windows of 5 by 5. A single strong edge in a window stays dark with max-pooling "
        "and fades with average pooling.",
    )
