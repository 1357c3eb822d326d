"""Marks of answers that use a GPU, here a stand-in: those that they would get without one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairmark.batch.local import seconds_allowed
from fairmark.course.course import Assignment, Course
from fairmark.draft.engine import Draft, Job, draft_all
from fairmark.errors import FairmarkError
from fairmark.grading.clock import Budget
from fairmark.grading.execute import execute
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Limits, Process, Sandbox, SharedFile, make_sandbox
from tests.sandbox.standin import ACCELERATOR, stand_in
from tests.tiny import RIGHT, answer, make_course

IN_THE_CELL = "import accelerator\naccelerator.use()\n"
CALL = "def {}(x):\n    import accelerator\n    accelerator.use()\n    return {}"
IN_THE_CALL = {
    "double": CALL.format("double", "2 * x"),
    "mean": CALL.format("mean", "sum(x) / len(x)"),
}
IN_BOTH = {name: IN_THE_CELL + source for name, source in IN_THE_CALL.items()}


@pytest.fixture(scope="module")
def tiny_on_gpu(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """The small assignment, for which a GPU is asked; its module comes with the notebook."""
    root = tmp_path_factory.mktemp("course")
    make_course(root)
    (root / "source/tiny/accelerator.py").write_text(ACCELERATOR)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write('c.Fairmark.assignment_limits = {"tiny": {"gpu_memory_mib": 64}}\n')
    return Course.load(root).assignment("tiny")


@pytest.fixture(scope="module")
def gpu_sandbox(
    tiny_on_gpu: Assignment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    course = tiny_on_gpu.course
    visible = course.visible_for([tiny_on_gpu])
    assert visible.gpu
    with (
        stand_in(tmp_path_factory.mktemp("gpu")),
        make_sandbox(["numpy"], course.limits, visible=visible) as sandbox,
    ):
        yield sandbox


def graded(
    tiny: Assignment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, **answers: str
) -> tuple[Report, int]:
    """Grade these answers; return the report, and in how many processes beside forks."""
    launched = []
    launch = sandbox._launch  # type: ignore[attr-defined]

    def noted(limits: Limits) -> Process:
        launched.append(limits)
        process: Process = launch(limits)
        return process

    monkeypatch.setattr(sandbox, "_launch", noted)
    return grade(answer(tiny, {**RIGHT, **answers}), tiny, sandbox), len(launched)


@pytest.mark.parametrize(
    ("answers", "again"), [(RIGHT, False), (IN_THE_CALL, False), (IN_BOTH, True)]
)
def test_a_right_answer_is_right_wherever_it_uses_the_gpu(
    tiny_on_gpu: Assignment,
    gpu_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, str],
    again: bool,
) -> None:
    report, processes = graded(tiny_on_gpu, gpu_sandbox, monkeypatch, **answers)
    assert report.score == 5.0, report
    assert [test.message for question in report.questions for test in question.tests] == [""] * 4
    # Both visible tests first; a copy stays as long as one question is asked.
    assert processes == (4 if again else 1)


@pytest.mark.parametrize("first", ["", IN_THE_CELL])
def test_a_wrong_answer_loses_the_same_by_either_way(
    tiny_on_gpu: Assignment, gpu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    wrong = IN_THE_CALL["mean"].replace("len(x)", "3")
    report, _ = graded(tiny_on_gpu, gpu_sandbox, monkeypatch, mean=first + wrong)
    assert [question.score for question in report.questions] == [2.0, 1.5, None]


@pytest.mark.parametrize("first", ["", IN_THE_CELL])
def test_too_much_memory_costs_the_question_that_took_it(
    tiny_on_gpu: Assignment, gpu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    greedy = IN_THE_CALL["mean"].replace("use()", "use(99); import time; time.sleep(1)")
    report, _ = graded(tiny_on_gpu, gpu_sandbox, monkeypatch, mean=first + greedy)
    double, mean, _essay = report.questions
    assert (double.score, mean.score, mean.status) == (2.0, 0.0, "killed")
    assert mean.note == "Your code used more than 64 MiB of the GPU's memory in all its processes."


def test_too_much_memory_in_a_cell_is_told_there(
    tiny_on_gpu: Assignment, gpu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy = "import accelerator, time\naccelerator.use(99)\ntime.sleep(1)\n" + RIGHT["mean"]
    report, _ = graded(tiny_on_gpu, gpu_sandbox, monkeypatch, mean=greedy)
    double, mean, _essay = report.questions
    assert double.score == 2.0
    assert "used more than 64 MiB of the GPU's memory" in str(report.cells)
    assert mean.score == 3.0, "its definition counts"


def test_a_sandbox_that_ends_meanwhile_costs_nobody_a_point(
    tiny_on_gpu: Assignment, gpu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[Limits] = []
    launch = gpu_sandbox._launch  # type: ignore[attr-defined]

    def launch_once(limits: Limits) -> Process:
        if launched:
            raise FairmarkError("the sandbox has ended")
        launched.append(limits)
        process: Process = launch(limits)
        return process

    monkeypatch.setattr(gpu_sandbox, "_launch", launch_once)
    with pytest.raises(FairmarkError, match="the sandbox has ended"):
        grade(answer(tiny_on_gpu, {**RIGHT, **IN_BOTH}), tiny_on_gpu, gpu_sandbox)


def test_a_worker_has_the_time_for_cells_that_run_again(
    tiny_on_gpu: Assignment, tiny: Assignment
) -> None:
    more = seconds_allowed([tiny_on_gpu]) - seconds_allowed([tiny])
    assert more == tiny_on_gpu.limits().rerun_seconds == 3600


def test_no_gpu_is_asked_for_without_the_option(tiny_course: Course) -> None:
    assert not tiny_course.visible_for(tiny_course.assignments()).gpu


def test_a_file_that_is_not_to_be_had_leaves_the_gpu_to_the_next(
    tiny_on_gpu: Assignment, gpu_sandbox: Sandbox, tmp_path: Path
) -> None:
    lost = tmp_path / "lost"
    lost.touch()
    files = {"lost": SharedFile.of("tiny/lost", lost)}
    lost.unlink()
    with pytest.raises(FairmarkError, match="lost cannot be read"):
        execute([], gpu_sandbox, tiny_on_gpu.limits(), files, Budget(9))
    assert gpu_sandbox._gpu.gpu is not None  # type: ignore[attr-defined]
    device = os.open(gpu_sandbox._gpu.gpu.devices[0][0], os.O_RDONLY)  # type: ignore[attr-defined]
    try:
        fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(device)


def test_one_worker_drafts_what_uses_a_gpu(
    tiny_on_gpu: Assignment, gpu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its turn, which another one would wait for until it has ended."""

    def made(job: Job, question: str) -> Draft:
        return Draft(question, text=str(os.getpid()))

    monkeypatch.setattr(Job, "draft", made)
    drafts = list(draft_all(tiny_on_gpu, {}, {}, ["double", "mean"], gpu_sandbox, workers=2))
    assert len(drafts) == 2
    assert len({draft.text for draft in drafts}) == 1
