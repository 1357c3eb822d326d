"""The pictures of the notebook that move. Nothing here is part of an exercise."""

import base64
import html
import io
import json

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from pictures import BLUE, GREY, ORANGE

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


MOVE_OUTPUTS = """
const a = data.names.map((name, i) => slider(name, -10, 20, 0.5, data.start[i]));
button("all outputs 1 higher", () => a.forEach(each => { each.value = +each.value + 1; each.tell(); }));
button("as at first", () => a.forEach((each, i) => { each.value = data.start[i]; each.tell(); }));
const page = sheet(520, 260, "Two bars for each animal: its share by normalised sigmoids, and by softmax"), told = says();
const draw = () => {
  page.replaceChildren();
  const out = a.map(each => +each.value), share = z => z.map(each => each / z.reduce((p, q) => p + q));
  const ways = [share(out.map(each => 1 / (1 + Math.exp(-each)))), share(out.map(each => Math.exp(each - Math.max(...out))))];
  ["normalised sigmoids", "softmax"].forEach((name, k) => {
    const fill = k ? "#b4520f" : "#2f6db5";
    svg("rect", {x: 20 + 200 * k, y: 4, width: 14, height: 14, fill}, page);
    svg("text", {x: 40 + 200 * k, y: 16}, page, name);
    ways[k].forEach((value, i) => {
      const x = 24 + 128 * i + 50 * k, height = 180 * value;
      svg("rect", {x, y: 230 - height, width: 44, height, fill}, page);
      svg("text", {x: x + 22, y: 224 - height, "text-anchor": "middle"}, page, value.toFixed(3));
    });
  });
  svg("line", {x1: 10, x2: 510, y1: 230, y2: 230, stroke: "currentColor"}, page);
  data.names.forEach((name, i) => svg("text", {x: 71 + 128 * i, y: 250, "text-anchor": "middle"}, page, `${name} ${out[i]}`));
  const best = ways[1].indexOf(Math.max(...ways[1]));
  told.textContent = `Softmax: ${data.names[best]}, ${(100 * ways[1][best]).toFixed(1)}%. Normalised sigmoids: ${(100 * ways[0][best]).toFixed(1)}%.`;
};
draw();
"""


def move_outputs(ANIMALS, a, normalize, sigmoid, softmax):
    """Both ways to probabilities, for outputs that sliders move."""
    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    for shift, (values, name, colour) in zip(
        (-0.2, 0.2),
        ((normalize(sigmoid(a)), "normalised sigmoids", BLUE), (softmax(a), "softmax", ORANGE)),
        strict=True,
    ):
        bars = ax.bar(np.arange(4) + shift, np.array(values), 0.38, color=colour, label=name)
        ax.bar_label(bars, [f"{value:.3f}" for value in np.array(values)], padding=2, fontsize=9)
    ax.set(ylim=(0, 1.12), yticks=[0, 0.5, 1])
    ax.set_xticks(range(4), [f"{name} {value:g}" for name, value in zip(ANIMALS, a, strict=True)])
    ax.legend(frameon=False, loc="upper left")
    moving(
        "moving-outputs",
        figure,
        "What normalised sigmoids (blue) and softmax (orange) make of the outputs (-5, -1, 1, 5); the sliders move the outputs. "
        "Moved all together, they change nothing for softmax, and level the sigmoids.",
        MOVE_OUTPUTS,
        names=ANIMALS,
        start=[-5, -1, 1, 5],
    )


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
WRITE_A_DIGIT = """\
const page = sheet(420, 190, "The probability of each digit, as bars"), told = says();
const draw = () => {
  page.replaceChildren();
  pixels.forEach((pixel, k) => {
    const grey = Math.round(255 - 15.9 * ink[k]);
    pixel.style.background = `rgb(${grey}, ${grey}, ${grey})`;
    pixel.setAttribute("aria-label", `row ${Math.floor(k / 8) + 1}, column ${k % 8 + 1}: ink ${ink[k]} of 16`);
  });
  const out = data.b.map((bias, j) => ink.reduce((sum, value, k) => sum + value / 16 * data.W[k][j], bias));
  const powers = out.map(each => Math.exp(each - Math.max(...out))), sum = powers.reduce((p, q) => p + q);
  powers.forEach((power, j) => {
    const height = 140 * power / sum;
    svg("rect", {x: 8 + 41 * j, y: 160 - height, width: 34, height, fill: "#b4520f"}, page);
    svg("text", {x: 25 + 41 * j, y: 178, "text-anchor": "middle"}, page, j);
    if (power / sum > 0.005) svg("text", {x: 25 + 41 * j, y: 154 - height, "text-anchor": "middle"}, page, (power / sum).toFixed(2));
  });
  svg("line", {x1: 4, x2: 416, y1: 160, y2: 160, stroke: "currentColor"}, page);
  const best = out.indexOf(Math.max(...out));
  told.textContent = ink.some(each => each) ? `It reads a ${best}, ${(100 * powers[best] / sum).toFixed(0)}% sure.` : "Nothing is drawn yet.";
};
draw();
"""


def write_a_digit(digit_W, digit_b, digit_y, digits, easy, fooled, label, unsure):
    """A square to draw a digit on."""
    shown = 1415 + easy
    figure, axes = plt.subplots(1, 2, figsize=(6.6, 2.6), width_ratios=[1, 1.7])
    axes[0].imshow(digits["images"][shown], cmap="gray_r")
    axes[0].set(xticks=[], yticks=[])
    axes[0].spines[:].set(visible=True, color=GREY)
    axes[1].bar(range(10), digit_y[easy], color=ORANGE)
    axes[1].set(xticks=range(10), ylim=(0, 1.05), yticks=[0, 0.5, 1], xlabel="digit")
    moving(
        "moving-pad",
        figure,
        "A square of eight by eight pixels to draw on, and the probability that the network, with the weights learned above, gives to each digit.",
        PAD + WRITE_A_DIGIT,
        W=digit_W.round(3).tolist(),
        b=digit_b.round(3).tolist(),
        examples=[
            {
                "name": f"a {label[row]} of the test",
                "pixels": digits["data"][row].astype(int).tolist(),
            }
            for row in (1415 + easy, 1415 + unsure, 1415 + fooled)
        ],
    )
