"""How long the contents of one notebook may take to be made harmless, or coloured.

The parsers of HTML, Markdown and formulas need time that grows with the square of the number of
tags that are nested or never closed. A few megabytes of these would hold up a whole class.
"""

from __future__ import annotations

import re

_SPACES, _WORDS = re.compile(r"\s+"), re.compile(r"[\w.]+")
_PIECES = {"$": 5e-4, "\\(": 1e-3, "\\[": 1e-3, "\\begin": 1e-3, "](": 1e-4, "\n\n": 5e-5}
"""What takes long in Markdown, however short it is: formulas, links and pictures, paragraphs."""
_PICTURE_DATA = re.compile(r"base64,[A-Za-z0-9+/=]*")


class Budget:
    """What is left of the time for one notebook.

    The time that a text takes is estimated from what it holds, for the worst case. No clock is
    read, so the same notebook always looks the same.
    """

    def __init__(self, seconds: float = 5.0) -> None:
        self._left = seconds

    def allows_html(self, html: str) -> bool:
        """Whether there is time for this HTML, which is then taken."""
        return self._take(_html_seconds(html))

    def allows_formula(self, tex: str) -> bool:
        """Whether there is time for this formula, which is then taken."""
        return self._take(1e-3 + 1.2e-5 * len(tex) + 4e-10 * len(tex) ** 2)

    def allows_code(self, source: str) -> bool:
        """Whether there is time to colour this code, which is then taken."""
        seconds = 5e-6 * len(source)
        seconds += 4e-7 * sum(len(run) ** 2 for run in _SPACES.findall(source))
        seconds += 1e-7 * sum(len(run) ** 2 for run in _WORDS.findall(source))
        return self._take(seconds)

    def allows_terminal(self, text: str) -> bool:
        """Whether there is time to show a terminal's colours in this text, which is then taken."""
        return self._take(1e-10 * text.count("\x1b") * len(text))

    def allows_markdown(self, source: str) -> bool:
        """Whether there is time for this Markdown, which is then taken."""
        opened = source.count("\\")
        seconds = _html_seconds(source) + 1e-8 * opened * len(source)
        per_letter = 1.2e-5 if opened or "$" in source else 6e-6
        seconds += per_letter * len(_PICTURE_DATA.sub("", source))
        # A formula of one letter takes a thousand times as long as a letter.
        seconds += sum(source.count(piece) * cost for piece, cost in _PIECES.items())
        return self._take(seconds)

    def _take(self, seconds: float) -> bool:
        if seconds > self._left:
            return False
        self._left -= seconds
        return True


def _html_seconds(html: str) -> float:
    """Each tag may look through all that are open, and each attribute through all before it."""
    attributes = len(_PICTURE_DATA.sub("", html)) / 4
    return 2.5e-9 * html.count("<") ** 2 + 2.5e-10 * attributes**2
