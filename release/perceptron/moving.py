"""The pictures of the notebook that move. Nothing here is part of an exercise."""

import base64
import html
import io
import json

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from pictures import draw_boundary, draw_points

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


MOVE_WEIGHTS = """
const w = [["w₀", 1], ["w₁", -1], ["w₂", 0.5]].map(([text, value]) => slider(text, -4, 4, 0.05, value));
button("one sweep of the perceptron, η = 0.1", () => {
  const now = w.map(each => +each.value);
  data.points.forEach(([x1, x2], n) => {
    if ((now[0] + now[1] * x1 + now[2] * x2 > 0 ? 1 : -1) !== data.labels[n])
      [1, x1, x2].forEach((x, i) => { now[i] += 0.1 * data.labels[n] * x; });
  });
  w.forEach((each, i) => { each.value = now[i]; each.tell(); });
});
const page = sheet(420, 420, "Dogs as circles and pandas as squares, and the side of the plane that is taken for pandas"), told = says();
const px = x => 420 * (x + 2.5) / 8, py = y => 420 - px(y);
const draw = () => {
  page.replaceChildren();
  const [w0, w1, w2] = w.map(each => +each.value), score = ([x1, x2]) => w0 + w1 * x1 + w2 * x2;
  const corners = [[-2.5, -2.5], [5.5, -2.5], [5.5, 5.5], [-2.5, 5.5]], side = [];
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % 4], sa = score(a), sb = score(b), t = sa / (sa - sb);
    if (sa > 0) side.push(a);
    if (sa > 0 !== sb > 0) side.push([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
  });
  svg("rect", {width: 420, height: 420, fill: "#dce8f5"}, page);
  svg("polygon", {points: side.map(([x, y]) => px(x) + "," + py(y)).join(" "), fill: "#fbe3d3"}, page);
  let wrong = 0;
  data.points.forEach(([x, y], n) => {
    const panda = data.labels[n] > 0, bad = score([x, y]) > 0 !== panda;
    const look = {fill: panda ? "#b4520f" : "#2f6db5", stroke: bad ? "black" : "white", "stroke-width": bad ? 3 : 1};
    if (panda) svg("rect", {x: px(x) - 5, y: py(y) - 5, width: 10, height: 10, ...look}, page);
    else svg("circle", {cx: px(x), cy: py(y), r: 5.5, ...look}, page);
    wrong += bad;
  });
  told.textContent = wrong ? `On the wrong side: ${wrong} of ${data.labels.length}` : "Every animal is on its side.";
};
draw();
"""


def move_weights(points, labels, add_bias, predict, decision_boundary):
    """The boundary of weights that sliders move."""
    figure, ax = plt.subplots(figsize=(4.6, 4.4))
    draw_boundary(ax, np.array([1.0, -1.0, 0.5]), -2.5, 5.5, add_bias, predict, decision_boundary)
    draw_points(ax, points, labels)
    wrong = np.array(predict(np.array([1.0, -1.0, 0.5]), add_bias(points))) != labels
    ax.scatter(*points[wrong].T, s=60, facecolors="none", edgecolors="black", lw=1.4, zorder=4)
    ax.set(xlim=(-2.5, 5.5), ylim=(-2.5, 5.5), title="w = (1, -1, 0.5)")
    moving(
        "moving-weights",
        figure,
        "Dogs (blue circles) and pandas (orange squares), and the side of the boundary that is taken for pandas (light orange), for the "
        "weights (1, -1, 0.5). Black rims mark animals on the wrong side; the sliders move the line.",
        MOVE_WEIGHTS,
        points=points.round(3).tolist(),
        labels=labels.tolist(),
    )
