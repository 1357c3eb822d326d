"""What students wrote and printed, made harmless before it is shown in a person's browser.

Formgrader and feedback pages show a notebook's HTML as it is. A script in a written answer would
run with the marks of a whole class in reach, and a table could look like the judge's.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert_to_element as to_mathml
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

from fairmark.sanitise.budget import Budget

_MATHML = frozenset(
    "math maction menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom "
    "mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder "
    "munderover".split()
)
_MATHML_ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence separator lspace rspace linebreak displaystyle scriptlevel "
    "columnalign rowspacing columnspacing width height depth linethickness accent accentunder "
    "minsize maxsize notation mathcolor mathbackground".split()
)
_STYLES = frozenset("color background-color font-weight font-style text-align".split())
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "table": {"border"},
    "th": {"colspan", "rowspan", "scope", "align"},
    "td": {"colspan", "rowspan", "align"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
    **{tag: {"class"} for tag in ("div", "span", "pre", "code")},
    **{tag: set(_MATHML_ATTRIBUTES) for tag in _MATHML},
}
_HIGHLIGHTING = re.compile(r"highlight|[a-z][a-z0-9]?")
_PRIME = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>′</mi></msup>")
_TAG = re.compile(r"<[^>]*>")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_PICTURE_FILES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
_MAX_PICTURE = 8 * 2**20
_MAX_ALT = 1000
_TOO_LARGE = "<em>This output has more tags, or is longer, than can be shown here.</em>"
_OUTPUT_TYPES = ("text/plain", "text/latex", "text/html", "text/markdown")
_PICTURE_TYPES = ("image/png", "image/jpeg", "image/svg+xml")


def safe_html(html: str, folder: Path | None = None, *, anchors: bool = False) -> str:
    """Return the HTML without anything that acts, loads from elsewhere or leaves its place.

    Pictures that lie in ``folder`` are put into it. ``anchors`` keeps what links to headings aim
    at; a page's own scripts could take them for something else.
    """
    return nh3.clean(
        html,
        tags=set(nh3.ALLOWED_TAGS | _MATHML) - {"area", "map", "nav", "header", "footer"},
        attributes=_ATTRIBUTES,
        attribute_filter=functools.partial(_attribute, folder, anchors),
        filter_style_properties=set(_STYLES),
        url_schemes={"http", "https", "mailto", "data"},
        clean_content_tags={"script", "style", "title", "textarea", "select"},
    )


def safe_outputs(outputs: list[Any], budget: Budget) -> list[Any]:
    """Return a cell's outputs with text, pictures and harmless HTML only.

    What would take more than is left of the notebook's ``budget`` is not shown.
    """
    return [safe for output in outputs if (safe := _safe_output(output, budget)) is not None]


def clean_text(value: Any) -> Any:
    """Return the value with half surrogate pairs replaced in its strings; they cannot be stored."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [clean_text(item) for item in value]
    if isinstance(value, dict):
        for key in value:
            value[key] = clean_text(value[key])
    return value


def escape_markdown(text: str) -> str:
    """Return plain text as one line of Markdown that shows just that."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|~$&" else c for c in " ".join(text.split()))


def markdown_html(source: str, attachments: Mapping[str, Any], path: str = "") -> str:
    """Return Markdown as harmless HTML with formulas as MathML, which needs no script."""
    return _render(source, attachments, path, Budget(), anchors=True)


@pass_context
def formgrader_filter(context: Context, source: str) -> str:
    """The template filter ``markdown2html`` for pages with scripts of their own: formgrader's.

    Their MathJax would come from the network, which there may not be.
    """
    return _render(source, *_where(context), anchors=False)


@pass_context
def feedback_filter(context: Context, source: str) -> str:
    """The template filter ``markdown2html`` for pages without any script: feedback."""
    return _render(source, *_where(context), anchors=True)


def mathml(tex: str, display: str = "inline") -> str:
    """Return a formula as harmless MathML, or as code where it cannot be read."""
    try:
        formula = to_mathml(tex.strip(), display=display)
    except Exception:
        return f"<code>{escape(tex)}</code>"
    for element in formula.iter():  # it holds names of characters, which must not be escaped again
        element.text = unescape(element.text or "")
    # As a superscript, a prime is too small to be seen.
    return _PRIME.sub(r"\1<mo>′</mo>", safe_html(tostring(formula, encoding="unicode")))


class _MathRenderer(IPythonRenderer):
    """Renders formulas to MathML, and headings that can be linked to."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        name = unescape(_TAG.sub("", text)).strip().replace(" ", "-")  # as Jupyter names them
        return f'<h{level} id="{escape(name)}">{text}</h{level}>\n'

    def block_math(self, body: str) -> str:
        return f"<p>{mathml(body, 'block')}</p>"

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        tex = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return f"<p>{mathml(tex, 'block')}</p>"


def _render(
    source: str, attachments: Mapping[str, Any], path: str, budget: Budget, *, anchors: bool
) -> str:
    if not budget.allows_markdown(source):
        return f"<pre>{escape(source)}</pre>"
    made = _MathRenderer(escape=False, attachments=dict(attachments), exclude_anchor_links=True)
    try:
        html = str(MarkdownWithMath(renderer=made).render(source))
    except InvalidNotebook:  # a picture was deleted, but not the place where it is shown
        html = f"<pre>{escape(source)}</pre>"
    return safe_html(html, Path(path) if path else None, anchors=anchors)


def _where(context: Context) -> tuple[Mapping[str, Any], str, Budget]:
    cell = context.get("cell") or {}
    resources = context.get("resources") or {}
    path = (resources.get("metadata") or {}).get("path") or ""
    budget = resources.setdefault("fairmark_budget", Budget())  # the page's
    return cell.get("attachments") or {}, path, budget


def _attribute(folder: Path | None, anchors: bool, tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value if _HIGHLIGHTING.fullmatch(value) else None
    if name == "src":
        return value if _PICTURE.fullmatch(value) else _embedded(folder, value)
    if name == "id":
        return value if anchors else None
    if name == "href" and value.strip().lower().startswith("data:"):
        return None
    return value


def _embedded(folder: Path | None, name: str) -> str | None:
    """A picture of the folder as a data URL; nothing for links and for what is elsewhere."""
    kind = _PICTURE_FILES.get(Path(name).suffix.lower())
    if folder is None or kind is None:
        return None
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()) or path.stat().st_size > _MAX_PICTURE:
            return None
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    except (OSError, ValueError):
        return None


def _safe_output(output: Any, budget: Budget) -> Any:
    if output.get("output_type") not in ("display_data", "execute_result"):
        return output
    data: dict[str, Any] = {}
    for mime, value in output.get("data", {}).items():
        text = "".join(map(str, value)) if isinstance(value, list) else value
        if not isinstance(text, str):
            continue
        if mime == "text/html":
            data[mime] = safe_html(text) if budget.allows_html(text) else _TOO_LARGE
        elif mime in _OUTPUT_TYPES or mime in _PICTURE_TYPES:
            data[mime] = text
    if not data:
        return None
    if "text/latex" in data and "text/html" not in data:
        tex = data.pop("text/latex").strip().strip("$")
        formula = mathml(tex, "block") if budget.allows_formula(tex) else _TOO_LARGE
        data["text/html"] = f"<p>{formula}</p>"
    output["data"] = data
    about = output.get("metadata", {})
    output["metadata"] = {
        mime: kept
        for mime in _PICTURE_TYPES
        if mime in data and (kept := _about_picture(about.get(mime)))
    }
    return output


def _about_picture(metadata: Any) -> dict[str, Any]:
    """A picture's description and size; templates write the size into HTML without quotes."""
    if not isinstance(metadata, dict):
        return {}
    kept = {k: v for k in ("width", "height") if type(v := metadata.get(k)) is int}
    alt = metadata.get("alt")
    return {**kept, "alt": alt[:_MAX_ALT]} if isinstance(alt, str) else kept
