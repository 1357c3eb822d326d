"""Puts fairmark's pages and buttons into Formgrader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from jupyter_server.utils import url_path_join
from tornado.web import StaticFileHandler

from fairmark.hub.formgrader.api import (
    AssignmentsHandler,
    JobHandler,
    StudentsHandler,
)
from fairmark.hub.formgrader.files import CourseFile, GradedNotebook, Preview
from fairmark.hub.formgrader.pages import (
    ExportFile,
    ExportPage,
    PreviewPage,
    ReportPage,
    StudentsPage,
    VerifyPage,
    changed_once,
    changed_templates,
    formgraders_templates,
    safe_scripts,
)
from fairmark.reporting.export import FORMATS
from fairmark.sanitise.code import highlighted
from fairmark.sanitise.markdown import formgrader_filter

_VALUE = re.compile(r"\{\{ (resources\.\w+) \}\}")
_STATIC = Path(__file__).with_name("static")
_MATHJAX = """{% macro mathjax() %}<script>
// Formulas come as MathML already, which browsers draw by themselves. Formgrader's script only
// waits for MathJax to be done before it minds the keyboard.
window.MathJax = {Hub: {Startup: {signal: {
  Interest: function (callback) { setTimeout(function () { callback("End"); }, 0); }
}}}};
</script>{% endmacro %}
"""
"""In place of the template of nbconvert's that loads MathJax from the network."""
_OURS = ("formgrader/static/js/formgrade_models.js", "fairmark/assets/marking.js")
_MODELS = (
    '<script src="{{ resources.base_url }}/formgrader/static/js/formgrade_models.js"></script>'
)
_WAITING = {
    "formgrade_macros.html.j2": [(_MODELS, f"{_MODELS}\n{_MODELS.replace(*_OURS)}")],
    "index.html.j2": [
        ('<input class="score ', '<input readonly class="score '),
        ('<input class="extra-credit ', '<input readonly class="extra-credit '),
        ('-comment" class="comment ', '-comment" readonly class="comment '),
        ('class="btn btn-warning mark-graded"', 'disabled class="btn btn-warning mark-graded"'),
        ('class="btn btn-success full-credit"', 'disabled class="btn btn-success full-credit"'),
        ('class="btn btn-danger no-credit"', 'disabled class="btn btn-danger no-credit"'),
    ],
}
"""What is changed in the page for marking by hand, by the name of its template (see marking.js)."""


def add_handlers(app: Any) -> None:
    """Add fairmark's own addresses to the server."""
    base = app.settings["base_url"]
    one = "([^/]+)"
    handlers: list[tuple[Any, ...]] = [
        ("marks/?", ExportPage),
        (f"marks/({'|'.join(FORMATS)})", ExportFile),
        (f"marks/({'|'.join(FORMATS)})/(question)", ExportFile),
        ("marks/(csv)/(test)", ExportFile),
        ("report/?", ReportPage),
        ("verify/?", VerifyPage),
        ("students/?", StudentsPage),
        (f"preview/{one}/?", PreviewPage),
        (f"preview/{one}/{one}[.]html", Preview),
        (r"course/((?:report|feedback)/.+[.]html)", CourseFile),
        (f"course/autograded/{one}/{one}/{one}[.]ipynb", GradedNotebook),
        ("api/assignments", AssignmentsHandler),
        ("api/students", StudentsHandler),
        (f"api/job/(autograde|preview|verify|feedback)/{one}", JobHandler),
        ("api/job/(report)", JobHandler),
        ("assets/(.*)", StaticFileHandler, {"path": str(_STATIC)}),
    ]
    rules = [(url_path_join(base, "fairmark", path), *rest) for path, *rest in handlers]
    app.add_handlers(".*$", rules)


def change_formgrader(settings: dict[str, Any]) -> None:
    """Change Formgrader's own pages, where it is there."""
    if "nbgrader_jinja2_env" not in settings:
        return
    environment = settings["nbgrader_jinja2_env"]
    environment.loader = formgraders_templates(environment.loader)
    environment.autoescape = True
    exporter = settings["nbgrader_exporter"]
    # The exporter puts its own in the place of the environment's with each page.
    exporter.filters = {**exporter.filters, "highlight_code": highlighted}
    pages = exporter.environment
    pages.filters["markdown2html"] = formgrader_filter
    own: BaseLoader = DictLoader({"mathjax.html.j2": _MATHJAX})
    pages.loader = ChoiceLoader([own, changed_templates(pages.loader, _changed)])


def _changed(name: str, source: str) -> str:
    """A template around a notebook to be marked, with names and addresses escaped.

    Nothing can be typed in it until the page would keep it.
    """
    if name not in _WAITING:
        return source
    return _VALUE.sub(r"{{ \1 | e }}", safe_scripts(changed_once(name, source, _WAITING[name])))
