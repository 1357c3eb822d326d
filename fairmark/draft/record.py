"""The calls that a notebook makes: it is run in the sandbox, and its answers note what they get."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat

from fairmark.course.course import Assignment
from fairmark.draft.rounds import SHORTENER, shortened
from fairmark.grading.clock import Budget, Clock
from fairmark.grading.execute import Execution, execute
from fairmark.grading.forks import Forks, Origin
from fairmark.grading.transport import ForkTransport
from fairmark.harness.proxy import Mismatch, ProcessDied, StudentError, TimeLimitExceeded
from fairmark.intake.cells import Cell
from fairmark.intake.repair import repair
from fairmark.sandbox import Limits, Sandbox
from fairmark.text import printable
from fairmark.wire.codec import Decoder, WireError

_FETCH = "__fairmark_calls__"
_RECORDER = """
import copy as __fairmark_copy__
import functools as __fairmark_tools__
import inspect as __fairmark_inspect__
import sys as __fairmark_sys__

__fairmark_noted__ = {}

def __fairmark_kept__(value, depth=0):
    torch = __fairmark_sys__.modules.get("torch")
    numpy = __fairmark_sys__.modules.get("numpy")
    if torch is not None and isinstance(value, torch.Tensor):
        return value.detach().clone()
    if numpy is not None and isinstance(value, numpy.ndarray):
        return value.copy()
    if torch is not None and isinstance(value, torch.nn.Module):
        layers = list(value) if type(value) is torch.nn.Sequential else []
        flat = [] if any(list(layer.children()) for layer in layers) else map(repr, layers)
        return ("__fairmark_model__", type(value).__name__, list(flat))
    if type(value).__module__.startswith("PIL.") and hasattr(value, "mode"):
        return ("__fairmark_picture__", type(value).__name__, value.mode, list(value.size))
    if depth < 6 and type(value) in (list, tuple, set, frozenset):
        return type(value)(__fairmark_kept__(item, depth + 1) for item in value)
    if depth < 6 and type(value) is dict:
        return {key: __fairmark_kept__(item, depth + 1) for key, item in value.items()}
    return value

def __fairmark_form__(value, depth=0):
    if hasattr(value, "shape"):
        return (type(value).__name__, tuple(value.shape), str(getattr(value, "dtype", "")))
    if depth < 3 and isinstance(value, (list, tuple)):
        return (type(value).__name__, tuple(__fairmark_form__(v, depth + 1) for v in value[:3]))
    return type(value).__name__

def __fairmark_size__(value, depth=0):
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    if depth < 4 and isinstance(value, (list, tuple)):
        return sum(__fairmark_size__(v, depth + 1) for v in value[:1000]) + 8 * len(value)
    return len(value) if isinstance(value, (str, bytes, dict)) else 8

def __fairmark_wrapped__(name, function):
    @__fairmark_tools__.wraps(function)
    def called(*args, **kwargs):
        call = None
        noted = __fairmark_noted__.setdefault(name, {})
        try:
            form = repr([__fairmark_form__(v) for v in [*args, *kwargs.values()]] + sorted(kwargs))
            some = noted.setdefault(form, []) if len(noted) < 12 or form in noted else None
            names = not kwargs and all(isinstance(v, str) for v in args)
            wanted = some is not None and len(some) < (40 if names else 4)
            if wanted and sum(__fairmark_size__(v) for v in [*args, *kwargs.values()]) < 1 << 20:
                call = (__fairmark_kept__(args), __fairmark_kept__(kwargs), [])
                some.append(call)
        except Exception:
            call = None  # an argument of a strange kind is not noted; it is called all the same
        result = function(*args, **kwargs)
        torch = __fairmark_sys__.modules.get("torch")
        if call is not None and torch is not None and isinstance(result, torch.nn.Module):
            def note(model, given):
                if given and len(call[2]) < 2 and isinstance(given[0], torch.Tensor):
                    call[2].append(list(given[0].shape))
            result.register_forward_pre_hook(note)
        return result
    return called

def __fairmark_calls__(name):
    turns = [calls for calls in __fairmark_noted__.get(name, {}).values()]
    return [[list(args), dict(kwargs), seen] for calls in turns for args, kwargs, seen in calls]
"""
_WRAP = """
for __fairmark_name__ in {names!r}:
    __fairmark_found__ = globals().get(__fairmark_name__)
    if __fairmark_inspect__.isfunction(__fairmark_found__):
        globals()[__fairmark_name__] = __fairmark_wrapped__(__fairmark_name__, __fairmark_found__)
"""


@dataclass(frozen=True)
class Opaque:
    """An argument that is no plain data."""

    type_name: str


@dataclass(frozen=True)
class Model(Opaque):
    """An argument that is a torch module."""

    layers: tuple[str, ...]
    """Where it is a plain row of layers, each as torch writes it; else none."""


@dataclass(frozen=True)
class Picture(Opaque):
    """An argument that is a PIL image."""

    mode: str
    size: tuple[int, ...]


@dataclass(frozen=True)
class Tensor:
    """An argument that is a torch tensor, as an array."""

    array: Any


@dataclass(frozen=True)
class Recorded:
    """One call that the notebook made."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    shown: tuple[tuple[int, ...], ...] = ()
    """Where it gave a torch module: the shapes of what the notebook put into that."""


@dataclass(frozen=True)
class Recording:
    """What came of running the notebook."""

    calls: dict[str, list[Recorded]]
    """By function, those that an answer defines."""
    failed: dict[str, str]
    """By the id of a cell that failed, its error."""


def record(
    assignment: Assignment, sandbox: Sandbox, asked: Mapping[str, Sequence[str]]
) -> Recording:
    """Run the whole notebook, and return the calls of each function that an answer defines.

    It is run with fewer rounds; where a cell fails for that, as they are.
    """
    limits = assignment.limits(sandbox.limits)
    execution = _run(_instrumented(assignment, asked, fewer=True), assignment, sandbox, limits)
    failed: dict[str, str] = {}
    if execution is None:
        cells = _instrumented(assignment, asked, fewer=False)
        files, budget = assignment.extra_files(), Budget(limits.submission_seconds)
        execution = execute(cells, sandbox, limits, files, budget)
        failed = {c.node.id: _error_of(c) or c.failure for c in cells if c.failure is not None}
    forks = Forks(Origin(execution.process, lambda: None), [], limits.call_seconds)
    found: dict[str, list[Recorded]] = {}
    try:
        for question, names in asked.items():
            way = ForkTransport(question, forks, Clock(limits), limits, {})
            for name in names:
                found[name] = _fetched(way, name)
    finally:
        forks.close()
        execution.close()
    return Recording(found, failed)


def _error_of(cell: Cell) -> str:
    """What a cell that failed has raised."""
    errors = [output for output in cell.node.outputs if output.output_type == "error"]
    return printable(f"{errors[-1].ename}: {errors[-1].evalue}"[:200]) if errors else ""


def _run(
    cells: list[Cell], assignment: Assignment, sandbox: Sandbox, limits: Limits
) -> Execution | None:
    """Run cells; None where one of them fails."""
    files, budget = assignment.extra_files(), Budget(limits.submission_seconds)
    execution = execute(cells, sandbox, limits, files, budget)
    if any(cell.failure is not None for cell in cells):
        execution.close()
        return None
    return execution


def _instrumented(
    assignment: Assignment, asked: Mapping[str, Sequence[str]], *, fewer: bool
) -> list[Cell]:
    cells: list[Cell] = [_own(_RECORDER + SHORTENER)]
    for cell in repair(copy.deepcopy(assignment.solved), assignment).cells:
        cells.append(cell)
        source = str(cell.node.source) if cell.node.cell_type == "code" else ""
        if fewer and (cut := shortened(source)):
            cells.append(_own(cut))
        names = list(asked.get(cell.grade_id or "", ()))
        if cell.node.cell_type == "code" and names:
            cells.append(_own(_WRAP.format(names=names)))
    return cells


def _own(source: str) -> Cell:
    return Cell(nbformat.v4.new_code_cell(source), "own")


def _fetched(way: ForkTransport, name: str) -> list[Recorded]:
    request = {"op": "call", "name": _FETCH, "args": ["l", [name]], "kwargs": ["d", []]}
    try:
        reply = way.exchange(request, _no_function)
    except (TimeLimitExceeded, ProcessDied, WireError, Mismatch, StudentError):
        return []
    if reply.get("status") != "ok":
        return []
    found = []
    for tree in reply["value"][1]:
        arguments, named, shown = (_value(part) for part in tree[1])
        found.append(Recorded(tuple(arguments), named, tuple(map(tuple, shown))))
    return found


def _no_function(number: int, args: Any, kwargs: Any) -> dict[str, Any]:
    raise AssertionError("a call without functions")


def _value(tree: Any) -> Any:
    """The value of a tree, in which tensors stay apart from arrays."""
    match tree:
        case ["l", items]:
            return [_value(item) for item in items]
        case ["t", ["__fairmark_model__", str(name), ["l", layers]]]:
            return Model(name, tuple(map(str, layers)))
        case ["t", ["__fairmark_picture__", str(name), str(mode), ["l", size]]]:
            return Picture(name, mode, tuple(map(int, size)))
        case ["t", items]:
            return tuple(_value(item) for item in items)
        case ["d", pairs]:
            return {_hashable(_value(key)): _value(value) for key, value in pairs}
        case ["T", *_]:
            return Tensor(Decoder().decode(tree))
        case ["h", _, str(name)]:
            return Opaque(name)
    return Decoder().decode(tree)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value
