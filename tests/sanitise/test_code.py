"""Code and terminals' colours: shown as before, and never at the cost of a class."""

from __future__ import annotations

import time

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.highlight import Highlight2HTML
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fairmark.sanitise.budget import Budget
from fairmark.sanitise.code import code_html
from fairmark.sanitise.markdown import markdown_html
from fairmark.sanitise.outputs import safe_outputs

FILTERS = {
    "markdown2html": "fairmark.sanitise.markdown.feedback_filter",
    "highlight_code": "fairmark.sanitise.code.highlighted",
}
LONG = 60_000
SLOW = {
    "spaces": "x" + " \n" * (LONG // 2) + "y",
    "tabs": "x" + "\t\n" * (LONG // 2) + "y",
    "dots": "." * LONG,
    "attributes": "a." * (LONG // 2),
    "numbers": "1." * (LONG // 2),
}


def test_code_has_the_colours_of_nbconvert() -> None:
    source = "def f(x):\n    return 'a<b'  # c\n\n\n%time f(1)"
    assert code_html(source, Budget()) == Highlight2HTML(pygments_lexer="ipython3")(source)


@pytest.mark.parametrize("kind", SLOW)
def test_no_code_holds_up_a_class(kind: str) -> None:
    """A run of 20 KB of empty lines with a space took minutes."""
    source = SLOW[kind] + "<b>"
    started = time.process_time()
    shown = code_html(source, Budget())
    assert "&lt;b&gt;" in shown
    shown = markdown_html(f"```python\n{source}\n```", {})
    assert "&lt;b&gt;" in shown
    cells = [new_code_cell(source), new_markdown_cell(f"~~~py\n{source}\n~~~")]
    page, _ = HTMLExporter(filters=FILTERS).from_notebook_node(new_notebook(cells=cells))
    assert "&lt;b&gt;" in page
    assert time.process_time() - started < 20


def test_only_python_is_coloured_in_markdown() -> None:
    assert "<span" in markdown_html("```py\nx = 1\n```", {})
    assert markdown_html("```bash\nls <a\n```", {}) == "<pre><code>ls &lt;a\n</code></pre>\n"


def test_many_colours_of_a_terminal_are_left_out() -> None:
    few = new_output("stream", text="\x1b[31mred\x1b[0m")
    (same,) = safe_outputs([nbformat.from_dict(few)], Budget())
    assert same.text == few.text
    many = "\x1b[31ma\x1b[m\x1b[" * 80_000
    outputs = [
        new_output("stream", text=many),
        new_output("error", ename="E", evalue="e", traceback=[many, "\x1b[1mb"]),
    ]
    started = time.process_time()
    stream, error = safe_outputs(outputs, Budget())
    assert ansi2html(stream.text) == "a" * 80_000
    assert ansi2html("".join(error.traceback)) == "a" * 80_000 + "b"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("piece", ["$a", "$$a", "\\\\(a\\\\)", "\n\na", "![a](b)", "[a]: b\n"])
def test_no_markdown_holds_up_a_class(piece: str) -> None:
    """What takes long in each piece counts by piece."""
    started = time.process_time()
    assert "a" in markdown_html(piece * 150_000, {})
    assert time.process_time() - started < 8
