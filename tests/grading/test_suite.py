"""Tests that are collected once and run for many submissions: the same as with a new pytest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from fairmark.grading import suite as module
from fairmark.grading.modules import forget_modules, importable
from fairmark.grading.suite import Suite, suite_of
from fairmark.harness.plugin import Grading, run_graders
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport

GRADER = """
import numpy as np
import pytest

from fairmark.testing import assert_equal, hidden, question


@question("double")
class TestDouble:
    def test_three(self, submission):
        assert not hasattr(self, "used")
        self.used = True
        assert_equal(submission.double(3), 6)

    @hidden
    @pytest.mark.parametrize("number", [4, 5])
    def test_others(self, submission, rng, number):
        assert_equal(submission.double(number), 2 * number)
        submission.double(float(rng.normal()))


@question("half")
def test_half(submission):
    assert_equal(submission.half(8), 4)


@question("half")
def test_third(submission):
    assert_equal(submission.half(3), 1.5)
"""

RIGHT = {"double": lambda x: 2 * x, "half": lambda x: x / 2}
WRONG = {"double": lambda x: x + 3, "half": lambda x: x}

Answers = dict[str, Callable[[float], float]]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "graders" / "small").mkdir(parents=True)
    (tmp_path / "graders" / "small" / "test_small.py").write_text(GRADER)
    yield tmp_path
    forget_modules()


def files(root: Path) -> list[Path]:
    return [root / "graders" / "small" / "test_small.py"]


def opened(answers: Answers) -> Callable[[str], AbstractContextManager[Submission]]:
    @contextmanager
    def open_submission(question: str) -> Iterator[Submission]:
        yield Submission(LocalTransport(dict(answers)))

    return open_submission


def found(root: Path) -> Suite | None:
    with importable(root):
        return suite_of(files(root), root)


def outcome(grading: Grading) -> dict[str, list[tuple[str, bool, str, bool]]]:
    return {
        question: [(one.name, one.passed, one.message, one.hidden) for one in results]
        for question, results in grading.results.items()
    }


def by_suite(root: Path, grading: Grading, *, to_first_failure: bool = False) -> Grading:
    with importable(root):
        suite = suite_of(files(root), root)
        assert suite is not None
        suite.run(grading, to_first_failure=to_first_failure)
    return grading


def by_pytest(root: Path, grading: Grading, *, to_first_failure: bool = False) -> Grading:
    with importable(root):
        run_graders(files(root), root, grading, to_first_failure=to_first_failure)
    return grading


@pytest.mark.parametrize("only", [None, "half"])
@pytest.mark.parametrize("order", [None, lambda key: -len(key)], ids=["usual", "longest first"])
@pytest.mark.parametrize("to_first_failure", [False, True])
def test_the_results_are_those_of_a_new_pytest(
    root: Path, only: str | None, order: Callable[[str], float] | None, to_first_failure: bool
) -> None:
    for answers in (RIGHT, WRONG, RIGHT, {}):
        gradings = [
            run(root, Grading(opened(answers), only, order), to_first_failure=to_first_failure)
            for run in (by_suite, by_pytest)
        ]
        assert outcome(gradings[0]) == outcome(gradings[1])
        assert [grading.broken for grading in gradings] == [[], []]
        assert gradings[0].observations.keys() == gradings[1].observations.keys()
        right = all(one.passed for results in gradings[0].results.values() for one in results)
        assert right == (answers is RIGHT)


@pytest.mark.parametrize("run", [by_suite, by_pytest])
@pytest.mark.parametrize("options", ["-rf --no-such-option", "-k half", "--collect-only"])
def test_options_in_the_environment_change_no_result(
    root: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Grading], options: str
) -> None:
    before = outcome(run(root, Grading(opened(WRONG))))
    forget_modules()
    monkeypatch.setattr(module, "_suites", type(module._suites)())
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    grading = run(root, Grading(opened(WRONG)))
    assert grading.broken == []
    assert outcome(grading) == before
    assert os.environ["PYTEST_ADDOPTS"] == options


def test_the_tests_are_collected_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    main = pytest.main

    def counted(*args: Any, **options: Any) -> Any:
        runs.append(1)
        return main(*args, **options)

    monkeypatch.setattr(pytest, "main", counted)
    for answers in (RIGHT, WRONG, RIGHT):
        by_suite(root, Grading(opened(answers)))
    assert len(runs) == 1


def test_edited_graders_are_collected_anew(root: Path) -> None:
    before = found(root)
    assert found(root) is before
    path = files(root)[0]
    path.write_text(GRADER.replace("(3), 6)", "(3), 7)"))
    os.utime(path, ns=(1, 1))
    assert found(root) is not before
    results = by_suite(root, Grading(opened(RIGHT))).results["double"]
    assert [one.passed for one in results] == [False, True, True]


@pytest.mark.parametrize(
    "test",
    [
        "def test_more(submission, tmp_path): pass",
        "def test_more(submission, capsys): pass",
        "@pytest.fixture\ndef own(): return 1\n@question('half')\ndef test_more(own): pass",
        "class TestMore:\n    def setup_method(self): pass\n    def test_more(self): pass",
    ],
    ids=["folder", "output", "its own", "set up"],
)
def test_what_pytests_own_session_gives_needs_a_new_pytest(root: Path, test: str) -> None:
    path = files(root)[0]
    mark = "" if "@question" in test else "@question('half')\n"
    path.write_text(f"{GRADER}\n\n{mark}{test}\n")
    assert found(root) is None
    assert found(root) is None
    grading = by_pytest(root, Grading(opened(RIGHT)))
    assert [one.name for one in grading.results["half"]][-1] == "test_more"


def test_a_broken_module_has_no_suite_until_it_is_repaired(root: Path) -> None:
    path = files(root)[0]
    path.write_text(GRADER + "\nraise ValueError('broken')\n")
    assert found(root) is None
    (fault,) = by_pytest(root, Grading(opened(RIGHT))).broken  # not taken for a whole module
    assert "ValueError: broken" in fault
    forget_modules()
    path.write_text(GRADER + "\n\ndef test_of_no_question(submission): pass\n")
    assert found(root) is None
    path.write_text(GRADER)
    os.utime(path, ns=(1, 1))
    assert found(root) is not None


@pytest.mark.parametrize("error", [KeyboardInterrupt, pytest.exit.Exception("enough")])
def test_a_run_that_was_broken_off_leaves_nothing_for_the_next(
    root: Path, error: BaseException
) -> None:
    before = found(root)

    @contextmanager
    def interrupted(question: str) -> Iterator[Submission]:
        raise error
        yield

    with pytest.raises(KeyboardInterrupt):
        by_suite(root, Grading(interrupted))
    assert found(root) is not before
    assert all(one.passed for one in by_suite(root, Grading(opened(RIGHT))).results["double"])


def test_an_error_of_the_plugins_own_breaks_no_mark(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = found(root)

    def fail(*_args: object) -> None:
        raise RuntimeError("no note")

    grading = Grading(opened(RIGHT))
    monkeypatch.setattr(grading, "note", fail)
    by_suite(root, grading)
    assert grading.broken == ["pytest ended with RuntimeError: no note"]
    assert "no note" in capsys.readouterr().err
    assert found(root) is not before


def test_of_a_submission_nothing_stays(root: Path) -> None:
    suite = found(root)
    assert suite is not None
    by_suite(root, Grading(opened(WRONG)))
    with pytest.raises(AssertionError, match="while tests are collected"):
        suite._stage.grading._make_submission("double")
    for item in suite._session.items:
        assert not {"_obj", "_instance"} & vars(item).keys()
        assert not item.funcargs  # type: ignore[attr-defined]


def test_suites_are_bounded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_SUITES", 1)
    first = found(root)
    (root / "graders" / "other").mkdir()
    other = root / "graders" / "other" / "test_other.py"
    other.write_text(GRADER)
    with importable(root):
        assert suite_of([other], root) is not None
    assert found(root) is not first
    assert len(module._suites) == 1
