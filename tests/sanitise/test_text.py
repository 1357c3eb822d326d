"""Text that can be stored, and text that Markdown shows as it is."""

from __future__ import annotations

from fairmark.sanitise.markdown import markdown_html
from fairmark.sanitise.text import clean_text, escape_markdown


def test_text_that_cannot_be_stored() -> None:
    assert clean_text({"a": ["ä\ud800", 1, None]}) == {"a": ["ä?", 1, None]}


def test_escaped_text_shows_just_that() -> None:
    assert markdown_html(escape_markdown("a_b*c <b> [x](y) $z$"), {}) == (
        "<p>a_b*c &lt;b&gt; [x](y) $z$</p>\n"
    )
