"""The folders of a local hub: the course's copy, the exchange, the gradebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from fairmark.course.configuration import CONFIG_FILE
from fairmark.course.course import Course
from fairmark.hub import accounts
from fairmark.hub.roles import write_roles
from fairmark.hub.settings import HubSettings
from fairmark.hub.shipped import bring, digest
from fairmark.kernel.spec import NAME, kernelspec

_COPIED = "copied.json"
_EXCHANGE = {"outbound": 0o2755, "inbound": 0o3733, "feedback": 0o2711}
"""A drop box: students put things into ``inbound``, and cannot look into it."""


def lay_out(
    settings: HubSettings, course: Course, tell: Callable[[str], None] = lambda step: None
) -> list[str]:
    """Make everything that the hub needs and that is not there yet; return what to tell the user.

    What students and the instructor have done in the hub stays as it is. ``tell`` hears of each
    step as it begins.
    """
    unix = settings.accounts == "unix"
    grader = settings.grader if unix else None
    settings.hub.mkdir(parents=True, exist_ok=True)
    settings.hub.chmod(0o700)
    settings.homes.mkdir(exist_ok=True)
    if unix:
        for folder in (settings.folder, settings.homes):
            folder.chmod(0o755)
        tell(f"accounts for {', '.join((settings.grader, *settings.people))}")
        accounts.make_accounts(settings)
    else:
        tell(f"folders for {', '.join(settings.people)}")
        for name in (settings.grader, *settings.people):
            (settings.homes / name).mkdir(exist_ok=True)
    tell(f"the course, copied to {settings.course}")
    lines = copy_course(course, settings)
    tell("the gradebook, and the students in it")
    accounts.run_as(grader, _prepare_grading, settings)
    tell("the exchange, and what each role's servers show")
    _make_exchange(settings, grader)
    write_roles(
        settings.roles,
        settings.course_id,
        settings.exchange,
        owners="accounts" if unix else "none",
        as_root=not unix,
        sockets=unix,
    )
    settings.save()
    return lines


def copy_course(course: Course, settings: HubSettings) -> list[str]:
    """Bring the hub's copy of the course up to date; return a line for each file left as it is.

    A file is copied when it is new or has changed in the course since the last copy. One that was
    changed or deleted in the hub, by the instructor, stays so; one that the course has no more, and
    that is as it was copied, is removed.
    """
    record = settings.hub / _COPIED
    known: dict[str, str] = json.loads(record.read_text()) if record.is_file() else {}
    files = {str(p.relative_to(course.root)): p.read_bytes() for p in _course_files(course)}
    grader = settings.grader if settings.accounts == "unix" else None
    brought = accounts.run_as(grader, bring, files, settings.course, known)
    record.write_text(json.dumps({n: digest(data) for n, data in files.items()}, indent=1) + "\n")
    return [
        f"{name} was changed here and in the hub; the hub keeps its own" for name in brought.kept
    ]


def _course_files(course: Course) -> Iterator[Path]:
    """The files that an instructor writes: none that are made from these, and none of students."""
    yield course.root / CONFIG_FILE
    for name in (course.source.name, "graders", "reference"):
        for path in sorted((course.root / name).rglob("*")):
            inside = path.relative_to(course.root).parts
            hidden = any(part.startswith(".") or part == "__pycache__" for part in inside)
            if path.is_file() and not path.is_symlink() and not hidden:
                yield path


def _prepare_grading(settings: HubSettings) -> None:
    """Make the gradebook with the students in it, and the kernel to try their notebooks in.

    A gradebook takes seconds to make. Without this, Formgrader's first page would wait for it.
    """
    from fairmark.record.database import open_gradebook

    course = Course.load(settings.course)
    with open_gradebook(course) as gradebook:
        known = {student.id for student in gradebook.students}
        for name in settings.students:
            if name not in known:
                gradebook.add_student(name)
    home = settings.homes / settings.grader
    place = home / ".local" / "share" / "jupyter" / "kernels" / NAME
    place.mkdir(parents=True, exist_ok=True)
    content = kernelspec(course.preload, vars(course.limits))
    (place / "kernel.json").write_text(json.dumps(content, indent=2) + "\n")


def _make_exchange(settings: HubSettings, grader: str | None) -> None:
    settings.exchange.mkdir(exist_ok=True)
    settings.exchange.chmod(0o755)
    accounts.make_folder(settings.exchange / settings.course_id, grader, 0o2755)
    accounts.run_as(grader, _make_boxes, settings.exchange / settings.course_id)


def _make_boxes(course: Path) -> None:
    for name, mode in _EXCHANGE.items():
        (course / name).mkdir(exist_ok=True)
        (course / name).chmod(mode)
