"""Formulas become harmless MathML."""

from __future__ import annotations

from fairmark.sanitise.formulas import mathml
from fairmark.sanitise.markdown import markdown_html


def test_formulas_that_cannot_be_read() -> None:
    assert mathml("") == "<code></code>"
    assert "<mi>f</mi><mo>′</mo>" in mathml("f'(x)")
    assert "a&nbsp;&lt;b" in mathml(r"\text{a <b}")
    assert 'mathcolor="red"' in mathml(r"\color{red}{x}")
    assert "<script" not in markdown_html(r"$\text{<script>alert(1)</script>}$", {})
