"""``fairmark hub`` where it must not go on: it says so in one line, and changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.hub.process import locked
from fairmark.hub.settings import HubSettings
from tests.tiny import make_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


@pytest.mark.parametrize("more", [[], ["--port", "8123"], ["--remove"]])
def test_a_hub_that_is_running(
    course: Course, more: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    settings = HubSettings(course.root / ".fairmark" / "hub", "tiny", port=8456)
    with locked(settings):
        settings.save()
        before = {path: path.read_bytes() for path in settings.folder.rglob("*") if path.is_file()}
        assert main(["hub", "--course", str(course.root), *more]) == 1
        files = {path: path.read_bytes() for path in settings.folder.rglob("*") if path.is_file()}
    assert files == before
    out, err = capfd.readouterr()
    assert out == ""
    assert err == (
        "fairmark: this hub is running already, at http://127.0.0.1:8456: "
        "end it first, with Ctrl-C\n"
    )


def test_remove(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    settings = HubSettings(course.root / ".fairmark" / "hub", "tiny")
    with locked(settings):
        settings.save()
    assert main(["hub", "--course", str(course.root), "--remove"]) == 0
    assert not settings.folder.exists()
    assert main(["hub", "--course", str(course.root), "--remove"]) == 2
    assert "there is no hub in" in capfd.readouterr().err


@pytest.mark.parametrize("more", [[], ["--remove"]])
def test_accounts_are_made_by_root(
    course: Course,
    more: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    folder = course.root / "hub"
    call = ["hub", "--course", str(course.root), "--folder", str(folder), "--accounts", "unix"]
    assert main([*call, *more]) == 1
    assert capfd.readouterr().err == (
        "fairmark: --accounts unix makes accounts of this machine: start it as root\n"
    )
    assert not folder.exists()
