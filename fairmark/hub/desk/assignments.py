"""How far a student is with each assignment, and what to do next."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbgrader.utils import parse_utc

from fairmark.errors import FairmarkError
from fairmark.hub.desk import due
from fairmark.hub.desk.answers import empty_answers
from fairmark.hub.desk.exchange import StudentExchange
from fairmark.text import count

_POINTS = re.compile(r'<body data-points="([\d.]+) of ([\d.]+)(, not all marked)?">')
"""What a feedback page says to programs; nothing of the student's comes before it."""


@dataclass(frozen=True)
class Step:
    """Something to do: an action of this page's server, or a page to open."""

    label: str
    action: str = ""
    href: str = ""


@dataclass(frozen=True)
class Points:
    """The points of one assignment, or of several."""

    got: float
    most: float
    waiting: bool = False
    """Whether an answer still waits for its mark."""

    def __add__(self, other: Points) -> Points:
        waiting = self.waiting or other.waiting
        return Points(self.got + other.got, self.most + other.most, waiting)


@dataclass
class StudentAssignment:
    """One assignment of one course."""

    course: str
    name: str
    due: datetime | None = None
    state: str = ""
    """In a few words; of what was handed in, they are said after the time."""
    handed_in: datetime | None = None
    note: str = ""
    points: Points | None = None
    step: Step | None = None
    others: list[Step] = field(default_factory=list)
    pages: list[Step] = field(default_factory=list)
    """All feedback pages, the newest first."""

    @property
    def is_late(self) -> bool:
        """Whether the due date has passed, or had passed when it was handed in."""
        return self.due is not None and (self.handed_in or datetime.now(UTC)) > self.due


def read_assignments(exchange: StudentExchange) -> list[StudentAssignment]:
    """Return all assignments of a student, each with its next step; fetches new feedback."""
    released = {(row["course_id"], row["assignment_id"]): row for row in exchange.released()}
    submitted = {(row["course_id"], row["assignment_id"]): row for row in exchange.handed_in()}
    if _fetch_new_feedback(exchange, submitted.values()):
        submitted = {(r["course_id"], r["assignment_id"]): r for r in exchange.handed_in()}
    root = exchange.root
    dates = {course: due.read(root, course) for course, _ in released.keys() | submitted.keys()}
    found = []
    for course, name in sorted(released.keys() | submitted.keys()):
        made = StudentAssignment(course, name, dates[course].get(name))
        row, handins = released.get((course, name)), submitted.get((course, name))
        _fill(made, exchange, row, handins["submissions"] if handins else [])
        found.append(made)
    return sorted(found, key=lambda one: (one.course, one.due is None, one.due, one.name))


def _fetch_new_feedback(exchange: StudentExchange, rows: Any) -> bool:
    """Fetch the feedback that is there and that the student has not got; say whether there was."""
    fetched = False
    for row in rows:
        new = [
            one
            for one in row["submissions"]
            if one["feedback_updated"]
            or (one["has_exchange_feedback"] and not one["has_local_feedback"])
        ]
        if new:
            exchange.fetch_feedback(row["course_id"], row["assignment_id"])
            fetched = True
    return fetched


def _fill(
    made: StudentAssignment,
    exchange: StudentExchange,
    row: dict[str, Any] | None,
    handins: list[dict[str, Any]],
) -> None:
    fetched = row is not None and row["status"] == "fetched"
    made.pages = [page for one in reversed(handins) for page in _pages(made, one)]
    newest = handins[-1] if handins else None
    graded = next((one for one in reversed(handins) if one["has_local_feedback"]), None)
    if newest:
        made.handed_in = _when(newest)
    if graded:
        made.points = _points(graded)
    notebooks = row["notebooks"] if row and fetched else []
    opened = [_open(exchange, one, len(notebooks) > 1) for one in notebooks]
    hand_in = Step("Hand in again" if newest else "Hand in", action="hand-in")
    if fetched and row is not None:
        empty, note = _empty(exchange, made, row)
        made.note = note
        changed = newest is None or _differs(row, newest)
    if graded is not None and graded is newest:
        made.state, made.step = "feedback is there", made.pages[0]
        made.others = [*opened, *([hand_in] if fetched else [])]
    elif row is None:
        made.state = "no feedback yet" if newest else "taken back"
    elif not fetched:
        made.state, made.step = "not fetched", Step("Fetch", action="fetch")
    elif newest is not None and not changed:
        made.state = "no feedback yet"
        made.step = opened[0] if opened else None
        made.others = [*opened[1:], hand_in]  # JupyterLab may hold changes that are not saved
    else:
        made.state = "in work" if newest is None else "changed since then"
        ready = not empty and not note
        made.step = hand_in if ready or not opened else opened[0]
        made.others = opened if ready else [*opened[1:], hand_in]


def _open(exchange: StudentExchange, notebook: dict[str, Any], several: bool) -> Step:
    path = Path(notebook["path"]).resolve().relative_to(exchange.folder.resolve())
    label = f"Open {notebook['notebook_id']}" if several else "Open"
    return Step(label, href=f"lab/tree/{quote(path.as_posix())}")


def _empty(
    exchange: StudentExchange, made: StudentAssignment, row: dict[str, Any]
) -> tuple[list[str], str]:
    """The empty answers in the student's folder, and a sentence about them."""
    outbound = exchange.root / made.course / "outbound" / made.name
    return empty_in(outbound, Path(row["path"]))


def empty_in(released: Path, own: Path) -> tuple[list[str], str]:
    """Return the answers of a folder that are empty, and a sentence about them or a fault."""
    empty: list[str] = []
    for stub in sorted(released.glob("*.ipynb")):
        try:
            empty += empty_answers(stub, own / stub.name)
        except FairmarkError:
            return empty, f"{stub.name} is missing or cannot be read."
    if not empty:
        return [], ""
    return empty, f"{count(len(empty), 'answer')} still empty: {', '.join(empty)}."


def _differs(row: dict[str, Any], handin: dict[str, Any]) -> bool:
    """Whether a notebook has changed since it was handed in."""
    kept = {one["notebook_id"]: one["path"] for one in handin["notebooks"]}
    return any(
        _digest(one["path"]) != _digest(kept.get(one["notebook_id"])) for one in row["notebooks"]
    )


def _digest(path: str | None) -> str:
    if path is None or not Path(path).is_file():
        return ""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _when(handin: dict[str, Any]) -> datetime:
    moment: datetime = parse_utc(handin["timestamp"]).replace(tzinfo=UTC)
    return moment


def _pages(made: StudentAssignment, handin: dict[str, Any]) -> Iterator[Step]:
    """The feedback pages of one hand-in."""
    if not handin["has_local_feedback"]:
        return
    several = len(handin["notebooks"]) > 1
    for notebook in handin["notebooks"]:
        label = f"Read feedback on {notebook['notebook_id']}" if several else "Read feedback"
        place = f"{made.course}/{made.name}/{handin['timestamp']}/{notebook['notebook_id']}.html"
        yield Step(label, href=f"fairmark/feedback/{quote(place)}")


def _points(handin: dict[str, Any]) -> Points | None:
    """The sum of what the feedback pages say; None where one says nothing."""
    total = Points(0.0, 0.0)
    for notebook in handin["notebooks"]:
        with open(notebook["local_feedback_path"], encoding="utf-8", errors="replace") as page:
            found = _POINTS.search(page.read())
        if found is None:
            return None
        total += Points(float(found[1]), float(found[2]), found[3] is not None)
    return total


def total_points(assignments: list[StudentAssignment]) -> dict[str, Points]:
    """Return the points so far of each course that has some."""
    totals: defaultdict[str, Points] = defaultdict(lambda: Points(0.0, 0.0))
    for one in assignments:
        if one.points is not None:
            totals[one.course] += one.points
    return dict(totals)
