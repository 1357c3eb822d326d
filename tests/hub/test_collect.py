"""What is collected out of a drop box into which anybody puts anything."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from traitlets.config import Config

from fairmark.hub import collect
from fairmark.hub.collect import DROP_BOX, CollectOwned
from fairmark.hub.identity import account_id, hashed_id
from fairmark.intake.stamp import time_in
from fairmark.record.database import ensure_tables

EARLY, LATE = "2026-02-01 10:00:00 UTC", "2026-02-02 10:00:00 UTC"
ME = os.getuid()


@pytest.fixture
def inbound(tmp_path: Path) -> Path:
    folder = tmp_path / "exchange" / "course" / "inbound"
    folder.mkdir(parents=True)
    return folder


def hand_in(inbound: Path, name: str, time: str, text: str, rest: str = "+random") -> Path:
    folder = inbound / f"{name}+ps1+{time}{rest}"
    folder.mkdir()
    (folder / "ps1.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(time)
    return folder


def remove(folder: Path) -> None:
    """Remove a folder that pytest could not: shutil calls itself for each level."""
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def run(inbound: Path, owners: str = "accounts", times: str = "claimed") -> Path:
    """Collect; return the folder of what was submitted."""
    root = inbound.parents[2] / "course"
    root.mkdir(exist_ok=True)
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "course"
    config.CourseDirectory.assignment_id = "ps1"
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.CourseDirectory.groupshared = True
    config.Exchange.root = str(inbound.parents[1])
    config.CollectOwned.owners = owners
    config.CollectOwned.times = times
    config.CollectOwned.update = True
    directory = CourseDirectory(config=config)
    ensure_tables(make_url(config.CourseDirectory.db_url))
    CollectOwned(coursedir=directory, config=config).start()
    return root / "submitted"


def owned_by(**numbers: int) -> mock._patch[object]:
    return mock.patch.object(collect, "account_id", numbers.get)


def test_newest_of_each_student(inbound: Path) -> None:
    hand_in(inbound, "ada", EARLY, "old")
    hand_in(inbound, "ada", LATE, "new")
    hand_in(inbound, "ben", EARLY, "his")
    with owned_by(ada=ME, ben=ME):
        submitted = run(inbound)
    assert (submitted / "ada" / "ps1" / "ps1.ipynb").read_text() == "new"
    assert (submitted / "ben" / "ps1" / "ps1.ipynb").read_text() == "his"
    assert (submitted / "ada" / "ps1" / "timestamp.txt").read_text() == LATE


@pytest.mark.parametrize("mode", [0o3773, 0o3777, 0o2755])
def test_open_drop_box_of_containers_is_closed_and_named(
    mode: int, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A driver of volumes gave it to the students' group, say."""
    inbound.chmod(mode)
    run(inbound, "hashed")
    assert stat.S_IMODE(inbound.stat().st_mode) == DROP_BOX
    assert f"Students could look into the drop box {inbound} (its mode was {mode:o})" in caplog.text
    caplog.clear()
    run(inbound, "hashed")
    assert "could look" not in caplog.text


def test_another_account_cannot_hand_in_for_a_student(inbound: Path) -> None:
    hand_in(inbound, "ada", LATE, "forged")
    with owned_by(ada=ME + 1):
        assert not (run(inbound) / "ada").exists()


@pytest.mark.skipif(ME != 0, reason="only root gives files away")
def test_a_newer_forged_one_does_not_hide_the_real_one(inbound: Path) -> None:
    real = hand_in(inbound, "ada", EARLY, "real")
    for path in (real, *real.iterdir()):
        os.chown(path, 4321, 4321)
    hand_in(inbound, "ada", LATE, "forged")
    with owned_by(ada=4321):
        submitted = run(inbound)
    assert (submitted / "ada" / "ps1" / "ps1.ipynb").read_text() == "real"


def test_owner_may_be_a_number_made_of_the_name(inbound: Path) -> None:
    hand_in(inbound, "ada", EARLY, "hers")
    with mock.patch.object(collect, "hashed_id", {"ada": ME}.get):
        assert (run(inbound, "hashed") / "ada" / "ps1" / "ps1.ipynb").is_file()
    with mock.patch.object(collect, "hashed_id", {"ada": ME + 1}.get):
        hand_in(inbound, "ada", LATE, "again")
        assert (run(inbound, "hashed") / "ada" / "ps1" / "ps1.ipynb").read_text() == "hers"


@pytest.mark.parametrize("name", ["..", ".hidden", "-x", "a b", "ad\na"])
def test_strange_names_are_refused(inbound: Path, name: str) -> None:
    hand_in(inbound, name, LATE, "mine")
    hand_in(inbound, "ada", EARLY, "hers")
    submitted = run(inbound, "none")
    assert [path.name for path in submitted.iterdir()] == ["ada"]
    assert not (submitted.parent / "ps1").exists()


@pytest.mark.parametrize("name", ["x+ps1+yesterday", "x+ps1+", "+ps1+", f"+ps1+{LATE}", "x+y+ps1+"])
def test_senseless_names_stop_nothing(inbound: Path, name: str) -> None:
    (inbound / name).mkdir()
    (inbound / f"cy+ps1+{LATE}+file").write_text("no folder")
    os.symlink("/etc", inbound / f"dee+ps1+{LATE}+link")
    hand_in(inbound, "ada", EARLY, "hers")
    submitted = run(inbound, "none")
    assert [path.name for path in submitted.iterdir()] == ["ada"]


def test_links_and_what_is_no_file_are_left_out(inbound: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "solution.py").write_text("the solution")
    folder = hand_in(inbound, "ada", EARLY, "hers")
    (folder / "soft.py").symlink_to(secret / "solution.py")
    (folder / "hard.py").hardlink_to(secret / "solution.py")
    (folder / "all").symlink_to(secret)
    os.mkfifo(folder / "pipe.py")
    (folder / "below").mkdir()
    (folder / "below" / "helper.py").write_text("mine")
    (folder / "feedback").mkdir()
    (folder / "feedback" / "old.html").write_text("not handed in")
    found = run(inbound, "none") / "ada" / "ps1"
    files = sorted(str(path.relative_to(found)) for path in found.rglob("*") if path.is_file())
    assert files == ["below/helper.py", "ps1.ipynb", "timestamp.txt"]
    assert not any(path.is_symlink() for path in found.rglob("*"))


def collected_time(inbound: Path, student: str = "ada") -> datetime:
    folder = run(inbound, "none", "checked") / student / "ps1"
    found = time_in(folder)
    assert found is not None
    return found.replace(tzinfo=UTC)


def said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC"


def test_a_true_time_stays_as_it_was_written(inbound: Path) -> None:
    """The student's server finds the feedback by it."""
    time = said(datetime.now(UTC) - timedelta(seconds=40))
    hand_in(inbound, "ada", time, "hers")
    assert collected_time(inbound) == datetime.fromisoformat(time.replace(" UTC", "+00:00"))
    assert (run(inbound, "none") / "ada" / "ps1" / "timestamp.txt").read_text() == time


@pytest.mark.parametrize("what", ["all", "time", "no time", "a file", "a file below"])
def test_what_was_changed_later_is_late(
    what: str, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = datetime.now(UTC)
    honest = said(before)
    folder = hand_in(inbound, "ada", EARLY if what == "all" else honest, "hers")
    (folder / "below").mkdir()
    (folder / "below" / "helper.py").write_text("hers")
    if what == "time":
        (folder / "timestamp.txt").write_text(EARLY)
    elif what == "no time":
        (folder / "timestamp.txt").unlink()
        folder.rename(inbound / f"ada+ps1+{EARLY}+random")
    elif what.startswith("a file"):
        changed = folder / ("ps1.ipynb" if what == "a file" else "below/helper.py")
        folder.rename(folder := inbound / f"ada+ps1+{EARLY}+random")
        (folder / "timestamp.txt").write_text(EARLY)
        (folder / changed.relative_to(changed.parents[1 if what == "a file below" else 0])).touch()
        for path in (folder, *folder.rglob("*")):
            os.utime(path, (0, 0))  # what a student can choose
    assert collected_time(inbound) >= before - timedelta(seconds=1)
    assert "counts as handed in at" in caplog.text
    assert f"and not at {EARLY}" in caplog.text


def test_a_time_is_believed_where_the_course_says_so(inbound: Path) -> None:
    hand_in(inbound, "ada", EARLY, "hers")
    assert (run(inbound, "none") / "ada" / "ps1" / "timestamp.txt").read_text() == EARLY


@pytest.mark.parametrize(
    "text", [b"yesterday", b"\xff", b"", b"509999999999999999999900000000000h"]
)
def test_a_time_that_makes_no_sense_stops_nothing(text: bytes, inbound: Path) -> None:
    for time in (EARLY, LATE):
        for name in ("ada", "ben", "cy"):
            folder = hand_in(inbound, name, time, time)
            if name == "ben":
                (folder / "timestamp.txt").write_bytes(text)
        submitted = run(inbound, "none")
    for name in ("ada", "ben", "cy"):
        assert (submitted / name / "ps1" / "ps1.ipynb").read_text() == LATE
        assert (submitted / name / "ps1" / "timestamp.txt").read_text() == LATE


def test_folders_without_end_stop_nothing(inbound: Path) -> None:
    for name in ("ada", "ben", "cy", "dan"):
        hand_in(inbound, name, EARLY, name)
    handed_in = {path.name.partition("+")[0]: path for path in inbound.iterdir()}
    for name, below in (("ben", "a"), ("cy", "b" * 250)):
        descriptor = os.open(handed_in[name], os.O_RDONLY)
        for _ in range(1200 if name == "ben" else 20):
            os.mkdir(below, dir_fd=descriptor)
            inner = os.open(below, os.O_RDONLY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        os.close(descriptor)
    (handed_in["dan"] / "timestamp.txt").unlink()
    (handed_in["dan"] / "timestamp.txt").mkdir()
    submitted = run(inbound, "none")
    remove(inbound)
    for name in handed_in:
        assert (submitted / name / "ps1" / "ps1.ipynb").read_text() == name
        assert (submitted / name / "ps1" / "timestamp.txt").is_file()


def test_a_closed_folder_does_not_hide_an_open_one(inbound: Path) -> None:
    hand_in(inbound, "ada", EARLY, "hers")
    shut = hand_in(inbound, "ada", LATE, "closed")
    hand_in(inbound, "ben", EARLY, "his")
    real = os.open

    def refusing(path: object, *rest: int, **more: int) -> int:
        if path == str(shut):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, *rest, **more)  # type: ignore[arg-type]

    with mock.patch.object(os, "open", refusing):  # root, who may run this, opens all
        submitted = run(inbound, "none")
    assert (submitted / "ada" / "ps1" / "ps1.ipynb").read_text() == "hers"
    assert (submitted / "ben" / "ps1" / "ps1.ipynb").read_text() == "his"


def test_size_is_bounded(inbound: Path) -> None:
    folder = hand_in(inbound, "ada", EARLY, "hers")
    for number in range(4):
        (folder / f"zeros{number}").write_bytes(bytes(40_000_000))
    found = run(inbound, "none") / "ada" / "ps1"
    assert sum(path.stat().st_size for path in found.iterdir()) < 100_000_000
    assert (found / "ps1.ipynb").is_file()


def test_numbers_of_names() -> None:
    assert account_id("root") == 0
    assert account_id("nobody-has-this-name") is None
    numbers = {hashed_id(f"student{number}") for number in range(1000)}
    assert len(numbers) == 1000
    assert all(200_000 <= number < 2**31 - 1 for number in numbers)
