"""HTML of students cannot act in a person's browser."""

from __future__ import annotations

import pytest

from fairmark.sanitise.html import NO_TEXT, safe_html
from fairmark.sanitise.markdown import markdown_html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://example.org/spy.png'>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
        "<svg onload=alert(1)>",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml>",
        "<iframe src='data:text/html,x'></iframe>",
        "<style>body { display: none }</style>",
        "<div class='panel panel-primary' id='x' style='position: fixed'>x</div>",
        "<form action=/><input name=q></form>",
    ],
)
def test_nothing_acts(html: str) -> None:
    for made in (safe_html(html), markdown_html(html, {}), markdown_html(f"text {html}", {})):
        for word in (
            "<script onerror onload javascript: data:text example.org <iframe <style <form <input "
            "panel position fixed <svg"
        ).split():
            assert word not in made.lower().replace("&lt;", "&")


def test_what_is_harmless_stays() -> None:
    table = '<table border="1"><tr><td style="color:red">1</td></tr></table>'
    assert "color:red" in safe_html(table)
    picture = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="p">'
    assert safe_html(picture) == picture


def test_pictures_without_a_text_say_so() -> None:
    shown = '<p>1 &lt; 2<img src="data:image/png;base64,iVBORw0KGgo="></p>'
    assert safe_html(shown) == shown.replace("<img ", f'<img alt="{NO_TEXT}" ')
    both = safe_html(f'{shown}<img alt="">')
    assert (both.count('alt=""'), both.count(NO_TEXT)) == (1, 1)
    assert f'alt="{NO_TEXT}"' in markdown_html("<img src='x.png'>", {})


def test_nothing_takes_the_name_of_a_part_of_the_page() -> None:
    assert "id=" not in safe_html('<h2 id="save">x</h2>')
