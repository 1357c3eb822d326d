"""The parts of the first page, without a hub: states, empty answers, due dates, validation."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.hub.desk import due
from fairmark.hub.desk.answers import empty_answers
from fairmark.hub.desk.assignments import Points, StudentAssignment, read_assignments, total_points
from fairmark.hub.desk.exchange import ExchangeFault, StudentExchange
from fairmark.hub.desk.validate import validated
from fairmark.nbgrader.generate import generate_release
from fairmark.record.database import gradebook_url, open_gradebook
from tests.tiny import RIGHT, answer, make_course

# nbgrader leaves files of its exchange to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def release(course: Course) -> Path:
    return generate_release(course.assignment("tiny"))


@pytest.fixture
def place(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[StudentExchange, Path]:
    """A student's exchange with the assignment released, and its folder."""
    root = tmp_path / "exchange" / "tiny"
    for name in ("outbound", "inbound", "feedback"):
        (root / name).mkdir(parents=True)
    (root / "inbound").chmod(0o3733)
    released = root / "outbound" / "tiny"
    released.mkdir()
    for path in release.iterdir():
        if path.is_file():
            (released / path.name).write_bytes(path.read_bytes())
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.Exchange.root = {str(root.parent)!r}\n"
        f"c.Exchange.cache = {str(tmp_path / 'cache')!r}\n"
        "c.Exchange.path_includes_course = True\n"
        "c.CourseDirectory.student_id = 'ada'\n"
    )
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(settings))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return StudentExchange(home), root


def only(exchange: StudentExchange) -> StudentAssignment:
    (found,) = read_assignments(exchange)
    return found


def write(exchange: StudentExchange, notebook: NotebookNode) -> Path:
    path = exchange.folder / "tiny" / "tiny" / "tiny.ipynb"
    nbformat.write(notebook, path)
    return path


def test_the_way_of_an_assignment(place: tuple[StudentExchange, Path], course: Course) -> None:
    exchange, root = place
    found = only(exchange)
    assert (found.state, found.step and found.step.label) == ("not fetched", "Fetch")
    exchange.fetch("tiny", "tiny")
    found = only(exchange)
    assert (found.state, found.step and found.step.label) == ("in work", "Open")
    assert found.note == "3 answers still empty: double, mean, essay."
    assert found.step and found.step.href == "lab/tree/tiny/tiny/tiny.ipynb"
    write(exchange, answer(course.assignment("tiny"), RIGHT))
    found = only(exchange)
    assert found.step and (found.step.action, found.note) == ("hand-in", "")
    copy = exchange.hand_in("tiny", "tiny")
    assert "2 * np" in (copy / "tiny.ipynb").read_text()
    found = only(exchange)
    assert found.handed_in and found.step
    assert (found.state, found.step.label) == ("no feedback yet", "Open")
    write(exchange, answer(course.assignment("tiny"), RIGHT | {"mean": "mean = 1"}))
    assert "changed since then" in only(exchange).state
    give_feedback(copy, root, '<body data-points="2.5 of 9, not all marked">')
    found = only(exchange)
    assert (found.state, found.points) == ("feedback is there", Points(2.5, 9, waiting=True))
    assert found.step and found.step.href.startswith("fairmark/feedback/tiny/tiny/2")
    give_feedback(copy, root, '<body data-points="6 of 9">')  # it was marked by hand meanwhile
    assert total_points([only(exchange)]) == {"tiny": Points(6, 9)}


def give_feedback(copy: Path, root: Path, page: str) -> None:
    from nbgrader.utils import notebook_hash

    secret = (copy / "submission_secret.txt").read_text()
    key = notebook_hash(secret=secret, notebook_id="tiny")
    (root / "feedback" / f"{key}.html").write_text(f"<html>{page}6 of 9")


def test_a_refusal_is_one_sentence_with_a_log(place: tuple[StudentExchange, Path]) -> None:
    exchange, root = place
    exchange.fetch("tiny", "tiny")
    with pytest.raises(ExchangeFault, match="You have a copy already"):
        exchange.fetch("tiny", "tiny")
    (root / "inbound").rmdir()
    with pytest.raises(ExchangeFault, match=r"^It was not handed in\.$") as refused:
        exchange.hand_in("tiny", "tiny")
    assert "Inbound directory doesn't exist" in refused.value.log


def test_late(place: tuple[StudentExchange, Path]) -> None:
    exchange, root = place
    (root / due.FILE).write_text(json.dumps({"tiny": "2020-01-01T00:00:00+00:00"}))
    assert only(exchange).is_late
    (root / due.FILE).write_text(json.dumps({"tiny": "2999-01-01T00:00:00+00:00"}))
    assert not only(exchange).is_late


def test_due_dates_of_the_gradebook(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    directory = SimpleNamespace(db_url=str(gradebook_url(course)), course_id="c")
    with open_gradebook(course) as gradebook:
        gradebook.add_assignment("one", duedate="2026-05-04T10:00:00 +0200")
        gradebook.add_assignment("two")
    due.publish(directory, tmp_path)  # before anything was released there is no folder
    assert due.read(tmp_path, "c") == {}
    (tmp_path / "c").mkdir()
    due.publish(directory, tmp_path)
    assert due.read(tmp_path, "c") == {"one": datetime(2026, 5, 4, 8, tzinfo=UTC)}
    assert (tmp_path / "c" / due.FILE).stat().st_mode & 0o777 == 0o644


def test_empty_answers(release: Path, course: Course, tmp_path: Path) -> None:
    own = tmp_path / "own.ipynb"
    notebook = answer(course.assignment("tiny"), {"double": "\n", "mean": RIGHT["mean"] + "  "})
    notebook.cells = [cell for cell in notebook.cells if cell.id != "essay"]
    nbformat.write(notebook, own)
    assert empty_answers(release / "tiny.ipynb", own) == ["double", "essay"]
    own.write_text("{")
    with pytest.raises(FairmarkError):
        empty_answers(release / "tiny.ipynb", own)


def run(path: Path) -> list[dict[str, Any]]:
    async def collect() -> list[dict[str, Any]]:
        return [event async for event in validated(path, Config())]

    return asyncio.run(collect())


def test_validation(release: Path, tmp_path: Path) -> None:
    for path in release.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    path = tmp_path / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id == "double":
            cell.source = RIGHT["double"].replace("2 *", "3 *")
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0", id="own"))
    nbformat.write(notebook, path)
    *progress, last = run(path)
    assert [event["cell"] for event in progress] == list(range(len(notebook.cells)))
    results = {row["name"]: (row["points"], row["result"]) for row in last["rows"]}
    assert results == {
        "double": (2, "failed"),
        "mean": (3, "empty"),
        "essay": (4, "empty"),
        f"cell {len(notebook.cells)}": (0, "stopped"),
    }
    assert "failed" in last["rows"][0]["message"]
    assert "ZeroDivisionError: division by zero" in [row["message"] for row in last["rows"]]
    assert last["failed"] == 1 and last["changed"] == 0


def test_validation_of_a_notebook_that_ends_python(release: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(release / "tiny.ipynb", as_version=4)
    notebook.cells[1].source = "import os\nos._exit(1)"
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    with pytest.raises(FairmarkError, match="Python ended in cell 2"):
        run(tmp_path / "tiny.ipynb")
