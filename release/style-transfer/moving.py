"""The pictures of the notebook that move. Nothing here is part of an exercise."""

import base64
import html
import io
import json
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.display import Markdown, display
from PIL import Image

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


SHEET = Path(__file__).with_name("settings.jpg")
"""Paintings side by side: a row for each pair of layers, a column for each ratio."""
CONTENT_LAYERS = ("relu1_1", "conv3_1", "conv5_1")
STYLE_LAYERS = (
    ("relu1_1",),
    ("relu3_1",),
    ("relu5_1",),
    ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"),
)
RATIOS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
"""Of beta to alpha."""

TURN_THE_KNOBS = """
const named = (text, names, value) => {
  const input = slider(text, 0, names.length - 1, 1, value);
  input.tell = () => {
    input.nextSibling.textContent = names[input.value];
    input.setAttribute("aria-valuetext", names[input.value]);
  };
  input.nextSibling.style.minWidth = "5em";
  input.tell();
  return input;
};
const alpha = named("α", [1, 10, 100], 0), beta = named("β", [1, 10, 100, 1000], 1);
const content = named("content layer", data.content, 1), style = named("style layers", data.style, data.style.length - 1);
const page = sheet(4 * data.width, 4 * data.height, ""), told = says();
const tile = svg("svg", {width: 4 * data.width, height: 4 * data.height}, page);
svg("image", {href: data.sheet, width: data.width * data.columns, height: data.height * data.rows}, tile);
const draw = () => {
  const column = +beta.value - alpha.value + 2, row = +content.value * data.style.length + +style.value;
  tile.setAttribute("viewBox", `${column * data.width} ${row * data.height} ${data.width} ${data.height}`);
  const setting = `content from ${data.content[content.value]}, style from ${data.style[style.value]}, β / α = ${10 ** (column - 2)}`;
  page.setAttribute("aria-label", `The pagoda, painted with ${setting}`);
  told.textContent = `Painting ${row * data.columns + column + 1} of ${data.rows * data.columns}: ${setting}.`;
};
draw();
"""


def turn_the_knobs():
    """The pagoda after the swirl, with sliders for alpha, beta and the layers."""
    sheet = Image.open(SHEET)
    rows = len(CONTENT_LAYERS) * len(STYLE_LAYERS)
    width, height = sheet.width // len(RATIOS), sheet.height // rows
    titles = ["β / α = 0.01", "β / α = 1", "β / α = 10", "β / α = 1000"]
    figure, axes = plt.subplots(1, 4, figsize=(8, 1.9))
    for ax, title, column in zip(axes, titles, (0, 2, 3, 5), strict=True):
        x, y = column * width, (2 * len(STYLE_LAYERS) - 1) * height  # conv3_1, all five
        ax.imshow(sheet.crop((x, y, x + width, y + height)), interpolation="nearest")
        ax.set_title(title, fontsize=9)
        ax.axis("off")
    moving(
        "moving-settings",
        figure,
        "The pagoda after the swirl, with content from conv3_1 and style from all five layers: more and more of a painting as β / α grows. "
        "The sliders turn α, β, the content layer and the style layers.",
        TURN_THE_KNOBS,
        sheet="data:image/jpeg;base64," + base64.b64encode(SHEET.read_bytes()).decode(),
        width=width,
        height=height,
        columns=len(RATIOS),
        rows=rows,
        content=CONTENT_LAYERS,
        style=["all five" if len(names) > 1 else names[0] + " alone" for names in STYLE_LAYERS],
    )
