"""The gradebook in a PostgreSQL server: what is said and kept is the same as in SQLite's file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from sqlalchemy import create_engine, make_url, text

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.record.database import ensure_tables, gradebook_url, open_gradebook, place_of
from fairmark.record.gradebook import Recorder
from tests.cli import FAIRMARK
from tests.lms.zips import canvas_name, write_zip
from tests.nbgrader.classroom import _ROWS, execute, nbgrader, new_course, submit
from tests.nbgrader.classroom import rows as sqlite_rows
from tests.postgresql import MISSING, PROGRAMS, Server
from tests.record.test_gradebook import REPORT
from tests.tiny import RIGHT, answer

pytestmark = [
    pytest.mark.skipif(PROGRAMS is None, reason=MISSING),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
WRONG = {**RIGHT, "mean": "def mean(x):\n    return x[0]"}
SLOW = {**RIGHT, "mean": "import time; time.sleep(0.3)\n" + RIGHT["mean"]}
Make = Callable[..., Course]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def make(server: Server, tmp_path: Path) -> Make:
    """Makes a course with a new database of the server."""

    def make(name: str = "course", address: str = "", extra: str = "") -> Course:
        own = re.sub(r"\W", "_", f"{tmp_path.name}_{name}").lower()
        address = address or server.make(own)
        return new_course(tmp_path / name, f"c.CourseDirectory.db_url = {address!r}\n{extra}")

    return make


def query(course: Course, statement: str) -> list[tuple[Any, ...]]:
    engine = create_engine(gradebook_url(course))
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


def rows(course: Course) -> dict[str, Any]:
    """All that the gradebook says, in SQLite's words."""

    def plain(value: Any) -> Any:
        if isinstance(value, bool):
            return int(value)
        return f"{value:%Y-%m-%d %H:%M:%S.%f}" if hasattr(value, "strftime") else value

    found = {name: query(course, statement) for name, statement in _ROWS.items()}
    return {
        name: sorted((tuple(map(plain, row)) for row in table), key=repr)
        for name, table in found.items()
    }


def grades(course: Course) -> list[tuple[Any, ...]]:
    return query(
        course,
        "SELECT sa.student_id, b.name, g.auto_score FROM grade g "
        "JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook sn ON sn.id = g.notebook_id "
        "JOIN submitted_assignment sa ON sa.id = sn.assignment_id ORDER BY 1, 2",
    )


def mark_by_hand(course: Course, student: str, score: float) -> None:
    """What Formgrader does."""
    with open_gradebook(course) as gradebook:
        row = gradebook.find_grade("essay", "tiny", "tiny", student)
        row.manual_score, row.needs_manual_grade = score, False
        comment = gradebook.find_comment("essay", "tiny", "tiny", student)
        comment.manual_comment = "Föllig richtig \u2713"
        gradebook.db.commit()


def hand_in_class(course: Course) -> None:
    tiny = course.assignment("tiny")
    submit(course, "ada", answer(tiny, RIGHT))
    submit(course, "bob", answer(tiny, WRONG), timestamp="2026-03-01 00:00:00 UTC")
    submit(course, "eve", "no notebook")


def commands(
    course: Course, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, int, str]]:
    """Each command with its exit code and what it prints, without what no two runs share."""
    tiny, said = course.assignment("tiny"), []
    zipped = write_zip(
        course.root.parent / f"{course.root.name}.zip",
        {
            canvas_name("Gil", 7, 9, "tiny.ipynb"): nbformat.writes(answer(tiny, WRONG)).encode(),
        },
    )
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("COLUMNS", "400")
    place = place_of(gradebook_url(course))

    def run(line: str) -> None:
        capfd.readouterr()
        code = main([*line.split(), "--course", str(course.root)])
        out, err = capfd.readouterr()
        printed = (out + err).replace(place, "GRADEBOOK").replace(str(course.root), "COURSE")
        printed = re.sub(r"in \d+\.\d s", "in a while", printed)
        said.append((line.replace(str(zipped), "ZIP"), code, printed))

    for line in ("generate", "autograde --workers 1", "autograde --workers 1"):
        run(line)
    query(course, "UPDATE assignment SET duedate = '2026-02-10 00:00:00.000000'")
    mark_by_hand(course, "ada", 2.5)
    query(course, "INSERT INTO student (id, first_name) VALUES ('gil', 'Gil')")
    mark_by_hand(course, "bob", 4.0)
    run("autograde --workers 1")  # penalties
    run(f"collect {zipped}")
    run("autograde --workers 1")
    grader = tiny.graders / "test_tiny.py"
    right = grader.read_text()
    grader.write_text(right.replace("3.0, hint", "1.0, hint"))
    run("autograde --workers 1 --preview")
    run("autograde --workers 1 --preview --only-better")
    run("autograde --workers 1 --only-better")
    run("autograde --workers 1 --force")
    grader.write_text(right)
    run("autograde --workers 1")
    run("feedback")
    run("feedback --zip canvas")
    for line in ("", "--by question", "--by test", "--to canvas", "--to moodle --by question"):
        run(f"export {line} --output -")
    run("report")
    run("generate --check")
    return said


def test_commands_do_the_same_as_in_sqlite(
    make: Make,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = "c.LateSubmissionPlugin.penalty_method = 'zero'"
    found = {}
    for kind in ("sqlite", "postgresql"):
        course = new_course(tmp_path / kind, late) if kind == "sqlite" else make(kind, extra=late)
        hand_in_class(course)
        said = commands(course, capfd, monkeypatch)
        pages = {
            str(path.relative_to(course.root)): path.read_text()
            for path in course.folder("feedback").rglob("*.html")
        }
        found[kind] = said, rows(course), pages
    assert not (tmp_path / "postgresql" / "gradebook.db").exists()
    for one, other in zip(found["postgresql"][0], found["sqlite"][0], strict=True):
        assert one == other
    for name, table in found["sqlite"][1].items():
        assert found["postgresql"][1][name] == table, name
    assert found["postgresql"][2] == found["sqlite"][2]
    marks = found["postgresql"][1]["grade"]
    assert ("ada", "essay", None, 2.5, None, 1) in marks
    assert ("ada", "check_mean", 3.0, None, None, 0) in marks
    assert ("bob", "check_mean", 0.0, None, None, 0) in marks


def test_nbgraders_own_commands(make: Make, tmp_path: Path) -> None:
    courses = {"sqlite": new_course(tmp_path / "sqlite"), "postgresql": make("postgresql")}
    for course in courses.values():
        hand_in_class(course)
        open_gradebook(course).close()
        api = nbgrader(course)
        for result in (
            api.generate_assignment("tiny"),
            api.autograde("tiny", "ada"),
            api.autograde("tiny", "bob"),
            api.generate_feedback("tiny", "ada"),
        ):
            assert result["success"], result
        assert course.folder("feedback", "ada", "tiny").is_dir()
        assert {one["id"] for one in api.get_students()} == {"ada", "bob", "eve"}
    assert rows(courses["postgresql"]) == sqlite_rows(courses["sqlite"])


def test_a_database_is_made_once_by_many(server: Server) -> None:
    for turn in range(5):
        url = make_url(server.make(f"fresh_{turn}"))
        with ThreadPoolExecutor(8) as makers:
            for made in [makers.submit(ensure_tables, url) for _ in range(8)]:
                made.result()


def autograde(course: Course, *options: str) -> subprocess.Popen[str]:
    call = [*FAIRMARK, "autograde", "--course", str(course.root), "--workers", "1", *options]
    return subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def hand_in_many(course: Course, names: str) -> None:
    for number, name in enumerate(names):
        submit(course, name, answer(course.assignment("tiny"), WRONG if number % 2 else SLOW))


def expected(names: str) -> list[tuple[str, str, float | None]]:
    return [
        row
        for number, name in enumerate(names)
        for row in (
            (name, "check_double", 2.0),
            (name, "check_mean", 0.0 if number % 2 else 3.0),
            (name, "essay", None),
        )
    ]


def test_two_graders_at_once(make: Make, server: Server) -> None:
    """On two machines, whose courses are copies: the database is empty, and both begin."""
    address = server.make("two_at_once")
    courses = [make(name, address) for name in ("one", "other")]
    for course in courses:
        hand_in_many(course, "abcd")
    running = [autograde(course) for course in courses]
    for grader in running:
        out, _ = grader.communicate(timeout=120)
        assert grader.returncode == 0, out
        assert "4 submissions" in out and "4 graded" in out
    assert grades(courses[0]) == expected("abcd")


def test_a_student_whom_another_adds_meanwhile(make: Make) -> None:
    """Reproduced to the row: both see no such student, both add one, and one has to wait."""
    course = make()
    tiny = course.assignment("tiny")
    failed: list[FairmarkError] = []
    with Recorder(course) as recorder:
        recorder.synchronise(tiny)

        def record() -> None:
            try:
                recorder.record(REPORT, tiny, "ada")
            except FairmarkError as error:
                failed.append(error)

        engine = create_engine(gradebook_url(course))
        with engine.connect() as other:
            other.execute(text("INSERT INTO student (id) VALUES ('ada')"))
            recording = threading.Thread(target=record)
            recording.start()
            _wait_for_a_lock(course)
            other.commit()
        recording.join(30)
        engine.dispose()
    assert failed == []
    assert [(name, score) for _, name, score in grades(course)] == [
        ("check_double", 1.5),
        ("check_mean", 3.0),
        ("essay", None),
    ]


def _wait_for_a_lock(course: Course) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    end = time.monotonic() + 30
    while query(course, waiting) == [(0,)]:
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.02)


def test_a_row_that_another_holds_too_long(make: Make, server: Server) -> None:
    address = f"{server.make('held')}&options=-c%20lock_timeout%3D300ms"
    course = make("course", address)
    tiny = course.assignment("tiny")
    better = replace(REPORT.questions[0], score=2.0)
    with Recorder(course) as recorder:
        recorder.record(REPORT, tiny, "ada")
        engine = create_engine(gradebook_url(course))
        with engine.connect() as other:
            other.execute(text("UPDATE grade SET auto_score = 1"))
            with pytest.raises(FairmarkError, match="is locked: end the program"):
                recorder.record(replace(REPORT, questions=(better,)), tiny, "ada")
        engine.dispose()
        recorder.record(replace(REPORT, questions=(better,)), tiny, "ada")
    assert grades(course)[0] == ("ada", "check_double", 2.0)


def test_nobody_waits_for_ever(make: Make) -> None:
    assert query(make(), "SHOW lock_timeout") == [("1min",)]


def _wait_for_two(course: Course) -> None:
    """Until two are recorded: what is kept of the first is kept whole by then."""
    end = time.monotonic() + 120
    while len(_marked(course)) < 2:
        assert time.monotonic() < end, "nothing was recorded"
        time.sleep(0.05)


def _marked(course: Course) -> set[str]:
    made = query(course, "SELECT to_regclass('grade') IS NOT NULL")
    return {student for student, *_ in grades(course)} if made == [(True,)] else set()


def test_a_grader_that_is_killed(make: Make) -> None:
    course = make()
    hand_in_many(course, "abcdef")
    grader = autograde(course)
    _wait_for_two(course)
    os.kill(grader.pid, signal.SIGKILL)
    grader.communicate()
    assert 2 <= len(_marked(course)) < 6
    again = autograde(course)
    out, _ = again.communicate(timeout=120)
    assert again.returncode == 0, out
    assert "unchanged" in out
    assert grades(course) == expected("abcdef")


def test_a_server_that_crashes(make: Make, server: Server) -> None:
    course = make()
    hand_in_many(course, "abcdef")
    grader = autograde(course)
    _wait_for_two(course)
    server.crash()
    out, _ = grader.communicate(timeout=60)
    assert grader.returncode == 1
    told = [line for line in out.splitlines() if "fairmark:" in line]
    assert len(told) == 1 and "the gradebook postgresql" in told[0], out
    late = autograde(course)
    out, _ = late.communicate(timeout=60)
    assert late.returncode == 1
    assert "the gradebook postgresql" in out and "Traceback" not in out
    server.start()
    again = autograde(course)
    out, _ = again.communicate(timeout=120)
    assert again.returncode == 0, out
    assert grades(course) == expected("abcdef")


def test_no_message_has_the_password(tmp_path: Path) -> None:
    address = "postgresql+psycopg://fairmark:hidden-word@127.0.0.1:1/gradebook"
    course = new_course(tmp_path / "course", f"c.CourseDirectory.db_url = {address!r}")
    submit(course, "ada", answer(course.assignment("tiny"), RIGHT))
    grader = autograde(course)
    out, _ = grader.communicate(timeout=60)
    assert grader.returncode == 1
    assert "127.0.0.1" in out and "hidden-word" not in out and "Traceback" not in out


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql+asyncpg://a@b/c", "asyncpg: install fairmark with its extra 'postgresql'"),
        ("nonsense://a@b/c", "no kind of database"),
    ],
)
def test_a_driver_that_is_missing(tmp_path: Path, address: str, told: str) -> None:
    course = new_course(tmp_path / "course", f"c.CourseDirectory.db_url = {address!r}")
    with pytest.raises(FairmarkError, match=told), Recorder(course):
        pass


def test_sqlite_too_takes_a_student_whom_another_adds(tmp_path: Path) -> None:
    """The same in SQLite's file, where no two write at once: what the other added is found."""
    course = new_course(tmp_path / "course")
    with Recorder(course) as recorder:
        recorder.synchronise(course.assignment("tiny"))
        execute(course, "INSERT INTO student (id) VALUES ('ada')")
        recorder.record(REPORT, course.assignment("tiny"), "ada")
    assert len(sqlite_rows(course)["grade"]) == 3
