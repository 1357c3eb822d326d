"""Feedback pages as the zip that Canvas and Moodle take back."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import partial_path
from fairmark.lms.collected import read_collected
from fairmark.lms.names import Platform

_DATE = (1980, 1, 1, 0, 0, 0)
"""Equal pages make an equal zip."""


def zip_feedback(
    course: Course,
    assignment: str,
    platform: Platform,
    pages: Mapping[str, Sequence[Path]],
    target: Path,
) -> list[str]:
    """Write the pages of an assignment, by student, for upload; return who is not in it.

    Those are the students whose hand-in no zip of this platform brought: it would not know whose
    the page is. Raise FairmarkError where nobody's did, or the zip cannot be written.
    """
    collected = read_collected(course, assignment)
    prefixes = {
        student: collected[student].prefix
        for student in pages
        if student in collected
        and collected[student].platform == platform
        and collected[student].prefix
    }
    if not prefixes:
        raise FairmarkError(
            f"no zip of {platform.capitalize()} brought a hand-in of {assignment} that is graded: "
            "run `fairmark collect` with it first"
        )
    partial = partial_path(target)
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as file:
            for student, prefix in sorted(prefixes.items()):
                for page in pages[student]:
                    info = zipfile.ZipInfo(prefix + _name(page), _DATE)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    file.writestr(info, page.read_bytes())
        partial.replace(target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise FairmarkError(f"{target} cannot be written: {error.strerror}") from None
    return sorted(pages.keys() - prefixes.keys())


def _name(page: Path) -> str:
    """The end of a page's name.

    Canvas passes over files whose last part, after an underscore, begins with "link".
    """
    return f"feedback-{page.name.replace('_', '-')}"
