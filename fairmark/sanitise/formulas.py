"""Formulas as MathML, which a browser shows without a script."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from html import escape, unescape
from typing import Any
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element as to_mathml

from fairmark.sanitise.html import safe_html
from fairmark.sanitise.tex import check_shown, readable

_PRIME = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>′</mi></msup>")
_ESCAPED = re.compile(r"\\([%&#_${}])")
_NAME = re.compile(r"(?:LATIN|GREEK) (SMALL|CAPITAL) LETTER (\w+)|(DIGIT \w+)")
_VARIANTS = {
    "bold": ("MATHEMATICAL BOLD",),
    "italic": ("MATHEMATICAL ITALIC",),
    "bold-italic": ("MATHEMATICAL BOLD ITALIC", "MATHEMATICAL BOLD"),
    "script": ("MATHEMATICAL SCRIPT", "SCRIPT"),
    "bold-script": ("MATHEMATICAL BOLD SCRIPT",),
    "fraktur": ("MATHEMATICAL FRAKTUR", "BLACK-LETTER"),
    "bold-fraktur": ("MATHEMATICAL BOLD FRAKTUR",),
    "double-struck": ("MATHEMATICAL DOUBLE-STRUCK", "DOUBLE-STRUCK"),
    "sans-serif": ("MATHEMATICAL SANS-SERIF",),
    "bold-sans-serif": ("MATHEMATICAL SANS-SERIF BOLD",),
    "sans-serif-italic": ("MATHEMATICAL SANS-SERIF ITALIC",),
    "monospace": ("MATHEMATICAL MONOSPACE",),
}
"""What Unicode calls letters of a style; in this order, for some are missing."""


def mathml(tex: str, display: str = "inline") -> str:
    """Return a formula of TeX as harmless MathML, or as code where it would not come out right."""
    try:
        known = readable(tex)
        formula = to_mathml(known, display=display)
        for element in formula.iter():  # it holds names of characters, not to be escaped again
            element.text = unescape(element.text or "")
            _for_all_browsers(element)
        outside = "".join(e.text or "" for e in formula.iter() if e.tag != "mtext")
        check_shown(known, "".join(formula.itertext()), outside)
    except Exception:
        return f"<code>{escape(tex)}</code>"
    # As a superscript, a prime is too small to be seen.
    return _PRIME.sub(r"\1<mo>′</mo>", safe_html(tostring(formula, encoding="unicode")))


def _for_all_browsers(element: Any) -> None:
    """Say in letters and styles what only some browsers take from MathML's older attributes."""
    if element.tag == "mtd" and "columnalign" in element.attrib:
        element.set("style", f"text-align: {element.get('columnalign')}")
    if element.tag == "mtext":
        element.text = _ESCAPED.sub(r"\1", element.text)
    variant = element.get("mathvariant")
    if variant in _VARIANTS and element.text:
        element.text = "".join(_letter(letter, variant) for letter in element.text)
        del element.attrib["mathvariant"]


def _letter(letter: str, variant: str) -> str:
    """A letter or digit of mathematics in another style, where there is one."""
    found = _NAME.fullmatch(unicodedata.name(letter, ""))
    if found is None:
        return letter
    name = " ".join(filter(None, found.groups()))
    for style in _VARIANTS[variant]:
        with contextlib.suppress(KeyError):  # some are named without "mathematical"
            return unicodedata.lookup(f"{style} {name}")
    return letter
