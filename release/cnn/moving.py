"""The pictures of the notebook that move. Nothing here is part of an exercise."""

import base64
import html
import io
import json

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from IPython.display import Markdown, display
from pictures import draw_image, mosaic
from torch import nn

# What all moving pictures share. Where scripts may not run, the still picture stays.
MOVING = """
const root = document.getElementById(data.name);
root.replaceChildren();
root.dataset.lmSuppressShortcuts = "true"; /* keys pressed here are not for the notebook */
const make = (space, name, attributes, parent, text) => {
  const node = document.createElementNS("http://www.w3.org/" + space, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
};
const tag = (...rest) => make("1999/xhtml", ...rest), svg = (...rest) => make("2000/svg", ...rest);
const controls = tag("div", {style: "display: flex; flex-wrap: wrap; gap: .4em 1.2em; margin: .5em 0"}, root);
const slider = (text, min, max, step, value) => {
  const label = tag("label", {style: "display: inline-flex; align-items: center; gap: .4em"}, controls, text);
  const input = tag("input", {type: "range", min, max, step, value}, label);
  const shown = tag("span", {style: "min-width: 3em"}, label, input.value);
  input.tell = () => { shown.textContent = input.value; };
  input.addEventListener("input", () => { input.tell(); draw(); });
  input.addEventListener("keydown", event => {  // some pages take these keys away from a slider
    const by = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -1e9, End: 1e9}[event.key];
    if (!by) return;
    event.preventDefault();
    input.value = Math.max(min, Math.min(max, +input.value + by * step));
    input.tell();
    draw();
  });
  return input;
};
const button = (text, act) => {
  const node = tag("button", {type: "button", style: "min-height: 28px; padding: 0 .8em"}, controls, text);
  node.addEventListener("click", () => { act(); draw(); });
  return node;
};
const sheet = (width, height, text) => svg("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text,
  style: `width: 100%; max-width: ${width}px; display: block; font: 13px sans-serif; fill: currentColor`}, root);
const says = () => tag("p", {role: "status", style: "margin: .5em 0"}, root);
"""


def moving(name, figure, text, script, **data):
    """Show a figure which, where scripts may run, gives way to one that can be moved."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=160, pil_kwargs={"optimize": True})
    plt.close(figure)
    still = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    data = json.dumps({"name": name, **data})
    width = int(80 * figure.get_figwidth())  # half its pixels: sharp on any screen
    still = f'<img alt="{html.escape(text)}" src="{still}" width="{width}">'
    page = f'<div class="moving" id="{name}">{still}</div>\n'
    page += f"<script>(() => {{\nconst data = {data};\n{MOVING}{script}}})();</script>"
    display({"text/html": page, "text/plain": text}, raw=True)
    display(Markdown(f"*{text}*"))


# A square of eight by eight pixels, with the ink on it.
PAD = """
const ink = new Array(64).fill(0), board = tag("div", {role: "group", "aria-label": "Eight rows of eight pixels to draw on",
  style: "display: grid; grid-template-columns: repeat(8, 30px); touch-action: none; width: max-content; user-select: none"}, root);
const put = (k, value) => { ink[k] = Math.max(0, Math.min(16, value)); };
const paint = k => {
  put(k, 16);
  [[k - 8, true], [k + 8, true], [k - 1, k % 8 > 0], [k + 1, k % 8 < 7]].forEach(([at, near]) => {
    if (near && at >= 0 && at < 64) put(at, Math.max(ink[at], 6));
  });
};
const pixels = ink.map((_, k) => {
  const pixel = tag("button", {type: "button", tabindex: k ? -1 : 0, style: "width: 30px; height: 30px; padding: 0; border: 1px solid #8a8f98; border-radius: 0"}, board);
  pixel.addEventListener("keydown", event => {
    const step = {ArrowUp: -8, ArrowDown: 8, ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = pixels[k + step];
    if (next) { pixel.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  });
  pixel.addEventListener("click", event => { if (event.detail === 0) { if (ink[k] > 8) put(k, 0); else paint(k); draw(); } });
  return pixel;
});
const under = event => pixels.indexOf(document.elementFromPoint(event.clientX, event.clientY));
board.addEventListener("pointerdown", event => { const k = under(event); if (k >= 0) { paint(k); draw(); } });
board.addEventListener("pointermove", event => { const k = under(event); if (k >= 0 && event.buttons) { paint(k); draw(); } });
button("clear", () => ink.fill(0));
data.examples.forEach(({name, pixels: values}) => button(name, () => values.forEach((value, k) => put(k, value))));
"""
LOOK_INSIDE = """\
const page = sheet(560, 400, "The activation maps of both layers, and the probability of each digit"), told = says();
const inside = (maps, r, c) => (maps[r] ?? [])[c] ?? 0;
const convolve = (maps, {W, b}) => W.map((filter, k) => maps[0].map((line, r) => line.map((_, c) => Math.max(0,
  filter.reduce((sum, kernel, channel) => sum + kernel.reduce((part, weights, u) => part + weights.reduce((few, weight, v) =>
    few + weight * inside(maps[channel], r + u - 1, c + v - 1), 0), 0), b[k])))));
const pool = maps => maps.map(map => [...Array(map.length / 2).keys()].map(r => [...Array(map.length / 2).keys()].map(c =>
  Math.max(map[2 * r][2 * c], map[2 * r][2 * c + 1], map[2 * r + 1][2 * c], map[2 * r + 1][2 * c + 1]))));
const mix = (from, to, share) => from.map((part, i) => Math.round(part + share * (to[i] - part)));
const colour = share => `rgb(${share < 0.5 ? mix([68, 1, 84], [33, 145, 140], 2 * share) : mix([33, 145, 140], [253, 231, 37], 2 * share - 1)})`;
const show = (maps, top, size, columns) => {
  const most = Math.max(...maps.flat(2)), cell = size / maps[0].length;
  maps.forEach((map, k) => {
    const x = 4 + k % columns * (size + 3), y = top + Math.floor(k / columns) * (size + 3);
    const sheet = svg("g", {transform: `translate(${x} ${y})`, "shape-rendering": "crispEdges"}, page);
    map.forEach((line, r) => line.forEach((value, c) =>
      svg("rect", {x: cell * c, y: cell * r, width: cell, height: cell, fill: colour(most && value / most)}, sheet)));
  });
  return most;
};
const draw = () => {
  page.replaceChildren();
  pixels.forEach((pixel, k) => {
    const grey = Math.round(255 - 15.9 * ink[k]);
    pixel.style.background = `rgb(${grey}, ${grey}, ${grey})`;
    pixel.setAttribute("aria-label", `row ${Math.floor(k / 8) + 1}, column ${k % 8 + 1}: ink ${ink[k]} of 16`);
  });
  const image = [...Array(8).keys()].map(r => ink.slice(8 * r, 8 * r + 8).map(value => value / 16));
  const first = convolve([image], data.first), second = convolve(pool(first), data.second), flat = pool(second).flat(2);
  svg("text", {x: 4, y: 14}, page, "first layer: 16 maps of 8 × 8");
  const most = show(first, 22, 64, 8);
  svg("text", {x: 4, y: 178}, page, "second layer: 32 maps of 4 × 4");
  show(second, 186, 31, 16);
  const out = data.last.b.map((bias, j) => data.last.W[j].reduce((sum, weight, i) => sum + weight * flat[i], bias));
  const powers = out.map(each => Math.exp(each - Math.max(...out))), sum = powers.reduce((p, q) => p + q);
  powers.forEach((power, j) => {
    const height = 90 * power / sum;
    svg("rect", {x: 8 + 54 * j, y: 376 - height, width: 44, height, fill: "#b4520f"}, page);
    svg("text", {x: 30 + 54 * j, y: 394, "text-anchor": "middle"}, page, j);
    if (power / sum > 0.005) svg("text", {x: 30 + 54 * j, y: 370 - height, "text-anchor": "middle"}, page, (power / sum).toFixed(2));
  });
  svg("line", {x1: 4, x2: 552, y1: 376, y2: 376, stroke: "currentColor"}, page);
  const best = out.indexOf(Math.max(...out)), loudest = first.findIndex(map => Math.max(...map.flat()) === most);
  told.textContent = ink.some(each => each) ? `It reads a ${best}, ${(100 * powers[best] / sum).toFixed(0)}% sure. `
    + `The strongest answer of the first layer is filter ${loudest}'s: ${most.toFixed(2)}.` : "Nothing is drawn yet.";
};
draw();
"""


def look_inside(cnn, first, second, X_test, y_test):
    """A square to draw a digit on, the activation maps of both layers, and the probabilities."""
    last = [module for module in cnn.modules() if isinstance(module, nn.Linear)][-1]
    chosen = [int((y_test == digit).nonzero()[3]) for digit in (3, 7, 8)]
    with torch.no_grad():
        shallow = F.relu(first(X_test[chosen[:1]]))
        deep = F.relu(second(F.max_pool2d(shallow, 2)))
    figure, axes = plt.subplots(1, 3, figsize=(7, 1.9), width_ratios=[0.5, 1, 2])
    draw_image(axes[0], X_test[chosen[0], 0], "a digit")
    for ax, maps, columns, name in (
        (axes[1], shallow[0], 4, "16 maps of 8×8"),
        (axes[2], deep[0], 8, "32 maps of 4×4"),
    ):
        draw_image(ax, mosaic(maps, columns), name, cmap="viridis", vmax=float(maps.max()))
        ax.spines[:].set(visible=False)
    moving(
        "moving-maps",
        figure,
        "A square of eight by eight pixels to draw on, the maps of both layers of the network that you have trained, and the probability that it gives to "
        "each digit. Bright is a strong answer; the strongest of each layer is yellow.",
        PAD + LOOK_INSIDE,
        **{
            name: {
                "W": [rounded(weight) for weight in layer.weight.tolist()],
                "b": rounded(layer.bias.tolist()),
            }
            for name, layer in {"first": first, "second": second, "last": last}.items()
        },
        examples=[
            {
                "name": f"a {y_test[i]} of the test",
                "pixels": (16 * X_test[i].flatten()).int().tolist(),
            }
            for i in chosen
        ],
    )


def rounded(values):
    """Nested lists of numbers with three places."""
    return [rounded(v) if isinstance(v, list) else round(v, 3) for v in values]
