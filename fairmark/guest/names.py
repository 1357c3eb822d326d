"""Which names a notebook's cells have bound, and what they stood for behind an answer's cell."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairmark.guest.copies import changed_since, copied, copied_with_objects

Restored = Sequence[tuple[str, Sequence[str]]]
"""Answers, by the names of their cells, each with the names that it has to define."""
_LIGHT = 2**20
_CONTAINERS = (str, bytes, bytearray, list, tuple, dict, set, frozenset)
_UNDEFINED = object()
_WORD = re.compile(r"\w+")
_IPYTHONS_OWN = re.compile(r"(_{1,3}|_i{0,3}\d*|_[do]h|In|Out)$")
"""Names that IPython binds anew with each cell."""


class Names:
    """The names that each answer's cell has bound, and those of a student's other cells."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, Any]] = {}
        """By answer: what its own cell has bound."""
        self._copies: dict[str, dict[str, Any]] = {}
        """By answer: the same, in copies that no later cell can change in place."""
        self._before: dict[str, _Moment] = {}
        """By answer: all names as they were before its cell."""
        self._behind: dict[str, _Moment] = {}
        """By answer: all names as they were behind its cell."""
        self._lost: dict[str, Any] = {}
        """What was bound until a cell has taken it away."""
        self._students: dict[str, Any] = {}
        """What the student's other cells have bound, and may be kept."""
        self._large: set[str] = set()
        """The names of what they have bound that is too large to be kept."""
        self._stubs: dict[str, dict[str, Any]] = {}
        """By answer that was not given: what the stub in its place has bound."""

    def begin(self, answer: str, before: Mapping[str, Any], source: str) -> None:
        """Note the names before the cell of an answer is run, which has this source."""
        self._before[answer] = _Moment(before, source)

    def note(
        self,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        owner: str,
        answer: str | None,
        defines: Sequence[str],
        source: str = "",
    ) -> None:
        """Note what a cell has bound, by the names before and after it.

        ``defines`` are names that it is known to have bound, perhaps to what they stood for before.
        ``source`` is its code: what is named there may have been changed in place.
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
            self._behind[answer] = _Moment(after, source)
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
            changed = changed_since(copies, self._answers.get(answer, {}))
            own |= {name: copies[name] for name in changed.intersection(asked)}
        namespace.update(own)
        moments = [self._behind.get(answer) for answer, _ in reversed(answers)]
        behind = [moment.values for moment in moments if moment is not None]
        for names in (*behind, self._lost):
            for name, value in names.items():
                namespace.setdefault(name, value)
        for answer, asked in answers:
            self._give_asked(namespace, own, answer, asked)

    def rewind(self, namespace: dict[str, Any], answers: Restored) -> None:
        """Let all names stand for what they stood for behind the last of these answers' cells.

        What a later cell has changed in place is as it was, where a copy could be made of it. Names
        that were bound later, or that no answer binds and a cell of the student's own has bound
        last, keep what they have.
        """
        answered = frozenset[str]().union(*self._answers.values())
        for answer, _ in answers:
            if answer not in self._behind:
                continue
            for name, value in self._behind[answer].restored():
                own = self._students.get(name, _UNDEFINED)
                if name in answered or namespace.get(name) is not own:
                    namespace[name] = value

    def undo(self, namespace: dict[str, Any], answers: Restored) -> None:
        """Let all names stand for what they stood for before the first of these answers' cells.

        Names that were bound later by other cells keep what they have.
        """
        ran = [answer for answer, _ in answers if answer in self._before]
        if not ran:
            return
        before = self._before[ran[0]]
        for name in frozenset[str]().union(*(self._answers.get(answer, {}) for answer in ran)):
            if name not in before.values:
                namespace.pop(name, None)
        namespace.update(before.restored())

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


class _Moment:
    """What all names stood for beside a cell, with copies of what it names in its source."""

    def __init__(self, namespace: Mapping[str, Any], source: str) -> None:
        named = set(_WORD.findall(source))
        self.values = {n: value for n, value in namespace.items() if _is_light(value)}
        self._copies = copied_with_objects({n: v for n, v in self.values.items() if n in named})

    def restored(self) -> Iterator[tuple[str, Any]]:
        """The names with what they stood for: of what was changed in place since, the copies."""
        changed = changed_since(self._copies, self.values)
        for name, value in self.values.items():
            yield name, self._copies[name] if name in changed else value


def _is_light(value: object) -> bool:
    """Whether a value may be kept though the notebook has let go of it: its memory is limited."""
    if type(value) in _CONTAINERS:
        return sys.getsizeof(value) <= _LIGHT
    size = getattr(value, "nbytes", 0) if type(value).__name__ in ("ndarray", "Tensor") else 0
    return type(size) is int and size <= _LIGHT
