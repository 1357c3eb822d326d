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
from fairmark.batch.dask import client, handin
from fairmark.batch.dask.client import DaskBackend, NoAddress, _problem, _wrong_version
from fairmark.batch.local import LocalBackend
from fairmark.batch.preview import Preview
from fairmark.cli.main import main
from fairmark.course.configuration import CONFIG_FILE
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.intake.handins import find_handins
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


def test_what_workers_may_see() -> None:
    assert _wrong_version(fairmark.__version__) == ""
    assert _wrong_version("0.0.1").startswith("has fairmark 0.0.1, and this is")
    for error in (ModuleNotFoundError("No module named 'fairmark'"), AttributeError("version")):
        assert _wrong_version(error).startswith("has no fairmark")
    same = json.dumps({"bases": {"tiny": "a"}})
    assert _problem(same, {"tiny": "a"}) == ""
    assert _problem(same, {"tiny": "b"}).startswith("sees other files of tiny: what lies outside")
    assert _problem(json.dumps({"fatal": "no bwrap"}), {}) == "cannot grade: no bwrap"


def test_hand_ins_that_are_odd_are_graded_as_here(tmp_path: Path, address: str) -> None:
    """Links, what is too large to be read, folders and names in other spellings."""
    found = []
    for kind in ("here", "there"):
        course = make_class(tmp_path / kind, {"ada": RIGHT, "bob": RIGHT, "cy": RIGHT})
        ada, bob = (course.folder("submitted", name, "tiny") for name in ("ada", "bob"))
        (ada / "below").mkdir()
        (ada / "below" / "data.csv").write_text("1,2")
        (ada / "link.ipynb").symlink_to(course.assignment("tiny").source)
        with (ada / "huge.bin").open("wb") as file:
            file.truncate(200 * 2**20)
        (ada / "\udcff.txt").write_text("odd")
        (bob / "tiny.ipynb").rename(bob / "Tiny (1).ipynb")
        bob.rename(bob.with_name("Tiny-1"))
        cy = course.folder("submitted", "cy", "tiny")
        (cy / "tiny.ipynb").rename(tmp_path / f"{kind}.ipynb")
        (cy / "tiny.ipynb").symlink_to(tmp_path / f"{kind}.ipynb")
        backend = (
            LocalBackend(course, workers=2) if kind == "here" else DaskBackend(course, address)
        )
        found.append(grade_class(course, backend))
    here, there = found
    assert sorted(here) == ["ada", "bob", "cy"]
    for student, outcome in here.items():
        own = str(without_times(outcome)).replace(str(tmp_path / "here"), "COURSE")
        assert str(without_times(there[student])).replace(str(tmp_path / "there"), "COURSE") == own
    assert [there[name].report.score for name in ("ada", "bob", "cy")] == [5, 5, 0]  # type: ignore[union-attr]


def test_a_hand_in_that_is_too_large_to_travel(
    course: Course, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handin, "_MOST_BYTES", 2**20)
    (course.folder("submitted", "ada", "tiny") / "data.bin").write_bytes(bytes(2**20))
    outcomes = grade_class(course, DaskBackend(course, address))
    assert "more than 1 MiB, too much to travel: grade it here" in outcomes["ada"].problem
    assert outcomes["bob"].state == "graded"


def test_dask_is_missing(
    course: Course, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["autograde", "--course", str(course.root), "--dask", "tcp://127.0.0.1:9"]) == 1
    _, err = capfd.readouterr()
    assert err == ("fairmark: Dask is missing: install fairmark with its extra 'dask'\n")
