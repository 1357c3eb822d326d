"""Loading a course's configuration from all the files that nbgrader reads."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from fairmark.errors import FairmarkError

CONFIG_FILE = "nbgrader_config.py"
_STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"
_NAMES = ("jupyter_config", "nbgrader_config")
_OF_CELLS = (
    "ClearHiddenTests",
    "ClearMarkScheme",
    "ClearSolutions",
    "IgnorePattern",
    "IncludeHeaderFooter",
    "InstantiateTests",
)
"""The preprocessors of nbgrader whose settings decide what a cell is, or what its points are."""


def find_config(start: Path) -> Path | None:
    """Return the folder of the nearest configuration file at or above ``start``; else None."""
    here = start.resolve()
    return next((f for f in (here, *here.parents) if (f / CONFIG_FILE).is_file()), None)


def configured_root() -> Path | None:
    """Return the course that Jupyter's own configuration names (``c.CourseDirectory.root``)."""
    root = _jupyters_config().CourseDirectory.get("root")
    return Path(str(root)).resolve() if root else None


def load_config(folder: Path | None) -> Config:
    """Return the configuration of the course whose file lies in ``folder``; of none for None.

    It is that of Jupyter's own folders, and what the course's file says goes before it; so does
    the folder of the course, ``c.CourseDirectory.root``: what that file says, taken from where the
    file lies, else the file's own folder. Modules that lie beside the file can be imported from now
    on, as with nbgrader. Raises FairmarkError.
    """
    config = _jupyters_config()
    if folder is None:
        return config
    if str(folder) not in sys.path:
        sys.path.append(str(folder))  # last, so that no module there hides a library
    own = Config()
    for path in _files(folder):
        own.merge(_loaded(path))
    root = (folder / str(own.CourseDirectory.get("root") or ".")).resolve()
    if not root.is_dir():
        raise FairmarkError(f"{folder / CONFIG_FILE}: c.CourseDirectory.root is no folder: {root}")
    config.merge(own)
    structure = config.CourseDirectory.get("directory_structure", _STRUCTURE)
    if str(structure) != _STRUCTURE:
        raise FairmarkError(
            f"{folder / CONFIG_FILE}: c.CourseDirectory.directory_structure: only nbgrader's usual "
            f"one can be graded, {_STRUCTURE}"
        )
    config.CourseDirectory.root = str(root)
    return config


def which_cells(config: Config) -> str:
    """Return which cells are run, "all" or "needed"; raise FairmarkError for another word."""
    wanted = str(config.Fairmark.get("run_cells", "all"))
    if wanted not in ("all", "needed"):
        raise FairmarkError(
            f'{CONFIG_FILE}: c.Fairmark.run_cells is "all" or "needed", and not {wanted!r}'
        )
    return wanted


def dask_resources(config: Config, name: str) -> dict[str, float]:
    """Return the labels that a Dask worker must have for an assignment, and how much of each.

    Raises FairmarkError for what is no such table.
    """
    wanted = config.Fairmark.get("dask_resources", {})
    found = wanted.get(name, {}) if isinstance(wanted, dict) else None
    if not isinstance(found, dict) or not all(
        isinstance(label, str) and type(number) in (int, float) and 0 < number < math.inf
        for label, number in found.items()
    ):
        raise FairmarkError(
            f"{CONFIG_FILE}: c.Fairmark.dask_resources names for each assignment the labels of "
            f'Dask workers with numbers, as in {{"cnn": {{"GPU": 1}}}}, and not {wanted!r}'
        )
    return {label: float(number) for label, number in found.items()}


def cell_settings(config: Config) -> str:
    """Return the settings of nbgrader that decide the cells of all notebooks, as a text."""
    return repr([(name, sorted(config[name].items())) for name in _OF_CELLS])


def _jupyters_config() -> Config:
    config = Config()
    for folder in reversed(jupyter_config_path()):  # the first one has priority
        for path in _files(Path(folder)):
            config.merge(_loaded(path))
    return config


def _files(folder: Path) -> Iterator[Path]:
    for name in _NAMES:
        for suffix in (".json", ".py"):
            path = folder / f"{name}{suffix}"
            if path.is_file():
                yield path


def _loaded(path: Path) -> Config:
    kind = PyFileConfigLoader if path.suffix == ".py" else JSONFileConfigLoader
    try:
        found: Config = kind(path.name, path=str(path.parent)).load_config()
    except Exception as error:  # the file is a program
        raise FairmarkError(f"{path}: {str(error) or type(error).__name__}") from None
    return found
