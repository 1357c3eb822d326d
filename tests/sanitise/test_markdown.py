"""Markdown of students cannot act in a person's browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers

from fairmark.course.course import Course
from fairmark.nbgrader import sanitise as former_place
from fairmark.sanitise.markdown import feedback_filter, formgrader_filter, markdown_html


def test_what_is_harmless_stays() -> None:
    html = markdown_html("# T\n\n`a<b` **x** $w \\cdot x$ [l](https://a.b)\n\n$$\\frac{a}{b}$$", {})
    for part in ('<h1 id="T">T', "a&lt;b", "<strong>x</strong>", "<mfrac>", "<math", "https://a.b"):
        assert part in html


def test_code_is_highlighted_and_pictures_are_embedded() -> None:
    assert 'class="kn"' in markdown_html("```python\nimport x\n```", {})
    png = {"p.png": {"image/png": "iVBORw0KGgo="}}
    assert "data:image/png;base64,iVBORw0KGgo=" in markdown_html("![p](attachment:p.png)", png)
    missing = markdown_html("**b** ![p](attachment:p%20q.png)", {})
    assert missing == "<p><strong>b</strong> <em>[the picture p q.png is not there]</em></p>\n"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("x.png", "![a](attachment:x.png)"),
        ("x.png", '![a](attachment:x.png "A title")'),
        ("x.png", "![a][p]\n\n[p]: attachment:x.png"),
        ("x.png", '<img src="attachment:x.png" width="300"/>'),
        ("my photo.png", "![a](attachment:my%20photo.png)"),
        ("my photo.png", "![a](<attachment:my photo.png>)"),
        ("my photo.png", "Here: <img src='attachment:my photo.png'> it is."),
        ("photo (1).png", "![a](attachment:photo%20(1).png)"),
        ("L\u00f6sung.png", "![a](attachment:L%C3%B6sung.png)"),
        ("L\u00f6sung.png", "![a](attachment:L\u00f6sung.png)"),
        ("Lo\u0308sung.png", "![a](attachment:L\u00f6sung.png)"),
        ("50%.png", "![a](attachment:50%25.png)"),
        ("50%25.png", "![a](attachment:50%25.png)"),
        ("a&b+c#1.png", "![a](attachment:a&b+c#1.png)"),
    ],
)
def test_attached_pictures_under_any_name(name: str, source: str) -> None:
    html = markdown_html(f"**b** {source}", {name: {"image/png": "iVBORw0K\nGgo=\n"}})
    assert html.count('src="data:image/png;base64,iVBORw0KGgo="') == 1
    assert "<strong>b</strong>" in html


def test_attached_pictures_of_other_kinds() -> None:
    for kind, data, made in (
        ("image/webp", "UklGRg==", "UklGRg=="),
        ("image/svg+xml", ["<svg>", "</svg>"], "PHN2Zz48L3N2Zz4="),
    ):
        html = markdown_html("![a](attachment:x)", {"x": {kind: data}})
        assert f"data:{kind};base64,{made}" in html
    for kind, data in (("text/html", "PGI+"), ("image/png", 'x" onerror="alert(1)')):
        html = markdown_html("![a](attachment:x)", {"x": {kind: data}})
        assert "src" not in html
        assert "onerror" not in html


def test_an_attachment_is_a_picture_and_no_link() -> None:
    png = {"p.png": {"image/png": "iVBORw0KGgo="}}
    for source in ("[p](attachment:p.png)", '<a href="attachment:p.png">p</a>'):
        html = markdown_html(source, png)
        assert "attachment" not in html
        assert "data:" not in html


def test_pictures_beside_the_notebook_are_embedded_and_others_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "notebook"
    folder.mkdir()
    for path in (folder / "own.png", tmp_path / "secret.png"):
        path.write_bytes(b"png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "my photo.png").write_bytes(b"png")
    data = 'src="data:image/png;base64,cG5n"'
    assert data in markdown_html("![o](my%20photo.png)", {}, str(folder))
    assert data in markdown_html("![p](own.png)", {}, str(folder))
    assert data in markdown_html("a <img src='own.png' width=3> b", {}, str(folder))
    for name in ("../secret.png", "link.png", str(tmp_path / "secret.png"), "none.png", "\0.png"):
        assert "src" not in markdown_html(f"![p]({name}) <img src='{name}'>", {}, str(folder))


def test_links_to_headings_lead_somewhere_in_feedback_only() -> None:
    html = markdown_html("[to](#2.-Next)\n\n## 2. Next\n\n<i id=q>x</i>", {})
    assert 'href="#2.-Next"' in html
    assert 'id="2.-Next"' in html
    assert 'id="q"' not in html
    quoted = markdown_html('## "Why" `x`?\n\nNext.', {})
    assert quoted == '<h2 id="&quot;Why&quot;-x?">"Why" <code>x</code>?</h2>\n<p>Next.</p>\n'


def test_tags_within_a_line_stay_whole() -> None:
    html = markdown_html("well <b onclick=x>said</b> <script>alert(1)</script>", {}, "/tmp")
    assert html == "<p>well <b>said</b> </p>\n"


def test_what_would_take_for_ever_is_not_shown() -> None:
    """Parsers take a time that grows with the square of what is nested or left open."""
    for hostile in (r"\begin{a}" * 50_000, "a <p " + " ".join(f"x{n}" for n in range(300_000))):
        assert markdown_html(hostile, {}).startswith("<pre>")
    assert markdown_html("<div>" * 300_000, {}).startswith("<pre>&lt;div")
    picture = f"![](data:image/png;base64,{'A' * 2_000_000}) $x$"
    assert "<img" in markdown_html(picture, {})


def test_a_page_has_one_effort() -> None:
    environment = Environment()
    environment.filters["show"] = formgrader_filter
    page = environment.from_string("{{ text | show }}{{ text | show }}")
    html = page.render(text="<b>x</b> " * 18_000, resources={"metadata": {}})
    assert html.startswith("<p><b>x</b>")
    assert "<pre>" in html


def test_formgrader_shows_answers_with_formulas_and_without_scripts(course: Course) -> None:
    config: Any = course.config.copy()
    templates = Path(handlers.template_path)
    config.HTMLExporter.update(template_name="formgrade", extra_template_basedirs=[str(templates)])
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# own\n$w_1$ <script>alert('own')</script>")]
    )
    about = {"base_url": "/hub", "index": 0, "total": 1, "notebook_id": "tiny"}
    html, _ = HTMLExporter(config=config).from_notebook_node(notebook, about)
    assert "<msub><mi>w</mi><mn>1</mn></msub>" in html
    assert "$w" not in html
    assert 'id="own"' not in html
    assert "alert('own')" not in html


def test_configurations_may_name_the_filters_at_their_former_place() -> None:
    assert former_place.feedback_filter is feedback_filter
    assert former_place.formgrader_filter is formgrader_filter
