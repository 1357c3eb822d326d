"""Folders of platforms that are not as documented: one line each, and no marks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from fairmark.bundle import github, gradescope, prairielearn
from fairmark.errors import FairmarkError
from fairmark.startup import PYTHON_MODULE
from tests.tiny import make_course

SETTINGS = {"assignment": "tiny", "hidden": "hidden", "sandbox": "account"}
PLACES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "gradescope": (gradescope.run, "source", "submission"),
    "prairielearn": (prairielearn.run, "tests", "student"),
    "github": (github.run, "grader", "handins"),
}


@pytest.mark.parametrize("platform", PLACES)
def test_where_no_platform_is_the_command_says_one_line(platform: str, tmp_path: Path) -> None:
    call = [sys.executable, "-m", "fairmark.bundle", platform]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("fairmark: ") and "cannot be read" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "script", ["gradescope/run_autograder", "prairielearn/run.sh", "github/run.sh"]
)
def test_a_submission_waits_for_no_grammar_of_uris(script: str) -> None:
    """jsonschema would compile it at each start: two seconds of a processor."""
    text = files("fairmark.bundle").joinpath("templates", *script.split("/")).read_text()
    platform = script.partition("/")[0]
    assert text.endswith(f" -P -m fairmark.startup fairmark.bundle {platform}\n")
    call = [sys.executable, "-X", "importtime", *PYTHON_MODULE[1:], "fairmark.bundle", platform]
    done = subprocess.run(call, cwd="/tmp", capture_output=True, text=True, check=False)
    assert "jsonschema" in done.stderr and "lark" not in done.stderr


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b'{"assignment": "tiny"}', b"3"])
@pytest.mark.parametrize("platform", PLACES)
def test_settings_that_are_damaged(platform: str, text: bytes, tmp_path: Path) -> None:
    run, source, _ = PLACES[platform]
    (tmp_path / source).mkdir()
    (tmp_path / source / "bundle.json").write_bytes(text)
    with pytest.raises(FairmarkError, match=r"bundle\.json cannot be read") as told:
        run(tmp_path)
    assert len(told.value.lines) == 1 and not (tmp_path / "results").exists()


@pytest.mark.parametrize("kind", ["missing", "file"])
@pytest.mark.parametrize("platform", PLACES)
def test_a_submission_that_is_no_folder(platform: str, kind: str, tmp_path: Path) -> None:
    run, source, submission = PLACES[platform]
    make_course(tmp_path / source / "course")
    (tmp_path / source / "bundle.json").write_text(json.dumps(SETTINGS))
    if kind == "file":
        (tmp_path / submission).write_text("x")
    with pytest.raises(FairmarkError, match=r"there is no submission|there are no hand-ins"):
        run(tmp_path)
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("platform", PLACES)
def test_a_course_that_is_not_there(platform: str, tmp_path: Path) -> None:
    run, source, submission = PLACES[platform]
    (tmp_path / source).mkdir()
    (tmp_path / source / "bundle.json").write_text(json.dumps(SETTINGS))
    (tmp_path / submission / "ada").mkdir(parents=True)
    with pytest.raises(FairmarkError) as told:
        run(tmp_path)
    assert len(told.value.lines) == 1
