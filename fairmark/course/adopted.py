"""Graders whose questions are test cells: ``adopted.toml``, beside the modules of a course's own.

A course that knows nothing of fairmark has test cells of any names. Where the file lies beside
grader modules, their questions are the grade_ids of these cells. It lists those that are left: they
are marked where they stand, in the student's process.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairmark.errors import FairmarkError

ADOPTED = "adopted.toml"
_HEAD = """\
# The questions in the modules beside this file are test cells of the notebook: their grade_ids.
# Those below are marked where they stand, in the student's process, which could forge these marks.
[left]
"""


@dataclass(frozen=True)
class Adopted:
    """What ``adopted.toml`` says."""

    path: Path
    left: Mapping[str, str]
    """By the grade_id of each test cell that is left: why it cannot be judged from outside."""
    made_of: Mapping[str, str]
    """By the grade_id of each test cell that graders were made of: the digest of its code then."""

    def refuse_unknown(self, cells: set[str]) -> None:
        """Raise FairmarkError where the file lists what is no test cell with points."""
        if unknown := sorted(self.left.keys() - cells):
            raise FairmarkError(
                f"{self.path}: [left] lists {', '.join(unknown)}, and the notebook has no test "
                "cell of this name"
            )

    def edited(self, cells: Mapping[str, str]) -> list[str]:
        """The test cells whose code, given by grade_id, is not what the graders were made of."""
        return [
            name
            for name, digest in self.made_of.items()
            if name in cells and digest_of(cells[name]) != digest
        ]


def left_text(left: Mapping[str, str]) -> str:
    """Return the text of an ``adopted.toml`` that leaves these test cells, each with its reason."""
    lines = (
        f"{json.dumps(cell)} = {json.dumps(why, ensure_ascii=False)}\n"
        for cell, why in left.items()
    )
    return _HEAD + "".join(lines)


def digest_of(source: str) -> str:
    """A short digest of a test cell's code; spaces at the ends of lines do not count."""
    lines = "\n".join(line.rstrip() for line in source.strip().splitlines())
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def read_adopted(folder: Path) -> Adopted | None:
    """Return what ``adopted.toml`` in a folder of graders says; None where there is none.

    Raises FairmarkError where it is damaged.
    """
    path = folder / ADOPTED
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FairmarkError(f"{path}: {error}") from None
    except OSError as error:
        raise FairmarkError(f"cannot read {path}: {error.strerror}") from None
    tables = [data.get(name, {}) for name in ("left", "made_of")]
    for name, what, table in zip(("left", "made_of"), ("why", "digest"), tables, strict=True):
        if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
            raise FairmarkError(f'{path}: [{name}] is to have lines such as "test_cell" = "{what}"')
    return Adopted(path, *tables)


def graders_folder(graders: Path, name: str, notebook: str, *, alone: bool) -> Path:
    """Return where the graders of a notebook lie, below the course's folder of graders.

    A notebook that is not alone in its assignment has a folder of its own.
    """
    return graders / name if alone else graders / name / notebook


def refuse_misplaced(graders: Path, name: str, notebooks: list[str]) -> None:
    """Raise FairmarkError where graders of an assignment with several notebooks lie badly.

    They have to be adopted: check cells and the students' ``checks.py`` know one notebook only.
    """
    folder = graders / name
    if any(folder.glob("test_*.py")) or (folder / ADOPTED).is_file():
        raise FairmarkError(
            f"{name} has {len(notebooks)} notebooks: the graders of each belong into a folder of "
            f"its own, such as {folder / notebooks[0]}"
        )
    for below in sorted(path.parent for path in folder.glob("*/test_*.py")):
        if below.name not in notebooks:
            raise FairmarkError(
                f"{below}: there is no notebook {below.name} in {name}; there are: "
                f"{', '.join(notebooks)}"
            )
        if not (below / ADOPTED).is_file():
            raise FairmarkError(
                f"{below} has no {ADOPTED}: an assignment of several notebooks can have graders "
                "for test cells only"
            )


def modules_naming(files: list[Path], question_id: str) -> list[Path]:
    """Return the grader modules that have tests of a question."""
    mark = re.compile(rf"question\(\s*['\"]{re.escape(question_id)}['\"]\s*\)")
    return [path for path in files if mark.search(path.read_text("utf-8"))]
