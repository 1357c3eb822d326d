"""Which names a notebook's cells have bound, and what they stood for behind an answer's cell."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from fairmark.guest.copies import copied

Restored = Sequence[tuple[str, Sequence[str]]]
"""Answers, by the names of their cells, each with the names that it has to define."""
_LIGHT = 2**20
_CONTAINERS = (str, bytes, bytearray, list, tuple, dict, set, frozenset)
_UNDEFINED = object()
_IPYTHONS_OWN = re.compile(r"(_{1,3}|_i{0,3}\d*|_[do]h|In|Out)$")
"""Names that IPython binds anew with each cell."""


class Names:
    """The names that each answer's cell has bound, and those of a student's other cells."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, Any]] = {}
        """By answer: what its own cell has bound."""
        self._copies: dict[str, dict[str, Any]] = {}
        """By answer: the same, in copies that no later cell can change in place."""
        self._behind: dict[str, dict[str, Any]] = {}
        """By answer: all names as they were behind its cell."""
        self._lost: dict[str, Any] = {}
        """What was bound until a cell has taken it away."""
        self._students: dict[str, Any] = {}
        """What the student's other cells have bound, and may be kept."""
        self._large: set[str] = set()
        """The names of what they have bound that is too large to be kept."""
        self._stubs: dict[str, dict[str, Any]] = {}
        """By answer that was not given: what the stub in its place has bound."""

    def note(
        self,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        owner: str,
        answer: str | None,
        defines: Sequence[str],
    ) -> None:
        """Note what a cell has bound, by the names before and after it.

        ``defines`` are names that it is known to have bound, perhaps to what they stood for before.
        """
        bound = {
            name: value
            for name, value in after.items()
            if before.get(name, _UNDEFINED) is not value and not _IPYTHONS_OWN.match(name)
        }
        bound |= {name: after[name] for name in defines if name in after}
        self._lost |= {
            name: value
            for name, value in before.items()
            if name not in after and not _IPYTHONS_OWN.match(name) and _is_light(value)
        }
        if owner == "stub" and answer is not None:
            self._stubs[answer] = bound
        elif answer is not None:
            self._answers[answer] = self._answers.get(answer, {}) | bound
            copies = {name: copied(value) for name, value in bound.items()}
            self._copies[answer] = self._copies.get(answer, {}) | copies
            self._behind[answer] = {n: value for n, value in after.items() if _is_light(value)}
        elif owner == "student":
            self._students |= {n: value for n, value in bound.items() if _is_light(value)}
            self._large |= {n for n, value in bound.items() if not _is_light(value)}
        self._large -= bound.keys() if owner != "student" else set()

    def return_to(self, namespace: dict[str, Any], answers: Restored) -> None:
        """Let names stand for what they stood for behind the cells of these answers.

        A later cell may use a name of an answer, or of its helper, for something else, or take all
        names away. What is ``asked`` of the answer is never what an instructor's cell, or the
        answer to another exercise, has bound.
        """
        for names in self._answers.values():
            namespace.update(names)
        own: dict[str, Any] = {}
        for answer, asked in answers:
            own |= self._answers.get(answer, {})
            copies = self._copies.get(answer, {})
            own |= {name: copies[name] for name in asked if name in copies}
        namespace.update(own)
        behind = [self._behind.get(answer, {}) for answer, _ in reversed(answers)]
        for names in (*behind, self._lost):
            for name, value in names.items():
                namespace.setdefault(name, value)
        for answer, asked in answers:
            self._give_asked(namespace, own, answer, asked)

    def rewind(self, namespace: dict[str, Any], answers: Restored) -> None:
        """Let all names stand for what they stood for behind the last of these answers' cells.

        Names that were bound later keep what they have.
        """
        for answer, _ in answers:
            namespace.update(self._behind.get(answer, {}))

    def _give_asked(
        self, namespace: dict[str, Any], own: Mapping[str, Any], answer: str, asked: Sequence[str]
    ) -> None:
        for name in asked:
            if name in own:
                continue
            for found in (self._students, self._stubs.get(answer, {})):
                if name in found:
                    namespace[name] = found[name]
                    break
            else:
                if name not in self._large:
                    namespace.pop(name, None)


def _is_light(value: object) -> bool:
    """Whether a value may be kept though the notebook has let go of it: its memory is limited."""
    if type(value) in _CONTAINERS:
        return sys.getsizeof(value) <= _LIGHT
    size = getattr(value, "nbytes", 0) if type(value).__name__ in ("ndarray", "Tensor") else 0
    return type(size) is int and size <= _LIGHT
