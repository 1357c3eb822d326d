"""From one of nbgrader's converters to the course and the assignment that it works on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from fairmark.course import Assignment, Course


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


def assignment_of(part: Any, name: str) -> Assignment | None:
    """Return the assignment when it has graders; None when its notebook's own tests mark it."""
    course = course_of(part)
    if not name or not any((course.graders / name).glob("test_*.py")):
        return None
    return course.assignment(name)
