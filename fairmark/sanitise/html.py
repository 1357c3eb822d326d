"""HTML, made harmless before it is shown in a person's browser.

Formgrader and feedback pages show a notebook's HTML as it is. A script in a written answer could
read and change the marks of the whole class, and a table could look like the judge's.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nh3
from bs4 import BeautifulSoup

from fairmark.sanitise.attachments import SCHEME, picture_url

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
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_PICTURE_FILES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_MAX_PICTURE = 8 * 2**20
NO_TEXT = "No description has been provided for this image"
"""What nbconvert says of a picture without a text."""


def safe_html(
    html: str,
    folder: Path | None = None,
    *,
    anchors: bool = False,
    attachments: Mapping[str, Any] | None = None,
) -> str:
    """Return the HTML without anything that acts, loads from elsewhere or leaves its place.

    A picture that is a file in ``folder``, or one of the cell's ``attachments``, becomes a part of
    the HTML. ``anchors`` keeps the ids of headings, so that links find them; a page's own scripts
    could take them for something else.
    """
    attribute = functools.partial(_attribute, folder, anchors, attachments or {})
    clean = _clean(html, attribute)
    described = _described(clean)
    # Another reading of HTML, written anew, is nothing to rely on.
    return clean if described is None else _clean(described, attribute)


def _clean(html: str, attribute: Callable[[str, str, str], str | None]) -> str:
    return nh3.clean(
        html,
        tags=set(nh3.ALLOWED_TAGS | _MATHML) - {"area", "map", "nav", "header", "footer"},
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        filter_style_properties=set(_STYLES),
        url_schemes={"http", "https", "mailto", "data", SCHEME.rstrip(":")},
        clean_content_tags={"script", "style", "title", "textarea", "select"},
    )


def _described(html: str) -> str | None:
    """The HTML with a text for each picture that has none; None where all have one."""
    if "<img" not in html:
        return None
    soup = BeautifulSoup(html, features="html.parser")
    pictures = soup.select("img:not([alt])")
    for picture in pictures:
        picture["alt"] = NO_TEXT
    return str(soup) if pictures else None


def _attribute(
    folder: Path | None,
    anchors: bool,
    attachments: Mapping[str, Any],
    tag: str,
    name: str,
    value: str,
) -> str | None:
    if name == "class":
        return value if _HIGHLIGHTING.fullmatch(value) else None
    if name == "src":
        if value.strip().startswith(SCHEME):
            value = picture_url(value, attachments) or ""
        return value if _PICTURE.fullmatch(value) else _embedded(folder, value)
    if name == "id":
        return value if anchors else None
    if name == "href" and value.strip().lower().startswith(("data:", SCHEME)):
        return None
    return value


def _embedded(folder: Path | None, name: str) -> str | None:
    """A picture of the folder as a data URL; nothing for links and for what is elsewhere."""
    kind = _PICTURE_FILES.get(Path(name).suffix.lower())
    if folder is None or kind is None:
        return None
    return _read(folder, name, kind) or _read(folder, unquote(name), kind)


def _read(folder: Path, name: str, kind: str) -> str | None:
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()) or path.stat().st_size > _MAX_PICTURE:
            return None
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    except (OSError, ValueError):
        return None
