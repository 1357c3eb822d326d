"""The extension of the grader's server: the instructor's first page, and due dates for students."""

from __future__ import annotations

from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.exchange import ExchangeFactory
from nbgrader.server_extensions.formgrader import apihandlers
from tornado import web

from fairmark.hub.desk import due
from fairmark.hub.desk.grading import read_assignments
from fairmark.hub.desk.pages import Page, add_handlers


class Home(Page):
    """All assignments of the course, and the next step of each."""

    @web.authenticated
    def get(self) -> None:
        """Show the page. As Formgrader does, it looks all of it up in the server's own thread."""
        formgrader = self.settings["nbgrader_formgrader"]
        directory, config = formgrader.coursedir, formgrader.config
        api = NbGraderAPI(directory, self.settings["nbgrader_authenticator"], parent=formgrader)
        publish(directory, config)
        self.show(
            "instructor.html",
            course=directory.course_id,
            assignments=read_assignments(api, directory, config),
            students=len(api.get_students()),
        )


class AssignmentDue(apihandlers.AssignmentHandler):  # type: ignore[misc]
    """Formgrader's dialog for an assignment, whose due date students are to know."""

    def put(self, assignment_id: str) -> None:
        """Keep the date, and tell it."""
        super().put(assignment_id)
        formgrader = self.settings["nbgrader_formgrader"]
        publish(formgrader.coursedir, formgrader.config)


def publish(directory: Any, config: Any) -> None:
    """Tell the students the due dates."""
    due.publish(directory, ExchangeFactory(config=config).List(config=config).root)


def _load_jupyter_server_extension(server: Any) -> None:
    """Called before Formgrader's, by the order of the names: so its address is taken."""
    add_handlers(server, [("/?", Home)])
    address = f"{server.web_app.settings['base_url']}formgrader/api/assignment/([^/]+)"
    server.web_app.add_handlers(".*$", [(address, AssignmentDue)])
