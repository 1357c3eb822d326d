"""``c.Fairmark.data``: folders of this machine that student code can read, at their own paths."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from traitlets.config import Config

from fairmark.course.configuration import CONFIG_FILE
from fairmark.errors import FairmarkError

_SYSTEM = ("/boot", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var/run", "/var/spool")
"""What is the system's, and what may hold its keys."""
_SANDBOX = ("/handed-out", "/home/student")
"""Where the sandbox has files of its own."""
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))
_STEPS = {
    "source": "the instructor's notebooks",
    "source_with_tests": "the instructor's notebooks",
    "solution": "the solutions",
    "submitted": "students' work",
    "autograded": "students' work",
    "feedback": "students' feedback",
}
_EXCHANGES = ("/usr/local/share/nbgrader", "/usr/share/nbgrader", "/srv/nbgrader/exchange")
_KEYS = frozenset(
    ".aws .azure .config .docker .git-credentials .gnupg .jupyter .kube .netrc .pypirc .ssh".split()
)
"""By these names a person's home is known, or what else may hold keys."""
_FIRST_PERSON = 1000
"""The numbers of people's accounts begin here."""
_FOR_OTHERS = 0o005


def data_folders(config: Config, root: Path) -> tuple[Path, ...]:
    """Return the folders that ``c.Fairmark.data`` of the course in ``root`` names, sorted.

    Raises FairmarkError for what is no folder, and for one that would show what students must not
    see.
    """
    wanted = config.Fairmark.get("data", [])
    if isinstance(wanted, (str, os.PathLike)):
        wanted = [wanted]
    found = []
    for name in wanted:
        folder = Path(os.path.normpath(root / Path(str(name)).expanduser()))
        if reason := _why_refused(folder, config, root):
            raise FairmarkError(f"{CONFIG_FILE}: c.Fairmark.data: {folder} {reason}")
        found.append(folder)
    return tuple(sorted(set(found)))


def _why_refused(folder: Path, config: Config, root: Path) -> str:
    """Why student code must not, or cannot, read a folder; empty where it may."""
    if not folder.is_dir():
        return "is no folder"
    for place in {folder, folder.resolve()}:
        for other, what in _hidden(config, root):
            if place.is_relative_to(other) or other.is_relative_to(place):
                return f"would show {what}"
        for home in _homes():
            if home.is_relative_to(place):
                return f"would show the home {home}"
        for system in map(Path, (*_SYSTEM, *_SANDBOX)):
            if place.is_relative_to(system) or system.is_relative_to(place):
                return f"cannot be shown: {system} is the system's own"
        if place in _TEMPORARY:
            return "would show everybody's temporary files"
        if _KEYS & set(place.parts) or _KEYS & set(os.listdir(place)):
            return "would show what looks like somebody's keys and settings"
    if os.getuid() == 0 and folder.stat().st_mode & _FOR_OTHERS != _FOR_OTHERS:
        return "is not for everybody to read, as student code must where root grades"
    return ""


def _hidden(config: Config, root: Path) -> Iterator[tuple[Path, str]]:
    """Places that students must not see, each with what lies there."""
    directory = config.CourseDirectory
    for step, what in _STEPS.items():
        yield (root / str(directory.get(f"{step}_directory", step))).resolve(), what
    for name in ("graders", "reference", ".fairmark", CONFIG_FILE):
        yield root / name, "the course"
    _, _, database = str(directory.get("db_url", "sqlite:///gradebook.db")).partition("sqlite:///")
    if database:
        yield (root / database.partition("?")[0]).resolve(), "the gradebook"
    for name in (*_EXCHANGES, str(config.Exchange.get("root", ""))):
        if name and os.path.isdir(name):
            yield Path(name).resolve(), "nbgrader's exchange, with what students handed in"


def _homes() -> Iterator[Path]:
    """The homes of people, of root and of whoever runs this."""
    yield Path.home().resolve()
    for account in pwd.getpwall():
        is_person = account.pw_uid >= _FIRST_PERSON or account.pw_uid in (0, os.getuid())
        if is_person and os.path.isdir(account.pw_dir):
            yield Path(account.pw_dir).resolve()
