"""What a student can not do where everybody has an account of the machine."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from fairmark.hub.accounts import RUNTIME
from fairmark.hub.identity import account_id
from tests.hub import system_python
from tests.hub.conftest import ROOT
from tests.hub.people import LINKS, SLOW, Instructor, Student
from tests.hub.running import RunningHub

ASSIGNMENT, WRITTEN = "perceptron", "convergence"
RUN = secrets.token_hex(3)
"""In all names, so that neither another run nor a hub of this machine is in the way."""
COURSE, INSTRUCTOR, ADA, BEN = f"pml-{RUN}", f"ines-{RUN}", f"ada-{RUN}", f"ben-{RUN}"
LATER = "2099-01-01 00:00:00 UTC"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes accounts")


class School:
    """A hub with real accounts; ben has handed in, ada looks for ways."""

    def __init__(self, hub: RunningHub, browser: Browser, shots: Path) -> None:
        self.hub, self.browser = hub, browser
        size = {"width": 1440, "height": 900}
        self.contexts = [browser.new_context(viewport=size) for _ in range(3)]  # type: ignore[arg-type]
        self.instructor = Instructor(hub, self.contexts[0], INSTRUCTOR, shots)
        self.ada = Student(hub, self.contexts[1], ADA, shots)
        self.ben = Student(hub, self.contexts[2], BEN, shots)
        self.inbound = hub.folder / "exchange" / COURSE / "inbound"

    def as_ada(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as ada would in a terminal."""
        return as_account(ADA, *command, **environment)


def as_account(
    name: str, *command: str | Path, cwd: str | Path = "/", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        user=name,
        group=name,
        extra_groups=[],
        cwd=cwd,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def school(
    browser: Browser, shots: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    course = tmp_path_factory.mktemp("course")  # below a folder that only root can enter
    for name in ("source", "graders", "reference"):
        shutil.copytree(ROOT / name, course / name)
    config = (ROOT / "nbgrader_config.py").read_text().replace('"pml-ws3"', repr(COURSE))
    (course / "nbgrader_config.py").write_text(config)
    place = Path(tempfile.mkdtemp(prefix="fairmark-school-", dir="/srv"))
    place.chmod(0o755)
    try:
        python = str(system_python.make(place / "python"))
        names = ["--instructor", INSTRUCTOR, "--student", ADA, "--student", BEN]
        options = ["--accounts", "unix", *names]
        hub = RunningHub(course, place / "hub", *options, python=python)
        try:
            with hub:
                yield arranged(School(hub, browser, shots))
        finally:
            removed = hub.remove()
        accounts = sorted([f"grader-{COURSE}", INSTRUCTOR, ADA, BEN])
        assert sorted(re.findall(rf"\S+-{RUN}", removed)) == accounts
        assert not [name for name in accounts if account_id(name) is not None]
        assert not (place / "hub").exists()
    finally:
        shutil.rmtree(place)


def arranged(school: School) -> School:
    """The assignment is released, and ben has handed in."""
    me = school.instructor
    for student in (school.ben, school.ada):
        student.log_in()  # their servers start while the instructor works
    me.open_formgrader()
    me.press(ASSIGNMENT, "assign")
    me.press(ASSIGNMENT, "release")
    for student in (school.ben, school.ada):
        student.home_is_there()
        student.show_home()
        student.fetch(ASSIGNMENT)
    ben = school.ben
    notebook = json.loads(ben.notebook_file(ASSIGNMENT).read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == WRITTEN:
            cell["source"] = LINKS.format(
                notebook=f"{ASSIGNMENT}.ipynb", page=school.hub.url("/hub/home")
            )
    ben.put_notebook(ASSIGNMENT, json.dumps(notebook).encode())
    ben.submit(ASSIGNMENT)
    return school


class TestFiles:
    """With the tools of a terminal, which JupyterLab has."""

    def test_another_home(self, school: School) -> None:
        home = school.hub.folder / "home" / BEN
        notebook = home / COURSE / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        assert notebook.is_file()
        assert refused(school.as_ada("ls", home))
        assert refused(school.as_ada("cat", notebook))

    def test_the_inbound_box(self, school: School) -> None:
        (handed_in,) = school.inbound.iterdir()
        assert handed_in.name.startswith(f"{BEN}+{ASSIGNMENT}+")
        assert refused(school.as_ada("ls", school.inbound))
        assert refused(school.as_ada("mv", handed_in, school.inbound / "mine"))
        # Nobody can learn the name; even so:
        assert refused(school.as_ada("ls", handed_in))
        assert refused(school.as_ada("cat", handed_in / f"{ASSIGNMENT}.ipynb"))
        assert refused(school.as_ada("rm", "-r", handed_in))
        assert (handed_in / f"{ASSIGNMENT}.ipynb").is_file()

    @pytest.mark.parametrize("name", ["source", "graders", "reference", "gradebook.db", "release"])
    def test_the_course(self, school: School, name: str) -> None:
        grading = school.hub.grading
        assert (grading / name).exists()
        assert refused(school.as_ada("ls", grading / name))
        assert refused(school.as_ada("cat", grading / name))

    def test_the_folder_that_the_course_came_from(self, school: School) -> None:
        assert refused(school.as_ada("ls", school.hub.course / "source"))

    def test_feedback_of_others(self, school: School) -> None:
        assert refused(school.as_ada("ls", school.hub.folder / "exchange" / COURSE / "feedback"))

    @pytest.mark.parametrize(
        "name", ["hub.json", "jupyterhub.sqlite", "cookie_secret", "hub.log", "lock"]
    )
    def test_the_hubs_own_files(self, school: School, name: str) -> None:
        path = school.hub.folder / "hub" / name
        assert path.exists()
        assert refused(school.as_ada("cat", path))

    def test_environments_of_other_processes(self, school: School) -> None:
        """The hub's token of a server stands in its environment, the proxy's in the hub's."""
        seen = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                is_hubs = b"jupyterhub" in (folder / "cmdline").read_bytes()
                if not is_hubs or folder.owner() == ADA:
                    continue
            except (OSError, KeyError):
                continue
            seen += 1
            assert refused(school.as_ada("cat", folder / "environ"))
        assert seen >= 3  # the hub, the grader's server, ben's

    def test_kernels_cannot_be_listened_to(self, school: School) -> None:
        ben = school.ben
        ben.open_notebook(ASSIGNMENT)
        ben.run(ben.cells.first)
        runtime = RUNTIME / str(account_id(BEN))
        (connection,) = runtime.glob("kernel-*.json")
        assert json.loads(connection.read_text())["transport"] == "ipc"
        assert refused(school.as_ada("ls", runtime))
        assert refused(school.as_ada("cat", connection))


class TestHandingIn:
    """In another's name, or what is not one's own."""

    def test_in_anothers_name(self, school: School) -> None:
        forged = school.inbound / f"{BEN}+{ASSIGNMENT}+{LATER}+x"
        assert school.as_ada("mkdir", forged).returncode == 0
        write(school, forged / f"{ASSIGNMENT}.ipynb", "forged")
        collected = collect(school)
        text = (collected / BEN / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
        assert "forged" not in text
        assert "YOUR CODE HERE" in text
        assert not (collected / ADA).exists()

    def test_a_link_to_the_solution(self, school: School) -> None:
        own = school.inbound / f"{ADA}+{ASSIGNMENT}+{LATER}+y"
        assert school.as_ada("mkdir", own).returncode == 0
        solution = school.hub.grading / "reference" / "perceptron.py"
        for name in (f"{ASSIGNMENT}.ipynb", "helper.py"):
            assert school.as_ada("ln", "-s", solution, own / name).returncode == 0
        write(school, own / "own.py", "mine")
        collected = collect(school) / ADA / ASSIGNMENT
        # Its time is the collector's: there was none.
        assert sorted(path.name for path in collected.iterdir()) == ["own.py", "timestamp.txt"]

    def test_through_the_command_with_another_name(self, school: School) -> None:
        home = school.hub.folder / "home" / ADA
        before = sorted(school.inbound.iterdir())
        done = as_account(
            ADA,
            *(school.hub.python, "-m", "nbgrader", "submit", "--course", COURSE, ASSIGNMENT),
            cwd=home,
            HOME=str(home),
            JUPYTER_CONFIG_PATH=str(school.hub.folder / "roles" / "student"),
            JUPYTERHUB_USER=BEN,
            JUPYTERHUB_API_TOKEN=token_of(ADA),
            JUPYTERHUB_API_URL=school.hub.url("/hub/api"),
        )
        assert done.returncode != 0
        assert "JupyterhubApiError" in done.stderr or "JupyterhubAPI" in done.stderr
        assert sorted(school.inbound.iterdir()) == before


class TestInstructor:
    """Works as the grader's account, which nobody can log in as."""

    def test_the_terminal_knows_the_commands(self, school: School) -> None:
        collect(school)
        said = school.instructor.terminal("whoami && pwd && fairmark --help && nbgrader --version")
        assert "not found" not in said
        assert f"grader-{COURSE}" in said
        assert str(school.hub.grading) in said

    def test_grades_all_and_reads_the_report(self, school: School) -> None:
        collect(school)
        me = school.instructor
        me.submissions(ASSIGNMENT)
        expect(me.autograde_all().locator("tr", has_text=BEN)).to_contain_text("to mark by hand")
        me.visit("Class Report")
        report = me.frame.frame_locator("#report")
        report.get_by_role("link", name=ASSIGNMENT).click(timeout=60_000)
        expect(report.get_by_role("heading", name="Scores")).to_be_visible()


class TestFeedback:
    """Opened by a click, with an origin that is not even its reader's."""

    def test_its_links_work(self, school: School) -> None:
        collect(school)
        me, ben = school.instructor, school.ben
        me.submissions(ASSIGNMENT)
        me.press(BEN, "autograde")
        me.visit("Manage Assignments")
        me.press(ASSIGNMENT, "generate-feedback")
        me.press(ASSIGNMENT, "release-feedback")
        ben.show_home()
        page = ben.open_feedback(ASSIGNMENT)
        assert page.url.startswith(school.hub.url(f"/user/{BEN}/fairmark/feedback/", BEN))
        assert page.evaluate("window.origin") == "null"
        ben.follow_links(page, ASSIGNMENT)


class TestInTheBrowser:
    """With the hub's own pages, and with pages of one's own."""

    def test_log_in_as_the_grader(self, school: School) -> None:
        context = school.browser.new_context()
        stranger = Student(school.hub, context, ADA, school.ada.shots)
        for password in ("", "grader", school.hub.settings["passwords"][ADA]):
            stranger.page.goto(school.hub.url("/hub/login"))
            stranger.log_in(name=f"grader-{COURSE}", password=password or "-")
            expect(stranger.page.locator(".login_error")).to_contain_text("Invalid")
        stranger.log_in(name=BEN, password=school.hub.settings["passwords"][ADA])
        expect(stranger.page.locator(".login_error")).to_contain_text("Invalid")
        context.close()

    def test_formgrader_and_anothers_server(self, school: School) -> None:
        page = school.contexts[1].new_page()
        for url in (school.hub.formgrader, school.hub.url(f"/user/{BEN}/lab", BEN)):
            reply = page.goto(url)
            assert reply is not None and reply.status in (403, 404), f"{url}: {reply}"
        page.close()

    def test_the_hubs_programs_with_ones_own_token(self, school: School) -> None:
        token = token_of(ADA)
        api = school.hub.url("/hub/api")
        ask = (
            "import json, sys, urllib.request, urllib.error\n"
            "request = urllib.request.Request(sys.argv[1], method=sys.argv[2],"
            " headers={'Authorization': 'token ' + sys.argv[3]}, data=None)\n"
            "try:\n    print(urllib.request.urlopen(request).status)\n"
            "except urllib.error.HTTPError as error:\n    print(error.code)\n"
        )

        def status(path: str, method: str = "GET") -> int:
            done = school.as_ada(school.hub.python, "-c", ask, f"{api}{path}", method, token)
            return int(done.stdout)

        assert status(f"/users/{ADA}") == 200
        for path in (
            "/users",
            f"/users/{BEN}",
            f"/groups/formgrade-{COURSE}",
            "/proxy",
            "/services",
        ):
            assert status(path) in (403, 404), path
        for path in (f"/users/{BEN}/server", f"/users/{BEN}/tokens", "/shutdown", "/users/eve"):
            assert status(path, "POST") in (403, 404), path

    def test_a_page_of_a_student_in_the_instructors_browser(self, school: School) -> None:
        """A student's server can send any page; it has an origin of its own."""
        context = school.contexts[0]
        evil = school.hub.url(f"/user/{ADA}/evil", ADA)
        target = school.hub.formgrader
        result = visit_evil(context, evil, target, school.hub.url("/hub/api/user"))
        assert result["read formgrader"] == "blocked"
        assert result["read the hub"] == "blocked"
        assert result["change a mark"] == "blocked"
        assert result["look into a window"] == "blocked"
        assert result["look into a frame"] == "blocked"
        # What it could send without seeing an answer was refused.
        assert (school.inbound.parent / "outbound" / ASSIGNMENT).is_dir()


class TestAnotherHub:
    """On the same machine."""

    def test_with_the_same_names(self, school: School) -> None:
        place = school.hub.folder.parent / "other"
        done = command(school, place, f"--student={ADA}")
        assert done.returncode == 1
        assert done.stderr == (
            f"fairmark: the account grader-{COURSE} is that of another hub, in "
            f"{school.hub.folder}: remove that one first "
            f"(fairmark hub --accounts unix --folder {school.hub.folder} --remove)\n"
        )
        assert not place.exists()

    def test_removing_a_hub_that_is_running(self, school: School) -> None:
        done = command(school, school.hub.folder, "--remove")
        assert done.returncode == 1
        assert "this hub is running already" in done.stderr
        assert (RUNTIME / str(account_id(BEN))).is_dir()


def command(school: School, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Call ``fairmark hub`` once more."""
    call = ["-m", "fairmark.cli.main", "hub", "--accounts=unix", f"--folder={folder}"]
    return subprocess.run(
        [school.hub.python, *call, f"--course={school.hub.course}", *options],
        capture_output=True,
        text=True,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the machine has said no; a missing file would be no proof of anything."""
    return done.returncode != 0 and bool(re.search(r"Permission denied|not permitted", done.stderr))


def write(school: School, path: Path, text: str) -> None:
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    done = school.as_ada(school.hub.python, "-c", code, path, text)
    assert done.returncode == 0, done.stderr


def collect(school: School) -> Path:
    """Press Collect; return what was submitted."""
    me = school.instructor
    me.open_formgrader_again()
    me.press(ASSIGNMENT, "collect")
    return school.hub.grading / "submitted"


def token_of(name: str) -> str:
    """The hub's token of somebody's server, as that person can read it."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.owner() != name:
                continue
            for item in (folder / "environ").read_bytes().split(b"\0"):
                if item.startswith(b"JUPYTERHUB_API_TOKEN="):
                    return item.partition(b"=")[2].decode()
        except (OSError, KeyError):
            continue
    raise AssertionError(f"{name} has no server")


def visit_evil(context: BrowserContext, evil: str, target: str, hub: str) -> dict[str, Any]:
    """Let somebody who is logged in open a page that a student's server sends."""
    script = (Path(__file__).parent / "evil.js").read_text()
    page: Page = context.new_page()

    def answer(route: Route) -> None:
        route.fulfill(body=f"<body><script>{script}</script>", content_type="text/html")

    page.route(evil, answer)
    page.goto(evil)
    page.evaluate("([target, hub]) => window.attack(target, hub)", [target, hub])
    page.wait_for_function("() => window.result", timeout=SLOW)
    result: dict[str, Any] = page.evaluate("() => window.result")
    page.close()
    return result
