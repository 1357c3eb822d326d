"""``fairmark hub``: a local JupyterHub with this course."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairmark.cli import common
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError

if TYPE_CHECKING:
    from fairmark.course.course import Course
    from fairmark.hub.process import Hub
    from fairmark.hub.settings import HubSettings

_UNIX_ROOT = Path("/srv/fairmark")
_STUDENTS = ["ada", "ben"]
_LTI_ADDRESSES = (
    "Register there: /hub/lti13/oauth_login (login), /hub/lti13/oauth_callback (redirect)"
)


class Accounts(StrEnum):
    """Whose accounts the servers run as."""

    ONE = "one"
    UNIX = "unix"


def hub(
    context: typer.Context,
    accounts: Annotated[
        Accounts,
        typer.Option(
            "--accounts",
            help="'one' runs everybody's servers as you, for a demonstration: it keeps nobody from "
            "anything. 'unix' makes real accounts of this machine; that takes root.",
        ),
    ] = Accounts.ONE,
    port: Annotated[int, typer.Option("--port", help="The hub's port on 127.0.0.1.")] = 8000,
    instructor: Annotated[
        str | None,
        typer.Option(
            "--instructor",
            metavar="NAME",
            help="Who grades. (default: as last time, at first: instructor)",
            show_default=False,
        ),
    ] = None,
    students: Annotated[
        list[str] | None,
        typer.Option(
            "--student",
            metavar="NAME",
            help="A student, beside those of last time; may be repeated. (default: ada and ben)",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar="DIR",
            help="Where homes, exchange, gradebook and the hub's database lie. (default: "
            ".fairmark/hub in the course, or with --accounts unix /srv/fairmark/COURSE)",
            show_default=False,
        ),
    ] = None,
    lti: Annotated[
        bool,
        typer.Option(
            "--lti",
            help="Log in by the learning platform that c.Fairmark.lti names, in place of "
            "passwords. Only with --accounts one.",
        ),
    ] = False,
    remove: Annotated[
        bool,
        typer.Option("--remove", help="Remove this hub instead: its folder and its accounts."),
    ] = False,
    course: common.CourseOption = None,
) -> None:
    """Start a local JupyterHub with this course, and run it until Ctrl-C.

    It works on a copy of the course. The next start goes on where this one ended.
    """
    found = common.find_course(context, course)
    if lti and (accounts is Accounts.UNIX or instructor or students):
        raise common.WrongCall(
            "with --lti the platform says who comes: no --accounts unix, --instructor or --student"
        )
    platform = _platform(found) if lti else None
    if accounts is Accounts.UNIX:
        from fairmark.hub.accounts import require_root

        require_root()
    course_id = str(found.config.CourseDirectory.get("course_id", "")) or found.root.name
    place = folder or _default_folder(found, course_id, accounts)
    settings = _settings(place.resolve(), course_id, accounts, port, instructor, students)
    if platform is not None:
        settings = settings.changed(lti=platform, students=(), passwords={})
    if remove:
        _remove(settings)
    else:
        _run(settings, found)


def _platform(course: Course) -> dict[str, str]:
    """What the hub has to know of the platform; no key is among it."""
    with common.extra("lti", "jupyterhub-ltiauthenticator", {"ltiauthenticator", "jwt"}):
        from fairmark.hub.lti import LOGIN_SETTINGS
    from fairmark.course.lti import LtiSettings

    settings = LtiSettings.read(course, *LOGIN_SETTINGS)
    names = ("issuer", "client_id", *LOGIN_SETTINGS, "student")
    return {name: getattr(settings, name) for name in names}


def _default_folder(course: Course, course_id: str, accounts: Accounts) -> Path:
    if accounts is Accounts.UNIX:
        return _UNIX_ROOT / course_id
    return course.root / ".fairmark" / "hub"


def _settings(
    folder: Path,
    course_id: str,
    accounts: Accounts,
    port: int,
    instructor: str | None,
    students: list[str] | None,
) -> HubSettings:
    from fairmark.hub.settings import HubSettings, check_name

    settings = HubSettings(folder, course_id, accounts.value, port, students=tuple(_STUDENTS))
    known: dict[str, Any] = {}
    if settings.file.is_file():
        before = HubSettings.read(settings.file)
        if before.accounts != settings.accounts:
            raise common.WrongCall(
                f"the hub in {folder} was made with --accounts {before.accounts}; "
                "use that, another --folder, or --remove"
            )
        known = {
            "instructor": before.instructor,
            "students": before.students,
            "passwords": before.passwords,
        }
    if instructor:
        known["instructor"] = instructor
    if students:  # in addition: those of last time have work here
        known["students"] = tuple(dict.fromkeys([*known.get("students", ()), *students]))
    with common.wrong_call():
        settings = settings.changed(**known)
        for name in settings.people:
            check_name(name)
    return settings.with_passwords()


def _run(settings: HubSettings, course: Course) -> None:
    for name in ("jupyterhub", "jupyterlab", "nbgrader"):
        if find_spec(name) is None:
            extras = "course,instructor,hub"
            raise FairmarkError(f"{name} is missing: install fairmark with its extras '{extras}'")
    from fairmark.hub import accounts, folders, process

    if settings.accounts == "unix":
        accounts.refuse_what_others_can_read(course.root)
        accounts.refuse_what_others_cannot_run()
        accounts.refuse_taken_names(settings)
    # Who starts it in the background of a script has Ctrl-C switched off, too.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    steps = _Steps()
    running = process.Hub(settings, steps.tell)
    try:
        with process.locked(settings):
            for line in folders.lay_out(settings, course, steps.tell):
                say(line)
            with running:
                _serve(settings, running)
    except KeyboardInterrupt:
        sys.stdout.write("\nThe hub has ended; the next start goes on from here.\n")


class _Steps:
    """Says what a start is at: the first one of a hub takes its time."""

    def __init__(self) -> None:
        self._number = 0

    def tell(self, step: str) -> None:
        """Say that a step begins."""
        self._number += 1
        say(f"{self._number}. {step}")


def _serve(settings: HubSettings, running: Hub) -> None:
    sys.stdout.write(_welcome(settings, running.log))
    sys.stdout.flush()
    running.wait()


def _welcome(settings: HubSettings, log: Path) -> str:
    width = max(map(len, settings.people), default=0)
    rows = [
        f"  {name:{width}}  {settings.passwords[name]}"
        + ("   grades, in Formgrader" if name == settings.instructor else "")
        for name in settings.people
    ]
    if settings.lti is not None:
        rows = [f"  People come by {settings.lti['issuer']}", f"  {_LTI_ADDRESSES}"]
    if settings.accounts == "one":
        you = "you, and you are root" if os.geteuid() == 0 else "you"
        warning = (
            f"This is a demonstration: every server runs as {you}, so students can reach each\n"
            "other's files, the solutions, and yours. Real accounts: --accounts unix\n"
        )
    else:
        warning = "Each person has an account of this machine and a home that no other can enter.\n"
    return "\n".join(
        [
            f"The course {settings.course_id} is at  {settings.url}",
            "",
            *rows,
            "",
            f"Formgrader   {settings.formgrader_url}",
            f"Files        {settings.folder}",
            f"Log          {log}",
            "",
            f"{warning}Ctrl-C ends the hub.\n",
        ]
    )


def _remove(settings: HubSettings) -> None:
    if not settings.file.is_file():
        raise common.WrongCall(f"there is no hub in {settings.folder}")
    from fairmark.hub import accounts, process

    with process.locked(settings):
        if settings.accounts == "unix":
            names = accounts.remove_accounts(settings)
            sys.stdout.write(f"Removed the accounts {', '.join(names) or '(none)'}\n")
        shutil.rmtree(settings.folder)
        if settings.folder.parent == _UNIX_ROOT:
            with contextlib.suppress(OSError):  # another hub is in it
                _UNIX_ROOT.rmdir()
        sys.stdout.write(f"Removed {settings.folder}\n")
