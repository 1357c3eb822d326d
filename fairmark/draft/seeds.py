"""Functions with a seed: what their results are made of, whatever their values.

A function that draws random numbers from a seed is right with other numbers, too, so its values
cannot be compared with those of the reference.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.draft.forms import Form
from fairmark.draft.inputs import Case, cases_of
from fairmark.draft.results import Failure, asked
from fairmark.draft.shapes import explained
from fairmark.harness.proxy import Submission
from fairmark.syntax.cells import parsed

_MAKERS = {"default_rng", "RandomState", "Generator", "Random", "manual_seed", "seed"}
"""What random numbers begin with."""
_LEAST = 5
"""So many inputs at least have to tell the shapes."""
_MOST = 12


@dataclass(frozen=True)
class Parts:
    """What the results of a function are made of."""

    names: tuple[str, ...]
    shapes: tuple[tuple[str, ...], ...]
    """The sizes, as expressions of the arguments."""


@dataclass(frozen=True)
class Opened:
    """A function with a seed, and what was seen of it."""

    form: Form
    seed: str
    parts: Parts
    cases: tuple[Case, ...]


def seed_of(source: str, function: str) -> str:
    """Return the argument that a function makes its random numbers of; "" for none."""
    tree = parsed(source)
    for node in tree.body if tree is not None else []:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            own = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
            for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
                if _called(call) in _MAKERS:
                    given = {n.id for n in ast.walk(call) if isinstance(n, ast.Name)}
                    return next((name for name in own if name in given), "")
    return ""


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def opened(forms: Sequence[Form], source: str, seed: str, submission: Submission) -> Opened | None:
    """Return what the results of a function with a seed are made of; None where it is not seen."""
    for form in forms:
        if form.opaque or seed not in {s.name for s in form.slots if s.kind == "int"}:
            continue
        seen = list(_seen(form, submission))
        if len(seen) < _LEAST:
            continue
        names = _names(source, form.function, seen[0][1])
        if (parts := _parts(names, seen)) is not None:
            return Opened(form, seed, parts, tuple(case for case, _ in seen))
    return None


def _seen(form: Form, submission: Submission) -> Iterator[tuple[Case, list[Any]]]:
    """Cases with the parts of their results, all finite and alike in kind."""
    found = 0
    for case in cases_of(form, ["random"]):
        try:
            result = asked(case, submission)
            parts = [np.asarray(part) for part in listed_parts(result)]
        except (*Failure, ValueError, TypeError):
            continue
        if parts and all(p.dtype.kind in "biuf" and bool(np.isfinite(p).all()) for p in parts):
            found += 1
            yield case, parts
        if found >= _MOST:
            return


def listed_parts(result: Any) -> list[Any]:
    """Return the parts of a result: the items of a tuple or a dictionary, else the result."""
    if isinstance(result, dict):
        return list(result.values())
    return list(result) if isinstance(result, tuple) else [result]


def _names(source: str, function: str, parts: Sequence[Any]) -> tuple[str, ...]:
    """The names of the parts: those that the solution returns."""
    tree = parsed(source)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for line in (n for n in ast.walk(node) if isinstance(n, ast.Return)):
                value = line.value
                names = [getattr(e, "id", "") for e in getattr(value, "elts", [value])]
                if len(names) == len(parts) and all(names):
                    return tuple(names)
    return tuple(f"part_{number}" for number in range(1, len(parts) + 1))


def _parts(names: Sequence[str], seen: Sequence[tuple[Case, list[Any]]]) -> Parts | None:
    form = seen[0][0].form
    columns = {name: tuple(case.setting.sizes[name] for case, _ in seen) for name in form.symbols}
    scalars = {
        slot.name: tuple(int(case.setting.values[slot.name]) for case, _ in seen)
        for slot in form.slots
        if slot.kind == "int"
    }
    shapes = []
    for place in range(len(names)):
        arrays = [parts[place] for _, parts in seen if len(parts) == len(names)]
        if len(arrays) < len(seen) or len({a.ndim for a in arrays}) != 1:
            return None
        shape = []
        for axis in range(arrays[0].ndim):
            sizes = tuple(int(a.shape[axis]) for a in arrays)
            said = explained(sizes, columns, scalars, False)
            said = said or (str(sizes[0]) if len(set(sizes)) == 1 else None)
            if said is None:
                return None
            shape.append(said)
        shapes.append(tuple(shape))
    return Parts(tuple(names), tuple(shapes))
