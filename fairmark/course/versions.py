"""The versions of an assignment's notebook: with solutions, with stubs, and as students get it."""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmark.course.faults import check_source
from fairmark.errors import FairmarkError
from fairmark.notebook import read_notebook

# Importing nbgrader takes a second or two: only functions that need it import it.
if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config


def solved(source: Path) -> NotebookNode:
    """Return the instructor's notebook as it is, with solutions; raise NotebookError."""
    return read_notebook(source)


def master(notebook: NotebookNode, source: Path, config: Config) -> NotebookNode:
    """Return the solved notebook with stubs in place of solutions; raise FairmarkError."""
    from nbgrader.preprocessors import ClearSolutions

    return _stepped(notebook, (ClearSolutions,), source, config)


def handed_out(notebook: NotebookNode, source: Path, config: Config) -> NotebookNode:
    """Return the master as students get it, without hidden tests and mark schemes.

    Raises FairmarkError.
    """
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

    return _stepped(notebook, (ClearHiddenTests, ClearMarkScheme), source, config)


def prepared(
    source: Path, assignment: str, directory: CourseDirectory, cell_files: Sequence[Path] = ()
) -> NotebookNode:
    """Return the notebook in the state in which nbgrader's generate_assignment saves its cells.

    ``assignment`` is nbgrader's name of the assignment, ``directory`` its view of the course with
    the configuration, and ``cell_files`` are files that it makes cells from. Raises FairmarkError.
    """
    stamps = tuple(path.stat().st_mtime_ns for path in (source, *cell_files))
    return _prepared(source, assignment, _Same(directory), stamps)


class _Same:
    """A course directory as a cache key; equal if root and configuration are."""

    def __init__(self, directory: CourseDirectory) -> None:
        self.directory = directory
        self._key = repr((directory.root, directory.config))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)


@functools.lru_cache(maxsize=32)
def _prepared(source: Path, assignment: str, same: _Same, _stamps: tuple[int, ...]) -> NotebookNode:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import SaveCells
    from traitlets.utils.importstring import import_item

    directory = same.directory
    generate = GenerateAssignment(coursedir=directory, config=directory.config)
    notebook = read_notebook(source)
    resources = resources_of(source, assignment, directory)
    with contextlib.chdir(directory.root):  # some configured paths are relative
        for item in generate.preprocessors:
            step = import_item(item) if isinstance(item, str) else item
            if issubclass(step, SaveCells):
                break
            if getattr(step, "only_for_releases", False):
                continue
            try:
                notebook, resources = step(parent=generate)(notebook, resources)
            except Exception as error:
                check_source(source, directory.config)  # which names the cell
                raise FairmarkError(f"{source}: {error}") from None
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"added-{number}")  # a header's cells may have none
    return notebook


def resources_of(source: Path, assignment: str, directory: CourseDirectory) -> Any:
    """Return the resources of the instructor's notebook for nbgrader's preprocessors."""
    from nbconvert.exporters.exporter import ResourcesDict

    resources = ResourcesDict()
    resources["metadata"] = ResourcesDict(path=str(source.parent), name=source.stem)
    resources["unique_key"] = source.stem
    resources["nbgrader"] = {
        "student": ".",
        "assignment": assignment,
        "notebook": source.stem,
        "db_url": directory.db_url,
    }
    return resources


def _stepped(
    notebook: NotebookNode, steps: Sequence[Any], source: Path, config: Config
) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    resources: dict[str, Any] = {"metadata": {"path": str(source.parent)}}
    for step in steps:
        try:
            notebook, resources = step(config=config).preprocess(notebook, resources)
        except RuntimeError as error:
            check_source(source, config)  # which names the cell
            raise FairmarkError(f"{source}: {error}") from None
    return notebook
