"""From one of nbgrader's converters to the course and the assignment that it works on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from fairmark.course.course import Assignment, Course, why_left_to_nbgrader


def course_of(part: Any) -> Course:
    """Return the course that a converter, its exporter or a preprocessor of it works on.

    Its configuration is the converter's: nbgrader's command line may say other than the file.
    """
    converter = part
    while getattr(converter, "coursedir", None) is None:
        converter = converter.parent
    config = copy.deepcopy(converter.config)
    config.CourseDirectory.root = converter.coursedir.root
    course = Course(Path(converter.coursedir.root).resolve(), config)
    course.__dict__["directory"] = converter.coursedir  # the one that cached_property would make
    return course


def notebooks_of(part: Any, name: str) -> tuple[Assignment, ...]:
    """Return an assignment's notebooks when fairmark grades them; none are left to nbgrader.

    Left to nbgrader is what has no graders and is not in Python, or is not to be run.
    """
    course = course_of(part)
    if not name:
        return ()
    if not (course.graders / name).is_dir() and (
        why_left_to_nbgrader(course.folder("source", assignment=name))
        or str(course.config.Execute.get("enabled", True)) == "False"
    ):
        return ()
    return course.notebooks(name)
