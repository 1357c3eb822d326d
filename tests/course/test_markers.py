"""Markers that nbgrader would not know are found, and what only speaks of them is left alone."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from traitlets.config import Config

from fairmark.course.markers import marker_faults, markers_left, regions_of
from tests.classic import mark

ANSWER = mark("a", solution=True)
TESTS = mark("t", 1, grade=True)
USUAL = regions_of(Config())


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("### begin hidden tests", "BEGIN HIDDEN TESTS"),
        ("    ### Begin Solution", "BEGIN SOLUTION"),
        ("# BEGIN  SOLUTION", "BEGIN SOLUTION"),
        ("###BEGIN_SOLUTION", "BEGIN SOLUTION"),
        ("#BEGINSOLUTION", "BEGIN SOLUTION"),
        ("# BEGIN HIDDEN TEST", "BEGIN HIDDEN TESTS"),
        ("### END HIDDEN TEST ###", "END HIDDEN TESTS"),
        ("### BEIGN SOLUTION", "BEGIN SOLUTION"),
        ("### BEGIN SOLUTON", "BEGIN SOLUTION"),
        ("### BEGIN HIDEN TESTS", "BEGIN HIDDEN TESTS"),
        ("### START SOLUTION", "BEGIN SOLUTION"),
        ("### SOLUTION END", "END SOLUTION"),
        ("=== begin mark scheme ===", "BEGIN MARK SCHEME"),
        ("### BEGIN MARKING SCHEME", "BEGIN MARK SCHEME"),
        ("### BEGIN MARKSCHEME", "BEGIN MARK SCHEME"),
        ("x = 1  ### begin solution (two lines)", "BEGIN SOLUTION"),
        ("// end\tsolution", "END SOLUTION"),
        ("<!-- begin solution -->", "BEGIN SOLUTION"),
        ("### ＢＥＧＩＮ SOLUTION", None),  # letters of other alphabets are nobody's slip
    ],
)
def test_a_line_that_almost_is_a_marker(line: str, meant: str | None) -> None:
    cell = new_code_cell(f"x = 0\n{line}\n")
    faults = marker_faults(cell, USUAL)
    assert faults == (
        [] if meant is None else [f"line 2, {line.strip()!r}, is no marker: write {meant}"]
    )
    assert list(markers_left(cell, USUAL)) == ([] if meant is None else [repr(line.strip())])


@pytest.mark.parametrize(
    "line",
    [
        "# The solution begins with the largest eigenvalue.",
        "x = begin(solution)",
        "# HIDDEN TESTS follow after you hand in.",
        "# the end",
        "assert solution == 2",
        "# Beginning of the solver",
        "### AUTOTEST f(2)",
        "",
    ],
)
def test_code_that_only_speaks_of_it(line: str) -> None:
    assert marker_faults(new_code_cell(line), USUAL) == []


@pytest.mark.parametrize(
    "line",
    ["Begin the solution here.", "## Solution", "## 2nd solution", "You begin. Solution: x = 2"],
)
def test_text_that_only_speaks_of_it(line: str) -> None:
    assert marker_faults(new_markdown_cell(line), USUAL) == []


def test_a_whole_line_of_text_is_a_marker() -> None:
    (fault,) = marker_faults(new_markdown_cell("Why?\n**begin solution**\nSo."), USUAL)
    assert fault == "line 2, '**begin solution**', is no marker: write BEGIN SOLUTION"


def test_what_a_right_marker_encloses_is_taken_out_whole() -> None:
    source = "### BEGIN SOLUTION\n### begin hidden tests\n### END SOLUTION"
    assert marker_faults(new_code_cell(source, metadata=ANSWER), USUAL) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("### BEGIN SOLUTION\n1", "line 1 is BEGIN SOLUTION without END SOLUTION below it"),
        ("1\n### END SOLUTION", "line 2 is END SOLUTION without BEGIN SOLUTION above it"),
        (
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
            "BEGIN SOLUTION stands in line 1 and in 2",
        ),
        (
            "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS",
            "it holds BEGIN HIDDEN TESTS, but is not a test cell",
        ),
        (
            "### BEGIN MARK SCHEME\n### END MARK SCHEME",
            "it holds BEGIN MARK SCHEME, but is not a task",
        ),
    ],
)
def test_regions_that_are_not_whole_or_not_in_their_place(source: str, fault: str) -> None:
    assert marker_faults(new_code_cell(source, metadata=ANSWER), USUAL) == [fault]


def test_a_solution_in_a_test_cell() -> None:
    cell = new_code_cell("### BEGIN SOLUTION\n### END SOLUTION", metadata=TESTS)
    assert marker_faults(cell, USUAL) == ["it holds BEGIN SOLUTION, but is not an answer cell"]
    config = Config({"ClearSolutions": {"enforce_metadata": False}})
    assert marker_faults(cell, regions_of(config)) == []


def test_a_courses_own_markers() -> None:
    own = {"begin_solution_delimeter": "# <ours>", "end_solution_delimeter": "# </ours>"}
    regions = regions_of(Config({"ClearSolutions": own}))
    source = "# <ours>\n### begin solution\n# </ours>"
    assert marker_faults(new_code_cell(source, metadata=ANSWER), regions) == []
    (fault,) = marker_faults(new_code_cell("### BEGIN SOLUTION", metadata=ANSWER), regions)
    assert fault == "line 1, '### BEGIN SOLUTION', is no marker: write # <ours>"
    own = {"begin_solution_delimeter": "BEGIN ANSWER KEY", "end_solution_delimeter": "END KEY"}
    regions = regions_of(Config({"ClearSolutions": own}))
    (fault,) = marker_faults(new_code_cell("# begin answer  key", metadata=ANSWER), regions)
    assert fault == "line 1, '# begin answer  key', is no marker: write BEGIN ANSWER KEY"


def test_what_the_course_leaves_in_is_no_fault() -> None:
    regions = regions_of(Config({"ClearSolutions": {"enabled": False}}))
    assert marker_faults(new_code_cell("### BEGIN SOLUTION\n### end solution"), regions) == []
