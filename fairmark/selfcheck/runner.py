"""Runs visible tests in the process that it is called in, and leaves no trace there."""

from __future__ import annotations

import functools
import logging
import os
import random
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fairmark.errors import FairmarkError
from fairmark.harness.diagnose import LESSONS, RECORD, Lessons, read_lessons
from fairmark.harness.plugin import OPTIONS, Grading, Stage, own_options
from fairmark.harness.proxy import Calls, LocalTransport, Submission, TimeLimitExceeded
from fairmark.harness.report import QuestionResult
from fairmark.selfcheck.exercises import About, about_source, read_about
from fairmark.selfcheck.release import visible_tests
from fairmark.selfcheck.timelimit import Stopped, TimeLimit

_RELEASED = "checks.py"


def run_checks(
    question_id: str,
    sources: Mapping[str, str],
    folder: Path,
    namespace: dict[str, Any],
    about: About | None = None,
) -> QuestionResult:
    """Run the visible tests of one question against the objects in ``namespace``.

    ``sources`` holds the students' copy of the graders, or the graders themselves, which are
    cut to that copy. Raise FairmarkError when there is no such question, and KeyboardInterrupt
    when the user interrupts a test. ``about`` tells the time limits.
    """
    about = about or About()
    limit = TimeLimit(about.call_seconds, about.question_seconds)
    endless: set[str] = set()
    with _undisturbed(folder):
        module = _load(tuple(sorted(sources.items())), folder)
        known = _questions(module)
        if question_id not in known:
            ids = ", ".join(known) or "none"
            raise FairmarkError(f"There is no question {question_id!r} here. There are: {ids}.")
        opened = functools.partial(_open, namespace, limit, endless)
        grading = Grading(opened, only=question_id)
        options = [*OPTIONS, "--assert=plain", f"--rootdir={folder}"]
        code = pytest.main([*options, __file__], plugins=[Stage(grading), _Loader(module)])
        grading.finish()
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    tests = tuple(grading.results.get(question_id, ()))
    if tests and not grading.broken:
        lessons = _read_lessons(folder)
        tests = lessons.diagnose(question_id, tests, grading.observations[question_id])
    if grading.broken and not tests:
        raise FairmarkError(f"The checks cannot be run: {grading.broken[0]}")
    note = "" if tests else "There is nothing to check here: this is checked when you hand in."
    return QuestionResult(question_id, None, 0.0, "graded", tests, note)


def read_about_checks(sources: Mapping[str, str], folder: Path, home: Path) -> About:
    """Return what there is to say beside the checks; ``home`` is the notebook's folder."""
    if list(sources) != [_RELEASED]:
        return about_source(home, sources)
    with _undisturbed(folder):
        return read_about(_load(tuple(sorted(sources.items())), folder))


def _read_lessons(folder: Path) -> Lessons:
    """What is known of usual mistakes: in the students' release, or beside the graders."""
    for name in (LESSONS, RECORD):
        if (folder / name).is_file():
            return read_lessons(folder / name)
    return Lessons({})


class _Transport(LocalTransport):
    """Stops calls at the time limit, and lets an interrupt by the user through.

    What was called in vain once is not called again in the other tests of the question: the names
    are kept in ``endless``.
    """

    def __init__(self, namespace: dict[str, Any], limit: TimeLimit, endless: set[str]) -> None:
        super().__init__(namespace)
        self._limit = limit
        self._endless = endless

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        name = request.get("name", "")
        if name in self._endless:
            raise TimeLimitExceeded(f"Not tried again: {name} did not end in a check above.")
        try:
            with self._limit.running():
                reply = super().exchange(request, calls)
        except Stopped:  # as the call ended
            reply = {"status": "stopped"}
        if reply["status"] == "error" and reply["types"][0] == "KeyboardInterrupt":
            raise KeyboardInterrupt
        if self._limit.stopped:
            if name:
                self._endless.add(name)
            raise TimeLimitExceeded(
                f"{self._limit.reason} It was stopped. Is there a loop that never ends?",
                reply.get("traceback", ""),
            )
        return reply


@contextmanager
def _open(
    namespace: dict[str, Any], limit: TimeLimit, endless: set[str], _question_id: str
) -> Iterator[Submission]:
    yield Submission(_Transport(namespace, limit, endless))


class _Loader:
    """Hands pytest a module that is already there, in place of a file."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> Any:
        node = _Loaded.from_parent(parent, path=module_path)
        node.loaded = self._module
        return node

    def pytest_internalerror(self, excrepr: object) -> bool:
        """Keep pytest from writing to stderr."""
        raise FairmarkError(f"The checks cannot be run: {str(excrepr).splitlines()[-1]}")


class _Loaded(pytest.Module):
    loaded: ModuleType

    def _getobj(self) -> ModuleType:
        return self.loaded


@functools.lru_cache(maxsize=8)
def _load(sources: tuple[tuple[str, str], ...], folder: Path) -> ModuleType:
    """Return the module with the visible tests; it is made again when a source changes."""
    texts = dict(sources)
    text = texts[_RELEASED] if list(texts) == [_RELEASED] else visible_tests(texts)
    module = ModuleType("checks")
    try:
        exec(compile(text, str(folder / _RELEASED), "exec"), vars(module))
    except ModuleNotFoundError as error:
        raise FairmarkError(
            f"The checks need {error.name}, which is not installed: %pip install {error.name}"
        ) from None
    except Exception as error:
        raise FairmarkError(
            f"The checks cannot be loaded ({type(error).__name__}: {error}). "
            f"Is {_RELEASED} as you got it?"
        ) from None
    return module


def _questions(module: ModuleType) -> list[str]:
    """The ids of the questions that the module has tests for, in its order."""
    marks = [mark for thing in vars(module).values() for mark in getattr(thing, "pytestmark", [])]
    return list(dict.fromkeys(str(m.args[0]) for m in marks if m.name == "fairmark_question"))


@contextmanager
def _undisturbed(home: Path) -> Iterator[None]:
    """Put back whatever of the process's state the block changes.

    Where the working folder was deleted, nothing can be run; then it is ``home`` from now on.
    """
    try:
        folder = Path.cwd()
    except FileNotFoundError:
        folder = home
        os.chdir(home)
    path, finders = list(sys.path), list(sys.meta_path)
    handlers = list(logging.root.handlers)
    python_state, numpy_state = random.getstate(), np.random.get_state()
    torch_states = _torch_states()
    try:
        # Text on stderr would make nbgrader's validation count the cell as failed.
        with own_options(), warnings.catch_warnings(), redirect_stderr(sys.stdout):
            yield
    finally:
        sys.path[:], sys.meta_path[:] = path, finders
        logging.root.handlers[:] = handlers
        os.chdir(folder)
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        _restore_torch(torch_states)


def _torch_states() -> tuple[Any, Any] | None:
    """The states of torch's random generators, if it is in use."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    on_gpu = torch.cuda.is_initialized()
    return torch.get_rng_state(), torch.cuda.get_rng_state_all() if on_gpu else None


def _restore_torch(states: tuple[Any, Any] | None) -> None:
    if states is None:
        return
    torch: Any = sys.modules["torch"]
    torch.set_rng_state(states[0])
    if states[1] is not None:
        torch.cuda.set_rng_state_all(states[1])
