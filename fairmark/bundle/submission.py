"""Grading the one submission of a platform's container, just as ``fairmark autograde`` does."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from fairmark.batch.local import LocalBackend, forbid_threads
from fairmark.batch.pool import FailedTask
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import walk
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook

SETTINGS = "bundle.json"
_STUDENT = "student"


@dataclass(frozen=True)
class Settings:
    """What the bundle was made with."""

    assignment: str
    hidden: str
    sandbox: str

    @classmethod
    def read(cls, source: Path) -> Settings:
        """Return what stands beside the course; raise FairmarkError."""
        try:
            return cls(**json.loads((source / SETTINGS).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise FairmarkError(f"{source / SETTINGS} cannot be read: {error}") from None


def grade_submission(course_root: Path, submission: Path, settings: Settings) -> list[Report]:
    """Return a report for each notebook of the assignment; raise FairmarkError.

    The submission is laid where a class hands in; links in it are kept as links, and not followed.
    What is neither file, folder nor link is left out.
    """
    if not submission.is_dir():
        raise FairmarkError(f"there is no submission: {submission} is no folder")
    forbid_threads()
    course = Course.load(course_root)
    folder = course.folder("submitted", _STUDENT, settings.assignment)
    shutil.rmtree(folder, ignore_errors=True)
    _lay_out(submission, folder)
    assignments = course.notebooks(settings.assignment)
    handins = [SubmittedNotebook(_STUDENT, assignment, folder) for assignment in assignments]
    reports: dict[int, Report] = {}
    try:
        with LocalBackend(course, workers=1, mode=settings.sandbox) as backend:
            for place, result in backend.grade(handins, {}):
                if isinstance(result, FailedTask):
                    raise FairmarkError(f"this submission could not be graded: {result.reason}")
                reports[place] = result
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [reports[place] for place in range(len(handins))]


def _lay_out(submission: Path, target: Path) -> None:
    """Copy what was handed in; raise FairmarkError. shutil would follow any number of folders."""
    try:
        for place, folders, names in walk(submission):
            here = target / Path(place).relative_to(submission)
            here.mkdir(parents=True)
            for path in (Path(place, name) for name in [*folders, *names]):
                if path.is_symlink() or path.is_file():
                    shutil.copy2(path, here / path.name, follow_symlinks=False)
    except OSError as error:
        raise FairmarkError(
            f"{error.filename or submission} cannot be read: {error.strerror or error}"
        ) from None
