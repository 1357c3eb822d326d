"""Pages that are files of the course: class report, feedback, the students' version.

What students wrote is in them, cleaned. All the same they may run no script here, whatever they
hold: the policy that they are sent with forbids it.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import quote

from nbconvert.exporters import HTMLExporter
from nbgrader.api import MissingEntry
from tornado import web

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import is_plain_name, open_plain_file
from fairmark.hub.formgrader.pages import CourseHandler
from fairmark.record.database import open_gradebook

_FONTS = re.compile(r"@font-face\s*\{[^{}]*\}")
"""Of icons that these pages have no use for, and could not load."""
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; "
    "sandbox allow-same-origin allow-popups allow-top-navigation-by-user-activation"
)


class _Page(CourseHandler):
    """A page without scripts."""

    @property
    def content_security_policy(self) -> str:
        """Jupyter's own, which says who may frame the page, and that it may run nothing."""
        return f"{super().content_security_policy}; {_POLICY}"

    def send(self, page: bytes | str) -> None:
        """Send the page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(page)


class CourseFile(_Page):
    """A page of the class report, or a student's feedback, which the report links to."""

    @web.authenticated
    def get(self, path: str) -> None:
        """Send the file."""
        self.send(_read(self.course(), path))


class GradedNotebook(CourseHandler):
    """A graded notebook, to which the class report links: Formgrader shows it."""

    @web.authenticated
    async def get(self, student: str, assignment: str, notebook: str) -> None:
        """Go to the page of Formgrader's."""
        wanted = (notebook, assignment, student)
        submission = await asyncio.to_thread(_submission, self.course(), *wanted)
        if submission is None:
            raise web.HTTPError(404, f"the gradebook has no {assignment} of {student}")
        self.redirect(f"{self.base_url.rstrip('/')}/formgrader/submissions/{submission}/")


class Preview(_Page):
    """A notebook of the students' version, as they will see it."""

    @web.authenticated
    async def get(self, assignment: str, notebook: str) -> None:
        """Show it."""
        course = self.course()
        folder = course.folder("release", assignment=self.known(assignment))
        path = folder / f"{notebook}.ipynb"
        if not is_plain_name(notebook) or not path.is_file():
            raise web.HTTPError(404, f"{assignment} has no students' version of {notebook}")
        self.send(await asyncio.to_thread(_rendered, path))


def _read(course: Course, path: str) -> bytes:
    """The content of a plain file below the course; 404 for all else, links among it."""
    if not is_plain_name(path):
        raise web.HTTPError(404)
    try:
        with open_plain_file(course.root / path, follow_links=False) as file:
            return file.read()
    except (OSError, FairmarkError):
        raise web.HTTPError(404, f"there is no {quote(path)}") from None


def _submission(course: Course, notebook: str, assignment: str, student: str) -> str | None:
    with open_gradebook(course) as gradebook:
        try:
            return str(gradebook.find_submission_notebook(notebook, assignment, student).id)
        except MissingEntry:
            return None


def _rendered(path: Path) -> str:
    exporter = HTMLExporter(
        template_name="fairmark_preview",
        extra_template_basedirs=[str(Path(__file__).with_name("templates") / "nbconvert")],
        filters={"markdown2html": "fairmark.sanitise.markdown.feedback_filter"},
    )
    page, _ = exporter.from_filename(str(path))
    return _FONTS.sub("", str(page))
