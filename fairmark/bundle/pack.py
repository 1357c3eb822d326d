"""Writing a bundle: a zip with what a platform runs and all that this needs."""

from __future__ import annotations

import io
import json
import shlex
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from fairmark.bundle.contents import (
    course_files,
    engine_files,
    release_files,
    requirements,
)
from fairmark.bundle.prairielearn import info
from fairmark.bundle.submission import SETTINGS
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.files import write_file

_EXECUTABLE, _PLAIN = 0o755, 0o644
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same file."""
_SHOWN = 3


@dataclass(frozen=True)
class Choices:
    """What an instructor decides about a bundle."""

    hidden: Literal["hidden", "after_published"] = "hidden"
    """Who sees whether hidden tests passed: instructors, or students too once marks are out."""
    sandbox: str = "account"
    """What seals student code on the platform."""
    wheels: Path | None = None
    """A folder of packages to install without a network."""
    image: str | None = None
    """The name of the image that PrairieLearn runs."""


def write_bundle(assignment: Assignment, platform: str, output: Path, choices: Choices) -> None:
    """Write the bundle of an assignment for a platform; raise FairmarkError."""
    files = PLATFORMS[platform](assignment, choices)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            mode = (
                _EXECUTABLE if data.startswith(b"#!") and "/packages/" not in f"/{name}" else _PLAIN
            )
            entry.external_attr = (0o100000 | mode) << 16
            bundle.writestr(entry, data)
    write_file(output, archive.getvalue())


def _gradescope(assignment: Assignment, choices: Choices) -> dict[str, bytes]:
    found = {name: _template(f"gradescope/{name}") for name in ("setup.sh", "run_autograder")}
    return found | _what_all_need(assignment, choices)


def _prairielearn(assignment: Assignment, choices: Choices) -> dict[str, bytes]:
    """A folder to build the image in, and one to put among the course's questions."""
    python = ".".join(map(str, sys.version_info[:2]))
    options = "--no-index --find-links wheels " if choices.wheels is not None else ""
    names = ",".join(notebook.source.name for notebook in assignment.notebooks)
    dockerfile = _template("prairielearn/Dockerfile").replace(b"@PYTHON@", python.encode())
    page = _template("prairielearn/question.html").replace(b"@FILES@", names.encode())
    found = {
        "image/Dockerfile": dockerfile.replace(b"@OPTIONS@", options.encode()),
        "question/info.json": info(assignment, choices.image or f"fairmark-{assignment.name}"),
        "question/question.html": page,
        "question/tests/run.sh": _template("prairielearn/run.sh"),
    }
    for name, data in _what_all_need(assignment, choices).items():
        is_image = name.startswith(("packages/", "wheels/")) or name == "requirements.txt"
        found[f"image/{name}" if is_image else f"question/tests/{name}"] = data
    return found


def _github(assignment: Assignment, choices: Choices) -> dict[str, bytes]:
    """What goes into the students' template, to Classroom 50, and into a repository of one's own.

    The first two lie where students can read them, so they hold what was released and no more.
    """
    if len(assignment.notebooks) != 1:
        raise FairmarkError("a bundle for GitHub is of an assignment with one notebook")
    released = release_files(assignment)
    notebooks = sorted(name for name in released if name.endswith(".ipynb"))
    checks = {name: data for name, data in released.items() if name not in notebooks}
    pins = requirements(assignment, "")
    needs = {f"checks/{name}": data for name, data in checks.items()}
    needs |= {f"packages/{name}": data for name, data in engine_files().items()}
    needs |= {"requirements.txt": _lines(pins), **_wheels(choices, pins)}
    options = ["--no-index", "--find-links", "wheels"] if choices.wheels is not None else []
    values = {
        "NAME": assignment.name,
        "PYTHON": ".".join(map(str, sys.version_info[:2])),
        "FILES": " ".join(shlex.quote(name) for name in notebooks),
        "OPTIONS": "".join(f"{o} " for o in options).replace(" wheels", " .fairmark/wheels"),
    }
    for_script = {"NOTEBOOKS": repr(notebooks), "OPTIONS": repr(options)}
    found = {f"student/{name}": data for name, data in released.items()}
    found |= {f"student/.fairmark/{name}": data for name, data in needs.items()}
    found["student/.github/workflows/checks.yml"] = _filled("github/student.yml", values)
    found |= {f"classroom50/{name}": data for name, data in needs.items()}
    found["classroom50/autograder.py"] = _filled("github/autograder.txt", for_script)
    found["instructor/.github/workflows/grade.yml"] = _filled("github/grade.yml", values)
    found["instructor/students.csv"] = b"student,repository\n"
    for name in ("setup.sh", "run.sh"):
        found[f"instructor/grader/{name}"] = _template(f"github/{name}")
    for name, data in _what_all_need(assignment, choices).items():
        found[f"instructor/grader/{name}"] = data
    return found


def _filled(name: str, values: Mapping[str, str]) -> bytes:
    text = _template(name).decode()
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()


def _wheels(choices: Choices, pins: Sequence[str]) -> dict[str, bytes]:
    """The wheels that an installation without a network takes; raise FairmarkError for a lack."""
    if choices.wheels is None:
        return {}
    found: dict[str, dict[str, bytes]] = {}
    for path in sorted(choices.wheels.glob("*.whl")):
        try:
            name, version, *_ = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            raise FairmarkError(f"{path} is not named as a wheel is") from None
        pin = f"{name}=={version.public}"
        found.setdefault(pin, {})[f"wheels/{path.name}"] = path.read_bytes()
    if not found:
        raise FairmarkError(f"{choices.wheels} has no wheels")
    taken: dict[str, bytes] = {}
    missing = []
    for pin in pins:
        project, _, number = pin.partition("==")
        wanted = f"{canonicalize_name(project)}=={Version(number).public}"
        taken |= found.get(wanted, {})
        missing += [] if wanted in found else [pin]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise FairmarkError(
            f"{choices.wheels} lacks {', '.join(missing[:_SHOWN])}{more}: `pip wheel -r "
            f"requirements.txt -w {choices.wheels}` makes what a bundle's list names"
        )
    return taken


def _what_all_need(assignment: Assignment, choices: Choices) -> dict[str, bytes]:
    """The course's part, fairmark, what to install, and the settings."""
    found = {f"course/{name}": data for name, data in course_files(assignment).items()}
    found |= {f"packages/{name}": data for name, data in engine_files().items()}
    pins = requirements(assignment)
    found |= {"requirements.txt": _lines(pins), **_wheels(choices, pins)}
    settings = {
        "assignment": assignment.name,
        "hidden": choices.hidden,
        "sandbox": choices.sandbox,
    }
    found[SETTINGS] = (json.dumps(settings, indent=1) + "\n").encode()
    return found


def _lines(pins: Sequence[str]) -> bytes:
    return "".join(f"{pin}\n" for pin in pins).encode()


def _template(name: str) -> bytes:
    return files("fairmark.bundle").joinpath("templates", *name.split("/")).read_bytes()


PLATFORMS: dict[str, Callable[[Assignment, Choices], dict[str, bytes]]] = {
    "gradescope": _gradescope,
    "prairielearn": _prairielearn,
    "github": _github,
}
"""By name: what makes the files of a platform's bundle."""
