"""Machines fail in the middle of a class: no mark is lost or doubled, and a second run ends as one.

Where it does not matter how a mark is made, the reports are made once, by the real sandbox, and
only the recording is tried again and again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import sqlalchemy.event
from sqlalchemy.engine import Engine

from fairmark.batch.batch import Batch, NotebookOutcome
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade_handin, unreadable
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook, find_handins
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.sandbox.namespaces import mount_tmpfs, unshare_all
from tests.conftest import ROOT
from tests.nbgrader.classroom import execute, rows
from tests.tiny import RIGHT, answer, make_course

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

CLASS = {
    "ada": RIGHT,
    "bob": {**RIGHT, "mean": "import os\nos._exit(0)"},
    "cy": {**RIGHT, "mean": "def mean(x): return sum(x)"},
    "dee": {**RIGHT, "double": "def double(x): __import__('os').kill(0, 9)"},
    "eve": {},
}
SCORES = {"ada": 5.0, "bob": 2.0, "cy": 2.0, "dee": 3.0, "eve": 0.0}
BY_HAND = """
UPDATE grade SET manual_score = 3.5
WHERE cell_id IN (SELECT id FROM base_cell WHERE name = 'essay') AND notebook_id IN (
    SELECT n.id FROM submitted_notebook n
    JOIN submitted_assignment a ON n.assignment_id = a.id WHERE a.student_id = 'ada')
"""
FREE = (0, 12, 28, 36, 80, 250, 1000)
"""KiB left on a full disk: too little for the gradebook, for a notebook, for the fifth notebook."""
OutcomeState = dict[str, Any]


@dataclass(frozen=True)
class Class:
    """A course with what was handed in, and how an undisturbed run would mark it."""

    course: Course
    states: Path
    """Copies of the course's folder: before anything was graded, and after an earlier run."""
    reports: dict[str, Report]
    expected: dict[str, OutcomeState]

    def begin(self, state: str) -> None:
        """Bring the course's folder into a state."""
        shutil.rmtree(self.course.root, ignore_errors=True)
        shutil.copytree(self.states / state, self.course.root)


class Recorded(LocalBackend):
    """Hands out reports that were made before."""

    def run(
        self, work: Callable[[int, Sandbox], Report], count: int, assignments: object
    ) -> Generator[tuple[int, Report]]:
        for task in range(count):
            yield task, work(task, make_sandbox())


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Class:
    folder = tmp_path_factory.mktemp("class")
    course = make_course(folder / "course")
    tiny = course.assignment("tiny")
    for student, answers in CLASS.items():
        path = course.folder("submitted", student, "tiny") / "tiny.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(answer(tiny, answers), path)
    handins = find_handins(course, [tiny])
    reports = {handin.student: grade_handin(handin, sandbox) for handin in handins}
    assert {student: report.score for student, report in reports.items()} == SCORES
    found = Class(course, folder, reports, {})
    nothing = {s: unreadable("", tiny, report.notebook) for s, report in reports.items()}
    shutil.copytree(course.root, folder / "new")
    record(found, nothing)
    execute(course, BY_HAND)
    for student in CLASS:  # so that there is something to be done
        path = course.folder("submitted", student, "tiny") / "data.csv"
        path.write_text("1,2")
    shutil.copytree(course.root, folder / "again")
    for state in ("new", "again"):
        found.begin(state)
        record(found)
        found.expected[state] = state_of(course)
    return found


@pytest.fixture(params=["new", "again"])
def begun(request: pytest.FixtureRequest, whole_class: Class) -> tuple[Class, OutcomeState]:
    """A class of which nothing was graded, or all of it before something has changed."""
    whole_class.begin(request.param)
    return whole_class, whole_class.expected[request.param]


def record(class_: Class, reports: dict[str, Report] | None = None) -> list[NotebookOutcome]:
    """Let the batch record reports that were made before; return what became of them."""
    with pytest.MonkeyPatch.context() as patch:
        found = reports or class_.reports
        patch.setattr(
            "fairmark.batch.local.grade_handin", lambda handin, sandbox: found[handin.student]
        )
        return run(class_, Recorded(class_.course))


def run(class_: Class, jury: LocalBackend) -> list[NotebookOutcome]:
    handins: list[SubmittedNotebook] = find_handins(class_.course, class_.course.assignments())
    return list(Batch(class_.course, handins).run(jury))


def state_of(course: Course) -> OutcomeState:
    """All that is kept of a class, but for ids and times."""
    places = [course.folder("autograded"), course.root / ".fairmark"]
    files = sorted(p for place in places for p in place.rglob("*") if p.is_file())
    notebooks = course.folder("autograded").rglob("*.ipynb")
    return {
        **json.loads(json.dumps(rows(course))),
        "files": [str(path.relative_to(course.root)) for path in files],
        "notebooks": {path.parent.parent.name: marks_in(path) for path in notebooks},
    }


def marks_in(path: Path) -> dict[str, float]:
    """The scores that a graded notebook tells of."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return {q["id"]: q["score"] for q in notebook.metadata.fairmark.report.questions}


def assert_nothing_is_half_done(class_: Class, expected: OutcomeState) -> None:
    """What was recorded is as it was before, or as it will be, and whole."""
    course = class_.course
    for path in course.folder("autograded").glob("*/tiny/*.ipynb"):
        marks_in(path)
    if (course.root / "gradebook.db").is_file():
        with closing(sqlite3.connect(course.root / "gradebook.db")) as gradebook:
            assert gradebook.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            tables = gradebook.execute("SELECT * FROM sqlite_master").fetchall()
        if tables:
            by_student: dict[str, list[Any]] = {}
            for grade in json.loads(json.dumps(rows(course)["grade"])):
                by_student.setdefault(grade[0], []).append(grade)
            for student, grades in by_student.items():
                new = [grade for grade in expected["grade"] if grade[0] == student]
                old = [[*g[:2], 0.0, *g[3:5], False] for g in new]
                assert grades in (new, old) or student == "ada"  # hers are marked by hand, too


def in_a_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """Call a function in a forked process; return how that ended and what the function did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            result = work()
            code = 0
        except FairmarkError as error:
            result, code = str(error), 3
        except BaseException as error:
            result = repr(error)
        finally:
            os.write(writing, json.dumps(result).encode())
            os._exit(code)
    os.close(writing)
    with open(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(data) if data else None


def die_at(step: int) -> Iterator[int]:
    """Let this process be killed before a step: a call for a file, or a statement of SQL."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, _: object) -> None:
        if event.startswith(("open", "os.", "shutil.", "sqlite3.")):
            count()

    sqlalchemy.event.listen(Engine, "before_cursor_execute", count)
    sqlalchemy.event.listen(Engine, "commit", count)
    sys.addaudithook(audit)
    while True:
        yield steps


def record_until(class_: Class, step: int) -> int:
    steps = die_at(step)
    next(steps)
    record(class_)
    return next(steps)


def test_killed_at_any_step_of_writing(begun: tuple[Class, OutcomeState]) -> None:
    class_, expected = begun
    state = "new" if expected is class_.expected["new"] else "again"
    code, steps = in_a_child(lambda: record_until(class_, 0))
    assert code == 0
    assert steps > 200
    assert state_of(class_.course) == expected
    chance = random.Random(f"steps {state}")
    for step in sorted(chance.sample(range(1, steps), 14)):
        class_.begin(state)
        # Again and again: what the first one has left must not trouble the second one.
        for again in (step, chance.randrange(1, steps)):
            assert in_a_child(partial(record_until, class_, again))[0] in (-9, 0)
            assert_nothing_is_half_done(class_, expected)
        record(class_)
        assert state_of(class_.course) == expected, f"killed at step {step}"
        assert record(class_) == [], "everything is known to be done"


VICTIMS = ("command", "worker", "warm process", "student's process")


def find_victims(command: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The processes of a running command, by what they are."""
    found: dict[str, list[psutil.Process]] = {victim: [] for victim in VICTIMS}
    found["command"].append(command)
    for process in command.children():
        if process.name() != "bwrap":
            found["worker"].append(process)
            continue
        below = process.children(recursive=True)
        warm = [p for p in below if p.name() != "bwrap"][:1]
        found["warm process"] += [process, *warm]
        found["student's process"] += [p for p in below if p.name() != "bwrap" and p not in warm]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_time(whole_class: Class, seed: int) -> None:
    class_, expected = whole_class, whole_class.expected["new"]
    class_.begin("new")
    chance = random.Random(seed)
    for victim in chance.sample(VICTIMS, len(VICTIMS)):
        command = os.fork()
        if command == 0:
            code = 1
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                run(class_, LocalBackend(class_.course, workers=2))
                code = 0
            finally:
                os._exit(code)
        processes = kill_one(command, victim, chance)
        os.waitpid(command, 0)
        _, alive = psutil.wait_procs(processes, timeout=10)
        assert not alive, f"left behind when the {victim} was killed"
        assert_nothing_is_half_done(class_, expected)
    list(run(class_, LocalBackend(class_.course, workers=2)))
    assert state_of(class_.course)["grade"] == expected["grade"]
    assert state_of(class_.course) == expected


def kill_one(command: int, victim: str, chance: random.Random) -> list[psutil.Process]:
    """Kill a process of the command after a while, if it is there; return all that there were."""
    wait = chance.uniform(0, 2 if victim == "command" else 0.8)
    seen: dict[int, psutil.Process] = {}
    deadline = time.monotonic() + 20
    first: float | None = None
    try:
        while time.monotonic() < deadline:
            parent = psutil.Process(command)
            if parent.status() == psutil.STATUS_ZOMBIE:
                break
            seen |= {p.pid: p for p in parent.children(recursive=True)}
            there = find_victims(parent)[victim]
            if there:
                first = first or time.monotonic()
                if time.monotonic() - first >= wait:
                    chance.choice(there).kill()
                    break
            time.sleep(0.01)
    except psutil.NoSuchProcess:
        pass  # it has ended by itself just now
    return list(seen.values())


def test_a_full_disk(begun: tuple[Class, OutcomeState]) -> None:
    class_, expected = begun
    root, whole = class_.course.root, class_.states / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    shutil.copytree(root, whole)

    def fill_and_record() -> list[Any]:
        unshare_all()
        mount_tmpfs(str(root), 4)
        told: list[Any] = []
        for free in FREE:
            shutil.copytree(whole, root, dirs_exist_ok=True)
            with (root / "filler").open("wb") as filler:
                os.posix_fallocate(filler.fileno(), 0, max(disk_free(root) - free * 1024, 1))
            told.append(outcome(class_))
            (root / "filler").unlink()
            record(class_)
            told.append(state_of(class_.course) == expected)
            for path in root.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return told

    code, told = in_a_child(fill_and_record)
    assert code == 0, told
    assert told[1::2] == [True] * len(FREE), "the second run finishes it"
    problems = [line for line in told[::2] if line]
    assert len(problems) > 3
    assert all("\n" not in line and "cannot be written: " in line for line in problems), problems


def disk_free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_bsize


def outcome(class_: Class) -> str:
    """What is told of the first submission that could not be recorded."""
    try:
        return next((o.problem for o in record(class_) if o.state == "failed"), "")
    except FairmarkError as error:
        return str(error)


def test_a_gradebook_that_cannot_be_written(whole_class: Class) -> None:
    class_, expected = whole_class, whole_class.expected["again"]
    class_.begin("again")
    config = class_.course.root / "nbgrader_config.py"
    text = config.read_text()
    url = f"sqlite:///file:{class_.course.root}/gradebook.db?mode=ro&uri=true&timeout=0.1"
    config.write_text(f"{text}\nc.CourseDirectory.db_url = {url!r}\n")
    readonly = Class(Course.load(class_.course.root), class_.states, class_.reports, {})
    with pytest.raises(FairmarkError, match="cannot be written: make it and its folder writable"):
        record(readonly)
    config.write_text(text)
    record(class_)
    assert state_of(class_.course) == expected


COMMAND = [sys.executable, "-m", "fairmark", "autograde"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def test_a_working_folder_that_is_lost(tmp_path: Path) -> None:
    script = 'cd gone && rmdir ../gone && exec "$@"'
    (tmp_path / "gone").mkdir()
    command = ["sh", "-c", script, "sh", *COMMAND]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "fairmark: the working folder has been removed: change to another one\n"


def test_a_course_that_is_lost(whole_class: Class, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(whole_class.states / "new", root)
    command = subprocess.Popen(
        [*COMMAND, "--course", str(root)], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    while command.poll() is None and not (root / "autograded").exists():
        time.sleep(0.02)
    root.rename(tmp_path / "elsewhere")
    _, stderr = command.communicate(timeout=60)
    assert command.returncode == 1
    assert "Traceback" not in stderr
    assert stderr.startswith("fairmark: ")
