"""GitHub's side: the instructor's private repository, where hand-ins are fetched and graded."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fairmark.bundle.submission import Settings, grade_submission
from fairmark.errors import FairmarkError
from fairmark.files import write_file
from fairmark.harness.report import Report
from fairmark.selfcheck.actions import add_summary, annotation, table
from fairmark.text import count, points, printable

TOKEN = "STUDENTS_TOKEN"
"""The environment variable with what can read the students' repositories."""
STUDENTS = "students.csv"
_HANDINS, _RESULTS, _GRADER = "handins", "results", "grader"
_STUDENT = re.compile(r"[^\W_][\w.@-]{0,99}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_SECONDS = 120
_LEFT_OUT = (".git", ".github", ".fairmark")
"""What belongs to the repository, and not to the hand-in."""


def fetch(root: Path | None = None) -> None:
    """Bring the newest state of each student's repository; raise FairmarkError.

    Who cannot be brought is named, and the rest goes on; what was brought before goes.
    """
    root = root or Path.cwd()
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    _remove(root / _HANDINS)
    (root / _HANDINS).mkdir(mode=0o700)
    missing = 0
    for student, repository, fault in _students(root / STUDENTS):
        said = fault or _clone(f"{server}/{repository}", root / _HANDINS / student)
        if said:
            missing += 1
            _say("error", f"{printable(student)}: {said}")
    if missing:
        sys.stdout.write(f"{count(missing, 'hand-in')} could not be brought\n")


def run(root: Path | None = None) -> None:
    """Grade all hand-ins; write results, the summary and annotations; raise FairmarkError.

    One that cannot be graded has no mark, and is named.
    """
    root = root or Path.cwd()
    settings = Settings.read(root / _GRADER)
    handins = sorted(path for path in (root / _HANDINS).glob("*") if path.is_dir())
    if not handins:
        raise FairmarkError(f"there are no hand-ins in {_HANDINS}/")
    graded: dict[str, list[Report]] = {}
    failed: dict[str, str] = {}
    for folder in handins:
        try:
            graded[folder.name] = grade_submission(root / _GRADER / "course", folder, settings)
        except FairmarkError as error:
            failed[folder.name] = str(error)
            _say("error", f"{folder.name}: {error}")
            continue
        found = [report.to_json() for report in graded[folder.name]]
        write_file(root / _RESULTS / f"{folder.name}.json", json.dumps(found, indent=1) + "\n")
    write_file(root / _RESULTS / "grades.csv", _csv(graded))
    add_summary(_summary(settings.assignment, graded, failed))
    for student, reports in graded.items():
        for report in reports:
            if report.error is not None:
                _say("warning", f"{student}: {report.error}")
    if failed:
        raise FairmarkError(f"{count(len(failed), 'hand-in')} could not be graded")


def _students(file: Path) -> list[tuple[str, str, str]]:
    """The students, their repositories, and what is wrong with a line; raise FairmarkError."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FairmarkError(
            f"{file.name} cannot be read: it has the columns student, repository"
        ) from None
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not {"student", "repository"} <= rows[0].keys():
        raise FairmarkError(
            f"{file.name} needs the columns student and repository, and a line each"
        )
    found: list[tuple[str, str, str]] = []
    for row in rows:
        student, place = ((row[key] or "").strip() for key in ("student", "repository"))
        fault = ""
        if not _STUDENT.fullmatch(student):
            fault = f"{STUDENTS}: this is no name of a student"
        elif student.casefold() in {known.casefold() for known, _, _ in found}:
            fault = f"{STUDENTS} has this student twice: the first line counts"
        elif not _REPOSITORY.fullmatch(place) or place.endswith(("/.", "/..")):
            fault = f"{STUDENTS}: {printable(place)!r} is no OWNER/REPOSITORY"
        found.append((student, place, fault))
    return found


def _clone(url: str, target: Path) -> str:
    """Bring a repository's files, links as plain files; return what went wrong."""
    options = ["-c", "core.symlinks=false", "-c", "protocol.allow=never"]
    scheme = url.partition(":")[0]
    options += ["-c", f"protocol.{scheme}.allow=always", "-c", "core.hooksPath=/dev/null"]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(target.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    if token := os.environ.get(TOKEN):
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        environment |= {  # not in the call, which other processes see
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{url}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
        }
    partial = target.with_name(f".{target.name}")
    call = ["git", *options, "clone", "--quiet", "--depth", "1", "--no-tags", "--", url]
    try:
        done = subprocess.run(
            [*call, str(partial)],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        _remove(partial)
        return f"{url} does not come within {_SECONDS} seconds"
    if done.returncode != 0:
        _remove(partial)
        words = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return f"{url} cannot be brought: {printable(words)}"
    for name in _LEFT_OUT:
        _remove(partial / name)
    partial.rename(target)
    return ""


def _remove(folder: Path) -> None:
    """Remove a folder; shutil would call itself for each level, and a repository has any number."""
    subprocess.run(["rm", "-rf", "--", str(folder)], capture_output=True, check=False)


def _csv(graded: dict[str, list[Report]]) -> str:
    questions = {
        question.id: None
        for reports in graded.values()
        for report in reports
        for question in report.questions
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["student", *questions, "score", "max_score"])
    for student, reports in sorted(graded.items()):
        scores = {q.id: q.score for report in reports for q in report.questions}
        marks = ["" if (s := scores.get(q)) is None else points(s) for q in questions]
        writer.writerow([student, *marks, *_totals(reports)])
    return text.getvalue()


def _totals(reports: Sequence[Report]) -> list[str]:
    score, most = (sum(getattr(r, key) for r in reports) for key in ("score", "max_score"))
    return [points(round(score, 2)), points(round(most, 2))]


def _summary(name: str, graded: dict[str, list[Report]], failed: dict[str, str]) -> str:
    rows = [[student, *_totals(reports), ""] for student, reports in sorted(graded.items())]
    for row in rows:
        errors = [report.error for report in graded[row[0]] if report.error is not None]
        row[-1] = "; ".join(errors)
    rows += [[student, "-", "-", f"not graded: {why}"] for student, why in sorted(failed.items())]
    return f"## {name}\n\n" + table(("student", "points", "of", ""), rows)


def _say(kind: str, text: str) -> None:
    """Tell in the job's log, and beside it."""
    sys.stdout.write(annotation(kind, text) + "\n")
