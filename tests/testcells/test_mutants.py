"""Mutants of the solutions that test cells mark."""

from __future__ import annotations

from pathlib import Path

from fairmark.testcells.mutants import mutants_in, mutants_of
from tests.cells import answer, given, make_assignment, marked_by


def test_only_the_solution_of_tested_answers_is_changed(tmp_path: Path) -> None:
    assignment = make_assignment(
        tmp_path,
        answer("f", "size = 10\ndef f(x):\n---\n    return x + size"),
        given("f(3)"),
        marked_by("test_f", "assert f(1) == 11"),
        answer("untested", "def g(x):\n---\n    return x + 1"),
    )
    found = mutants_of(assignment)
    assert found
    assert {mutant.question for mutant in found} == {"f"}
    assert {mutant.was for mutant in found} == {"return x + size"}


def test_a_cell_without_markers_is_changed_in_all_its_lines(tmp_path: Path) -> None:
    cells = [answer("f", "a = 1\nb = 2"), marked_by("test_f", "assert a + b == 3")]
    found = mutants_of(make_assignment(tmp_path, *cells))
    assert {mutant.was for mutant in found} == {"a = 1", "b = 2"}


def test_lines_of_ipython_stay_as_they_are() -> None:
    source = "%matplotlib inline\ndef f(x):\n    %timeit x\n    files = !ls\n    return x + 1"
    found = mutants_in("f", source)
    assert {mutant.becomes for mutant in found} >= {"return x - 1"}
    for mutant in found:
        lines = mutant.source.split("\n")
        assert lines[:4] == source.split("\n")[:4]
        assert mutant.was == "return x + 1"
        assert mutant.line == 5


def test_a_timed_cell_is_python_and_another_language_is_not() -> None:
    (first, *_) = mutants_in("f", "%%time\na = 2 + 3")
    assert first.source.startswith("%%time\na = ")
    assert mutants_in("f", "%%bash\necho 1 + 1") == []
    assert mutants_in("f", "this is no Python + 1") == []


def test_what_a_cell_shows_is_no_mistake() -> None:
    source = "print(1 + 1)\ndef f(x):\n    print(x)\nprint(f(2))"
    found = [(mutant.line, mutant.becomes) for mutant in mutants_in("f", source)]
    assert (3, "pass") in found
    assert (1, "pass") not in found
    assert (4, "pass") not in found
