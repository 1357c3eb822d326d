"""The key of a case: a hash of everything that can change the case's outcome."""

from __future__ import annotations

import ast
import hashlib
import json
import pkgutil
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import fairmark
from fairmark import testing
from fairmark.course.answers import bare_cells, dependents
from fairmark.course.course import Assignment
from fairmark.course.proof import hash_files, imported_files
from fairmark.errors import FairmarkError
from fairmark.harness import plugin
from fairmark.syntax.imports import members_imported, modules_imported
from fairmark.verify.cases import Case


class Keys:
    """The keys of an assignment's cases. Raises FairmarkError where a file is missing."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._engine = fairmark.__version__ + engine_hash()
        self._whole = [c.source for c in assignment.solved.cells if c.cell_type == "code"]
        self._bare = bare_cells(assignment)
        self._graders: dict[str, str] = {}

    def key(self, case: Case) -> str:
        """Return the key of a case."""
        parts = [
            self._engine,
            # Other limits can fail a right answer, but no wrong one passes for want of time.
            ""
            if case.kind in ("mutant", "misconception", "generic")
            else repr(self._assignment.limits()),
            json.dumps(self._bare if case.question else self._whole),
            self._judged_by(case.question),
            case.kind,
            case.question,
            case.name if case.kind == "generic" else case.source or "",
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def _judged_by(self, question: str) -> str:
        """A hash of the grader modules of a question, and of the questions that build on it."""
        if question not in self._graders:
            assignment = self._assignment
            files, texts = set(assignment.grader_files), [assignment.inline.text()]
            if question:
                judged = [question, *dependents(assignment, question)]
                files = {path for name in judged for path in assignment.graders_of(name)}
                inline = [name for name in judged if name in assignment.inline.questions]
                texts = list(map(assignment.inline.text, inline))
            files |= imported_files(files, assignment.course.root)
            files |= _parts_imported(files)
            self._graders[question] = hash_files(sorted(files)) + json.dumps(texts)
        return self._graders[question]


def engine_hash() -> str:
    """Return a hash of the engine's modules that decide whether a test passes."""
    digest = hashlib.sha256()
    for name, path in sorted(deciding_modules().items()):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def deciding_modules() -> dict[str, Path]:
    """Return the engine's modules that decide whether a test passes, and the file of each.

    They are the module that graders import, the plugin that runs graders, the modules of this
    package, and what all of these import from these packages. The rest of the engine only carries
    calls and values: fairmark's own tests prove it, and a change there must not cost every course a
    new proof. Raises FairmarkError where a module has no file, as no change of it would be noticed.
    """
    assert __package__
    own = pkgutil.iter_modules(sys.modules[__package__].__path__, f"{__package__}.")
    waiting = [testing.__name__, plugin.__name__, *(module.name for module in own)]
    packages = {_package(name) for name in waiting}
    found: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _file(name)
            nodes = list(ast.walk(ast.parse(found[name].read_bytes())))
            waiting += [m for m in modules_imported(nodes) if _package(m) in packages]
            members = [m for m in members_imported(nodes) if _package(m) in packages]
            waiting += [m for m in members if _spec(m) is not None]  # else it is a name in a module
    return found


def _parts_imported(graders: Iterable[Path]) -> set[Path]:
    """The files of the engine's packages that only some graders import, such as adopted ones."""
    nodes = [node for path in graders for node in ast.walk(ast.parse(path.read_bytes()))]
    engine = fairmark.__name__ + "."
    named = modules_imported(nodes) | members_imported(nodes)
    packages = {_package(name) for name in named if name.startswith(engine)}
    packages -= {testing.__name__}
    if packages:
        packages -= set(map(_package, deciding_modules()))
    found: set[Path] = set()
    for name in sorted(packages):
        if _spec(name) is not None:  # else it is a name in a module
            found |= set(_file(name).parent.glob("*.py"))
    return found


def _package(module: str) -> str:
    """The package (or module) at the engine's top level that a module belongs to."""
    return ".".join(module.split(".")[:2])


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ModuleNotFoundError:  # its parent is a module, not a package
        return None


def _file(module: str) -> Path:
    spec = _spec(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise FairmarkError(
            f"the module {module}, which decides whether a test passes, has no file"
        )
    return Path(spec.origin)
