"""The course and the notebooks that one of nbgrader's converters works on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from fairmark.course.course import Assignment, Course
from fairmark.course.left import why_left_to_nbgrader


def course_of(part: Any) -> Course:
    """Return the course that a converter, or its exporter or preprocessor, works on.

    The course has the converter's configuration: options of nbgrader's command line are part of it.
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
    """Return the notebooks of an assignment that fairmark grades; none where nbgrader grades it.

    nbgrader grades an assignment without graders that is not in Python, or whose code is not to be
    run (``c.Execute.enabled``).
    """
    course = course_of(part)
    if not name:
        return ()
    if not course.has_graders(name) and (
        why_left_to_nbgrader(course.folder("source", assignment=name))
        or str(course.config.Execute.get("enabled", True)) == "False"
    ):
        return ()
    return course.notebooks(name)
