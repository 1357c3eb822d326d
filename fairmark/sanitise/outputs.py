"""The outputs of a notebook's cells, made harmless."""

from __future__ import annotations

import re
from typing import Any

from fairmark.sanitise.budget import Budget
from fairmark.sanitise.formulas import mathml
from fairmark.sanitise.html import safe_html

_ESCAPES = re.compile(r"\x1b(\[[^@-~\x1b]*[@-~]?)?")
_MAX_ALT = 1000
_TOO_LARGE = "<em>This output has more tags, or is longer, than can be shown here.</em>"
_OUTPUT_TYPES = ("text/plain", "text/latex", "text/html", "text/markdown")
_PICTURE_TYPES = ("image/png", "image/jpeg", "image/svg+xml")


def safe_outputs(outputs: list[Any], budget: Budget) -> list[Any]:
    """Return a cell's outputs with text, pictures and harmless HTML only.

    What would take more than is left of the notebook's ``budget`` is not shown.
    """
    return [safe for output in outputs if (safe := _safe_output(output, budget)) is not None]


def _safe_output(output: Any, budget: Budget) -> Any:
    if output.get("output_type") not in ("display_data", "execute_result"):
        return _with_few_colours(output, budget)
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


def _with_few_colours(output: Any, budget: Budget) -> Any:
    """Text that is printed, or an error's; without a terminal's colours where they take too long.

    Pages read them one by one, and copy all that is behind each.
    """
    if isinstance(text := output.get("text"), str) and not budget.allows_terminal(text):
        output["text"] = _ESCAPES.sub("", text)
    lines = output.get("traceback")
    if isinstance(lines, list) and not budget.allows_terminal("\n".join(map(str, lines))):
        output["traceback"] = [_ESCAPES.sub("", str(line)) for line in lines]
    return output


def _about_picture(metadata: Any) -> dict[str, Any]:
    """A picture's description and size; templates write the size into HTML without quotes."""
    if not isinstance(metadata, dict):
        return {}
    kept = {k: v for k in ("width", "height") if type(v := metadata.get(k)) is int}
    alt = metadata.get("alt")
    return {**kept, "alt": alt[:_MAX_ALT]} if isinstance(alt, str) else kept
