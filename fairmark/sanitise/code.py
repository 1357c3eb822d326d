"""Code with colours, as long as they do not take too long.

The patterns by which code is coloured look through a run of spaces and empty lines once for each
place in it: a cell of 20 KB of them takes minutes, and one of 200 KB hours.
"""

from __future__ import annotations

from html import escape
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.highlight import Highlight2HTML

from fairmark.sanitise.budget import Budget

PYTHON = frozenset("python py python3 py3 ipython ipython3".split())
"""The languages that are coloured, by the names that Markdown gives them."""
_LEXER = "ipython3"


@pass_context
def highlighted(context: Context, source: str, *_: Any, **__: Any) -> str:
    """The template filter ``highlight_code``: a code cell as HTML."""
    return code_html(source, code_budget(context))


def code_budget(context: Context) -> Budget:
    """What is left of the time for colours on the page that is being made."""
    resources = context.get("resources")
    if resources is None:
        return Budget()
    budget: Budget = resources.setdefault("fairmark_code_budget", Budget())
    return budget


def code_html(source: str, budget: Budget) -> str:
    """Return Python code as HTML, in colours where the budget allows it."""
    if budget.allows_code(source):
        return str(Highlight2HTML(pygments_lexer=_LEXER)(source))
    return f'<div class=" highlight hl-{_LEXER}"><pre>{escape(source)}\n</pre></div>\n'
