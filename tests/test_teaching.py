"""What the notebooks tell before they ask.

``docs/teaching.md`` names every hidden test of an assignment, and cells that tell of it; each
exercise says how long it takes, and has three hints.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

import nbformat
import pytest

from fairmark.course.kept import KEEP, keeps_output, kept_faults

ASSIGNMENTS = (
    "warm-up",
    "perceptron",
    "softmax",
    "backpropagation",
    "convolution",
    "cnn",
    "style-transfer",
)
"""The assignments that the page has a table of, and whose exercises have hints."""

COLOURS = (
    "(BLUE, ORANGE, GREEN, PURPLE, GREY)",
    "(PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_PURPLE)",
    "(PALE_GREY, RUST, SIGNED)",
)
"""The table of the course's colours, by what its lines assign to."""


def rows(course_root: Path, assignment: str) -> list[tuple[str, str, list[str]]]:
    """The table of an assignment: exercise, what a hidden test tries, the cells that tell it."""
    text = (course_root / "docs" / "teaching.md").read_text("utf-8")
    section = re.split(r"\n##? ", text.split(f"\n## {assignment}\n", 1)[1])[0]
    found = re.findall(r"^\| `([\w-]+)` \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
    return [(exercise, tries, re.findall(r"`([\w-]+)`", told)) for exercise, tries, told in found]


def hidden_tests(folder: Path) -> Iterator[tuple[str, str]]:
    """The exercise and the first line of the docstring of each hidden test."""
    for path in folder.glob("test_*.py"):
        for group in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(group, ast.ClassDef):
                continue
            marks = [ast.unparse(mark) for mark in group.decorator_list]
            question = next((mark for mark in marks if mark.startswith("question(")), None)
            if question is None:  # what tests of a grader share, no tests of their own
                continue
            for test in group.body:
                if not isinstance(test, ast.FunctionDef):
                    continue
                if "hidden" in {ast.unparse(mark) for mark in test.decorator_list}:
                    title = (ast.get_docstring(test) or "").splitlines()[0]
                    yield ast.literal_eval(question.removeprefix("question")), title


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_hidden_test_is_told(course_root: Path, assignment: str) -> None:
    told = sorted((exercise, tries) for exercise, tries, _ in rows(course_root, assignment))
    assert told == sorted(hidden_tests(course_root / "graders" / assignment))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_cells_that_tell_it_exist(course_root: Path, assignment: str) -> None:
    path = course_root / "source" / assignment / f"{assignment}.ipynb"
    cells = {cell["id"] for cell in json.loads(path.read_text("utf-8"))["cells"]}
    for exercise, tries, told in rows(course_root, assignment):
        assert told, (exercise, tries)
        assert set(told) <= cells, (exercise, tries)


def test_no_table_is_left_out(course_root: Path) -> None:
    text = (course_root / "docs" / "teaching.md").read_text("utf-8")
    assert set(re.findall(r"^## (\S+)$", text, re.MULTILINE)) == set(ASSIGNMENTS)


def exercises(course_root: Path, assignment: str) -> Iterator[tuple[str, str, bool]]:
    """Each exercise, its text, which ends in the cell above the answer, and whether it is code."""
    path = course_root / "source" / assignment / f"{assignment}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    for above, cell in pairwise(cells):
        entry = cell["metadata"].get("nbgrader", {})
        if entry.get("solution"):
            yield entry["grade_id"], "".join(above["source"]), cell["cell_type"] == "code"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_exercise_says_how_long_it_takes(course_root: Path, assignment: str) -> None:
    levels = "easy|medium|takes thought"
    for name, text, _ in exercises(course_root, assignment):
        heading = rf"^### (Exercise|Question) `{name}` \(.*\)\n\n"
        found = re.search(rf"{heading}\*\d+ minutes, ({levels})(: [^*]+)?\.\*", text, re.MULTILINE)
        assert found, (assignment, name)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_exercise_has_three_folded_hints(course_root: Path, assignment: str) -> None:
    for name, text, is_code in exercises(course_root, assignment):
        second, third = ("the shapes", "pseudocode") if is_code else ("where to look", "an outline")
        titles = re.findall(r"^<details>\n<summary>(.*)</summary>\n\n", text, re.MULTILINE)
        assert titles == ["Hint 1: the idea", f"Hint 2: {second}", f"Hint 3: {third}"], name
        assert text.count("\n\n</details>") == 3 and text.endswith("</details>"), name


def cells_of(course_root: Path, assignment: str) -> list[dict[str, Any]]:
    path = course_root / "source" / assignment / f"{assignment}.ipynb"
    cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return cells


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_predictions_are_asked_before_the_picture(course_root: Path, assignment: str) -> None:
    cells = cells_of(course_root, assignment)
    digests = dict(
        re.findall(r'^    "([\w-]+)": "(\w{10})",$', source_of(cells, "predictions"), re.M)
    )
    asked = [cell["id"] for cell in cells if re.fullmatch(r"ask-.*(?<!-text)", cell["id"])]
    assert 3 <= len(asked) <= 4
    assert [name.removeprefix("ask-") for name in asked] == list(digests)
    for question, above, below in zip(digests, *beside(cells, asked), strict=True):
        source = source_of(cells, f"ask-{question}")
        assert source == f'prediction = ""  # a, b or c\nask("{question}", prediction)'
        assert "Predict first" in above and re.findall(r"^- \*\*(\w)\*\*: ", above, re.M) == [
            *"abc"
        ]
        assert below["outputs"], "a picture or numbers answer it"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_page_has_the_right_letters(course_root: Path, assignment: str) -> None:
    text = (course_root / "docs" / "teaching.md").read_text("utf-8")
    told = re.findall(
        rf"^\| `{assignment}` \| `([\w-]+)` \| ([abc]) \| (.*) \|$", text, re.MULTILINE
    )
    cells = cells_of(course_root, assignment)
    shown: dict[str, Any] = {"display": lambda said: said, "Markdown": str}
    exec(source_of(cells, "predictions").replace("    display(", "    return ("), shown)
    assert [question for question, _, _ in told] == list(shown["PREDICTIONS"])
    texts = beside(cells, [f"ask-{question}" for question, _, _ in told])[0]
    for (question, right, words), text in zip(told, texts, strict=True):
        said = {letter: shown["ask"](question, letter) for letter in ("a", "b", "c", " C ", "")}
        assert {letter for letter in "abc" if said[letter].startswith("**Right.")} == {right}
        assert said[" C "] == said["c"] and said[""].startswith("**Write your letter")
        assert f"- **{right}**: {words}\n" in text


def test_the_notebooks_share_a_table_of_symbols(course_root: Path) -> None:
    table = source_of(cells_of(course_root, "warm-up"), "symbols")
    heading = table.splitlines()[0].removeprefix("## ")
    link = f"](../warm-up/warm-up.ipynb#{heading.replace(' ', '-')})"
    for assignment in ASSIGNMENTS[1:]:
        assert link in source_of(cells_of(course_root, assignment), "title"), assignment
    symbols = re.findall(r"^\| (\$.*?) \| ", table, re.MULTILINE)
    assert len(symbols) > 12 and len(symbols) == len(set(symbols))


@pytest.mark.parametrize("assignment", ASSIGNMENTS[1:])
def test_each_notebook_ends_in_what_to_remember_and_to_read(
    course_root: Path, assignment: str
) -> None:
    text = source_of(cells_of(course_root, assignment), "summary")
    remember, read = text.split("\n\n### To read\n\n")
    assert remember.startswith("## What to remember\n\n- ")
    works = re.split(r"^- ", read, flags=re.MULTILINE)[1:]
    assert len(works) >= 3
    for work in works:
        assert re.search(r"\b(19|20)\d\d\b", work) and ("](https://" in work or "pages" in work), (
            work
        )


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_picture_is_one_call_of_what_stands_beside(course_root: Path, assignment: str) -> None:
    modules = {path.stem for path in (course_root / "source" / assignment).glob("*.py")}
    for cell in cells_of(course_root, assignment):
        if cell["cell_type"] == "code" and re.match("(picture|moving)-", cell["id"]):
            *constants, drawn = ast.parse("".join(cell["source"])).body
            assert isinstance(drawn, ast.Expr | ast.Assign) and isinstance(drawn.value, ast.Call)
            assert ast.unparse(drawn.value.func).split(".")[0] in modules, cell["id"]
            assert len(constants) <= 1, cell["id"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("moving.py", "MOVING"),
        ("moving.py", "moving"),
        ("moving.py", "PAD"),
        ("pictures.py", COLOURS[0]),
        ("pictures.py", COLOURS[1]),
        ("pictures.py", COLOURS[2]),
        ("pictures.py", "show"),
        ("pictures.py", "show_photos"),
        ("pictures.py", "scoreboard"),
    ],
)
def test_what_notebooks_share_is_the_same_in_each(course_root: Path, file: str, name: str) -> None:
    # Students get each notebook's folder alone, so each has a copy.
    paths = list((course_root / "source").glob(f"*/{file}"))
    bodies = [node for path in paths for node in ast.parse(path.read_text("utf-8")).body]
    copies = [
        ast.unparse(node)
        for node in bodies
        if getattr(node, "name", None) == name
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name)
    ]
    assert len(copies) >= 2
    assert len(set(copies)) == 1


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_notebook_has_the_courses_colours(course_root: Path, assignment: str) -> None:
    table: dict[str, str] = {}
    folder = course_root / "source" / assignment
    for node in ast.parse((folder / "pictures.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in COLOURS:
            names, values = ast.unparse(node.targets[0]), ast.literal_eval(node.value)
            table |= dict(zip(names.strip("()").split(", "), values, strict=True))
    assert len(table) == 12
    for path in folder.glob("*.py"):
        if path.name == "moving.py":  # whose scripts are text
            continue
        found = [n.value for n in ast.walk(ast.parse(path.read_text("utf-8"))) if is_text(n)]
        for value in table.values():
            assert found.count(value) == (path.name == "pictures.py"), (path, value)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_notebook_opens_quickly(course_root: Path, assignment: str) -> None:
    path = course_root / "source" / assignment / f"{assignment}.ipynb"
    assert path.stat().st_size < 3_200_000


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_nbval_does_not_compare_the_page_of_a_check(course_root: Path, assignment: str) -> None:
    config = configparser.RawConfigParser()
    config.read(course_root / "tests" / "nbval_sanitize.cfg", "utf-8")
    pages = [
        "".join(output["data"]["text/html"])
        for cell in cells_of(course_root, assignment)
        if cell["id"].startswith("check_")
        for output in cell["outputs"]
    ]
    assert pages
    for page in pages:
        assert re.sub(config["check"]["regex"], "CHECK", page) == "CHECK"


def is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_diagram_that_needs_no_answer_keeps_its_output(
    course_root: Path, assignment: str
) -> None:
    notebook = nbformat.read(course_root / "source" / assignment / f"{assignment}.ipynb", 4)
    drawn = {
        cell.id
        for above, cell in pairwise(notebook.cells)
        if cell.id.startswith("picture-") and not above.id.startswith("ask-")
    }
    tagged = {cell.id for cell in notebook.cells if keeps_output(cell)}
    for cell in notebook.cells:
        if cell.id in drawn and not keeps_output(cell):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), KEEP]
    of_answers = {notebook.cells[number - 1].id for number, _ in kept_faults(notebook)}
    assert tagged == drawn - of_answers
    assert tagged


def source_of(cells: list[dict[str, Any]], cell_id: str) -> str:
    return next("".join(cell["source"]) for cell in cells if cell["id"] == cell_id)


def beside(cells: list[dict[str, Any]], names: list[str]) -> tuple[list[str], list[dict[str, Any]]]:
    """The texts above these cells, and the cells below them."""
    places = [index for index, cell in enumerate(cells) if cell["id"] in names]
    return ["".join(cells[i - 1]["source"]) for i in places], [cells[i + 1] for i in places]
