"""A server extension for the grader: an export of the marks, and Formgrader without MathJax.

Formgrader has no export, and a person who grades in the browser should not need a terminal. So its
sidebar gets a link to a page with the marks as files. Its own pages load MathJax from the network
before they show anything, and a hub may have no network. So MathJax is taken out.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    DictLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
)
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.record.marks import ClassMarks, read_marks
from fairmark.reporting.export import FORMATS
from fairmark.text import count

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_PAGES.globals["count"] = count
_NO_MATHJAX = {"mathjax.html.j2": "{% macro mathjax() %}{% endmacro %}"}
"""The template of nbconvert's that loads MathJax, emptied: formulas come as MathML already."""
_ENTRY = '<li role="presentation"><a href="{{ base_url }}/fairmark/marks">Export Marks</a></li>\n'


class _Handler(JupyterHandler):
    """What both pages share."""

    def _course(self) -> Course:
        return Course.load(Path(self.settings["server_root_dir"]).expanduser())

    async def _marks(self) -> ClassMarks:
        return await asyncio.to_thread(read_marks, self._course())


class MarksPage(_Handler):
    """A page with a link to each file."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        marks, reason = None, ""
        try:
            marks = await self._marks()
        except FairmarkError as error:
            reason = str(error)
        page = _PAGES.get_template("marks.html")
        base_url = url_path_join(self.base_url, "/")
        self.finish(page.render(marks=marks, error=reason, formats=FORMATS, base_url=base_url))


class MarksFile(_Handler):
    """The marks as a file."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Send the file."""
        wanted = FORMATS[name]
        try:
            text = wanted.text(await self._marks())
        except FairmarkError as error:
            raise web.HTTPError(409, str(error)) from None
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="{wanted.file}"')
        self.finish(text)


def _with_entry(loader: BaseLoader) -> FunctionLoader:
    """Formgrader's templates, with an entry for the marks below the others in its sidebar."""
    environment = Environment(loader=loader, autoescape=True)

    def load(name: str) -> str:
        source, _, _ = loader.get_source(environment, name)
        return source.replace("</ul>", f"{_ENTRY}</ul>", 1) if name == "base.tpl" else source

    return FunctionLoader(load)


def _load_jupyter_server_extension(server: Any) -> None:
    formats = "|".join(FORMATS)
    base = server.web_app.settings["base_url"]
    handlers = [
        (url_path_join(base, "fairmark/marks/?"), MarksPage),
        (url_path_join(base, f"fairmark/marks/({formats})"), MarksFile),
    ]
    server.web_app.add_handlers(".*$", handlers)


async def _start_jupyter_server_extension(server: Any) -> None:
    """Called when all extensions are loaded, Formgrader among them."""
    settings = server.web_app.settings
    if "nbgrader_jinja2_env" in settings:
        environment = settings["nbgrader_jinja2_env"]
        environment.loader = _with_entry(environment.loader)
        pages = settings["nbgrader_exporter"].environment
        pages.loader = ChoiceLoader([DictLoader(_NO_MATHJAX), pages.loader])
