"""The one sandbox of a long-lived process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from fairmark.nbgrader.warm import close_sandbox, process_sandbox
from tests.nbgrader.classroom import new_course
from tests.processes import pid_of


def test_it_is_kept_until_it_ends_or_the_configuration_changes(tmp_path: Path) -> None:
    course = new_course(tmp_path / "one", "c.Fairmark.preload = []")
    sandbox = process_sandbox(course)
    sandbox.wait_ready()
    assert process_sandbox(course) is sandbox
    os.kill(pid_of(sandbox), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process_sandbox(course) is sandbox and time.monotonic() < deadline:
        time.sleep(0.01)
    second = process_sandbox(course)
    assert second is not sandbox
    other = new_course(tmp_path / "two", "c.Fairmark.preload = ['json']")
    assert process_sandbox(other) is not second
    close_sandbox()
    close_sandbox()


def test_a_fork_does_not_use_its_parent_s(tmp_path: Path) -> None:
    course = new_course(tmp_path / "one", "c.Fairmark.preload = []")
    sandbox = process_sandbox(course)
    child = os.fork()
    if child == 0:
        mine = process_sandbox(course)
        different = mine is not sandbox
        close_sandbox()
        os._exit(0 if different else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert process_sandbox(course) is sandbox
    close_sandbox()
