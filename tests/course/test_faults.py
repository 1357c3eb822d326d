"""What is wrong with an instructor's notebook is told with its cell: all of it, a line each."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from traitlets.config import Config

from fairmark.course.faults import notebook_faults
from tests.classic import mark


def changed(metadata: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A mark with these entries; None takes one out."""
    about = {**metadata["nbgrader"], **changes}
    return {"nbgrader": {key: value for key, value in about.items() if value is not None}}


ANSWER = mark("q", solution=True)
TESTS = mark("tq", 2, grade=True)
WRITTEN = mark("w", 2, grade=True, solution=True)
TASK = mark("task", 2, task=True)


def faults(*cells: NotebookNode, config: Config | None = None) -> list[str]:
    return notebook_faults(new_notebook(cells=list(cells)), config or Config())


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (new_code_cell(metadata=changed(TESTS, points=-1)), "(tq): its points, -1, are below 0"),
        (new_code_cell(metadata=changed(TESTS, points=None)), "(tq): it has no points"),
        (
            new_code_cell(metadata=changed(TESTS, points="two")),
            "(tq): its points are 'two', not a number",
        ),
        (
            new_code_cell(metadata=changed(TESTS, points=True)),
            "(tq): its points are True, not a number",
        ),
        (
            new_code_cell(metadata=changed(TESTS, points=float("nan"))),
            "(tq): its points are nan, not a number",
        ),
        (new_markdown_cell(metadata=changed(TASK, points=None)), "(task): it has no points"),
        (
            new_code_cell("def q(x):\n    pass", metadata=changed(ANSWER, grade_id=None)),
            "(def q(x):): it has no id",
        ),
        (new_code_cell(metadata=changed(ANSWER, grade_id="")), ": it has no id"),
        (
            new_code_cell(metadata=changed(ANSWER, grade_id=3)),
            ": its id is 3, not a text",
        ),
        (
            new_code_cell(metadata=changed(ANSWER, grade_id="my q!")),
            "(my q!): its id 'my q!' may have letters of a to z, digits, - and _ only",
        ),
        (
            new_markdown_cell(metadata=TESTS),
            "(tq): it is a test cell, but Markdown: tests are a code cell",
        ),
        (
            new_markdown_cell(metadata=ANSWER),
            "(q): it is an answer in Markdown without points: make it manually graded",
        ),
        (
            new_raw_cell(metadata=TESTS),
            "(tq): it is a raw cell: tests and answers are code or Markdown cells",
        ),
        (
            new_code_cell(metadata=TASK),
            "(task): it is a task, but a code cell: a task is a Markdown cell",
        ),
        (
            new_code_cell(metadata=changed(TESTS, grade="yes")),
            "(tq): grade is 'yes', not true or false",
        ),
        (
            new_code_cell(metadata=changed(TESTS, solution=None)),
            "(tq): its mark does not say whether it is 'solution'",
        ),
        (
            new_code_cell(metadata=changed(TESTS, schema_version=1)),
            "(tq): its mark is of another nbgrader (schema 1): run `nbgrader update` on the "
            "notebook",
        ),
        (
            new_code_cell(metadata=changed(TESTS, schema_version=9)),
            "(tq): its mark is of another nbgrader (schema 9): update nbgrader",
        ),
        (
            new_code_cell(metadata=changed(TESTS, bonus=3)),
            "(tq): nbgrader knows no 'bonus' in a cell's mark: take it out",
        ),
        (
            new_code_cell(metadata=changed(TESTS, checksum="short")),
            "(tq): checksum: 'short' is too short",
        ),
        (
            new_code_cell(metadata={"nbgrader": "graded"}),
            ": its nbgrader metadata are no map, but 'graded'",
        ),
        (
            new_code_cell("assert 1\n### begin hidden tests", metadata=TESTS),
            "(tq): line 2, '### begin hidden tests', is no marker: write BEGIN HIDDEN TESTS",
        ),
    ],
)
def test_a_fault_is_told_with_its_cell(cell: NotebookNode, fault: str) -> None:
    told = faults(new_markdown_cell("# Title"), cell)
    assert told == [f"cell 2{' ' if fault.startswith('(') else ''}{fault}"]


def test_all_faults_are_told() -> None:
    told = faults(
        new_code_cell(metadata=ANSWER),
        new_code_cell(metadata=TESTS),
        new_code_cell(metadata=TESTS),
        new_code_cell(metadata=changed(TESTS, points=-2)),
    )
    assert told == [
        "cell 3 (tq): the id tq is that of cell 2, too",
        "cell 4 (tq): its points, -2, are below 0",
        "cell 4 (tq): the id tq is that of cell 2, too",
    ]


def test_a_right_notebook_has_no_fault() -> None:
    assert not faults(
        new_markdown_cell("### BEGIN SOLUTION\nIt is.\n### END SOLUTION", metadata=WRITTEN),
        new_code_cell("### BEGIN SOLUTION\n1\n### END SOLUTION", metadata=ANSWER),
        new_code_cell("1\n### BEGIN HIDDEN TESTS\n2\n### END HIDDEN TESTS", metadata=TESTS),
        new_markdown_cell("Do.\n### BEGIN MARK SCHEME\n2\n### END MARK SCHEME", metadata=TASK),
        new_code_cell(metadata=mark("given")),
        # It has no mark: nbgrader leaves such metadata behind.
        new_code_cell(metadata=changed(mark("q"), locked=False)),
    )


def test_a_picture_in_a_mark_scheme() -> None:
    scheme = "Do.\n### BEGIN MARK SCHEME\n![s](attachment:plan.png)\n### END MARK SCHEME"
    cell = new_markdown_cell(scheme, metadata=TASK)
    (fault,) = faults(cell)
    assert fault.startswith("cell 1 (task): its mark scheme shows the attached picture plan.png:")
    allowed = Config({"ClearMarkScheme": {"check_attachment_leakage": False}})
    assert not faults(cell, config=allowed)
