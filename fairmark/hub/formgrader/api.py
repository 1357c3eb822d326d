"""What the pages' scripts ask for. Each change needs the token against forged requests (XSRF)."""

from __future__ import annotations

from typing import Any

from tornado import web

from fairmark.course.course import Course
from fairmark.course.scaffold import new_assignment
from fairmark.hub.body import json_object
from fairmark.hub.formgrader.jobs import Job
from fairmark.hub.formgrader.pages import CourseHandler
from fairmark.hub.formgrader.students import add_students, read_table


class JobHandler(CourseHandler):
    """A command in the background: POST starts it, GET says how far it is."""

    @web.authenticated
    def get(self, kind: str, assignment: str = "") -> None:
        """Say how far it is."""
        self.finish(self._job(kind, assignment).state())

    @web.authenticated
    def post(self, kind: str, assignment: str = "") -> None:
        """Start it, unless it runs already; then say how far it is."""
        job = self._job(kind, assignment)
        job.start()
        self.finish(job.state())

    def _job(self, kind: str, assignment: str) -> Job:
        course = self.course()
        return Job(course.root, kind, self.known(assignment) if assignment else "")


class AssignmentsHandler(CourseHandler):
    """New assignments."""

    @web.authenticated
    async def post(self) -> None:
        """Lay out a new assignment."""
        name = str(json_object(self).get("name", "")).strip()
        made, error = await self.told(_make_assignment, self.course(), name)
        if error:
            self.set_status(409)
        self.finish({"error": error, "made": made or []})


def _make_assignment(course: Course, name: str) -> list[str]:
    made = new_assignment(course.root, name)
    return [str(path.relative_to(course.root)) for path in made]


class StudentsHandler(CourseHandler):
    """The students of a table: what would be done with each line, or what was done."""

    @web.authenticated
    async def post(self) -> None:
        """Read the table, and add its students if ``add`` is asked for."""
        files = self.request.files.get("table", [])
        if len(files) != 1:
            raise web.HTTPError(400, "one file is needed")
        add = self.get_body_argument("add", "") == "yes"
        found, error = await self.told(_students, self.course(), files[0]["body"], add)
        if error:
            self.set_status(409)
        self.finish(found if found is not None else {"error": error})


def _students(course: Course, content: bytes, add: bool) -> dict[str, Any]:
    lines = read_table(content)
    return add_students(course, lines, dry_run=not add)
