"""One warm sandbox per process, for nbgrader's programs, which do not hold one themselves."""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass

from fairmark.course.course import Assignment, Course
from fairmark.sandbox import Limits, Sandbox, Visible, make_sandbox


@dataclass(frozen=True)
class _Key:
    process: int
    preload: tuple[str, ...]
    limits: Limits
    visible: Visible


_current: tuple[_Key, Sandbox] | None = None


def process_sandbox(course: Course, *assignments: Assignment) -> Sandbox:
    """Return this process's sandbox for these assignments (default: all of the course).

    A new one is started where they need another preload list, other limits or other files to read,
    and where the old one has ended or belongs to the process that this one was forked from: a
    Jupyter server may live for days.
    """
    global _current
    preload = course.preload_for(assignments) if assignments else course.preload
    visible = course.visible_for(assignments or course.assignments())
    key = _Key(os.getpid(), tuple(preload), course.limits, visible)
    if _current is not None and _current[0] == key and _current[1].is_alive():
        return _current[1]
    close_sandbox()
    sandbox = make_sandbox(preload, course.limits, visible=visible)
    sandbox.start()
    _current = key, sandbox
    return sandbox


def close_sandbox() -> None:
    """End this process's sandbox, if it has one."""
    global _current
    if _current is not None:
        _current[1].close()  # does nothing in a fork of the process that started it
        _current = None


atexit.register(close_sandbox)
