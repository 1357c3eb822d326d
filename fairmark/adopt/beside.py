"""The modules that lie beside a notebook, and what ``import *`` gives of a module."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from fairmark.adopt.units import Unit, import_of
from fairmark.syntax.cells import names_defined, parsed
from fairmark.syntax.imports import cells_names, modules_imported


@dataclass(frozen=True)
class Beside:
    """The modules in a notebook's folder, and in those just below it."""

    files: dict[str, Path]
    """By name: the module's file, or its package's folder."""

    @classmethod
    def of(cls, folder: Path) -> Beside:
        """Look for them in a notebook's folder; what lies in the folder itself comes first."""
        found: dict[str, Path] = {}
        for pattern in ("*/*.py", "*/__init__.py", "*.py"):
            for path in sorted(folder.glob(pattern)):
                is_package = path.name == "__init__.py"
                found[path.parent.name if is_package else path.stem] = path
        return cls(found)

    def has(self, unit: Unit) -> bool:
        """Whether a statement imports one of them."""
        return any(name.partition(".")[0] in self.files for name in modules_imported(unit.tree))

    def spelt_out(self, unit: Unit) -> list[Unit]:
        """The statement; of ``import *``, one that names what it gives, as far as that is known."""
        if not unit.imports or len(unit.tree) != 1:
            return [unit]
        (node,) = unit.tree
        if not isinstance(node, ast.ImportFrom) or [a.name for a in node.names] != ["*"]:
            return [unit]
        module = node.module or ""
        names = sorted(self._given_by(module))
        return [replace(import_of(module, names, unit), is_star=True)] if names else [unit]

    def statements(self, unit: Unit) -> list[ast.stmt]:
        """The statements of the modules that an import names, and of those that these import."""
        found: list[ast.stmt] = []
        waiting, seen = list(modules_imported(unit.tree)), set[str]()
        while waiting:
            name = waiting.pop().partition(".")[0]
            if name in self.files and name not in seen:
                seen.add(name)
                tree = parsed(self.files[name].read_text("utf-8"))
                found += tree.body if tree is not None else []
                waiting += modules_imported(found)
        return found

    def _given_by(self, module: str) -> set[str]:
        top, _, rest = module.partition(".")
        if top in self.files:
            path = (
                self.files[top].parent / f"{rest.replace('.', '/')}.py" if rest else self.files[top]
            )
            text = path.read_text("utf-8") if path.is_file() else ""
            given = names_defined(text) | cells_names(text) - {"*"}
            own = {name for name in given if not name.startswith("_")}
            others = _starred(text) - {module}
            return own.union(*(self._given_by(other) for other in others))
        try:
            if find_spec(top) is None:
                return set()
            found = importlib.import_module(module)
        except ImportError:
            return set()
        public = [name for name in dir(found) if not name.startswith("_")]
        return {str(name) for name in getattr(found, "__all__", public)}


def _starred(text: str) -> set[str]:
    """The modules of which a module imports everything."""
    tree = parsed(text)
    return {
        node.module
        for node in (tree.body if tree is not None else ())
        if isinstance(node, ast.ImportFrom)
        and node.module
        and any(alias.name == "*" for alias in node.names)
    }
