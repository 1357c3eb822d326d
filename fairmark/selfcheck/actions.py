"""The visible checks of a notebook in GitHub Actions, in a student's own repository.

``python -m fairmark.selfcheck.actions PLATFORM CHECKS NOTEBOOK…`` runs each notebook and its checks
in a process of its own. Whoever owns the repository can change what comes out: it informs, and
marks are given elsewhere.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.files import write_file
from fairmark.text import count

PLATFORMS = ("actions", "classroom50")
_SECONDS = 900.0
"""How long a notebook and its checks may take."""
_MOST_RUNS = 8
"""How often a notebook is run again without a cell that ended the process."""
_SHOWN = 10
"""Annotations of a step that GitHub shows."""
_LONGEST = 400
_KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
"""What student code sees of the environment; tokens are not among it."""


@dataclass(frozen=True)
class Seen:
    """A visible test, and how it ended."""

    notebook: str
    question: str
    title: str
    passed: bool
    message: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.question}: {self.title}"


def main(arguments: Sequence[str]) -> int:
    """Run the checks, and tell of them in the platform's way; return the exit code."""
    platform, checks, *notebooks = arguments
    seen: list[Seen] = []
    notes: list[str] = []
    try:
        if platform not in PLATFORMS:
            raise FairmarkError(f"no such platform: {platform}")
        for name in notebooks:
            found, skipped = run_notebook(Path(name), Path(checks))
            seen += found
            notes += [f"{name}: code cell {number} {what}" for number, what in skipped]
    except FairmarkError as error:
        sys.stdout.write(annotation("error", str(error)) + "\n")
        return 1
    tell(seen, notes)
    if platform == "classroom50":
        write_file(Path("result.json"), json.dumps(result(seen, os.environ), indent=2) + "\n")
        return 0
    return 0 if all(test.passed for test in seen) else 1


def run_notebook(notebook: Path, checks: Path) -> tuple[list[Seen], list[tuple[int, str]]]:
    """Return the visible tests of a notebook, and the code cells that were left out, with why.

    Raise FairmarkError where it cannot be read or takes too long.
    """
    if not notebook.is_file():
        raise FairmarkError(f"{notebook} is not there: hand in the notebook under its own name")
    left_out: list[tuple[int, str]] = []
    with tempfile.TemporaryDirectory(prefix="fairmark-") as folder:
        told = Path(folder, "told.json")
        for _ in range(_MOST_RUNS):
            call = [sys.executable, "-m", "fairmark.selfcheck.alone", str(notebook), str(checks)]
            skip = ",".join(str(number) for number, _ in left_out)
            told.write_text('{"cell": 0}', "utf-8")
            _run_alone([*call, str(told), skip], notebook)
            try:
                found = json.loads(told.read_text("utf-8"))
                if "error" in found:
                    raise FairmarkError(f"{notebook}: {found['error']}")
                if "tests" in found:
                    stopped = [(int(n), "did not end in time") for n in found["stopped"]]
                    seen = [Seen(notebook.name, *test) for test in found["tests"]]
                    return seen, [*left_out, *stopped]
                left_out.append((int(found["cell"]), "ended the process, and is left out"))
            except (OSError, ValueError, KeyError, TypeError):
                break
    raise FairmarkError(f"{notebook} cannot be run to its end: its code ends the process")


def _run_alone(call: Sequence[str], notebook: Path) -> None:
    """Run student code; what it prints is no command to GitHub."""
    word = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{word}\n")
    sys.stdout.flush()
    try:
        subprocess.run(
            call,
            env={name: os.environ[name] for name in _KEPT if name in os.environ}
            | {"MPLBACKEND": "Agg", "PYTHONSAFEPATH": "1"},
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FairmarkError(f"{notebook} takes more than {_SECONDS:g} seconds") from None
    finally:
        sys.stdout.write(f"\n::{word}::\n")
        sys.stdout.flush()


def tell(seen: Sequence[Seen], notes: Sequence[str]) -> None:
    """Write the job's summary, and annotations for what failed."""
    failed = [test for test in seen if not test.passed]
    for note in notes:
        sys.stdout.write(annotation("warning", note) + "\n")
    for test in failed[:_SHOWN]:
        text = test.message or "failed"
        sys.stdout.write(annotation("warning", text, test.notebook, test.name) + "\n")
    passed = f"{len(seen) - len(failed)} of {count(len(seen), 'visible check')} passed"
    sys.stdout.write(f"{passed}\n")
    rows = [[test.question, test.title, "passed" if test.passed else "failed"] for test in seen]
    lines = [f"{passed}. More checks follow when it is graded.", "", *notes, ""]
    add_summary("\n".join(lines) + "\n" + table(("exercise", "check", ""), rows))


def result(seen: Sequence[Seen], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of Classroom 50's result.json, ``classroom50/result/v1``.

    Its scores are whole numbers: each visible test counts one. The runner tells who and which;
    raise FairmarkError where it does not.
    """
    needed = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
    if missing := [name for name in needed if not environment.get(name)]:
        raise FairmarkError(f"this is no run of Classroom 50: there is no {', '.join(missing)}")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[str, Any] = {
        "schema": "classroom50/result/v1",
        "classroom": environment["CLASSROOM"],
        "assignment": environment["ASSIGNMENT"],
        "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
        "submission": environment["SUBMISSION_TAG"],
        "commit": environment["COMMIT_URL"],
        "release": environment["RELEASE_URL"],
        "review": environment.get("REVIEW_URL") or environment["COMMIT_URL"],
        "datetime": now,  # the runner puts the commit's time in its place
        "score": sum(test.passed for test in seen),
        "max-score": len(seen),
        "tests": [
            {
                "test-name": test.name,
                "passed": test.passed,
                "score": int(test.passed),
                "max-score": 1,
                "message": test.message,
            }
            for test in seen
        ],
    }
    if owner := environment.get("OWNER") or environment.get("USERNAME"):
        found["owner"] = owner
    return found


def annotation(kind: str, text: str, file: str = "", title: str = "") -> str:
    """Return a workflow command that shows a text beside the job; nothing in it is a command."""
    parts = [("file", file), ("title", title)]
    named = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in parts if value)
    return f"::{kind}{' ' if named else ''}{named}::{_escaped(text[:_LONGEST], '')}"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; what is in its cells is plain text."""
    lines = [titles, ["---"] * len(titles), *([_plain(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def add_summary(text: str) -> None:
    """Add to the page that GitHub shows of the job; elsewhere there is none."""
    if place := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(place, "a", encoding="utf-8") as file:
            file.write(text)


def _escaped(text: str, more: str) -> str:
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def _plain(text: str) -> str:
    """A text in a cell of Markdown: no markup, no HTML, no further cell."""
    one_line = " ".join(text.split())
    return "".join(f"&#{ord(c)};" if c in "\\`*_{}[]<>()#+!|&~@:" else c for c in one_line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
