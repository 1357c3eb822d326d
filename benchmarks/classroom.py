"""The benchmark's courses, and a class of right submissions that are all written a little apart.

There are two assignments: ``digits``, which trains a network, and ``scores``, which costs next to
nothing, so that a large class says what fairmark itself costs.
"""

from __future__ import annotations

import itertools
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

COURSE = Path(__file__).parent / "course"
ASSIGNMENT = "digits"
CHEAP = "scores"
POINTS = {ASSIGNMENT: 10.0, CHEAP: 4.0}
PRELOAD = (
    "numpy",
    "torch",
    "torchvision",
    "matplotlib.pyplot",
    "sklearn.datasets",
    "sklearn.model_selection",
)
"""What the notebook of ``digits`` imports."""
_PRELOADS = {ASSIGNMENT: PRELOAD, CHEAP: ("numpy",)}

_HEAD = re.compile(r"^# %%(?P<words>.*)\n", re.MULTILINE)
_VARIANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "scale": (
        ("images.reshape(len(images), -1) / 16", "images.reshape(images.shape[0], 64) / 16.0"),
        ("images.reshape(len(images), -1) / 16", "np.array([i.ravel() for i in images]) / 16"),
    ),
    "softmax": (
        ("powers", "e"),
        ("scores.max(axis=1, keepdims=True)", "np.max(scores, axis=1)[:, None]"),
        ("scores.max(axis=1, keepdims=True)", "scores.max(1).reshape(-1, 1)"),
    ),
    "make_model": (
        ("torch.nn.ReLU()", "torch.nn.LeakyReLU(0.01)"),
        ("torch.nn.Linear(64, hidden)", "torch.nn.Linear(in_features=64, out_features=hidden)"),
    ),
    "train": (("losses", "history"), ("optimizer", "adam"), ("total", "running")),
}
"""Ways of writing an answer: replacements in its cell."""


def source_notebook(assignment: str = ASSIGNMENT) -> NotebookNode:
    """Return the instructor's notebook, made from its script in ``course/``."""
    text = (COURSE / f"{assignment}.py").read_text()
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    cells = [
        _cell(head["words"], text[head.end() : end]) for head, end in zip(heads, ends, strict=True)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return NotebookNode(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}))


def submissions(assignment: str = ASSIGNMENT) -> Iterator[NotebookNode]:
    """Yield right submissions without end, the same in each run."""
    for number in itertools.count(1):
        dice = random.Random(number)
        notebook = source_notebook(assignment)
        for cell in notebook.cells:
            cell.source = _uncover(cell.source)
            variants = _VARIANTS.get(cell.id, ())
            for old, new in dice.sample(variants, dice.randint(0, min(1, len(variants)))):
                cell.source = cell.source.replace(old, new)
            if cell.id in _VARIANTS:
                cell.source += f"\n# written by student {number}"
        yield notebook


def make_course(
    folder: Path, students: int, *, fairmark: bool, assignment: str = ASSIGNMENT
) -> Path:
    """Make a course with a class in ``folder``; ``fairmark=False`` leaves out all of fairmark's."""
    source = folder / "source" / assignment
    source.mkdir(parents=True)
    config = ["c = get_config()", 'c.CourseDirectory.course_id = "benchmark"']
    if fairmark:
        shutil.copytree(COURSE / "graders" / assignment, folder / "graders" / assignment)
        config.append(f"c.Fairmark.preload = {list(_PRELOADS[assignment])!r}")
    else:  # a busy machine is not to cost the class its points
        config.append("c.Execute.timeout = 600")
    (folder / "nbgrader_config.py").write_text("\n".join(config) + "\n")
    nbformat.write(source_notebook(assignment), source / f"{assignment}.ipynb")
    for number, notebook in enumerate(itertools.islice(submissions(assignment), students), 1):
        submitted = folder / "submitted" / f"student{number:04}" / assignment
        submitted.mkdir(parents=True)
        nbformat.write(notebook, submitted / f"{assignment}.ipynb")
    return folder


def _cell(words: str, text: str) -> NotebookNode:
    options = dict(word.partition("=")[::2] for word in words.split())
    name = options["id"]
    source = text.strip()
    if "[markdown]" in options:
        lines = [line.removeprefix("#").removeprefix(" ") for line in source.splitlines()]
        return NotebookNode(nbformat.v4.new_markdown_cell("\n".join(lines), id=name))
    cell = NotebookNode(nbformat.v4.new_code_cell(source, id=name))
    mark = {"grade_id": name, "schema_version": 3, "task": False, "grade": False}
    if "solution" in options:
        cell.metadata.nbgrader = {**mark, "solution": True, "locked": False}
    elif "points" in options:
        points = int(options["points"])
        cell.metadata.nbgrader = {
            **mark,
            "grade": True,
            "solution": False,
            "locked": True,
            "points": points,
        }
    return cell


def _uncover(source: str) -> str:
    """Take the markers of the solution out."""
    return "\n".join(line for line in source.splitlines() if "### " not in line)
