"""The pages beside Formgrader's, which look like its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
)
from jupyter_server.base.handlers import JupyterHandler
from nbgrader.server_extensions.formgrader.handlers import template_path
from tornado import web

from fairmark.course.course import Course
from fairmark.course.proof import why_unverified
from fairmark.errors import FairmarkError
from fairmark.files import is_plain_name
from fairmark.record.itemmarks import by_question, by_test
from fairmark.record.marks import read_marks
from fairmark.reporting.export import BY, FORMATS, remarks, text_by_test
from fairmark.text import count

_OWN = Path(__file__).with_name("templates")
_HEAD = """\
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="{{ base_url }}/fairmark/assets/pages.css">
  <script src="{{ base_url }}/fairmark/assets/jobs.js"></script>
</head>"""
_ENTRIES = """\
          <li role="presentation"><a href="{{ base_url }}/formgrader/manage_assignments#new">New Assignment</a></li>
          <li role="presentation"><a href="{{ base_url }}/fairmark/report">Class Report</a></li>
          <li role="presentation"><a href="{{ base_url }}/fairmark/marks">Export Marks</a></li>
          <li role="presentation"><a href="{{ base_url }}/fairmark/verify">Verify Graders</a></li>
          <li role="presentation"><a href="{{ base_url }}/fairmark/students">Students from a File</a></li>
        </ul>"""  # noqa: E501
_SCRIPTS = """\
  <script src="{{ base_url }}/fairmark/assets/formgrader.js"></script>
</body>"""
_SCRIPT_VALUE = re.compile(r"""= "\{\{ ([\w.]+) \}\}";""")
_CHANGES = (
    ("<!doctype html>", '<!doctype html>\n<html lang="en">'),
    ("</head>", _HEAD),
    ("</ul>", _ENTRIES),
    ("</body>", _SCRIPTS),
)
"""What is changed in the template that all of Formgrader's pages extend."""


def formgraders_templates(loader: BaseLoader) -> BaseLoader:
    """Formgrader's templates, with fairmark's changes; for an environment that escapes."""

    def changed(name: str, source: str) -> str:
        return changed_once(name, source, _CHANGES) if name == "base.tpl" else source

    safe = changed_templates(loader, lambda name, source: safe_scripts(source))
    base = changed_templates(safe, changed)
    nbgraders = PrefixLoader({"nbgrader": safe}, delimiter=":")
    return ChoiceLoader([FileSystemLoader(_OWN / "formgrader"), nbgraders, base])


def changed_templates(loader: BaseLoader, change: Callable[[str, str], str]) -> BaseLoader:
    """A loader that changes each template's source, given its name."""
    environment = Environment(loader=loader, autoescape=True)

    def load(name: str) -> str | None:
        try:
            return change(name, loader.get_source(environment, name)[0])
        except TemplateNotFound:
            return None

    return FunctionLoader(load)


def changed_once(name: str, source: str, changes: Iterable[tuple[str, str]]) -> str:
    """A template of nbgrader's with these changes; RuntimeError where it is not as it was."""
    for old, new in changes:
        if source.count(old) != 1:
            raise RuntimeError(f"nbgrader's {name} has changed: it has no single {old}")
        source = source.replace(old, new)
    return source


def safe_scripts(source: str) -> str:
    """A template whose scripts get values as JSON: a quote in an address would end a string."""
    return _SCRIPT_VALUE.sub(r"= {{ \1 | tojson }};", source)


_PAGES = Environment(
    loader=ChoiceLoader(
        [FileSystemLoader(_OWN), formgraders_templates(FileSystemLoader(template_path))]
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_PAGES.globals["count"] = count


class CourseHandler(JupyterHandler):
    """What all handlers share."""

    def course(self) -> Course:
        """The course, which the server serves."""
        return Course.load(Path(self.settings["server_root_dir"]).expanduser())

    def known(self, assignment: str) -> str:
        """The name of an assignment of this course; 404 for others."""
        if not is_plain_name(assignment):
            raise web.HTTPError(404)
        course = self.course()
        try:
            course.notebooks(assignment)
        except FairmarkError as error:
            raise web.HTTPError(404, str(error)) from None
        return assignment

    def show(self, template: str, **values: Any) -> None:
        """Answer with a page."""
        page = _PAGES.get_template(template)
        self.finish(page.render(base_url=self.base_url.rstrip("/"), **values))

    async def told(self, function: Callable[..., Any], *arguments: Any) -> tuple[Any, str]:
        """What the function returns, or None and the error of fairmark's that it raised."""
        try:
            return await asyncio.to_thread(function, *arguments), ""
        except FairmarkError as error:
            return None, str(error)


class ExportPage(CourseHandler):
    """A page with a link to each file of marks."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        marks, error = await self.told(read_marks, self.course())
        self.show(
            "export.html",
            marks=marks,
            error=error,
            formats=FORMATS,
            columns=BY,
            remarks=remarks(marks) if marks else [],
        )


class ExportFile(CourseHandler):
    """The marks as a file."""

    @web.authenticated
    async def get(self, name: str, by: str = "assignment") -> None:
        """Send the file, with a column for each assignment, question or test."""
        wanted = FORMATS[name]
        text, error = await self.told(_table, self.course(), name, by)
        if text is None:
            raise web.HTTPError(409, error)
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="{wanted.file(by)}"')
        self.finish(text)


def _table(course: Course, name: str, by: str) -> str:
    marks = read_marks(course)
    if by == "test":
        return text_by_test(by_test(course, marks))
    return FORMATS[name].text(by_question(course, marks) if by == "question" else marks)


class ReportPage(CourseHandler):
    """The class report, made anew when the page is opened."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        made = (self.course().root / "report" / "index.html").is_file()
        self.show("report.html", made=made)


class VerifyPage(CourseHandler):
    """Whether the graders of each assignment are proven, and a button to prove them."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        rows, error = await self.told(_proofs, self.course())
        self.show("verify.html", rows=rows, error=error)


def _proofs(course: Course) -> list[tuple[str, str]]:
    """The assignments that have graders, and why these are not proven; "" if they are."""
    found: dict[str, str] = {}
    for one in course.assignments():  # of several notebooks, the first that is not proven
        if one.has_graders:
            found[one.name] = found.get(one.name) or why_unverified(one)
    return list(found.items())


class StudentsPage(CourseHandler):
    """Adds the students of a table."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        self.show("students.html")


class PreviewPage(CourseHandler):
    """The students' version of an assignment."""

    @web.authenticated
    async def get(self, assignment: str) -> None:
        """Show the page."""
        course = self.course()
        folder = course.folder("release", assignment=self.known(assignment))
        notebooks = sorted(path.stem for path in folder.glob("*.ipynb"))
        if not notebooks:
            raise web.HTTPError(404, f"{assignment} has no students' version yet: generate it")
        place = folder.relative_to(course.root)
        self.show("preview.html", assignment=assignment, notebooks=notebooks, place=str(place))
