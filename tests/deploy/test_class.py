"""A class in containers: images from the Dockerfiles as they are, compose.yaml, a browser.

It takes some ten minutes, root, and Debian's packages, so ``make test-containers`` runs it.
"""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from fairmark.hub.identity import hashed_id
from tests.deploy import base, engine
from tests.deploy.engine import Engine, call
from tests.hub import people
from tests.hub.people import Instructor, Student

ROOT = Path(__file__).resolve().parents[2]
DATABASE = ROOT / "tests" / "deploy" / "database"
DOMAIN = "hub.example.org"
ASSIGNMENT = "perceptron"
PATIENCE = 300_000
"""Milliseconds: the images' first start and the students' servers have few processors to share."""
INBOUND = "/srv/nbgrader/exchange/pml-ws3/inbound"
GRADER = "/home/grader/course/graders/perceptron"
IMAGES = {
    "fairmark-student": "deploy/student/Dockerfile",
    "fairmark-grader": "deploy/grader/Dockerfile",
    "fairmark-hub": "deploy/compose/hub.Dockerfile",
}
ONE_ASSIGNMENT = """
for name in source/* samples/students/*; do
    case $name in */warm-up) ;; *) rm -r "$name" ;; esac
done
make grade && cat grades.csv
"""
CONNECT = """
import socket, sys
for place in sys.argv[1:]:
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 3).close()
        print(place, "open")
    except OSError:
        print(place, "closed")
"""


def objection() -> str | None:
    """Why a class cannot be run in containers here, or None."""
    if not os.environ.get("FAIRMARK_TEST_CONTAINERS"):
        return "make test-containers runs it"
    return engine.objection() or base.objection()


WHY_NOT = objection()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"NOT TESTED: {WHY_NOT}")


class Class:
    """The engine, what runs in it, and the people."""

    def __init__(self, engine: Engine, project: Path, shots: Path) -> None:
        self.engine, self.project, self.shots = engine, project, shots
        self.settings: dict[str, Any] = {
            "course_id": "pml-ws3",
            "passwords": {name: secrets.token_hex(8) for name in ("ada", "ben", "ines")},
        }
        self.formgrader = f"https://pml-ws3--service.{DOMAIN}/services/pml-ws3/"
        self.people: dict[str, Any] = {}

    def url(self, path: str = "", person: str = "") -> str:
        """An address; each person's pages have an origin of their own."""
        return f"https://{f'{person}.' if person else ''}{DOMAIN}{path}"

    def write_secrets(self) -> None:
        """As README.md says."""
        password = secrets.token_hex(16)
        folder = self.project / "secrets"
        (folder / "grader_token").write_text(secrets.token_hex(32))
        (folder / "database_password").write_text(password)
        address = f"postgresql+psycopg://fairmark:{password}@database/gradebook"
        (folder / "gradebook_database").write_text(address + "\n")
        (folder / "accounts.json").write_text(json.dumps(self.settings["passwords"]))

    def compose(self, *arguments: str) -> str:
        """What Compose says."""
        variables = {"FAIRMARK_DOMAIN": DOMAIN, "FAIRMARK_INSTRUCTORS": "ines"}
        return self.engine.compose(self.project, *arguments, **variables)

    def in_grader(self, *command: str) -> str:
        """What a command says that an instructor types."""
        return self.compose("exec", "-T", "grader", *command)

    def network(self, name: str) -> Any:
        """A student's network."""
        said = self.engine.docker("network", "inspect", f"fairmark-jupyter-{name}")
        return json.loads(said)[0]

    def open_from(self, container: str, *places: str) -> list[str]:
        """Those of the addresses that a container reaches."""
        said = self.engine.docker("exec", container, "python", "-c", CONNECT, *places)
        return [line.split()[0] for line in said.splitlines() if line.endswith("open")]


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    """An engine with the images in it. All of it is removed afterwards.

    FAIRMARK_ENGINE names a folder that keeps it, for work on these tests.
    """
    kept = os.environ.get("FAIRMARK_ENGINE")
    folder = Path(kept or tempfile.mkdtemp(prefix="fairmark-engine-"))
    own = Engine(folder)
    try:
        if not own.programs.exists():
            own.unpack()
        own.start(apart=False)
        if base.NAME not in own.docker("images", "--format={{.Repository}}:{{.Tag}}"):
            import_base(own)
        own.build(DATABASE / "Dockerfile", "postgres:17-bookworm", DATABASE)
        for tag, name in IMAGES.items():
            own.build(ROOT / name, tag, ROOT)
        own.stop()
        own.start(apart=True)
        for left in own.docker("ps", "--all", "--quiet").split():  # in a kept folder
            own.docker("rm", "--force", left)
        own.docker("network", "prune", "--force")
        own.docker("volume", "prune", "--force")
        yield own
    finally:
        own.stop()
        if not kept:
            shutil.rmtree(folder)


def import_base(own: Engine) -> None:
    """Make the image that the Dockerfiles begin with."""
    files, archive = own.folder / "base", own.folder / "base.tar"
    changes = base.make(own.programs / "usr/sbin/debootstrap", files)
    call(["tar", "-C", files, "-cf", archive, "."])
    options = [f"--change={change}" for change in [*changes, 'CMD ["python3"]']]
    own.docker("import", *options, archive, base.NAME)
    archive.unlink()
    shutil.rmtree(files)


@pytest.fixture(scope="module")
def room(running: Engine, shots: Path) -> Iterator[Class]:
    project = running.folder / "deploy"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(ROOT / "deploy", project)
    room = Class(running, project / "compose", shots)
    room.write_secrets()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "SLOW", PATIENCE)
        yield room


@pytest.fixture(scope="module")
def served(room: Class) -> Iterator[None]:
    """TLS in front of the hub, and another service of the machine."""
    folder = room.engine.folder
    subject = ["-subj", f"/CN={DOMAIN}", "-days", "2", "-newkey", "rsa:2048", "-nodes"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    call(["openssl", "req", "-x509", *subject, *files])
    proxy = [sys.executable, ROOT / "tests/deploy/tls.py", files[3], files[1]]
    service = [sys.executable, "-m", "http.server", "8765", "--bind", "::", "-d", room.shots]
    inside = room.engine.inside()
    started = [
        subprocess.Popen(
            [*inside, *map(str, each)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for each in (proxy, service)
    ]
    yield
    for process in started:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def browser(room: Class, served: None) -> Iterator[Browser]:
    """Chromium in the engine's network."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    script = room.engine.folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec {" ".join(room.engine.inside())} {found} "$@"\n')
    script.chmod(0o755)
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += [f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1, MAP *.{DOMAIN} 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=script, args=options)
        yield browser
        browser.close()


def enter(room: Class, browser: Browser, kind: type[Any], name: str) -> Any:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    room.people[name] = kind(room, context, name, room.shots)
    return room.people[name]


class TestClass:
    """In order; see the names."""

    def test_images_share_what_is_large(self, room: Class) -> None:
        layers = [
            json.loads(room.engine.docker("inspect", "--format={{json .RootFS.Layers}}", image))
            for image in ("fairmark-student", "fairmark-grader")
        ]
        shared = [a for a, b in zip(*layers, strict=False) if a == b]
        assert len(shared) >= 4
        history = room.engine.docker(
            "history", "--no-trunc", "--format={{.CreatedBy}}", "fairmark-student"
        )
        lines = [line for line in history.splitlines() if "pip install" in line]
        assert any("/src[course]" in line for line in lines[1:])  # the newest comes first

    def test_students_image_has_no_solution(self, room: Class) -> None:
        assert list((ROOT / "graders").glob("*/misconceptions.py"))
        look = "find / -xdev ( -name misconceptions.py -o -name *.ipynb -o -path /opt/course* )"
        # As root, from whom no folder is closed.
        found = room.engine.docker("run", "--rm", "--user", "0", "fairmark-student", *look.split())
        ours = [line for line in found.splitlines() if "/site-packages/" not in line]
        assert not [line for line in ours if line.startswith("/")]

    @pytest.mark.parametrize("left_out", ["", "seccomp", "systempaths"])
    def test_sandbox_needs_each_flag(self, room: Class, left_out: str) -> None:
        profile = ROOT / "deploy" / "grader" / "seccomp.json"
        flags = [f"seccomp={profile}", "systempaths=unconfined", "no-new-privileges"]
        kept = [f"--security-opt={each}" for each in flags if each.partition("=")[0] != left_out]
        call = ("run", "--rm", "--cap-drop=ALL", *kept, "fairmark-grader", "fairmark", "doctor")
        said = room.engine.docker(*call, check=False)
        assert ("✓ seal bubblewrap: it starts" in said) == (not left_out), said

    def test_workers_follow_the_limit(self, room: Class) -> None:
        count = "from fairmark.sandbox.cores import usable_cores; print(usable_cores())"
        call = ("run", "--rm", "--cpus=0.5", "fairmark-grader", "python", "-c", count)
        assert room.engine.docker(*call).splitlines()[-1] == "1"

    def test_up(self, room: Class) -> None:
        room.compose("up", "--detach", "--wait", "--no-build")
        said = room.in_grader("fairmark", "doctor")
        assert "✗" not in said, said
        assert said.count("✓ sealed off") == 4
        assert "gradebook: postgresql" in said

    def test_instructor_gets_to_formgrader(self, room: Class, browser: Browser) -> None:
        me: Instructor = enter(room, browser, Instructor, "ines")
        me.open_formgrader()
        me.press(ASSIGNMENT, "assign")
        me.press(ASSIGNMENT, "release")

    @pytest.mark.parametrize("name", ["ada", "ben"])
    def test_students_hand_in(self, room: Class, browser: Browser, name: str) -> None:
        me: Student = enter(room, browser, Student, name)
        me.open_home()
        me.fetch(ASSIGNMENT)
        me.submit(ASSIGNMENT)

    def test_no_student_is_in_roots_group(self, room: Class) -> None:
        said = room.engine.docker("exec", "jupyter-ada", "id")
        number = hashed_id("ada")
        assert said.split() == [f"uid={number}", f"gid={number}", f"groups={number}"]
        listing = ("exec", "jupyter-ada", "ls", INBOUND)
        assert "Permission denied" in room.engine.docker(*listing, check=False)

    def test_students_reach_the_hub_and_nothing_else(self, room: Class) -> None:
        addresses = json.loads(call([*room.engine.inside(), "ip", "-json", "address"]))
        ours = [info["local"] for each in addresses for info in each["addr_info"]]
        ours = [each for each in ours if not each.startswith("127.") and each != "::1"]
        subnet = room.network("ada")["IPAM"]["Config"][0]["Subnet"]
        ours.append(
            str(next(ipaddress.ip_network(subnet).hosts()))
        )  # where a bridge's end would be
        on_this_machine = [f"{each}:8765" for each in ours]
        beside = ["hub:8081", "hub:8001", "grader:8888", "database:5432"]
        (ben,) = [
            each["IPv4Address"].partition("/")[0]
            for each in room.network("ben")["Containers"].values()
            if each["Name"] == "jupyter-ben"
        ]
        beside += ["jupyter-ben:8888", f"{ben}:8888"]
        assert room.open_from("jupyter-ada", *on_this_machine, *beside) == ["hub:8081"]
        # The same look sees these where there is a way.
        assert room.open_from("fairmark-grader-1", *on_this_machine)
        assert f"{ben}:8888" in room.open_from("fairmark-hub-1", *beside)

    def test_marks_and_feedback(self, room: Class) -> None:
        me: Instructor = room.people["ines"]
        me.visit("Manage Assignments")
        me.press(ASSIGNMENT, "collect")
        me.submissions(ASSIGNMENT)
        result = me.autograde_all()
        for name in ("ada", "ben"):
            expect(result.locator("tr", has_text=name)).to_contain_text("missing")
        me.visit("Manage Assignments")
        me.press(ASSIGNMENT, "generate-feedback")
        me.press(ASSIGNMENT, "release-feedback")
        ada: Student = room.people["ada"]
        ada.show_home()
        page = ada.open_feedback(ASSIGNMENT)
        expect(page.locator("h1").first).to_contain_text("points")
        page.screenshot(path=room.shots / "containers-feedback.png")

    def test_commands_see_what_formgrader_wrote(self, room: Class) -> None:
        said = room.in_grader("fairmark", "export", "--to", "csv")
        assert "ada" in room.in_grader("cat", "grades.csv"), said
        missing = room.compose("exec", "-T", "grader", "sh", "-c", "ls gradebook.db || true")
        assert "No such file" in missing

    def test_repaired_grader_arrives(self, room: Class) -> None:
        folder = room.engine.folder / "repaired"
        folder.mkdir(exist_ok=True)
        name = "test_perceptron_training.py"
        room.in_grader("sh", "-c", f"echo '# mine' >> {GRADER}/alternatives.py")
        (folder / "Dockerfile").write_text(
            "FROM fairmark-grader\nUSER root\n"
            f"RUN echo '# repaired' >> /opt/course/graders/perceptron/{name}; "
            "echo '# theirs' >> /opt/course/graders/perceptron/alternatives.py\nUSER 1000\n"
        )
        room.engine.docker("build", "--tag", "fairmark-grader", folder)
        room.compose("up", "--detach", "--wait", "--no-build")
        room.in_grader("fairmark", "doctor")
        said = room.compose("logs", "grader")
        assert f"graders/perceptron/{name}: taken from the new image" in said
        assert "graders/perceptron/alternatives.py: kept as it was changed here" in said
        assert "# repaired" in room.in_grader("cat", f"{GRADER}/{name}")
        assert "# theirs" not in room.in_grader("cat", f"{GRADER}/alternatives.py")

    def test_nothing_is_left_but_homes(self, room: Class) -> None:
        room.compose("down", "--volumes")
        assert room.engine.docker("ps", "--all", "--quiet") == ""
        volumes = room.engine.docker("volume", "ls", "--quiet").split()
        assert volumes == ["fairmark-home-ada", "fairmark-home-ben"]
        networks = room.engine.docker("network", "ls", "--format={{.Name}}").split()
        assert sorted(networks) == ["bridge", "host", "none"]


class TestWorkbench:
    def test_it_grades(self, running: Engine) -> None:
        """With the options of README.md, and without a network."""
        running.stop()
        running.start(apart=False)  # the registries are reached from there
        running.build(ROOT / "deploy/workbench/Dockerfile", "fairmark-workbench", ROOT)
        flags = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())["runArgs"]
        options = [each.replace("${localWorkspaceFolder}", str(ROOT)) for each in flags]
        call = ("run", "--rm", "--network=none", *options, "fairmark-workbench")
        said = running.docker(*call, "bash", "-c", ONE_ASSIGNMENT)
        class_ = (ROOT / "samples" / "students" / "warm-up").iterdir()
        for student in sorted(path.stem for path in class_):
            assert f"\n{student}," in said, said[-4000:]
