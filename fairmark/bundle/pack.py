"""Writing a bundle: a zip with what a platform runs and all that this needs."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from fairmark.bundle.contents import course_files, engine_files, requirements
from fairmark.bundle.prairielearn import info
from fairmark.bundle.submission import SETTINGS
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.files import write_file

_EXECUTABLE, _PLAIN = 0o755, 0o644
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same file."""


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


def _what_all_need(assignment: Assignment, choices: Choices) -> dict[str, bytes]:
    """The course's part, fairmark, what to install, and the settings."""
    found = {f"course/{name}": data for name, data in course_files(assignment).items()}
    found |= {f"packages/{name}": data for name, data in engine_files().items()}
    found["requirements.txt"] = "".join(f"{line}\n" for line in requirements(assignment)).encode()
    if choices.wheels is not None:
        wheels = sorted(choices.wheels.glob("*.whl"))
        if not wheels:
            raise FairmarkError(f"{choices.wheels} has no wheels")
        found |= {f"wheels/{path.name}": path.read_bytes() for path in wheels}
    settings = {
        "assignment": assignment.name,
        "hidden": choices.hidden,
        "sandbox": choices.sandbox,
    }
    found[SETTINGS] = (json.dumps(settings, indent=1) + "\n").encode()
    return found


def _template(name: str) -> bytes:
    return files("fairmark.bundle").joinpath("templates", *name.split("/")).read_bytes()


PLATFORMS: dict[str, Callable[[Assignment, Choices], dict[str, bytes]]] = {
    "gradescope": _gradescope,
    "prairielearn": _prairielearn,
}
"""By name: what makes the files of a platform's bundle."""
