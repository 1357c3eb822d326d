"""Releasing feedback of a class in which something is missing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from fairmark.hub.feedback import ReleaseFeedback

pytestmark = pytest.mark.filterwarnings(  # nbgrader leaves the file of each time open
    "ignore:.*timestamp.txt:pytest.PytestUnraisableExceptionWarning",
    "ignore:unclosed file:ResourceWarning",
)
TIME = "2026-11-29 12:00:00.000000 UTC"


def _hand_in(course: Path, student: str, step: str, **files: str | bytes) -> None:
    folder = course / step / student / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("__", ".")).write_bytes(data)


def _release(course: Path, exchange: Path, student: str = "*") -> set[str]:
    """Release; the names of the students' pages that are there."""
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.course_id = "c"
    config.Exchange.root = str(exchange)
    directory = CourseDirectory(config=config)
    directory.assignment_id, directory.student_id = "tiny", student
    (exchange / "c").mkdir(parents=True, exist_ok=True)
    log = logging.getLogger("test-feedback")
    ReleaseFeedback(coursedir=directory, config=config, log=log).start()
    assert directory.student_id_exclude == ""
    pages = {path.name for path in (exchange / "c" / "feedback").iterdir()}
    names = {path.name for path in (course / "feedback").iterdir()}
    wanted = {f"{notebook_hash(secret=name, notebook_id='tiny')}.html": name for name in names}
    assert pages <= set(wanted)
    return {wanted[page] for page in pages}


def test_who_lacks_something_is_named_and_all_others_get_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    course, exchange = tmp_path / "course", tmp_path / "exchange"
    for name in ("ada", "ben", "cy", "dora", "eve", "finn"):
        _hand_in(course, name, "feedback", tiny__html=f"<p>{name}</p>")
    _hand_in(course, "ada", "feedback", timestamp__txt=TIME, submission_secret__txt="ada")
    _hand_in(course, "ben", "feedback", submission_secret__txt="ben")  # without a time
    _hand_in(course, "cy", "feedback", timestamp__txt=TIME)  # without a secret
    _hand_in(course, "dora", "submitted", timestamp__txt=TIME, submission_secret__txt="dora")
    _hand_in(course, "eve", "feedback", timestamp__txt=b"\xff\xfe", submission_secret__txt="eve")
    _hand_in(course, "finn", "feedback", timestamp__txt="x\n" * 9, submission_secret__txt="finn")
    assert _release(course, exchange) == {"ada", "dora"}
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert [line.partition(":")[2].partition(":")[0].strip() for line in errors] == [
        *("ben", "cy", "eve", "finn")
    ]
    assert "no proper timestamp.txt" in errors[0]
    assert "no proper submission_secret.txt" in errors[1]


def test_one_student_only(tmp_path: Path) -> None:
    course, exchange = tmp_path / "course", tmp_path / "exchange"
    for name in ("ada", "ben"):
        files = {"tiny__html": "", "timestamp__txt": TIME, "submission_secret__txt": name}
        _hand_in(course, name, "feedback", **files)
    assert _release(course, exchange, "ben") == {"ben"}
    assert _release(course, exchange) == {"ada", "ben"}
