"""Grader tests that are collected once, and run for one submission after the other.

Collecting is most of what a judgement costs this process. It is done before the workers are forked,
so all of them share it.
"""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from pathlib import Path

import pytest

from fairmark.grading.modules import forget_modules, loaded_modules
from fairmark.harness.plugin import OPTIONS, Grading, Stage, own_options, places
from fairmark.harness.proxy import Submission

_FIXTURES = frozenset({"submission", "solution", "rng", "request"})
"""What tests may ask for that are run again and again. Others, such as pytest's temporary folders,
live as long as pytest's own session does."""
_MAX_SUITES = 32


class Suite:
    """The tests of some grader modules, with pytest's session that has collected them."""

    def __init__(self, stage: Stage, session: pytest.Session) -> None:
        self._stage = stage
        self._session = session
        self._modules = loaded_modules()
        self._is_whole = True
        self.can_be_run = all(map(_can_be_repeated, session.items))
        """Whether the tests may be run here; else pytest has to be started for each run."""

    @property
    def is_current(self) -> bool:
        """Whether the course's modules are those that the tests were collected from."""
        same = (sys.modules.get(name) is module for name, module in self._modules.items())
        return self._is_whole and all(same)

    def run(
        self,
        grading: Grading,
        *,
        to_first_failure: bool = False,
        is_enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """Run the tests for one grading, as ``run_graders`` does, until there ``is_enough``."""
        self._stage.grading, idle = grading, self._stage.grading
        self._is_whole = False  # what is broken off leaves fixtures behind
        before = self._session.testsfailed
        try:
            for item in grading.arranged(self._session.items):
                with _fresh(item):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if (to_first_failure and self._session.testsfailed > before) or is_enough():
                    break
        except pytest.exit.Exception:
            raise KeyboardInterrupt from None
        except Exception as error:
            traceback.print_exc()
            grading.broken.append(f"pytest ended with {type(error).__name__}: {error}")
        else:
            self._is_whole = True
        finally:
            self._stage.grading = idle  # of this submission, nothing stays
        grading.finish()


_suites: OrderedDict[tuple[Path, tuple[Path, ...]], Suite] = OrderedDict()


def suite_of(files: Sequence[Path], root: Path) -> Suite | None:
    """Return the suite of these grader modules; None where pytest has to be started for each run.

    That is where a test asks for a fixture of pytest's or of the module's own, and where anything
    is wrong with a module, which the run then tells. Call it while the course is importable.
    """
    key = root, tuple(files)
    suite = _suites.pop(key, None)
    if suite is None or not suite.is_current:
        suite = _collected(files, root)
    if suite is None:
        return None
    _suites[key] = suite
    while len(_suites) > _MAX_SUITES:
        _suites.popitem(last=False)
    return suite if suite.can_be_run else None


class _Collector:
    """Keeps the session of a run that ends before its first test."""

    session: pytest.Session | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        return True


def _collected(files: Sequence[Path], root: Path) -> Suite | None:
    stage, collector = Stage(Grading(_no_submission)), _Collector()
    # What captures the tests' output would end with this run of pytest.
    options = [*(one for one in OPTIONS if not one.startswith("--capture")), "-pno:capture"]
    plugins: list[object] = [stage, collector]
    arguments = [*options, *places(root), *map(str, files)]
    told = io.StringIO()
    with own_options(), contextlib.redirect_stderr(told) as written, redirect_stdout(written):
        code = pytest.main(arguments, plugins=plugins)
    session = collector.session
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if session is None or session.testsfailed or stage.grading.broken or not session.items:
        forget_modules()  # pytest keeps a broken one, and would take it for a whole one
        return None
    sys.stderr.write(written.getvalue())  # what the modules wrote
    return Suite(stage, session)


def _can_be_repeated(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return all(name in _FIXTURES or name in given for name in item.fixturenames)


@contextmanager
def _fresh(item: pytest.Item) -> Generator[None]:
    """Let a test have an instance of its class that no other submission's test has had."""
    try:
        yield
    finally:
        for name in ("_obj", "_instance"):
            vars(item).pop(name, None)


def _no_submission(question: str) -> AbstractContextManager[Submission]:
    raise AssertionError(f"no test of {question} is run while tests are collected")
