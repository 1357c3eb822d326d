"""The pictures of the notebook that move. Nothing here is part of an exercise."""

import base64
import html
import io
import json

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from pictures import ORANGE, blank, cell, frame

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


SLIDE_A_FILTER = """
const stride = slider("stride", 1, 3, 1, 1), padding = slider("padding", 0, 2, 1, 0);
let step = 0, timer = 0;
const N = data.image.length, F = data.kernel.length, size = () => Math.floor((N + 2 * padding.value - F) / stride.value) + 1;
const stop = () => { clearInterval(timer); timer = 0; play.textContent = "play"; };
button("one place back", () => { stop(); step += size() ** 2 - 1; });
button("one place on", () => { stop(); step += 1; });
const play = button("play", () => {
  if (timer) { stop(); return; }
  play.textContent = "pause";
  timer = setInterval(() => { if (!root.isConnected) stop(); step += 1; draw(); }, 700);
});
const page = sheet(640, 340, "A picture with its padding, the filter on it, and the activation map as far as it is known"), told = says();
const cell = (x, y, text, fill, ink) => {
  svg("rect", {x, y, width: 34, height: 34, fill, stroke: "#8a8f98"}, page);
  svg("text", {x: x + 17, y: y + 22, "text-anchor": "middle", fill: ink}, page, text);
};
const draw = () => {
  page.replaceChildren();
  const P = +padding.value, S = +stride.value, places = size();
  step %= places ** 2;
  const row = Math.floor(step / places) * S, column = step % places * S;
  const at = (r, c) => (data.image[r - P] ?? [])[c - P] ?? 0, sum = (r, c) => data.kernel.reduce((total, line, u) =>
    total + line.reduce((part, weight, v) => part + weight * at(r + u, c + v), 0), 0);
  for (let r = 0; r < N + 2 * P; r++) for (let c = 0; c < N + 2 * P; c++) {
    const inside = r >= P && r < N + P && c >= P && c < N + P;
    cell(10 + 36 * c, 10 + 36 * r, at(r, c), inside ? ["#ffffff", "#dce8f5", "#b9d1ec", "#94b9e0"][at(r, c)] : "#e4e4e4", "black");
  }
  data.kernel.forEach((line, u) => line.forEach((weight, v) => svg("text", {x: 42 + 36 * (column + v), y: 42 + 36 * (row + u),
    "text-anchor": "end", style: "font-size: 10px; font-weight: bold", fill: "#8a3200"}, page, "×" + weight)));
  svg("rect", {x: 8 + 36 * column, y: 8 + 36 * row, width: 36 * F + 2, height: 36 * F + 2, fill: "none", stroke: "#b4520f", "stroke-width": 4}, page);
  for (let r = 0; r < places; r++) for (let c = 0; c < places; c++) {
    const known = r * places + c <= step, value = sum(r * S, c * S);
    const strength = Math.min(1, Math.abs(value) / 9), tint = value < 0 ? [122, 79, 163] : [224, 117, 45];
    const fill = known ? `rgb(${tint.map(part => Math.round(255 - 0.6 * strength * (255 - part)))})` : "#ffffff";
    cell(370 + 36 * c, 10 + 36 * r, known ? value : "", fill, "black");
  }
  svg("rect", {x: 368 + 36 * column / S, y: 8 + 36 * row / S, width: 38, height: 38, fill: "none", stroke: "#b4520f", "stroke-width": 4}, page);
  if (!timer) told.textContent = `Map of ${places} by ${places}, place ${step + 1} of ${places ** 2}: the sum is ${sum(row, column)}.`;
};
draw();
"""


def slide_a_filter(found, image, kernel):
    """A filter that slides, with any stride and padding."""
    figure, ax = plt.subplots(figsize=(7, 2.9))
    blank(ax, (-0.2, 12.2), (-0.2, 5.2))
    for (r, c), value in np.ndenumerate(image):
        cell(ax, c, r, value, plt.cm.Blues(0.03 + 0.11 * value))
    frame(ax, 0, 0, 3, 3, ORANGE)
    for (r, c), value in np.ndenumerate(np.reshape(found, (3, 3))):
        cell(ax, 7 + c, 1 + r, value, plt.cm.PuOr_r(0.5 + 0.03 * value))
    frame(ax, 7, 1, 1, 1, ORANGE)
    moving(
        "moving-filter",
        figure,
        "The picture of 5 by 5 numbers, the filter on its first place, and the whole activation map at stride 1 without padding. The sliders change stride and "
        "padding; in the map, orange is positive and purple negative.",
        SLIDE_A_FILTER,
        image=image.tolist(),
        kernel=kernel.tolist(),
    )
