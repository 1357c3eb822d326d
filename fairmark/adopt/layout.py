"""The files of adopted graders, in the course's own folders or in a copy made for trying them."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fairmark.adopt.notes import renewed
from fairmark.course.adopted import ADOPTED, digest_of, left_text
from fairmark.course.course import Assignment, Course
from fairmark.course.marks import grade_id
from fairmark.errors import FairmarkError

_MADE = ("autograded", "submitted", "release", "feedback", "report", "graders", "proofs")
"""What a course's copy does without, or has of its own."""
_MADE_OF = """
# Digests of the test cells that the graders were made of, to notice where one was edited since.
[made_of]
"""


def module_name(assignment: Assignment) -> str:
    """The name of the grader module of a notebook."""
    words = re.findall(r"\w+", assignment.notebook.lower())
    return f"test_{'_'.join(words) or 'cells'}.py"


def files_of(
    assignment: Assignment, module: str, left: Mapping[str, str], taken: Collection[str]
) -> dict[Path, str]:
    """The files of a notebook's adopted graders, by their paths in the course."""
    digests = [
        f"{json.dumps(name)} = {json.dumps(digest_of(cell.source))}\n"
        for cell in assignment.prepared.cells
        if (name := grade_id(cell)) in taken
    ]
    folder = assignment.graders.relative_to(assignment.course.root)
    return {
        folder / module_name(assignment): module,
        folder / ADOPTED: left_text(left) + _MADE_OF + "".join(digests),
    }


def write_files(files: Mapping[Path, str], *, force: bool) -> None:
    """Lay files down; raise FairmarkError where there are others already, unless ``force``.

    What is left is told anew by each adoption: ``adopted.toml`` may be another one. What the
    instructor has written there stays.
    """
    made = [path for path in files if path.name != ADOPTED and path.exists()]
    there = [path for path in made if path.read_text("utf-8") != files[path]]
    if there and not force:
        raise FairmarkError(
            f"{there[0]} is there already, and has another text: --force writes over it"
        )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        is_noted = path.name == ADOPTED and path.exists()
        path.write_text(renewed(path.read_text("utf-8"), text) if is_noted else text, "utf-8")


def drafted_cells(root: Path, assignment: Assignment) -> set[str]:
    """The questions of a notebook of which a course has tests that are not made by adoption."""
    folder = root / assignment.graders.relative_to(assignment.course.root)
    others = [path for path in folder.glob("test_*.py") if path.name != module_name(assignment)]
    trees = [ast.parse(path.read_text("utf-8")) for path in others]
    return {
        argument.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for argument in node.args
        if node.func.id == "question"
        and isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
    }


@contextmanager
def tried_course(course: Course) -> Iterator[Course]:
    """A copy of a course without graders, in which they may be laid down; its files are links."""
    with tempfile.TemporaryDirectory(prefix="fairmark-adopt-") as folder:
        root = Path(folder).resolve()
        for path in course.root.iterdir():
            if path.name not in _MADE and not path.name.startswith((".", "gradebook")):
                (root / path.name).symlink_to(path.resolve(), target_is_directory=path.is_dir())
        (root / "graders").mkdir()
        yield Course.load(root)
