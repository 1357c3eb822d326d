"""What students write cannot act in a person's browser."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers

from fairmark.course.course import Course
from fairmark.sanitise.budget import Budget
from fairmark.sanitise.sanitise import (
    clean_text,
    escape_markdown,
    formgrader_filter,
    markdown_html,
    mathml,
    safe_html,
    safe_outputs,
)


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
    html = markdown_html("# T\n\n`a<b` **x** $w \\cdot x$ [l](https://a.b)\n\n$$\\frac{a}{b}$$", {})
    for part in ('<h1 id="T">T', "a&lt;b", "<strong>x</strong>", "<mfrac>", "<math", "https://a.b"):
        assert part in html


def test_code_is_highlighted_and_pictures_are_embedded() -> None:
    assert 'class="kn"' in markdown_html("```python\nimport x\n```", {})
    png = {"p.png": {"image/png": "iVBORw0KGgo="}}
    assert "data:image/png;base64,iVBORw0KGgo=" in markdown_html("![p](attachment:p.png)", png)
    assert "<pre>![p]" in markdown_html("![p](attachment:p.png)", {})


def test_pictures_beside_the_notebook_are_embedded_and_others_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "notebook"
    folder.mkdir()
    for path in (folder / "own.png", tmp_path / "secret.png"):
        path.write_bytes(b"png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    data = 'src="data:image/png;base64,cG5n"'
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
    assert "id=" not in safe_html('<h2 id="save">x</h2>')


def test_tags_within_a_line_stay_whole() -> None:
    html = markdown_html("well <b onclick=x>said</b> <script>alert(1)</script>", {}, "/tmp")
    assert html == "<p>well <b>said</b> </p>\n"


def test_formulas_that_cannot_be_read() -> None:
    assert mathml("") == "<code></code>"
    assert "<mi>f</mi><mo>′</mo>" in mathml("f'(x)")
    assert "a&nbsp;&lt;b" in mathml(r"\text{a <b}")
    assert 'mathcolor="red"' in mathml(r"\color{red}{x}")
    assert "<script" not in markdown_html(r"$\text{<script>alert(1)</script>}$", {})


def test_outputs() -> None:
    outputs: list[Any] = [
        nbformat.v4.new_output("stream", text="printed"),
        nbformat.v4.new_output(
            "display_data",
            data={
                "image/png": "aa",
                "application/javascript": "alert(1)",
                "text/plain": ["a", "b"],
            },
            metadata={
                "image/png": {"width": "1 onload=alert(1)", "height": 3, "alt": "p"},
                "isolated": True,
            },
        ),
        nbformat.v4.new_output("display_data", data={"application/javascript": "alert(1)"}),
        nbformat.v4.new_output("display_data", data={"text/html": "<b onclick=x>b</b>"}),
    ]
    stream, picture, html = safe_outputs(outputs, Budget())
    assert stream.text == "printed"
    assert picture.data == {"image/png": "aa", "text/plain": "ab"}
    assert picture.metadata == {"image/png": {"height": 3, "alt": "p"}}
    assert html.data == {"text/html": "<b>b</b>"}


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
@pytest.mark.parametrize("quoted", [False, True])
def test_formulas_in_outputs_are_harmless_mathml(bad: str, quoted: bool) -> None:
    text = escape(bad) if quoted else bad
    data = {"text/latex": rf"$\frac{{a}}{{b}} \text{{{text}}}$", "text/plain": "<Latex>"}
    (output,) = safe_outputs([nbformat.v4.new_output("display_data", data=data)], Budget())
    assert set(output.data) == {"text/html", "text/plain"}
    html = output.data["text/html"]
    assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>" in html
    assert "<script" not in html and "<img" not in html


def test_what_would_take_for_ever_is_not_shown() -> None:
    """Parsers take a time that grows with the square of what is nested or left open."""
    nested = {"text/html": "<div>" * 300_000, "text/plain": "a page"}
    formula = {"text/latex": "$" + r"\begin{matrix}" * 50_000}
    table = {"text/html": "<table>" + "<tr><td>1</td></tr>" * 1000 + "</table>"}
    outputs = [
        nbformat.v4.new_output("display_data", data=data) for data in (nested, formula, table)
    ]
    first, second, third = safe_outputs(outputs, Budget())
    assert "more tags" in first.data["text/html"]
    assert first.data["text/plain"] == "a page"
    assert "more tags" in second.data["text/html"]
    assert third.data["text/html"].count("<td>") == 1000
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


def test_text_that_cannot_be_stored() -> None:
    assert clean_text({"a": ["ä\ud800", 1, None]}) == {"a": ["ä?", 1, None]}


def test_escaped_text_shows_just_that() -> None:
    assert markdown_html(escape_markdown("a_b*c <b> [x](y) $z$"), {}) == (
        "<p>a_b*c &lt;b&gt; [x](y) $z$</p>\n"
    )


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
