"""Sandboxes by name: those that there are, and one more."""

from __future__ import annotations

import pytest

from fairmark.batch.local import LocalBackend
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import SANDBOXES, Sandbox, make_sandbox
from tests.sandbox.counting import CountingSandbox
from tests.sealed import skip_where_impossible
from tests.tiny import RIGHT, answer

BREAKING = {**RIGHT, "double": "import os\nos._exit(3)"}


@pytest.fixture
def one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SANDBOXES, "counting", "tests.sandbox.counting:CountingSandbox")


@pytest.mark.usefixtures("one_more")
def test_another_sandbox_is_a_module_and_a_line(tiny: Assignment) -> None:
    with make_sandbox(["numpy"], tiny.course.limits, "counting") as sandbox:
        assert isinstance(sandbox, CountingSandbox)
        assert grade(answer(tiny, RIGHT), tiny, sandbox).score == 5.0
        assert sandbox.launched == 1
        assert grade(answer(tiny, BREAKING), tiny, sandbox).score == 3.0
        assert sandbox.launched == 3  # once more without the cell that ended its process


@pytest.mark.usefixtures("one_more")
def test_a_class_can_be_graded_in_it(tiny: Assignment) -> None:
    def work(task: int, sandbox: Sandbox) -> Report:
        report = grade(answer(tiny, (RIGHT, BREAKING)[task]), tiny, sandbox, name=sandbox.mode)
        assert isinstance(sandbox, CountingSandbox)
        return report

    with LocalBackend(tiny.course, workers=2, mode="counting") as backend:
        results = dict(backend.run(work, 2, [tiny]))
    reports = [result for result in results.values() if isinstance(result, Report)]
    assert sorted((report.notebook, report.score) for report in reports) == [
        ("counting", 3.0),
        ("counting", 5.0),
    ]


def test_an_unknown_sandbox_is_named() -> None:
    with pytest.raises(
        FairmarkError, match=r"no sandbox 'moat'; there are: bubblewrap, account, none$"
    ):
        make_sandbox(mode="moat")


@pytest.mark.parametrize("mode", SANDBOXES)
def test_it_lives_between_start_and_close(mode: str) -> None:
    skip_where_impossible(mode)
    sandbox = make_sandbox(mode=mode)
    assert sandbox.mode == mode
    assert not sandbox.is_alive()
    with sandbox:
        sandbox.wait_ready()
        assert sandbox.is_alive()
        assert sandbox.is_alive(0.1)
    assert not sandbox.is_alive()
