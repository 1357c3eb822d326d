"""``fairmark collect``: from a platform's zip to the folders that are graded."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.intake.handins import SubmittedNotebook
from fairmark.record.database import open_gradebook
from tests.lms.zips import NOON, canvas_name, moodle_name, write_zip
from tests.tiny import RIGHT, answer, make_course

DUE = datetime(2026, 11, 29, 23, 59)
Collect = Callable[..., tuple[str, str]]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    with open_gradebook(course) as gradebook:
        gradebook.add_assignment("tiny", duedate=DUE)
        for student, first, last in (
            ("ada", "Ada", "Lovelace"),
            ("ben", "Ben", "Ō'Neill"),
            ("li1", "Li", "Wei"),
            ("li2", "Wei", "Li"),
        ):
            gradebook.add_student(student, first_name=first, last_name=last)
    return course


@pytest.fixture
def notebook(course: Course) -> bytes:
    return str(nbformat.writes(answer(course.assignment("tiny"), RIGHT))).encode()


@pytest.fixture
def collect(
    course: Course, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Collect:
    monkeypatch.setenv("COLUMNS", "400")  # the test's folder may have a long path

    def collect(path: Path, *options: str, code: int = 0) -> tuple[str, str]:
        capfd.readouterr()
        returned = main(["collect", str(path), *options, "--course", str(course.root)])
        out, err = capfd.readouterr()
        assert returned == code, out + err
        return out, err

    return collect


def _files(course: Course, student: str) -> dict[str, bytes]:
    folder = course.folder("submitted", student, "tiny")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "timestamp.txt"
    }


def _time(course: Course, student: str) -> datetime | None:
    folder = course.folder("submitted", student, "tiny")
    return SubmittedNotebook(student, course.assignment("tiny"), folder).timestamp


def _tree(course: Course) -> dict[str, tuple[int, bytes]]:
    places = [course.root / "submitted", course.root / ".fairmark/collected"]
    paths = [path for place in places for path in place.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def test_canvas(course: Course, notebook: bytes, collect: Collect, tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "submissions.zip",
        {
            canvas_name("Lovelace, Ada", 1815, 77, "tiny-2.ipynb"): notebook,
            canvas_name("Lovelace, Ada", 1815, 76, "daten ä.csv"): b"1,2",
            canvas_name("Ō'Neill, Ben", 16, 80, "tiny (1)-1.ipynb", late=True): notebook,
        },
    )
    out, err = collect(path, "--dry-run")
    assert "to be collected" in out and "2 hand-ins to collect" in out and not err
    assert not course.folder("submitted").exists()

    out, err = collect(path)
    assert "2 hand-ins collected" in out and not err
    assert _files(course, "ada") == {"tiny.ipynb": notebook, "daten ä.csv": b"1,2"}
    assert _files(course, "ben") == {"tiny.ipynb": notebook}
    assert _time(course, "ada") == DUE
    assert _time(course, "ben") == DUE + timedelta(seconds=1)

    before = _tree(course)
    out, _ = collect(path)
    assert "0 hand-ins collected, 2 here already" in out
    assert _tree(course) == before


def test_newer_hand_ins_replace_older_ones_and_never_the_other_way(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    old = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook}
    new = {canvas_name("Lovelace, Ada", 1815, 99, "tiny-1.ipynb"): notebook + b"\n"}
    first, second = write_zip(tmp_path / "1.zip", old), write_zip(tmp_path / "2.zip", new)
    collect(first)
    assert "in place of an older one" in collect(second)[0]
    assert _files(course, "ada") == {"tiny.ipynb": notebook + b"\n"}
    assert "1 older than what is here" in collect(first)[0]
    assert _files(course, "ada") == {"tiny.ipynb": notebook + b"\n"}


def test_what_no_zip_brought_stays_unless_forced(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    folder = course.folder("submitted", "ada", "tiny")
    folder.mkdir(parents=True)
    (folder / "tiny.ipynb").write_bytes(b"by the hub")
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook,
        canvas_name("Ō'Neill, Ben", 16, 80, "tiny.ipynb"): notebook,
    }
    path = write_zip(tmp_path / "a.zip", files)
    out, _ = collect(path, code=1)
    assert "which no zip brought" in out and "1 hand-in collected, 1 not collected" in out
    assert _files(course, "ada") == {"tiny.ipynb": b"by the hub"}
    collect(path, "--force")
    assert _files(course, "ada") == {"tiny.ipynb": notebook}

    course.folder("submitted", "ben", "tiny").joinpath("tiny.ipynb").write_bytes(b"mended here")
    newer = {canvas_name("Ō'Neill, Ben", 16, 90, "tiny.ipynb"): notebook + b"\n"}
    collect(write_zip(tmp_path / "b.zip", newer), code=1)
    assert _files(course, "ben") == {"tiny.ipynb": b"mended here"}


def test_unknown_and_ambiguous_people_are_named_and_a_second_run_finishes(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    path = write_zip(
        tmp_path / "a.zip",
        {
            canvas_name("Wei, Li", 5, 70, "tiny.ipynb"): notebook,
            canvas_name("Stranger, Some", 6, 71, "tiny.ipynb"): notebook,
            canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook,
        },
    )
    out, _ = collect(path, code=1)
    assert "weili (5)" in out and "it may be li1 or li2" in out
    assert "strangersome (6)" in out and "no such student" in out
    assert sorted(os.listdir(course.folder("submitted"))) == ["ada"]

    table = tmp_path / "who.csv"
    table.write_text("student,lms_user_id\nli1,5\nnew,6\n")
    out, _ = collect(path, "--students", str(table))
    assert "2 hand-ins collected, 1 here already" in out
    assert sorted(os.listdir(course.folder("submitted"))) == ["ada", "li1", "new"]


def test_two_people_for_one_student_are_both_refused(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook,
        canvas_name("Lovelace, Ada", 1816, 78, "tiny.ipynb"): notebook,
    }
    out, _ = collect(write_zip(tmp_path / "a.zip", files), code=1)
    assert out.count("2 people would be ada") == 2
    assert not course.folder("submitted").exists()


def test_who_takes_anothers_name_later_replaces_nothing(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    real = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook}
    collect(write_zip(tmp_path / "a.zip", real))
    other = {canvas_name("Lovelace, Ada", 1816, 99, "tiny.ipynb"): b"{}"}
    path = write_zip(tmp_path / "b.zip", other)
    out, _ = collect(path, code=1)
    assert "the last one came from 1815" in " ".join(out.split())
    assert _files(course, "ada") == {"tiny.ipynb": notebook}
    copied = {canvas_name("Lovelace, Ada", 1816, 99, "tiny.ipynb"): notebook}
    before = _tree(course)
    collect(write_zip(tmp_path / "c.zip", copied), code=1)
    assert _tree(course) == before
    table = tmp_path / "who.csv"
    table.write_text("student,lms_user_id\nada,1816\n")
    collect(path, "--students", str(table))
    assert _files(course, "ada") == {"tiny.ipynb": b"{}"}


@pytest.mark.parametrize("end", ["_/", "/", "_"])
def test_moodle_with_the_times_of_its_worksheet(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path, end: str
) -> None:
    files = {
        moodle_name("Ada Lovelace", 4711, "tiny (1).ipynb", end=end): notebook,
        moodle_name("Ben Ō'Neill", 4712, "tiny.ipynb", end=end): notebook,
    }
    path = write_zip(tmp_path / "a.zip", files)
    out, err = collect(path)
    assert "2 hand-ins collected" in out
    assert "does not tell when files were handed in" in err
    assert _files(course, "ada") == {"tiny.ipynb": notebook}
    assert _time(course, "ada") == DUE

    sheet = tmp_path / "grades.csv"
    sheet.write_text(
        "Identifier,Full name,Last modified (submission)\n"
        'Participant 4711,A L,"Monday, 30 November 2026, 9:30 AM"\n'
        'Participant 4712,B N,"Sunday, 29 November 2026, 9:30 AM"\n'
    )
    out, err = collect(path, "--students", str(sheet), "--timezone", "Europe/Vienna")
    assert "time of the hand-in set right" in out and not err
    assert _time(course, "ada") == datetime(2026, 11, 30, 8, 30)
    assert _time(course, "ben") == datetime(2026, 11, 29, 8, 30)
    before = _tree(course)
    collect(path, "--students", str(sheet), "--timezone", "Europe/Vienna")
    assert _tree(course) == before

    later = write_zip(tmp_path / "b.zip", {**files, next(iter(files)): b"{}"}, NOON.replace(day=1))
    assert "1 older than what is here" in collect(later)[0]
    assert _files(course, "ada") == {"tiny.ipynb": notebook}


@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_an_extension_counts(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.add_submission("tiny", "ada")
        gradebook.grant_extension("tiny", "ada", days=2)
    files = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb", late=True): notebook}
    collect(write_zip(tmp_path / "a.zip", files))
    assert _time(course, "ada") == DUE + timedelta(days=2, seconds=1)


def test_late_without_a_due_date_is_said_and_mended_by_the_next_run(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate=None)
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb", late=True): notebook,
        canvas_name("Ō'Neill, Ben", 16, 80, "tiny.ipynb"): notebook,
    }
    path = write_zip(tmp_path / "a.zip", files)
    _, err = collect(path)
    assert "no due date for tiny" in err and "were late: ada" in err and "ben" not in err
    made = NOON.astimezone(UTC).replace(tzinfo=None)
    assert _time(course, "ada") == _time(course, "ben") == made
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate=DUE)
    _, err = collect(path)
    assert not err
    assert _time(course, "ada") == DUE + timedelta(seconds=1)
    assert _time(course, "ben") == DUE


def test_hostile_and_damaged_files_cost_nobody_else_anything(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    course.directory.max_file_size = 1000
    (course.root / "nbgrader_config.py").open("a").write("c.CourseDirectory.max_file_size = 500\n")
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo(canvas_name("Lovelace, Ada", 1815, 78, "solution.ipynb"))
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"), notebook)
        file.writestr(link, str(course.root / "source/tiny/tiny.ipynb"))
        file.writestr("../../evil_1_2_tiny.ipynb", b"evil")
        file.writestr(canvas_name("Ō'Neill, Ben", 16, 80, "tiny.ipynb"), bytes(10**6))
        file.writestr("li wei.ipynb", notebook)
    out, err = collect(path, code=1)
    assert _files(course, "ada") == {"tiny.ipynb": notebook}
    assert "larger than" in out and "ben" in out
    lines = err.splitlines()
    assert any("solution.ipynb: it is a link" in line for line in lines)
    assert any("its path leads out of its folder" in line for line in lines)
    assert any("li wei.ipynb" in line for line in lines)
    assert sorted(os.listdir(course.folder("submitted"))) == ["ada"]
    assert not [*tmp_path.rglob("evil*")]


def test_text_links_and_other_files(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    files = {
        "lovelaceada_LATE_1815_text.html": b"<p>see my mail</p>",
        canvas_name("Ō'Neill, Ben", 16, 80, "tiny.pdf"): b"%PDF",
        canvas_name("Stranger, Some", 6, 71, "tiny.ipynb"): notebook,
    }
    out, _ = collect(write_zip(tmp_path / "a.zip", files), code=1)
    assert "no file, but text or a link" in out
    assert "no notebook, but tiny.pdf" in out
    assert _files(course, "ben") == {"tiny.pdf": b"%PDF"}


def test_a_file_that_is_too_large_or_damaged_costs_no_notebook(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.CourseDirectory.max_file_size = 500\n")
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook,
        canvas_name("Lovelace, Ada", 1815, 78, "data.csv"): bytes(10**6),
    }
    out, _ = collect(write_zip(tmp_path / "a.zip", files))
    assert _files(course, "ada") == {"tiny.ipynb": notebook}
    assert "without" in out and "data.csv" in out


def test_a_zip_in_place_of_a_notebook_is_unpacked_as_carefully(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    inner = write_zip(
        tmp_path / "hw.zip",
        {"hw/tiny.ipynb": notebook, "../evil.ipynb": b"x", "data/x.csv": b"1", "__MACOSX/._a": b""},
    )
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "hw.zip"): inner.read_bytes(),
        canvas_name("Ō'Neill, Ben", 16, 80, "hw.zip"): b"PK no zip",
    }
    out, _ = collect(write_zip(tmp_path / "a.zip", files), "tiny", code=1)
    assert _files(course, "ada") == {"hw/tiny.ipynb": notebook, "data/x.csv": b"1"}
    assert "evil.ipynb: its path leads" in " ".join(out.split())
    assert "hw.zip is no zip that can be read" in " ".join(out.split())
    assert not [*tmp_path.rglob("evil*")]


def test_an_older_zip_with_the_same_files_changes_no_time(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    old = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook}
    new = {canvas_name("Lovelace, Ada", 1815, 99, "tiny-1.ipynb", late=True): notebook}
    first, second = write_zip(tmp_path / "1.zip", old), write_zip(tmp_path / "2.zip", new)
    collect(first)
    assert _time(course, "ada") == DUE
    collect(second)
    assert _time(course, "ada") == DUE + timedelta(seconds=1)
    before = _tree(course)
    collect(first)
    assert _tree(course) == before


def test_which_assignment_is_told_by_the_names_or_has_to_be_said(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    files = {canvas_name("Lovelace, Ada", 1815, 77, "my work.ipynb"): notebook}
    path = write_zip(tmp_path / "a.zip", files)
    _, err = collect(path, code=1)
    assert len(err.splitlines()) == 1 and "fairmark collect FILE.zip ASSIGNMENT" in err
    _, err = collect(path, "nonsense", code=2)
    assert "no assignment 'nonsense'" in err
    collect(path, "tiny")
    assert _files(course, "ada") == {"my work.ipynb": notebook}


def test_a_folder_that_cannot_be_written_costs_the_others_nothing(
    course: Course, notebook: bytes, collect: Collect, tmp_path: Path
) -> None:
    course.folder("submitted").mkdir()
    (course.folder("submitted") / "ada").write_text("in the way")
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): notebook,
        canvas_name("Ō'Neill, Ben", 16, 80, "tiny.ipynb"): notebook,
    }
    path = write_zip(tmp_path / "a.zip", files)
    told = " ".join(collect(path, code=1)[0].split())  # a table folds its cells
    assert "cannot be written" in told and "1 hand-in collected, 1 not collected" in told
    (course.folder("submitted") / "ada").unlink()
    assert "1 hand-in collected, 1 here already" in collect(path)[0]
    note = json.loads((course.root / ".fairmark/collected/tiny.json").read_text())
    assert sorted(note) == ["ada", "ben"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--timezone", "Nowhere/Else"], "no time zone"),
        (["--students", "missing.csv"], "missing.csv cannot be read"),
    ],
)
def test_wrong_calls(collect: Collect, tmp_path: Path, options: list[str], line: str) -> None:
    path = write_zip(tmp_path / "a.zip", {"lovelaceada_1_2_tiny.ipynb": b"{}"})
    _, err = collect(path, *options, code=2)
    assert len(err.splitlines()) == 1 and line in err


def test_a_zip_of_other_things(collect: Collect, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"photo.jpg": b"x"})
    _, err = collect(path, "tiny", code=1)
    assert "named as Canvas or Moodle name hand-ins" in err
