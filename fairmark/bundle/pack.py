"""Writing a bundle: a zip with what a platform runs and all that this needs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from fairmark.bundle.contents import course_files, engine_files, requirements
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.files import write_file

_EXECUTABLE, _PLAIN = 0o755, 0o644
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same file."""
SETTINGS = "fairmark.json"


@dataclass(frozen=True)
class Choices:
    """What an instructor decides about a bundle."""

    hidden: Literal["hidden", "after_published"] = "hidden"
    """Who sees whether hidden tests passed: instructors, or students too once marks are out."""
    sandbox: str = "account"
    """What seals student code on the platform."""
    wheels: Path | None = None
    """A folder of packages to install without a network."""


def write_bundle(assignment: Assignment, platform: str, output: Path, choices: Choices) -> None:
    """Write the bundle of an assignment for a platform; raise FairmarkError."""
    files = PLATFORMS[platform](assignment, choices)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            mode = _EXECUTABLE if data.startswith(b"#!") and "/" not in name else _PLAIN
            entry.external_attr = (0o100000 | mode) << 16
            bundle.writestr(entry, data)
    write_file(output, archive.getvalue())


def _gradescope(assignment: Assignment, choices: Choices) -> dict[str, bytes]:
    found = {name: _template(f"gradescope/{name}") for name in ("setup.sh", "run_autograder")}
    return found | _what_all_need(assignment, choices)


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
    kept = {key: value for key, value in asdict(choices).items() if key != "wheels"}
    settings = {"assignment": assignment.name, **kept}
    found[SETTINGS] = (json.dumps(settings, indent=1) + "\n").encode()
    return found


def _template(name: str) -> bytes:
    return files("fairmark.bundle").joinpath("templates", *name.split("/")).read_bytes()


PLATFORMS: dict[str, Callable[[Assignment, Choices], dict[str, bytes]]] = {
    "gradescope": _gradescope
}
"""By name: what makes the files of a platform's bundle."""
