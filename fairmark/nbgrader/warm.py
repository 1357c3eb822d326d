"""One warm sandbox per process, for programs that do not hold one themselves: nbgrader's."""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass

from fairmark.course.course import Assignment, Course
from fairmark.sandbox import Limits, Sandbox, make_sandbox


@dataclass(frozen=True)
class _Key:
    process: int
    preload: tuple[str, ...]
    limits: Limits


_current: tuple[_Key, Sandbox] | None = None


def process_sandbox(course: Course, *assignments: Assignment) -> Sandbox:
    """Return this process's sandbox for these assignments (default: all of the course).

    It is a new one where the assignments or the configuration ask for another.

    A Jupyter server may live for days: its sandbox may have been killed, and the server may have
    been forked. Neither is reason to fail.
    """
    global _current
    preload = course.preload_for(assignments) if assignments else course.preload
    key = _Key(os.getpid(), tuple(preload), course.limits)
    if _current is not None and _current[0] == key and _current[1].is_alive():
        return _current[1]
    close_sandbox()
    sandbox = make_sandbox(preload, course.limits)
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
