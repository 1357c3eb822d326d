"""Grading on a real Dask cluster of two worker processes: the same marks, and what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from distributed import Client, LocalCluster

import fairmark
from fairmark.batch.batch import Batch, NotebookOutcome
from fairmark.batch.dask import client
from fairmark.batch.dask.client import DaskBackend, NoAddress
from fairmark.batch.local import LocalBackend
from fairmark.batch.preview import Preview
from fairmark.cli.main import main
from fairmark.course.configuration import CONFIG_FILE
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.intake.handins import find_handins, fingerprint_base
from fairmark.record.marks import read_marks
from tests.tiny import RIGHT, answer, make_course

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

QUICK = {
    "ada": RIGHT,
    "bob": {**RIGHT, "mean": "def mean(x):\n    print('noise')\n    return x[0] / 3"},
    "eve": {},
}
ANSWERS = {
    **QUICK,
    "cy": {**RIGHT, "double": "import os\ndef double(x):\n    os._exit(3)"},
    "dee": {**RIGHT, "mean": "import time\ndef mean(x):\n    time.sleep(99)"},
}


def start(workers: int = 2) -> LocalCluster:
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with start() as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_class(tmp_path / "course")


def make_class(root: Path, answers: Mapping[str, Mapping[str, str]] = QUICK) -> Course:
    course = make_course(root)
    tiny = course.assignment("tiny")
    for student, given in answers.items():
        folder = course.folder("submitted", student, "tiny")
        folder.mkdir(parents=True)
        nbformat.write(answer(tiny, given), folder / "tiny.ipynb")
    return course


def with_short_calls(course: Course) -> Course:
    with (course.root / CONFIG_FILE).open("a") as file:
        file.write('c.Fairmark.limits["call_seconds"] = 1.0\n')
    return Course.load(course.root)


def batch(course: Course) -> Batch:
    return Batch(course, find_handins(course, course.assignments()))


def grade_class(course: Course, backend: LocalBackend | DaskBackend) -> dict[str, NotebookOutcome]:
    with backend:
        backend.warm_up(course.assignments())
        return {outcome.handin.student: outcome for outcome in batch(course).run(backend)}


def without_times(outcome: NotebookOutcome) -> Any:
    """All that a report says, but for how long tests took."""
    assert outcome.report is not None
    report = outcome.report.to_json()
    for question in report["questions"]:
        for test in question["tests"]:
            del test["seconds"]
    return outcome.state, outcome.problem, report


def graded_cells(course: Course, student: str) -> Any:
    path = course.folder("autograded", student, "tiny") / "tiny.ipynb"
    return json.loads(path.read_text())["cells"]


def test_the_same_marks(tmp_path: Path, address: str) -> None:
    made = (make_class(tmp_path / name, ANSWERS) for name in ("here", "there"))
    here, there = (with_short_calls(course) for course in made)
    for course in (here, there):
        folder = course.folder("submitted", "fay", "tiny")
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_text("no notebook")
        (course.folder("submitted", "ada", "tiny") / "data.csv").write_text("1,2")
    plain = grade_class(here, LocalBackend(here, workers=2))
    ticks: list[None] = []
    remote = grade_class(there, DaskBackend(there, address, on_wait=lambda: ticks.append(None)))
    assert sorted(plain) == sorted(remote) == [*sorted(ANSWERS), "fay"]
    for student, outcome in plain.items():
        assert without_times(remote[student]) == without_times(outcome)
        assert graded_cells(there, student) == graded_cells(here, student)
    scores = [outcome.report.score for _, outcome in sorted(remote.items()) if outcome.report]
    assert scores == [5, 2, 3, 2, 0, 0]
    assert read_marks(there) == read_marks(here)
    assert ticks

    again = batch(there)
    assert again.pending == []
    assert {outcome.state for outcome in again.unchanged} == {"unchanged"}


def test_the_same_preview(course: Course, address: str) -> None:
    grade_class(course, LocalBackend(course, workers=2))
    grader = course.root / "graders/tiny/test_tiny.py"
    grader.write_text(grader.read_text().replace("3.0, hint", "1.0, hint"))
    found = []
    again = Course.load(course.root)
    backends: list[LocalBackend | DaskBackend] = [
        LocalBackend(again, workers=2),
        DaskBackend(again, address),
    ]
    for backend in backends:
        with backend:
            backend.warm_up(again.assignments())
            changes = list(Preview(batch(again)).run(backend))
        found.append({one.handin.student: one.to_json() for one in changes})
    here, there = found
    assert here == there
    assert here["ada"]["after"] == 3.5


def test_interrupted_and_finished_by_the_command(
    course: Course, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with DaskBackend(course, address) as cluster:
        cluster.warm_up(course.assignments())
        results = batch(course).run(cluster)
        first = next(results)
        results.close()
    second = batch(course)
    assert [outcome.handin for outcome in second.unchanged] == [first.handin]
    assert main(["autograde", "--course", str(course.root), "--dask", address]) == 0
    out, err = capfd.readouterr()
    assert "3 submissions in" in out
    assert ": 2 graded, 1 unchanged." in out
    assert err == ""
    assert len(batch(course).unchanged) == len(QUICK)


def test_a_lost_worker_costs_nothing(tmp_path: Path, address: str) -> None:
    slow = {**RIGHT, "mean": "import time; time.sleep(0.5)\n" + RIGHT["mean"]}
    course = make_class(tmp_path / "course", {f"s{n}": slow for n in range(6)})
    outcomes: list[NotebookOutcome] = []
    with (
        Client(address, set_as_default=False) as other,
        DaskBackend(course, address) as cluster,
    ):
        cluster.warm_up(course.assignments())
        for outcome in batch(course).run(cluster):
            if not outcomes:
                lost = next(iter(other.run(os.getpid).values()))
                os.kill(lost, signal.SIGKILL)
            outcomes.append(outcome)
        other.wait_for_workers(2, timeout=60)  # for the tests that come behind
    assert [outcome.problem for outcome in outcomes] == [""] * 6
    assert {outcome.report.score for outcome in outcomes if outcome.report} == {5}


def test_a_lost_cluster(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_CONNECT_SECONDS", 2)
    local = start(1)
    with DaskBackend(course, local.scheduler_address) as cluster:
        cluster.warm_up(course.assignments())
        results = batch(course).run(cluster)
        first = next(results)
        local.close()
        with pytest.raises(
            FairmarkError, match=r"the connection to the Dask cluster at .* was lost"
        ):
            list(results)
    assert first.handin in [outcome.handin for outcome in batch(course).unchanged]


def test_nobody_answers(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_CONNECT_SECONDS", 0.3)
    with pytest.raises(FairmarkError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9: "):
        DaskBackend(course, "tcp://127.0.0.1:9")
    with pytest.raises(NoAddress, match="'nonsense://x' is no address of a Dask scheduler"):
        DaskBackend(course, "nonsense://x")


def test_a_cluster_without_workers(course: Course) -> None:
    with (
        start(0) as local,
        DaskBackend(course, local.scheduler_address) as cluster,
        pytest.raises(FairmarkError, match="has no worker"),
    ):
        cluster.warm_up(course.assignments())


def test_what_workers_may_see(course: Course, address: str, tmp_path: Path) -> None:
    tiny = course.assignment("tiny")
    with DaskBackend(course, address) as cluster:
        changed = make_class(tmp_path / "other").assignment("tiny")
        grader = changed.graders / "test_tiny.py"
        grader.write_text(grader.read_text() + "# another one\n")
        bases = {"tiny": fingerprint_base(changed)}
        same = json.dumps({"version": fairmark.__version__, "bases": bases})
        assert cluster._problem(same, bases) == ""
        other = cluster._problem(same, {"tiny": fingerprint_base(tiny)})
        assert other.startswith("sees other files of tiny: all machines have to see")
        old = json.dumps({"version": "0.0.1", "bases": bases})
        assert cluster._problem(old, bases).startswith("has fairmark 0.0.1, and this is")
        missing = cluster._problem(ModuleNotFoundError("No module named 'fairmark'"), bases)
        assert missing.startswith("has no fairmark")


def test_a_course_that_workers_do_not_see(course: Course, address: str) -> None:
    (course.root / "nbgrader_config.py").rename(course.root / "gone.py")
    with DaskBackend(course, address) as cluster, pytest.raises(FairmarkError) as told:
        cluster.warm_up([course.assignment("tiny")])
    message = str(told.value)
    assert message.startswith("the Dask worker tcp://127.0.0.1:")
    assert "is no course" in message
    assert "all machines have to see the course's folder at the same path" in message


def test_dask_is_missing(
    course: Course, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["autograde", "--course", str(course.root), "--dask", "tcp://127.0.0.1:9"]) == 1
    _, err = capfd.readouterr()
    assert err == ("fairmark: Dask is missing: install fairmark with its extra 'dask'\n")
