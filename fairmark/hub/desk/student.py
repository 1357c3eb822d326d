"""The extension of students' servers: the first page, and what JupyterLab asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc
from tornado import web

from fairmark.errors import FairmarkError
from fairmark.hub.body import json_object
from fairmark.hub.desk.assignments import empty_in, read_assignments, total_points
from fairmark.hub.desk.exchange import ExchangeFault, StudentExchange
from fairmark.hub.desk.feedback import FeedbackPage
from fairmark.hub.desk.pages import Action, Page, add_handlers
from fairmark.hub.desk.validate import validated


def _exchange(handler: Any) -> StudentExchange:
    return StudentExchange(Path(handler.settings["server_root_dir"]).expanduser())


class Home(Page):
    """All assignments of the student, and the next step of each."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        assignments, error, log = [], "", ""
        try:
            assignments = await asyncio.to_thread(read_assignments, _exchange(self))
        except ExchangeFault as fault:
            error, log = str(fault), fault.log
        totals = total_points(assignments)
        self.show("student.html", assignments=assignments, totals=totals, error=error, log=log)


class Act(Action):
    """Fetching and handing in."""

    @web.authenticated
    async def post(self, action: str) -> None:
        """Do what was asked for."""
        given = json_object(self)
        course, assignment = str(given.get("course", "")), str(given.get("assignment", ""))
        actions: dict[str, Callable[..., dict[str, Any]]] = {"fetch": _fetch, "hand-in": _hand_in}
        await self.answer(
            actions[action], _exchange(self), course, assignment, self.current_user.username
        )


def _fetch(exchange: StudentExchange, course: str, assignment: str, _: str) -> dict[str, Any]:
    exchange.fetch(course, assignment)
    return {"sentence": f"{assignment} is fetched: it lies in your folder {course}."}


def _hand_in(
    exchange: StudentExchange, course: str, assignment: str, person: str
) -> dict[str, Any]:
    """Hand in, and say what: the copy is what counts, not the folder, which may change at once."""
    copy = exchange.hand_in(course, assignment)
    _, note = empty_in(exchange.root / course / "outbound" / assignment, copy)
    moment = parse_utc(copy.name.rpartition("+")[2]).isoformat() + "Z"
    names = sorted(path.name for path in copy.glob("*.ipynb"))
    return {
        "sentence": f"{assignment} is handed in by {person}, {{time}}.",
        "time": moment,
        "details": [f"Handed in: {', '.join(names)}.", note or "No answer is empty."],
    }


class Validate(Action):
    """Runs a notebook, and tells its progress line by line."""

    _task: asyncio.Task[None] | None = None

    @web.authenticated
    async def post(self) -> None:
        """Run it; the browser ends the run by closing the connection."""
        root = Path(self.settings["server_root_dir"]).expanduser().resolve()
        path = (root / str(json_object(self).get("path", ""))).resolve()
        if not path.is_relative_to(root):
            raise web.HTTPError(404)
        self.set_header("Content-Type", "application/x-ndjson")
        self._task = asyncio.ensure_future(self._tell(path))
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()
            self.finish()

    async def _tell(self, path: Path) -> None:
        try:
            async for event in validated(path, self.config):
                self.write(json.dumps(event) + "\n")
                await self.flush()
        except FairmarkError as error:
            self.write(json.dumps({"error": str(error), "log": ""}) + "\n")

    def on_connection_close(self) -> None:
        """End the run: nobody waits for it any more."""
        super().on_connection_close()
        if self._task is not None:
            self._task.cancel()


def _load_jupyter_server_extension(server: Any) -> None:
    add_handlers(
        server,
        [
            ("/?", Home),
            ("api/(fetch|hand-in)", Act),
            ("api/validate", Validate),
            ("feedback/([^/]+)/([^/]+)/([^/]+)/(.+)", FeedbackPage),
        ],
    )
