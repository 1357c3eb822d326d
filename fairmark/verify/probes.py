"""Calls like those that the tests make, with other values: where a wrong answer shows.

A probe keeps to what the tests send: the shapes of arrays, whole numbers where there are whole
numbers, labels among the labels. What the right answer refuses is no probe.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from fairmark.harness.proxy import ProcessDied, TimeLimitExceeded
from fairmark.verify.calls import Ask, Call, Function, Reply
from fairmark.verify.trees import Array, array_of, holds, like, same, tag_of, value_of
from fairmark.wire.codec import WireError

_ROUNDS = 6
_MAX_BASES = 8
_FEW = 30
"""So few numbers do not tell from which range the arguments are."""
_SHOWN = 70


def probes(
    calls: Sequence[Call], functions: Sequence[Function], *, resized: bool = False
) -> Iterator[Call]:
    """The calls that were made, once each, and then variations of them.

    Arrays keep their shapes, unless they are to be ``resized``, too: then those that had a size in
    common still have.
    """
    bases = _distinct(calls)
    yield from bases
    by_name = {function.name: function for function in functions}
    random = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        for base in bases:
            function = by_name.get(base.name)
            if function is not None:
                pools = _pools(bases, function)
                yield _varied(base, function, pools, random)
                if resized:
                    yield _varied(_resized(base, function), function, pools, random)
    for base in bases:
        function = by_name.get(base.name)
        if function is not None:
            yield from _one_at_a_time(base, function, bases)


Expected = list[tuple[Call, Reply]]
"""Calls, and the right replies to them."""


def expected(probes: Iterable[Call], right: Ask) -> Expected:
    """Ask the right answer; what it refuses or leaves to chance is left out.

    Ends early where the time for it is used up.
    """
    found = []
    with suppress(TimeLimitExceeded, ProcessDied):
        for call in probes:
            reply = right(call)
            if _is_usable(reply) and _agree(reply, right(call)):
                found.append((call, reply))
    return found


def difference(known: Expected, other: Ask) -> Call | None:
    """The first call to which another answer gives another result; None where there is none."""
    with suppress(TimeLimitExceeded):  # it is slow, not wrong
        for call, reply in known:
            try:
                if not _agree(reply, other(call)):
                    return call
            except (ProcessDied, WireError):
                return call
    return None


def shown(call: Call) -> str:
    """A call, as it is written in Python; long arguments are cut."""
    sent = [_short(value) for value in call.arguments]
    sent += [f"{name}={_short(value)}" for name, value in call.named.items()]
    return f"{call.name}({', '.join(sent)})"


def _short(tree: Any) -> str:
    array = array_of(tree)
    if array is not None and array.dtype.kind == "f" and tag_of(tree) != "s":
        value = np.vectorize(lambda number: float(f"{number:.3g}"), [float])(array).tolist()
    else:
        value = value_of(tree) if array is None else array.tolist()
    text = " ".join(repr(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _distinct(calls: Sequence[Call]) -> list[Call]:
    """A few calls of each function, with data as arguments, as unlike each other as there are."""
    found: dict[tuple[object, ...], list[Call]] = {}
    for call in calls:
        if any(holds(tree, "h") for tree in call.sent):
            continue
        shapes = tuple(None if a is None else a.shape for a in map(array_of, call.sent))
        found.setdefault((call.name, shapes, tuple(call.named)), []).append(call)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*found.values()))
    return [call for call in turns if call is not None][:_MAX_BASES]


def _is_usable(reply: Reply) -> bool:
    if reply.get("status") != "ok" or holds(reply["value"], "h"):
        return False
    array = array_of(reply["value"])
    return array is None or not np.isnan(array.astype(complex)).any()


def _agree(first: Reply, second: Reply) -> bool:
    if second.get("status") != "ok":
        return False
    if "inputs" in first and "inputs" in second and not same(first["inputs"], second["inputs"]):
        return False
    if first.get("printed", "") != second.get("printed", ""):
        return False
    return same(first["value"], second["value"])


# --- Variations -------------------------------------------------------------------------------


def _pools(calls: Sequence[Call], function: Function) -> dict[str, Array]:
    """By parameter, the numbers that were sent for it."""
    found: dict[str, list[Array]] = {}
    for call in calls:
        if call.name == function.name:
            for name, tree in call.bound(function).items():
                array = array_of(tree)
                if array is not None:
                    found.setdefault(name, []).append(array.ravel())
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _varied(
    base: Call, function: Function, pools: dict[str, Array], random: np.random.Generator
) -> Call:
    """The call with other numbers in all its arrays."""
    call = base
    for name, tree in base.bound(function).items():
        array = array_of(tree)
        if array is not None and array.ndim and array.size:
            other = like(tree, _other(array, pools[name], random))
            call = call.with_argument(function, name, other)
    return call


def _resized(base: Call, function: Function) -> Call:
    """The call with arrays of other sizes, which are equal where they were."""
    found = {name: array_of(tree) for name, tree in base.bound(function).items()}
    arrays = {name: array for name, array in found.items() if array is not None and array.ndim}
    sizes = sorted({size for array in arrays.values() for size in array.shape if size})
    other = {size: size + 1 + place for place, size in enumerate(sizes)}
    call = base
    for name, array in arrays.items():
        shape = tuple(other.get(size, size) for size in array.shape)
        tree = like(base.bound(function)[name], np.resize(array, shape))
        call = call.with_argument(function, name, tree)
    return call


def _other(array: Array, pool: Array, random: np.random.Generator) -> Array:
    """Other numbers of the same kind and range."""
    kind = random.integers(3)
    finite = pool[np.isfinite(pool)] if pool.dtype.kind == "f" else pool
    if kind == 0 or not finite.size:
        return np.asarray(random.permuted(array, axis=-1))
    drawn = random.choice(finite, array.shape)
    if array.dtype.kind != "f" or kind == 1:
        return np.asarray(drawn, array.dtype)
    if finite.min() >= 0 and finite.max() <= 1:  # they may have to be probabilities
        return np.asarray(random.uniform(0, 1, array.shape), array.dtype)
    if finite.size > _FEW and finite.min() >= 0:
        whole = bool((finite == np.round(finite)).all())
        other = random.uniform(finite.min(), finite.max(), array.shape)
        return np.asarray(np.round(other) if whole else other, array.dtype)
    size = float(np.abs(finite).max()) or 1.0
    return np.asarray(random.normal(0, min(size, 10.0), array.shape), array.dtype)


def _one_at_a_time(base: Call, function: Function, bases: Sequence[Call]) -> Iterator[Call]:
    """The call with one argument of another value: one that other calls have, or one more."""
    given = base.bound(function)
    for name in function.parameters:
        trees = [c.bound(function).get(name) for c in bases if c.name == base.name]
        for tree in (tree for tree in trees if tree is not None):
            if tree != given.get(name) and not holds(tree, "f"):
                yield base.with_argument(function, name, tree)
        here = given.get(name, function.defaults.get(name))
        for value in _next_to(here):
            yield base.with_argument(function, name, value)


def _next_to(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value + 2]
    if isinstance(value, float):
        return [value * 1.5, value + 0.5]
    return []
