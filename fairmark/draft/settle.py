"""Which properties are kept: those that hold, and that notice a mistake that no other does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fairmark.course.course import Assignment
from fairmark.draft.ask import Known
from fairmark.draft.choose import is_usual
from fairmark.draft.differences import Slope, properties_of_differences
from fairmark.draft.dtypes import properties_of_dtypes
from fairmark.draft.properties import helper_of, holding, properties_of
from fairmark.draft.references import helpers_of, reference_of, solutions_module
from fairmark.draft.seeds import Opened
from fairmark.draft.signs import properties_of_signs
from fairmark.draft.slopes import properties_of_slopes
from fairmark.draft.texts import Text
from fairmark.draft.write import Drafted, Property, module_of, name_of
from fairmark.grading.modules import importable
from fairmark.harness.proxy import Submission
from fairmark.verify.mutants import Mutant

_MOST = 6
_KEPT = 4
"""On so many inputs a property is tested."""

Run = Callable[[str | None], Mapping[str, bool]]
"""Runs the tests on an answer, the instructor's for None; whether each has passed, by its name."""


@dataclass(frozen=True)
class Free:
    """A function whose values are left open, and what may hold of its results."""

    name: str
    """The function's."""
    few: tuple[Property, ...]
    many: tuple[Property, ...]
    """The same tests on more inputs."""
    helper: str
    module: str
    """Where the functions are that properties compare with."""
    reference: Callable[..., Any] | None
    own: tuple[str, ...]
    """Those functions that are solutions of the notebook, so that they have to be written down."""

    def solutions(self, properties: Sequence[Property]) -> tuple[str, ...]:
        """Return the solutions that these properties compare with."""
        return tuple(n for n in self.own if any(f"reference.{n}(" in p.body for p in properties))


def freed(
    assignment: Assignment, found: Opened, submission: Submission, *, keeps_inputs: bool
) -> Free:
    """Return what may hold of a function's results."""
    name = found.form.function
    module, helpers = helpers_of(assignment, name)
    few, many = (
        tuple(properties_of(found, submission, helpers, number))
        for number in (_KEPT, len(found.cases))
    )
    return Free(
        name,
        few,
        many,
        helper_of(found, keeps_inputs),
        module,
        reference_of(assignment, name).function,
        tuple(helpers) if module == solutions_module(assignment) else (),
    )


def beside(
    assignment: Assignment,
    known: Sequence[Known],
    module: str,
    text: Text,
    slopes: Sequence[Slope] = (),
) -> list[Free]:
    """Return what may hold beside values: of signs that are left open, of gradients and dtypes.

    Where the results are ``slopes`` of another function, they may be compared with differences.
    """
    usual = [one for one in known if is_usual(one)]
    alike = [one for one in usual if one.case.form is usual[0].case.form]
    if not alike:
        return []
    keeps = text.keeps_inputs
    makers: list[Callable[[int], Iterator[Property]]] = [
        lambda number: properties_of_slopes(alike, number, text),
        lambda number: properties_of_dtypes(alike, number, text),
    ]
    near = [one for one in slopes if one.module == module]
    makers.append(lambda number: properties_of_differences(alike, number, near))
    if alike[0].signless:
        makers.insert(0, lambda number: properties_of_signs(alike, number, keeps_inputs=keeps))
    name = alike[0].case.form.function
    reference = reference_of(assignment, name).function
    found = []
    for maker in makers:
        few, many = (tuple(maker(number)) for number in (_KEPT, len(alike)))
        if many:
            own = {one.helper: 0 for one in near if module == solutions_module(assignment)}
            found.append(Free(name, few, many, "", module, reference, tuple(own)))
    return found


def settled(
    drafted: Drafted,
    free: Sequence[Free],
    tried: Sequence[Mutant],
    lay: Callable[[str], None],
    run: Run,
    root: Path,
) -> Drafted:
    """Return a draft with the properties that are kept; ``lay`` puts a module where ``run`` is."""
    modules = {**drafted.modules, **{one.name: one.module for one in free}}
    base = replace(
        drafted, modules=modules, helpers=tuple(one.helper for one in free if one.helper)
    )
    every = replace(base, properties=tuple(p for one in free for p in one.many))
    lay(module_of(every))
    holds = {test for test, passed in run(None).items() if passed}
    with importable(root):
        for one in free:
            if one.reference is not None:
                own = [name_of(every, p) for p in one.many]
                passed = holding(module_of(every), drafted.question, own, one.reference)
                holds -= {*own} - passed
    few = [p for one in free for p in one.few if name_of(every, p) in holds]
    candidates = replace(base, properties=tuple(few))
    lay(module_of(candidates))
    names = [name_of(candidates, p) for p in few]
    failing = [{t for t, passed in run(m.source).items() if not passed} for m in tried]
    open_ = [tests & {*names} for tests in failing if tests <= {*names}]
    kept = _greedy(names, open_)
    if not any(c.shown for c in drafted.choices.values()):  # students have to see something
        shown = [name for name, p in zip(names, few, strict=True) if not p.hidden]
        kept |= {*shown[:1]} if not kept & {*shown} else set()
    return replace(base, properties=tuple(p for n, p in zip(names, few, strict=True) if n in kept))


def _greedy(names: Sequence[str], failing: Sequence[set[str]]) -> set[str]:
    kept: set[str] = set()
    left = [tests for tests in failing if tests]
    while left and len(kept) < _MOST:
        best = max(names, key=lambda name: sum(name in tests for tests in left))
        kept.add(best)
        left = [tests for tests in left if best not in tests]
    return kept
