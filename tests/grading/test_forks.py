"""Copies of a student's process, and what becomes of a process that breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fairmark.errors import FairmarkError
from fairmark.grading import forks as module
from fairmark.grading.forks import Forks, Origin, Override
from fairmark.harness.proxy import ProcessDied
from fairmark.sandbox import CellRequest, Fork, Process, Sandbox

CODE = "import os\nname = 'own'\ndef ask(): return name, os.getpid()"


@pytest.fixture
def process(sandbox: Sandbox) -> Iterator[Process]:
    process = started(sandbox)
    yield process
    process.close()


def started(sandbox: Sandbox) -> Process:
    process = sandbox.launch()
    process.run_cell(CellRequest(CODE), lambda output: None, 10)
    return process


def ask(fork: Fork) -> list[object]:
    fork.channel.send({"op": "call", "name": "ask"})
    _tag, values = fork.channel.receive(5)["value"]
    return list(values)


def test_each_question_has_one_fork(process: Process) -> None:
    forks = Forks(Origin(process, lambda: None), [], 5.0)
    first = forks.get("double")
    assert forks.get("double") is first
    pid = ask(first)[1]
    second = forks.get("mean")
    assert second is not first
    assert ask(second)[1] != pid
    forks.end()
    assert forks.end() is None  # there is none
    third = forks.get("mean")
    assert third is not second
    assert ask(third)[0] == "own"
    forks.close()


def test_overrides_are_run_in_each_fork(process: Process) -> None:
    overrides = [Override("name = 'other'", ["name"])]
    forks = Forks(Origin(process, lambda: None), overrides, 5.0)
    for question in ("double", "mean"):
        assert ask(forks.get(question))[0] == "other"
    assert forks.override_error == ""
    forks.close()
    forks = Forks(Origin(process, lambda: None), [Override("1 / 0")], 5.0)
    assert ask(forks.get("double"))[0] == "own"
    assert "ZeroDivisionError" in forks.override_error
    forks.close()


def test_a_broken_process_is_replaced(process: Process, sandbox: Sandbox) -> None:
    others = [started(sandbox), None]
    origin = Origin(process, lambda: others.pop(0))
    forks = Forks(origin, [], 5.0)
    forks.get("double")
    process.kill()
    assert ask(forks.get("mean"))[0] == "own"
    replacement = origin.process
    assert replacement is not None and replacement is not process
    replacement.close()
    with pytest.raises(ProcessDied, match="could not be kept alive"):
        forks.get("double")
    assert origin.process is None
    assert origin.lost is None


def test_it_is_not_replaced_for_ever(process: Process, sandbox: Sandbox) -> None:
    made: list[Process] = []

    def dead() -> Process:
        made.append(sandbox.launch())
        made[-1].close()
        return made[-1]

    process.kill()
    with pytest.raises(ProcessDied):
        Forks(Origin(process, dead), [], 5.0).get("double")
    assert len(made) == module._MAX_RESTARTS


def test_a_lost_sandbox_is_nobodys_fault(process: Process) -> None:
    def fail() -> Process:
        raise FairmarkError("the sandbox has ended")

    origin = Origin(process, fail)
    process.kill()
    with pytest.raises(ProcessDied):
        Forks(origin, [], 5.0).get("double")
    assert str(origin.lost) == "the sandbox has ended"
