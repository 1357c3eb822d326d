"""Markdown as harmless HTML: a function, and filters for the templates of pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import pass_context
from jinja2.runtime import Context
from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from fairmark.sanitise.attachments import SCHEME, picture_url
from fairmark.sanitise.budget import Budget
from fairmark.sanitise.code import PYTHON, code_budget, code_html
from fairmark.sanitise.formulas import mathml
from fairmark.sanitise.html import safe_html

_TAG = re.compile(r"<[^>]*>")


def markdown_html(source: str, attachments: Mapping[str, Any], path: str = "") -> str:
    """Return Markdown as harmless HTML with formulas as MathML, which needs no script."""
    return _render(source, attachments, path, (Budget(), Budget()), anchors=True)


@pass_context
def formgrader_filter(context: Context, source: str) -> str:
    """The template filter ``markdown2html`` for pages with scripts of their own: formgrader's.

    Their MathJax would come from the network, which there may not be.
    """
    return _render(source, *_where(context), anchors=False)


@pass_context
def feedback_filter(context: Context, source: str) -> str:
    """The template filter ``markdown2html`` for pages without any script: feedback."""
    return _render(source, *_where(context), anchors=True)


class _MathRenderer(IPythonRenderer):
    """Renders formulas to MathML, and headings that can be linked to."""

    code_budget: Budget
    """What is left of the time for colours."""

    def block_code(self, code: str, info: str | None = None) -> str:
        """Colour Python alone: nobody knows how long the patterns of all languages may take."""
        words = (info or "").split()
        if words and words[0].lower() in PYTHON:
            return code_html(code.rstrip("\n"), self.code_budget)
        return HTMLRenderer.block_code(self, code)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        name = unescape(_TAG.sub("", text)).strip().replace(" ", "-")  # as Jupyter names them
        return f'<h{level} id="{escape(name)}">{text}</h{level}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Leave an attached picture to the cleaning of the page; say where it is not there."""
        name = unescape(url)
        if name.startswith(SCHEME) and picture_url(name, self.attachments) is None:
            shown = unquote(name.removeprefix(SCHEME))
            return f"<em>[the picture {escape(shown)} is not there]</em>"
        return HTMLRenderer.image(self, text, url, title)

    def block_math(self, body: str) -> str:
        return f"<p>{mathml(body, 'block')}</p>"

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        tex = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return f"<p>{mathml(tex, 'block')}</p>"


def _render(
    source: str,
    attachments: Mapping[str, Any],
    path: str,
    budgets: tuple[Budget, Budget],
    *,
    anchors: bool,
) -> str:
    budget, for_code = budgets
    if not budget.allows_markdown(source):
        return f"<pre>{escape(source)}</pre>"
    made = _MathRenderer(escape=False, attachments=dict(attachments), exclude_anchor_links=True)
    made.code_budget = for_code
    html = str(MarkdownWithMath(renderer=made).render(source))
    folder = Path(path) if path else None
    return safe_html(html, folder, anchors=anchors, attachments=attachments)


def _where(context: Context) -> tuple[Mapping[str, Any], str, tuple[Budget, Budget]]:
    cell = context.get("cell") or {}
    resources = context.get("resources") or {}
    path = (resources.get("metadata") or {}).get("path") or ""
    budget = resources.setdefault("fairmark_budget", Budget())  # the page's
    return cell.get("attachments") or {}, path, (budget, code_budget(context))
