"""Outputs of students cannot act in a person's browser."""

from __future__ import annotations

from html import escape
from typing import Any

import nbformat
import pytest

from fairmark.sanitise.budget import Budget
from fairmark.sanitise.outputs import safe_outputs


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
