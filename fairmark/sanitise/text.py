"""Text that can be stored, and text that Markdown shows as it is."""

from __future__ import annotations

from typing import Any


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
