"""Formulas as MathML, which a browser shows without a script."""

from __future__ import annotations

import re
from html import escape, unescape
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element as to_mathml

from fairmark.sanitise.html import safe_html

_PRIME = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>′</mi></msup>")


def mathml(tex: str, display: str = "inline") -> str:
    """Return a formula of TeX as harmless MathML, or as code where it cannot be read."""
    try:
        formula = to_mathml(tex.strip(), display=display)
    except Exception:
        return f"<code>{escape(tex)}</code>"
    for element in formula.iter():  # it holds names of characters, which must not be escaped again
        element.text = unescape(element.text or "")
    # As a superscript, a prime is too small to be seen.
    return _PRIME.sub(r"\1<mo>′</mo>", safe_html(tostring(formula, encoding="unicode")))
