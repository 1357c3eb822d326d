"""How far the instructor is with each assignment, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeFactory
from nbgrader.utils import notebook_hash

from fairmark.hub.desk.assignments import Step
from fairmark.intake.stamp import time_in
from fairmark.text import count

_SECRET = "submission_secret.txt"
_DONE = {
    "generate": "The students' notebook is made.",
    "release": "It is released: students can fetch it.",
    "collect": "What was handed in is collected.",
    "feedback": "The feedback is given: students can read it.",
}


@dataclass(frozen=True)
class GraderAssignment:
    """One assignment, as the instructor sees it."""

    name: str
    due: datetime | None
    state: str
    facts: tuple[str, ...]
    step: Step
    others: tuple[Step, ...] = ()

    def done(self, step: Step) -> str:
        """What to say when a step has been taken."""
        return _DONE.get(step.action, "")


def read_assignments(api: Any, directory: Any, config: Any) -> list[GraderAssignment]:
    """Return all assignments with a source; ``api`` is nbgrader's."""
    exchange = ExchangeFactory(config=config)
    return [_read(row, api, directory, exchange, config) for row in api.get_assignments()]


def _read(
    row: dict[str, Any], api: Any, directory: Any, exchange: Any, config: Any
) -> GraderAssignment:
    name = row["name"]
    submissions = api.get_submissions(name) if row["num_submissions"] else []
    graded = [one for one in submissions if one["autograded"]]
    marking = [one for one in graded if one["needs_manual_grade"]]
    new = _to_collect(name, api, directory, exchange, config)
    owed = [one["student"] for one in graded if _lacks_feedback(directory, config, name, one)]
    due = datetime.fromisoformat(row["duedate"]) if row["duedate"] else None
    state, step = _next(row, submissions, graded, marking, new, owed)
    listed = Step("Submissions", href=f"formgrader/manage_submissions/{name}")
    feedback = Step("Give feedback", action="feedback")  # also before all is marked
    return GraderAssignment(
        name,
        due.replace(tzinfo=UTC) if due else None,
        state,
        tuple(
            fact
            for number, fact in (
                (new, f"{new} new to collect"),
                (len(submissions), f"{len(submissions)} collected"),
                (len(graded), f"{len(graded)} graded"),
                (len(marking), f"{count(len(marking), 'submission')} with answers to mark by hand"),
            )
            if number
        ),
        step,
        (*((feedback,) if owed and step.label == "Mark by hand" else ()), listed)
        if submissions
        else (),
    )


def _next(
    row: dict[str, Any],
    submissions: Sequence[Any],
    graded: Sequence[Any],
    marking: Sequence[Any],
    new: int,
    owed: Sequence[str],
) -> tuple[str, Step]:
    """In the order of a term: what comes first of all that there is to do."""
    name, released = row["name"], row["status"] == "released"
    if new:
        return "handed in", Step("Collect", action="collect")
    if len(graded) < len(submissions):
        return "collected", Step("Grade", action="grade")
    if marking:
        return "to be marked by hand", Step("Mark by hand", href=f"formgrader/gradebook/{name}")
    if owed:
        return "graded", Step("Give feedback", action="feedback")
    if graded:
        return "feedback is given", Step("Export marks", href="fairmark/marks")
    if released:
        return "released, nothing handed in yet", Step(
            "Open Formgrader", href="lab?reset&formgrader=true"
        )
    if row["release_path"]:
        return "made for students, not released", Step("Release", action="release")
    return "draft", Step("Generate", action="generate")


def _to_collect(name: str, api: Any, directory: Any, exchange: Any, config: Any) -> int:
    """How many students have handed in what is not collected yet, by the collector's rules."""
    before = directory.assignment_id
    directory.assignment_id = name
    try:
        collector = exchange.Collect(
            coursedir=directory, authenticator=api.authenticator, config=config
        )
        collector.set_timestamp()
        if not Path(collector.root, directory.course_id, "inbound").is_dir():
            return 0
        collector.init_src()
    finally:
        directory.assignment_id = before
    found = 0
    for record in collector.src_records:
        place = directory.format_path(directory.submitted_directory, record["username"], name)
        moment = time_in(Path(place))
        found += moment is None or record["timestamp"] > moment
    return found


def _lacks_feedback(directory: Any, config: Any, name: str, submission: dict[str, Any]) -> bool:
    """Whether a student has not got the feedback on what was graded last."""
    student = submission["student"]
    graded = Path(directory.format_path(directory.autograded_directory, student, name))
    pages = Path(directory.format_path(directory.feedback_directory, student, name))
    secret = graded / _SECRET
    if not secret.is_file():  # it was not handed in through the exchange
        return not any(pages.glob("*.html"))
    text = secret.read_text("utf-8", errors="replace")  # its student wrote it
    boxes = Path(ExchangeFactory(config=config).List(config=config).root, directory.course_id)
    for notebook in graded.glob("*.ipynb"):
        key = notebook_hash(secret=text, notebook_id=notebook.stem)
        given = boxes / "feedback" / f"{key}.html"
        if not given.is_file() or given.stat().st_mtime < notebook.stat().st_mtime:
            return True
    return False
