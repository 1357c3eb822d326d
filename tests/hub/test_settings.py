"""What a local hub keeps, and what its servers are configured with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from fairmark.cli.hub import Accounts, _settings
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.hub.configure import configure
from fairmark.hub.folders import copy_course, lay_out
from fairmark.hub.roles import main, write_roles
from fairmark.hub.settings import HubSettings, check_name
from tests.tiny import make_course


@pytest.fixture
def settings(tmp_path: Path) -> HubSettings:
    return HubSettings(tmp_path / "hub", "Tiny Course", students=("ada", "ben")).with_passwords()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


def test_passwords_are_kept_and_hidden(settings: HubSettings) -> None:
    settings.hub.mkdir(parents=True)
    settings.save()
    assert HubSettings.read(settings.file) == settings
    assert settings.file.stat().st_mode & 0o777 == 0o600
    more = settings.changed(students=("ada", "ben", "cy")).with_passwords()
    assert more.passwords["ada"] == settings.passwords["ada"]
    assert len(set(more.passwords.values())) == 4


def test_unreadable_settings_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "hub.json").write_text("{}")
    with pytest.raises(FairmarkError, match="cannot be read"):
        HubSettings.read(tmp_path / "hub.json")


def test_names_of_accounts(settings: HubSettings) -> None:
    assert settings.grader == "grader-tiny-course"
    check_name("ada-2")
    for name in ("", "Ada", "root", "a b", "../x", "x" * 40, settings.grader):
        with pytest.raises(FairmarkError, match="cannot be"):
            check_name(name)


def test_the_hub_lets_only_its_people_in(
    settings: HubSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.hub.mkdir(parents=True)
    settings.save()
    monkeypatch.setenv("FAIRMARK_HUB_PORTS", "1 2 3")
    monkeypatch.setenv("FAIRMARK_HUB_PROXY", "node\nproxy")
    c = Config()
    configure(c, settings.file)
    assert c.Authenticator.allowed_users == {"instructor", "ada", "ben"}
    assert c.Authenticator.allow_existing_users is False
    assert c.JupyterHub.bind_url.startswith("http://127.0.0.1:")
    assert set(c.JupyterHub.load_groups["nbgrader-Tiny Course"]["users"]) == {"ada", "ben"}
    scopes = {scope for role in c.JupyterHub.load_roles for scope in role["scopes"]}
    assert not any(scope.startswith(("admin", "tokens", "servers")) for scope in scopes)


def test_students_do_not_get_formgrader(tmp_path: Path) -> None:
    write_roles(tmp_path, "c", Path("/x"), owners="accounts", as_root=False, sockets=True)
    shown = {}
    for role in ("student", "grader"):
        server = json.loads((tmp_path / role / "jupyter_server_config.json").read_text())
        shown[role] = {
            name.removeprefix("nbgrader.server_extensions.")
            for name, on in server["ServerApp"]["jpserver_extensions"].items()
            if on
        }
        assert server["KernelManager"]["transport"] == "ipc"
        config = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path / role)).load_config()
        assert config.Exchange.root == "/x"
    assert shown["student"] == {"fairmark.hub.desk.student"}
    assert shown["grader"] == {
        "formgrader",
        "validate_assignment",
        "fairmark.hub.formgrader",
        "fairmark.hub.desk.grader",
    }


def test_folders_for_images(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--course-id", "c", "--exchange", "/srv/exchange"]) == 0
    config = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path / "grader")).load_config()
    assert config.CollectOwned.owners == "hashed"


def test_the_copy_follows_the_course_but_not_over_changes(
    course: Course, settings: HubSettings
) -> None:
    settings.hub.mkdir(parents=True)
    assert copy_course(course, settings) == []
    source = course.source / "tiny" / "tiny.ipynb"
    copy = settings.course / "source" / "tiny" / "tiny.ipynb"
    assert copy.read_bytes() == source.read_bytes()
    source.write_bytes(source.read_bytes() + b"\n")
    assert copy_course(course, settings) == []
    assert copy.read_bytes() == source.read_bytes()
    copy.write_bytes(b"the instructor's")
    assert copy_course(course, settings) == []
    source.write_bytes(source.read_bytes() + b"\n")
    (line,) = copy_course(course, settings)
    assert "tiny.ipynb was changed here and in the hub" in line
    assert copy.read_bytes() == b"the instructor's"
    assert copy_course(course, settings) == []


def test_folders_of_a_hub(course: Course, settings: HubSettings) -> None:
    steps: list[str] = []
    assert lay_out(settings, course, steps.append) == []
    assert [step.split(",")[0] for step in steps] == [
        "folders for instructor",
        "the course",
        "the gradebook",
        "the exchange",
    ]
    box = settings.exchange / settings.course_id
    assert (box / "inbound").stat().st_mode & 0o7777 == 0o3733
    assert (box / "feedback").stat().st_mode & 0o7777 == 0o2711
    assert (settings.course / "gradebook.db").is_file()
    assert not (settings.course / "submitted").exists()
    assert lay_out(settings, course) == []  # and again


def test_who_is_in_the_hub_at_a_later_start(tmp_path: Path) -> None:
    def start(*students: str, instructor: str | None = None) -> HubSettings:
        found = _settings(tmp_path, "c", Accounts.ONE, 8000, instructor, list(students))
        found.hub.mkdir(exist_ok=True)
        found.save()
        return found

    assert start().students == ("ada", "ben")
    before = start("chen")
    assert before.students == ("ada", "ben", "chen")
    assert start("ada") == before
    assert before.instructor == "instructor"
    assert start(instructor="ines").people == start().people == ("ines", "ada", "ben", "chen")
    with pytest.raises(FairmarkError, match="was made with --accounts one"):
        _settings(tmp_path, "c", Accounts.UNIX, 8000, None, None)
    with pytest.raises(FairmarkError, match="cannot be a person's account"):
        start("../dora")
