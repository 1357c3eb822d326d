"""The pictures of the notebook that move. Nothing here is part of an exercise."""

import base64
import html
import io
import json

import matplotlib.pyplot as plt
from IPython.display import Markdown, display
from pictures import BLUE, GREEN, GREY

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


MOVE_ETA = """
const eta = slider("η", 0, 0.1, 0.001, 0.01);
[["1/26", 1 / 26], ["1/13", 1 / 13]].forEach(([text, value]) =>
  button("η = " + text, () => { eta.step = "any"; eta.value = value; eta.tell(); }));
const page = sheet(520, 300, "f after each of twelve steps of gradient descent, and the target 3"), told = says();
const x = step => 40 + 38 * step, y = f => 290 - 280 * (Math.max(-27, Math.min(48, f)) + 27) / 75;
eta.tell = () => { eta.nextSibling.textContent = (+eta.value).toFixed(4); };
const draw = () => {
  page.replaceChildren();
  const factor = 1 - 26 * eta.value, history = [...Array(13).keys()].map(step => 3 - 10 * factor ** step);
  svg("line", {x1: x(0), x2: x(12), y1: y(3), y2: y(3), stroke: "currentColor", "stroke-dasharray": "3 4"}, page);
  svg("text", {x: 500, y: y(3) - 6, "text-anchor": "end"}, page, "target 3");
  [-20, 0, 20, 40].forEach(f => svg("text", {x: 30, y: y(f) + 4, "text-anchor": "end"}, page, f));
  svg("polyline", {points: history.map((f, step) => x(step) + "," + y(f)).join(" "), fill: "none", stroke: "#2f6db5", "stroke-width": 2}, page);
  history.forEach((f, step) => svg("circle", {cx: x(step), cy: y(f), r: f < -27 || f > 48 ? 0 : 4, fill: "#2f6db5"}, page));
  const size = Math.abs(factor), what = eta.value == 0 ? "nothing moves" : size < 1e-9 ? "there in one step"
    : size > 1 + 1e-9 ? "further away with each step" : size > 1 - 1e-9 ? "to and fro for ever"
    : factor > 0 ? "nearer, from one side" : "to and fro, and nearer";
  told.textContent = `Each step multiplies the error by 1 - 26 η = ${factor.toFixed(2)}: ${what}. After twelve steps f = ${history[12].toPrecision(4)}.`;
};
eta.tell();
draw();
"""


def move_eta(fit_to_target):
    """f over the steps, for a learning rate that a slider moves."""
    figure, ax = plt.subplots(figsize=(6.4, 3.6))
    ax.axhline(3, color="black", lw=1, ls=":")
    for eta, name, colour in ((0.01, "0.01", BLUE), (0.06, "0.06", GREEN), (1 / 13, "1/13", GREY)):
        history = [-7, *fit_to_target(-2, 5, 3, 3, eta, 12)[2]]
        ax.plot(history, "o-", color=colour, ms=4, lw=1.6, label=rf"$\eta$ = {name}")
    ax.set(xlabel="step", ylabel="$f$")
    ax.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    moving(
        "moving-eta",
        figure,
        "f over twelve steps of descent on the toy example; the slider moves the learning rate. With 0.06 f jumps across the target and comes nearer "
        "all the same; with 1/13 it jumps to and fro between -7 and 13, for ever.",
        MOVE_ETA,
    )
