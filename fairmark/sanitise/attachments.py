"""Pictures that are attached to a cell: which its text shows, and how a page holds them.

Their names are a person's: with spaces, with letters of any language, and in the text with percent
signs in their places.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote

SCHEME = "attachment:"
_TYPES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
"""Those that are shown; what can be made larger without loss goes first."""


def is_shown(name: str, source: str) -> bool:
    """Whether a cell's text shows the attachment of this name."""
    shown = re.compile(re.escape(f"{SCHEME}{_plain(name)}") + r"(?![\w.-])")
    return any(shown.search(text) for text in (_plain(source), _plain(unquote(unescape(source)))))


def picture_url(url: str, attachments: Mapping[str, Any]) -> str | None:
    """Return the attachment that a URL names as a URL that holds it; None where there is none."""
    wanted = url.strip().removeprefix(SCHEME)
    by_name = {_plain(name): bundle for name, bundle in attachments.items()}
    bundle = by_name.get(_plain(wanted), by_name.get(_plain(unquote(wanted))))
    if not isinstance(bundle, Mapping):
        return None
    for kind in _TYPES:
        data = bundle.get(kind)
        text = "".join(map(str, data)) if isinstance(data, list) else data
        if not isinstance(text, str):
            continue
        if text.lstrip().startswith("<"):  # some programs keep SVG as it is
            text = base64.b64encode(text.encode()).decode()
        return f"data:{kind};base64,{''.join(text.split())}"
    return None


def _plain(text: str) -> str:
    """The text with each letter in one way: an ö may also be an o and two dots."""
    return unicodedata.normalize("NFC", text)
