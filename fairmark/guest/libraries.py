"""Functions of libraries that a cell has replaced, and how they are put back.

To look at an object is to count one more reference to it for a moment, which makes its page of
memory the process's own: a look at all functions of a few libraries costs a forked process 24 MB,
and 20 ms. So the warm process looks once, and a forked one only at what has changed since.
"""

from __future__ import annotations

import builtins
import ctypes
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_VERSION_OFFSET = 24
"""Where a dict has its version (PEP 509), which each change of it changes; before Python 3.14."""


# A cell may replace these, too, and what it has replaced is put back by them.
_callable, _id, _setattr, _vars = callable, id, setattr, vars


@dataclass
class _Snapshot:
    """A dict as it was."""

    values: dict[str, Any]
    version: int | None
    """None where Python does not tell."""
    held: int | None = None
    """A later version that has all of these values, and may have others."""

    @classmethod
    def of(cls, there: dict[str, Any]) -> _Snapshot:
        """Take one."""
        return cls(dict(there), _version(there))

    def is_of(self, there: dict[str, Any]) -> bool:
        """Whether the dict is known not to have been changed since."""
        return self.version is not None and self.version == _version(there)

    def holds(self, there: dict[str, Any]) -> bool:
        """Whether nothing was replaced or deleted since."""
        now = _version(there)
        if now is not None and now in (self.version, self.held):
            return True
        for name, value in self.values.items():
            if there.get(name) is not value:
                return False
        self.held = now
        return True


class Libraries:
    """The functions and classes of the libraries that a notebook can reach by its names.

    Those of deeper modules are not watched: whoever replaces them has to look for them.
    """

    def __init__(self) -> None:
        self._known: dict[ModuleType, _Snapshot] = {}
        self._tops: set[ModuleType] = set()
        self._modules = _Snapshot({}, None)
        self._current = True
        """Whether what is known was so when it was last watched."""

    def know(self, modules: Iterable[ModuleType]) -> None:
        """Look at these libraries before they are needed, where that saves later looks."""
        if _version({}) is None:
            return
        self._modules = _Snapshot.of(sys.modules)
        self._add(modules)

    def watch(self, namespace: Mapping[str, Any]) -> None:
        """Remember the libraries as they are, those that the namespace has come to name."""
        if not self._modules.is_of(sys.modules):
            self._modules = _Snapshot.of(sys.modules)
        if not self._current:
            for module, snapshot in self._known.items():
                if not snapshot.is_of(_vars(module)):
                    self._known[module] = _Snapshot.of(_vars(module))
                    self._tops.discard(module)  # it may have come to give other modules
            self._current = True
        self._add(value for value in namespace.values() if isinstance(value, ModuleType))

    def forget(self) -> None:
        """Take the libraries for what they will be when they are next watched."""
        self._current = False

    def put_back(self) -> None:
        """Undo what has been replaced or deleted since."""
        for module, snapshot in self._known.items():
            there = _vars(module)
            if snapshot.holds(there):
                continue
            for name, value in snapshot.values.items():
                if there.get(name) is not value and _callable(value):
                    _setattr(module, name, value)
        if not self._modules.holds(sys.modules):  # modules that were imported may stay
            for name, module in self._modules.values.items():
                if sys.modules.get(name) is not module:
                    sys.modules[name] = module

    def _add(self, modules: Iterable[ModuleType]) -> None:
        for top in (builtins, *modules):
            if top not in self._tops:
                self._tops.add(top)
                for module in (top, *_submodules(top)):
                    if module not in self._known:
                        self._known[module] = _Snapshot.of(_vars(module))


def _submodules(module: ModuleType) -> list[ModuleType]:
    """The modules of the same library that a module gives as attributes."""
    top = module.__name__.partition(".")[0]
    if module is builtins:
        return []
    return [
        value
        for value in list(_vars(module).values())
        if isinstance(value, ModuleType)
        and getattr(value, "__name__", "").partition(".")[0] == top
        and not value.__name__.rpartition(".")[2].startswith("_")
    ]


def _reader() -> Callable[[dict[str, Any]], int | None]:
    """Return what reads the version of a dict; None for any where there is none to be read."""

    def read(there: dict[str, Any]) -> int | None:
        return ctypes.c_uint64.from_address(_id(there) + _VERSION_OFFSET).value

    if sys.implementation.name != "cpython":
        return lambda _there: None
    probe: dict[str, Any] = {"a": 1}
    seen = [read(probe), read(probe)]
    probe["a"] = 2
    seen.append(read(probe))
    probe["b"] = 3
    seen.append(read(probe))
    del probe["b"]
    seen.append(read(probe))
    works = seen[0] == seen[1] and len(set(seen)) == 4
    return read if works else lambda _there: None


_version = _reader()
