"""The files that grading one assignment needs: of the course, of fairmark, and what to install."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

import fairmark
from fairmark.course.course import Assignment, Course
from fairmark.course.proof import imported_files
from fairmark.errors import FairmarkError
from fairmark.files import plain_files

_EXTRA = "instructor"
_CONFIG = "nbgrader_config.py"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CACHES = ("__pycache__",)


def course_files(assignment: Assignment) -> dict[str, bytes]:
    """Return the course's files by their places in it; raise FairmarkError.

    They are the configuration, the assignment's own folders, and the modules that its graders
    import: nothing of other assignments, no marks and no submission.
    """
    course = assignment.course
    files = [course.root / _CONFIG, *course.cell_files]
    files += plain_files([assignment.source.parent, assignment.graders], _CACHES)
    for other in assignment.notebooks:
        files += imported_files(other.grader_files if other.has_graders else (), course.root)
    for folder in course.data:
        files += plain_files([folder], _CACHES)
    return {_place(path, course): path.read_bytes() for path in _with_packages(files, course.root)}


def release_files(assignment: Assignment) -> dict[str, bytes]:
    """Return what students get, by the places in their folder; raise FairmarkError."""
    folder = assignment.course.folder("release", assignment=assignment.name)
    found = {str(p.relative_to(folder)): p.read_bytes() for p in plain_files([folder], _CACHES)}
    if "checks.py" not in found:
        raise FairmarkError(f"{folder} holds no checks: run `fairmark generate {assignment.name}`")
    return found


def engine_files() -> dict[str, bytes]:
    """Return fairmark's own files by their places below the folder that it is imported from."""
    package = Path(fairmark.__file__).resolve().parent
    names = (path for path in package.rglob("*") if path.is_file())
    return {
        str(path.relative_to(package.parent)): path.read_bytes()
        for path in names
        if not set(path.relative_to(package).parts) & set(_CACHES)
    }


def requirements(assignment: Assignment, extra: str = _EXTRA) -> list[str]:
    """Return what is to be installed, each in the version that is installed here.

    It is what fairmark needs to grade, or with no ``extra`` for check cells, and what the
    assignment's notebook imports; the same versions give the same marks. Raises FairmarkError.
    """
    providers = _providers()
    modules = {name.partition(".")[0] for name in assignment.course.preload_for([assignment])}
    waiting = [(dist, "") for name in sorted(modules) for dist in providers.get(name, [])[:1]]
    waiting += _required("fairmark", extra)
    found: dict[str, str] = {}
    done: set[tuple[str, str]] = set()
    while waiting:
        name, its_extra = waiting.pop()
        key = _normal(name)
        if (key, its_extra) in done or key == "fairmark":
            continue
        done.add((key, its_extra))
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise FairmarkError(f"{name} is not installed here, and grading needs it") from None
        found[key] = f"{name}=={version.partition('+')[0]}"  # a local build is nowhere else
        waiting += _required(name, its_extra)
    return [found[key] for key in sorted(found)]


@functools.cache
def _providers() -> Mapping[str, list[str]]:
    """Which distributions bring a module: some hundred lists of files are read for it."""
    return metadata.packages_distributions()


def _required(name: str, extra: str) -> Iterator[tuple[str, str]]:
    """The distributions that one with an extra needs on this machine, each with its extras."""
    from packaging.requirements import Requirement

    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": extra}):
            yield from ((requirement.name, its) for its in ("", *sorted(requirement.extras)))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _with_packages(files: Iterable[Path], root: Path) -> set[Path]:
    """These files, and what makes the folders of modules packages."""
    found = {path for path in files if path.is_file()}
    for path in list(found):
        if path.suffix == ".py" and path.is_relative_to(root):
            inits = (
                folder / "__init__.py" for folder in path.parents if folder.is_relative_to(root)
            )
            found |= {init for init in inits if init.is_file()}
    return found


def _place(path: Path, course: Course) -> str:
    if not path.is_relative_to(course.root):
        raise FairmarkError(f"{path} lies outside of the course, and cannot go into a bundle")
    return str(path.relative_to(course.root))
