"""What a mutant costs that test cells judge, in CPU seconds: ``python -m benchmarks.testcells``.

A course's folder and an assignment are named, and how many mutants to try. What grading a whole
notebook costs, which the fork at the cell saves, is measured beside it. The cost of a mutant has
that of its own cells in it: the answer, what depends on it, and the test cells.
"""

from __future__ import annotations

import argparse
import copy
import resource
from pathlib import Path

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.testcells.cases import cells_about
from fairmark.testcells.mutants import mutants_of
from fairmark.testcells.trials import CellTrials


def main() -> None:
    """Measure, and print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("course", type=Path)
    parser.add_argument("assignment")
    parser.add_argument("--mutants", type=int, default=50)
    arguments = parser.parse_args()
    course = Course.load(arguments.course)
    assignment = course.assignment(arguments.assignment)
    preload = course.preload_for([assignment])
    visible = course.visible_for([assignment])
    with make_sandbox(preload, course.limits, visible=visible) as sandbox:
        sandbox.wait_ready()
        tried, each = _forked(assignment, sandbox, arguments.mutants)
        before = _own_cpu()
        report = grade(copy.deepcopy(assignment.solved), assignment, sandbox)
        whole = _own_cpu() - before + report.cpu_seconds
    print(f"{assignment.label}: {tried} mutants")
    print(f"a mutant: {each:.3f} CPU seconds, its own cells included")
    print(f"grading the whole notebook: {whole:.3f} CPU seconds")


def _forked(assignment: Assignment, sandbox: Sandbox, number: int) -> tuple[int, float]:
    """How many mutants were tried, and what each cost."""
    mutants = mutants_of(assignment)
    mutants = mutants[:: max(len(mutants) // number, 1)]
    with CellTrials(assignment, sandbox) as trials:
        baseline = trials.baseline()
    spent = []
    for some in (mutants, mutants * 2):  # the process that they are forked from costs the same
        some = sorted(some, key=mutants.index)
        before = _own_cpu()
        with CellTrials(assignment, sandbox, baseline) as trials:
            for mutant in some:
                about = cells_about(assignment, mutant.question)
                trials.points({mutant.question: mutant.source}, only=about, seconds=2.0)
        spent.append(_own_cpu() - before + trials.cpu_seconds)
    once, twice = spent
    return len(mutants), (twice - once) / len(mutants)


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
