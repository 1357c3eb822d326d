"""Formulas become harmless MathML."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from fairmark.sanitise.formulas import mathml
from fairmark.sanitise.markdown import markdown_html


def test_formulas_that_cannot_be_read() -> None:
    assert mathml("") == "<code></code>"
    assert "<mi>f</mi><mo>′</mo>" in mathml("f'(x)")
    assert "a&nbsp;&lt;b" in mathml(r"\text{a <b}")
    assert 'mathcolor="red"' in mathml(r"\color{red}{x}")
    assert "<script" not in markdown_html(r"$\text{<script>alert(1)</script>}$", {})


def shown(tex: str) -> str:
    """What a person sees of a formula: its letters, a row of a table in brackets."""
    html = mathml(tex, "block")
    if html.startswith("<code>"):
        return f"CODE {unescape(html[6:-7])}"
    html = html.replace("<mtr>", "[").replace("</mtr>", "]").replace("</mtd><mtd", ";<mtd")
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize(
    ("tex", "seen"),
    [
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "[a;=b][;=c]"),
        (r"\begin{align} a &= b \\[1ex] c &= d \end{align}", "[a;=b][c;=d]"),
        (r"\begin{align*} a &= b &c &= d\end{align*}", "[a;=b;c;=d]"),
        (r"\begin{alignedat}{2} a &= b &c &= d\end{alignedat}", "[a;=b;c;=d]"),
        (r"\begin{alignat*}{1} a &= b \end{alignat*}", "[a;=b]"),
        (r"\begin{split} a &= b \end{split}", "[a;=b]"),
        (
            r"\begin{eqnarray} a &=& b \nonumber \\ c &=& d \label{e} \end{eqnarray}",
            "[a;=;b][c;=;d]",
        ),
        (r"\begin{gather} a = b \\ c = d \notag \end{gather}", "[a=b][c=d]"),
        (r"\begin{multline} a + b \\ + c \end{multline}", "[a+b][+c]"),
        (r"\begin{equation} a = b \label{eq:a} \end{equation}", "a=b"),
        (r"\begin{equation}\begin{aligned} a &= b \end{aligned}\end{equation}", "[a;=b]"),
        (r"f = \begin{cases} 1 & x>0 \\ 0 & x<0 \end{cases}", "f={[1;x>0][0;x<0]"),
        (r"\begin{dcases} 1 & x \\ 0 & \text{else} \end{dcases}", "{[1;x][0;else]"),
        (r"\begin{rcases} a \\ b \end{rcases} = c", "[a][b]}=c"),
        (
            r"\begin{aligned} f &= \begin{cases} 1 & x\end{cases} \\ g &= 2 \end{aligned}",
            "[f;={[1;x]][g;=2]",
        ),
        (r"\begin{array}{rcl} a &=& b \end{array}", "[a;=;b]"),
        (r"w^* = \arg\min_w L", "w*=argminwL"),
        (r"\operatorname*{arg\,max}_{y} p", "argmaxyp"),
        (r"\mathop{\mathrm{argmin}}\limits_w L", "argminwL"),
        (r"\underset{w}{\arg\max} L", "argmaxwL"),
        (r"a \not= b \not\in C", "a≠b∉C"),
        (r"x \text{ for $x>0$ at 50\% \& more}", "x\xa0for\xa0x>0\xa0at\xa050%\xa0&\xa0more"),
        (r"x % as & above", "x"),
        (r"\mathbf{W}\boldsymbol{\mu} \bm{w}\mathcal{L}\mathscr{B}\mathbb{R}\mathbb{1}", "𝐖𝝁𝒘ℒℬℝ𝟙"),
        (r"\backslash \&", "\\&"),
    ],
)
def test_formulas_as_jupyterlab_shows_them(tex: str, seen: str) -> None:
    assert shown(tex) == seen


@pytest.mark.parametrize(
    "tex",
    [
        r"a & b",
        r"\KL(p\|q)",
        r"\eqref{eq:1}",
        r"\begin{CD} A \end{CD}",
        r"\begin{tabular}{cc} a & b \end{tabular}",
        r"\begin{aligned} a",
        r"\frac{a}{",
        r"\left[\begin{array}{c|c} 1 & 2 \end{array}\right]",
        r"\begin{array}{cc} 1 & 2 \\ \hline 3 & 4 \end{array}",
        r"\mathop{a + b}\limits_c",
        r"\cancel{x}",
        r"\text{where $x}",
        r"\newcommand{\R}{\mathbb{R}} \R",
    ],
)
def test_a_formula_that_would_not_come_out_right_is_code(tex: str) -> None:
    assert shown(tex) == f"CODE {tex}"


def test_columns_are_aligned_by_a_style() -> None:
    html = mathml(r"\begin{aligned} a &= b \end{aligned}", "block")
    assert re.findall('style="text-align:([a-z]+)', html) == ["right", "left"]


@pytest.mark.parametrize(
    "piece", [r"\text{", "$", r"\mathop{\mathrm ", r"\operatorname*{a}_", r"\begin{", r"\\[1", "%"]
)
def test_no_formula_holds_up_a_class(piece: str) -> None:
    started = time.process_time()
    mathml(r"\text{" + piece * (20_000 // len(piece)))
    assert time.process_time() - started < 5
