"""The pytest plugin of grader modules: markers, the ``submission`` and ``rng`` fixtures, results.

The judge and the check cells use the same plugin; each passes its own function that opens
submissions to :class:`Grading`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fairmark.harness.comparison import Comparisons, noting
from fairmark.harness.exceptions import usual_mistake
from fairmark.harness.failures import (
    NOTHING,
    Mismatch,
    NotDefined,
    ProcessDied,
    StudentError,
    TimeLimitExceeded,
)
from fairmark.harness.observe import Observation
from fairmark.harness.proxy import Submission
from fairmark.harness.relations import with_relations
from fairmark.harness.report import TestResult
from fairmark.wire.codec import WireError

_PLACE = re.compile(r'^(?:E?\s*File ")?([^"\n]+?\.py)(?:", line |:)(\d+)', re.MULTILINE)
"""A traceback's line with a file's name and a line number, as Python or pytest writes it."""

MakeSubmission = Callable[[str], AbstractContextManager[Submission]]
"""Opens a submission for one test of the question with this id."""

CANNOT_WORK = "The test cannot work with the answer"
"""The start of the message of a test that raised an error of its own."""

OPTIONS = (
    "--disable-plugin-autoload",
    "-pno:cacheprovider",
    "-pno:terminal",
    "-pno:faulthandler",
    "-pno:unraisableexception",
    "-pno:threadexception",
    "-pno:logging",
    "-pno:stepwise",
    "-pno:pastebin",
    "-pno:junitxml",
    "-pno:warnings",
    "--noconftest",
    "--capture=no",
    "--import-mode=importlib",
    f"-c{os.devnull}",
)
"""Options for ``pytest.main``: nothing printed, no file written, no plugin from outside."""


class Grading:
    """One run of grader tests: where their submissions come from, and their results by question."""

    def __init__(
        self,
        make_submission: MakeSubmission,
        only: str | None = None,
        order: Callable[[str], float] | None = None,
        limit_hit: Callable[[StudentError], str] | None = None,
        solution: Callable[[str], object] | None = None,
        bounded: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self.bounded = bounded
        """Bounds what a test may take of this process's memory."""
        self._make_submission = make_submission
        self._solution = solution
        self._limit_hit = limit_hit
        self._only = only
        self._order = order
        self._failures: dict[str, BaseException] = {}
        self._seconds: dict[str, float] = {}
        self._comparisons: dict[str, Comparisons] = {}
        self._compared: dict[str, list[Comparisons]] = {}
        self.results: dict[str, list[TestResult]] = {}
        self.observations: dict[str, dict[str, list[Observation]]] = {}
        """What each test saw, by question and the test's key, in the order of the results."""
        self.is_hidden = False
        """Whether the test that is running is hidden."""
        self.broken: list[str] = []
        """Faults of the grader modules themselves, one line each."""

    def submission_of(self, item: Any) -> Iterator[Submission]:
        """Yield the submission that a test asks."""
        self.is_hidden = _is_hidden(item)
        with self._make_submission(_question_of(item)) as submission:
            made = Comparisons(lambda: submission._last_call)
            self._comparisons[item.nodeid] = made
            with noting(made):
                yield submission

    def solution_of(self, item: Any) -> object:
        """Return the instructor's own answer; raise LookupError where it is not to be had."""
        if self._solution is None:
            raise LookupError("the solution is not here: a test that needs it is to be @hidden")
        return self._solution(_question_of(item))

    def arranged(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Return the tests of the wanted question in their order; tests of none are refused.

        The visible tests of all questions come first. So what hidden tests send to the student's
        process cannot come back in the message of a visible test, which students read. The hidden
        tests start with the question of the last visible test, which keeps its process. If
        ``order`` is given, it sorts the tests of each question by their keys instead.
        """
        for item in items:
            if item.get_closest_marker("fairmark_question") is None:
                self.broken.append(f"{item.nodeid} belongs to no question: add @question(...)")
        kept = [
            item
            for item in items
            if item.get_closest_marker("fairmark_question") is not None
            and self._only in (None, _question_of(item))
        ]
        questions = list(dict.fromkeys(map(_question_of, kept)))
        kept.sort(key=lambda item: questions.index(_question_of(item)))
        if (order := self._order) is None:
            visible = [item for item in kept if not _is_hidden(item)]
            last = _question_of(visible[-1]) if visible else ""
            kept.sort(key=lambda i: (_is_hidden(i), _is_hidden(i) and _question_of(i) != last))
        else:
            kept.sort(key=lambda item: (questions.index(_question_of(item)), order(key_of(item))))
        return kept

    def note(self, item: pytest.Item, call: pytest.CallInfo[None], when: str | None) -> None:
        """Note one of a test's three phases; the last one makes a result of it."""
        if call.excinfo is not None:
            self._failures.setdefault(item.nodeid, call.excinfo.value)
        self._seconds[item.nodeid] = self._seconds.get(item.nodeid, 0.0) + call.duration
        if when == "teardown":
            self._keep(item, self._seconds.pop(item.nodeid))

    def finish(self) -> None:
        """Tell what the answers that failed have to do with the right ones."""
        for question, compared in self._compared.items():
            self.results[question] = with_relations(self.results[question], compared)

    def _keep(self, item: pytest.Item, seconds: float) -> None:
        failure = self._failures.pop(item.nodeid, None)
        weight = item.get_closest_marker("fairmark_weight")
        submission = getattr(item, "funcargs", {}).get("submission")
        asked = submission if isinstance(submission, Submission) else None
        answered = asked is not None and asked._answered
        seen = self.observations.setdefault(_question_of(item), {})
        seen[key_of(item)] = asked._observations.kept if asked is not None else []
        details = _explain(failure, answered) if failure is not None else {}
        if asked is not None and details and not details.get("broken"):
            details["call"] = _call_behind(failure, asked)
        if isinstance(failure, StudentError) and self._limit_hit is not None:
            limit = self._limit_hit(failure)
            if limit:
                details["message"] = f"{details['message'].rstrip('.')}. {limit}"
        if details.pop("broken", False):
            self.broken.append(f"{item.nodeid}: {details['message']}")
        result = TestResult(
            name=item.name,
            title=_title(item),
            hidden=_is_hidden(item),
            weight=float(weight.args[0]) if weight else 1.0,
            together=_together(item),
            passed=failure is None,
            seconds=round(seconds, 4),
            **details,
        )
        self.results.setdefault(_question_of(item), []).append(result)
        compared = self._comparisons.pop(item.nodeid, Comparisons())
        self._compared.setdefault(_question_of(item), []).append(compared)


class Stage:
    """A pytest plugin object: the fixtures and hooks of the ``grading`` that is run.

    Tests that were collected once can be run for one grading after the other.
    """

    def __init__(self, grading: Grading) -> None:
        self.grading = grading

    @pytest.fixture
    def submission(self, request: pytest.FixtureRequest) -> Iterator[Submission]:
        """The student's answer, in a process that no other question has used."""
        yield from self.grading.submission_of(request.node)

    @pytest.fixture
    def solution(self, request: pytest.FixtureRequest) -> object:
        """The instructor's own answer, to compare with: its names are attributes.

        It is there for hidden tests only, as students do not have it.
        """
        return self.grading.solution_of(request.node)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """A random generator seeded by the test's name: the same numbers in every run."""
        return np.random.default_rng(zlib.crc32(key_of(request.node).encode()))

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the markers."""
        config.option.tbstyle = "native"  # pytest's own tracebacks cost time, and nobody reads them
        for marker in ("question(id)", "hidden", "weight(value)", "all_or_nothing"):
            config.addinivalue_line("markers", f"fairmark_{marker}: see fairmark.testing")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that are wanted, and order them."""
        items[:] = self.grading.arranged(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a module that cannot be imported."""
        if report.failed:
            why = _why_not_collected(str(report.longrepr))
            self.grading.broken.append(f"{report.nodeid}: {why}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Run each test within bounds."""
        with self.grading.bounded():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn each finished test into a result."""
        report = yield
        self.grading.note(item, call, report.when)
        return report


def run_graders(
    files: Sequence[Path],
    root: Path,
    grading: Grading,
    *,
    made: Mapping[Path, ModuleType] | None = None,
    to_first_failure: bool = False,
) -> None:
    """Run grader modules under pytest in this process, for one ``grading``.

    ``made`` are modules that are there already, each by the file that it was made from.
    """
    made = made or {}
    stop = ["--exitfirst"] if to_first_failure else []
    arguments = [*OPTIONS, *stop, *places(root), *map(str, [*files, *made])]
    with own_options(), contextlib.redirect_stderr(io.StringIO()) as written:
        code = pytest.ExitCode(pytest.main(arguments, plugins=[Stage(grading), _Made(made)]))
    if code == pytest.ExitCode.USAGE_ERROR:  # such as a missing file; pytest only prints it
        grading.broken.append(" ".join(written.getvalue().split()) or f"{files} cannot be used")
        return
    sys.stderr.write(written.getvalue())  # what the graders wrote
    if code == pytest.ExitCode.INTERRUPTED and not grading.broken:
        raise KeyboardInterrupt
    if code == pytest.ExitCode.INTERNAL_ERROR and not grading.broken:
        grading.broken.append(f"pytest ended with {code.name}")
    grading.finish()


@contextlib.contextmanager
def own_options() -> Iterator[None]:
    """Hide the environment variables by which pytest would get further options and plugins."""
    names = [name for name in os.environ if name.startswith("PYTEST_")]
    hidden = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(hidden)


def places(root: Path) -> list[str]:
    """Return pytest's options for a course: without them, it searches all the folders above."""
    return [f"--rootdir={root}", f"--confcutdir={root}"]


def key_of(node: Any) -> str:
    """Return the key of a test: the same in the instructor's modules and the students' copy."""
    return str(node.nodeid.split("::", 1)[-1])  # without the file: its name differs in the copy


class _Made:
    """Hands pytest modules that are there already, in place of their files."""

    def __init__(self, modules: Mapping[Path, ModuleType]) -> None:
        self._modules = modules

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        if file_path not in self._modules:
            return None
        collector: _MadeModule = _MadeModule.from_parent(parent, path=file_path)
        collector.made = self._modules[file_path]
        return collector


class _MadeModule(pytest.Module):
    made: ModuleType

    def _getobj(self) -> ModuleType:
        return self.made


def _explain(failure: BaseException, answered: bool) -> dict[str, Any]:
    """The fields of the result of a failed test, by the kind of failure.

    If the test itself raises an error after it got an answer, the answer is at fault: it costs this
    test, and must not end the judgement of the others.
    """
    match failure:
        case Mismatch():
            return {
                "message": failure.message,
                "hint": failure.hint,
                "expected": failure.expected,
                "actual": failure.actual,
            }
        case StudentError():
            mistake = usual_mistake(failure)
            return {
                "message": f"Your code raised {failure}",
                "actual": failure.traceback or None,
                "misconception": mistake.name if mistake else None,
                "lesson": mistake.sentence if mistake else "",
            }
        case TimeLimitExceeded():
            return {"message": str(failure), "actual": failure.traceback or None}
        case ProcessDied():
            return {"message": str(failure)}
        case WireError():
            return {"message": f"The answer cannot be used: {failure}."}
        case AssertionError() | pytest.fail.Exception():  # the latter is what pytest.raises raises
            return {"message": str(failure).split("\n")[0]}
        case MemoryError() if answered:
            return {"message": "The answer cannot be used: looking at it takes too much memory."}
        case Exception() if answered:
            text = f"{type(failure).__name__}: {failure}".split("\n")[0][:300]
            return {"message": f"The test cannot work with the answer ({text})."}
        case _:
            return {"message": f"{type(failure).__name__}: {failure}", "broken": True}


def _call_behind(failure: BaseException | None, asked: Submission) -> str:
    """The call that the test failed by: the one that returned what is wrong, else the last one."""
    if isinstance(failure, NotDefined):
        return ""
    value = failure.value if isinstance(failure, Mismatch) else NOTHING
    call = asked._made_calls.that_returned(value) if value is not NOTHING else ""
    return call or asked._made_calls.last()


def _why_not_collected(longrepr: str) -> str:
    """The last line of the error, and the place where it was raised."""
    lines = longrepr.strip().splitlines()
    if not lines:
        return "cannot be collected"
    places = _PLACE.findall(longrepr)
    where = f" ({Path(places[-1][0]).name}, line {places[-1][1]})" if places else ""
    return re.sub(r"^E\s+", "", lines[-1]) + where


def _question_of(node: Any) -> str:
    marker = node.get_closest_marker("fairmark_question")
    return str(marker.args[0])


def _is_hidden(item: pytest.Item) -> bool:
    return item.get_closest_marker("fairmark_hidden") is not None


def _together(item: pytest.Item) -> str:
    """What a test has in common with those that count with it, all or nothing: its class."""
    if item.get_closest_marker("fairmark_all_or_nothing") is None:
        return ""
    return key_of(item).rpartition("::")[0] or key_of(item)


def _title(item: pytest.Item) -> str:
    text = (getattr(getattr(item, "function", None), "__doc__", None) or "").strip()
    line = " ".join(text.split("\n\n")[0].split())
    return line or item.name.removeprefix("test_").replace("_", " ")
