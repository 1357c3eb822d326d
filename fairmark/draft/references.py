"""What drafts compare with: a function of the course's reference, or the instructor's solution."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairmark.course.answers import instructors_source
from fairmark.course.course import Assignment
from fairmark.course.marks import mark_of
from fairmark.grading.modules import importable
from fairmark.syntax.cells import parsed

_HEAD = '''"""The instructor's solutions of {name}, as `fairmark draft` took them from the notebook.

The graders compare answers with them. Students never see this file.
"""

'''


PACKAGE = Path("reference", "__init__.py")
"""What makes the folder a package, so that no other one is taken for it."""
PACKAGE_TEXT = '"""The right implementations, which graders compare with."""\n'


@dataclass(frozen=True)
class Reference:
    """A function that says what is right."""

    module: str
    """Where a grader imports it from."""
    function: Callable[..., Any] | None
    """None where it is the instructor's solution itself."""


def reference_of(assignment: Assignment, function: str) -> Reference:
    """Return the course's reference for a function of the assignment, else the solution."""
    root = assignment.course.root
    for path in _modules(root, assignment):
        tree = parsed(path.read_text("utf-8"))
        names = {n.name for n in (tree.body if tree else []) if isinstance(n, ast.FunctionDef)}
        if function in names:
            module = f"reference.{path.stem}"
            with importable(root):
                found = getattr(importlib.import_module(module), function, None)
            if inspect.isfunction(found):
                return Reference(module, found)
    return Reference(solutions_module(assignment), None)


def solutions_module(assignment: Assignment) -> str:
    """Return the module that the instructor's solutions are written to."""
    name, notebook = assignment.name, assignment.notebook
    name += "" if notebook == name else f"_{notebook}"
    return "reference.drafted_" + re.sub(r"\W", "_", name)


def solutions_source(assignment: Assignment, names: Sequence[str]) -> str:
    """Return the text of that module: the solutions of these functions, with what they need."""
    needed = instructors_source(assignment, "\0", names)
    return _HEAD.format(name=assignment.label) + needed + "\n"


def helpers_of(assignment: Assignment, function: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return what says what is right beside a function: a module, and its functions' parameters.

    They are the public functions of the reference's module that has the function; where there is
    none, those of the other answers, which the module of the solutions can hold.
    """
    for path in _modules(assignment.course.root, assignment):
        found = _functions(path.read_text("utf-8"))
        if function in found:
            found.pop(function)
            return f"reference.{path.stem}", found
    found = {}
    for cell in assignment.solved.cells:
        if mark_of(cell).get("solution"):
            found |= _functions(cell.source)
    found.pop(function, None)
    return solutions_module(assignment), found


def _functions(source: str) -> dict[str, tuple[str, ...]]:
    tree = parsed(source)
    return {
        node.name: tuple(argument.arg for argument in node.args.args)
        for node in (tree.body if tree is not None else [])
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def _modules(root: Path, assignment: Assignment) -> list[Path]:
    """The reference's modules: the one with the assignment's name first, then in order."""
    folder = root / "reference"
    files = sorted(p for p in folder.glob("*.py") if p.stem.isidentifier() and p.stem[0] != "_")
    wanted = re.sub(r"\W", "_", assignment.name)
    return sorted(files, key=lambda p: (p.stem != wanted, not wanted.startswith(p.stem), p.name))
