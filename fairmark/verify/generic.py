"""Wrong answers that nobody has to write: what the right answer says is changed on its way.

They know nothing of the exercise. Each is what somebody might hand in who wants the points, or has
made a mistake of a usual kind: the results of the visible tests only, one coordinate only, an
argument that is not used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fairmark.harness.proxy import Calls, Transport
from fairmark.verify.calls import Ask, Call, Function, Reply
from fairmark.verify.probes import probes
from fairmark.verify.trees import Array, Change, array_of, changed, holds, plain, same

_SEED = re.compile(r"seed|random_state|rng")
"""Parameters that need not change anything: no text says that another seed has another result."""


@dataclass
class Past:
    """What an answer has been asked so far."""

    is_hidden: bool = False
    """Whether the test that asks is hidden."""
    visible: list[tuple[Call, Reply]] = field(default_factory=list)
    first: dict[str, Reply] = field(default_factory=dict)
    """By function: the reply to its first call."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """The first value of each parameter."""


Answer = Callable[[Call, Ask, Past], Reply]


@dataclass(frozen=True)
class Generic:
    """A wrong answer to any exercise."""

    name: str
    says: str
    """What it does: "an answer that …"."""
    answer: Answer
    remembers: bool = False
    """Whether it depends on what it was asked before."""
    asks_for_inputs: bool = False
    """Whether its mistake is what it does to its arguments."""
    on_objects: Change | None = None
    """What it makes of numbers that are asked of an object that the student's code has returned."""


def generics(functions: Sequence[Function]) -> list[Generic]:
    """All generic answers to an exercise with these functions."""
    found = [*_FIXED]
    for function in functions:
        for parameter in function.parameters:
            found.append(_handing_back(function, parameter))
            if not _SEED.search(parameter):
                found.append(_ignoring(function, parameter))
    return found


def generic_named(name: str, functions: Sequence[Function]) -> Generic:
    """The generic answer of this name."""
    return next(generic for generic in generics(functions) if generic.name == name)


class Impostor:
    """Stands between the tests of one exercise and the right answer, and gives a generic one."""

    def __init__(self, generic: Generic, names: Sequence[str]) -> None:
        self.calls: list[Call] = []
        """What was asked."""
        self.is_asked = False
        """Whether tests have asked for anything that it could say wrong."""
        self.has_changed_objects = False
        """Whether it has said anything wrong of an object."""
        self._generic = generic
        self._names = set(names)
        self._past = Past()

    def between(self, transport: Transport, is_hidden: bool) -> Transport:
        """The way of one test's requests."""
        self._past.is_hidden = is_hidden
        return _Way(self, transport)

    def answer(self, call: Call, ask: Ask) -> Reply:
        """The wrong answer to a call."""
        self.is_asked = True
        return self._generic.answer(call, ask, self._past)

    def probes(self, functions: Sequence[Function], *, resized: bool = False) -> Iterator[Call]:
        """Calls like those that were made."""
        self._past.is_hidden = True
        for call in probes(self.calls, functions, resized=resized):
            yield replace(call, wants_inputs=self._generic.asks_for_inputs)

    def on_objects(self, reply: Reply) -> Reply:
        """The wrong answer to a question about an object."""
        change = self._generic.on_objects
        if change is None or reply.get("status") != "ok":
            return reply
        self.is_asked = self.is_asked or not holds(reply["value"], "h")
        value = changed(reply["value"], change)
        self.has_changed_objects = self.has_changed_objects or not same(value, reply["value"])
        return reply | {"value": value}


class _Way:
    def __init__(self, impostor: Impostor, transport: Transport) -> None:
        self._impostor = impostor
        self._transport = transport
        self._helpers: set[Any] = set()
        """The objects that the test has made for itself."""

    def exchange(self, request: dict[str, Any], calls: Calls) -> Reply:
        if request["op"] == "call" and request.get("name") in self._impostor._names:
            call = Call.of(request, calls)
            self._impostor.calls.append(call)
            return self._impostor.answer(call, asker(self._transport))
        reply = self._transport.exchange(request, calls)
        if request["op"] == "define" or request.get("handle") in self._helpers:
            value = reply.get("value")
            if isinstance(value, list) and value and value[0] == "h":
                self._helpers.add(value[1])
            return reply
        own = "handle" in request or request.get("name") in self._impostor._names
        return self._impostor.on_objects(reply) if own else reply


def asker(transport: Transport) -> Ask:
    """A function that asks an answer by this way."""
    return lambda call: transport.exchange(call.request(), call.functions)


# --- Answers that remember --------------------------------------------------------------------


def _replays(call: Call, ask: Ask, past: Past) -> Reply:
    if not past.is_hidden:
        reply = ask(call)
        past.visible.append((call, reply))
        return reply
    known = [
        (_distance(call, other), reply) for other, reply in past.visible if _alike(call, other)
    ]
    if not known:
        return call.reply(None)
    return _given(call, min(known, key=lambda pair: pair[0])[1])


def _replays_or_zeros(call: Call, ask: Ask, past: Past) -> Reply:
    reply = ask(call)
    if not past.is_hidden:
        past.visible.append((call, reply))
        return reply
    if any(_alike(call, other) and _distance(call, other) == 0 for other, _ in past.visible):
        return reply
    return _with_value(reply, np.zeros_like)


def _first_ever_after(call: Call, ask: Ask, past: Past) -> Reply:
    if call.name not in past.first:
        past.first[call.name] = ask(call)
    return _given(call, past.first[call.name])


def _alike(call: Call, other: Call) -> bool:
    return call.name == other.name


def _distance(call: Call, other: Call) -> float:
    """How far the arguments of two calls are from each other; infinite where shapes differ."""
    if len(call.sent) != len(other.sent) or call.named.keys() != other.named.keys():
        return np.inf
    total = 0.0
    for mine, others in zip(call.sent, other.sent, strict=True):
        one, two = array_of(mine), array_of(others)
        if one is None or two is None:
            if mine != others:
                return np.inf
        elif one.shape != two.shape:
            return np.inf
        else:
            with np.errstate(all="ignore"):
                apart = np.abs(one.astype(complex) - two.astype(complex))
            total += float(np.nan_to_num(apart, nan=0.0, posinf=1e300).sum())
    return total


def _given(call: Call, reply: Reply) -> Reply:
    """A reply that was given to another call."""
    if reply.get("status") != "ok":
        return reply
    printed = {"printed": reply["printed"]} if "printed" in reply else {}
    return call.reply(reply["value"]) | printed


# --- Answers that change what is right --------------------------------------------------------


def _with_value(reply: Reply, change: Change) -> Reply:
    if reply.get("status") != "ok":
        return reply
    return reply | {"value": changed(reply["value"], change)}


def _result(name: str, says: str, change: Change) -> Generic:
    """The right answer, whose numbers are changed at the end."""

    def answer(call: Call, ask: Ask, past: Past) -> Reply:
        return _with_value(ask(call), change)

    return Generic(name, says, answer, on_objects=change)


def _argument(name: str, says: str, change: Change) -> Generic:
    """The right answer for other arguments."""

    def answer(call: Call, ask: Ask, past: Past) -> Reply:
        reply = ask(call.changed(change))
        return reply | call.reply(reply["value"]) if reply.get("status") == "ok" else reply

    return Generic(name, says, answer)


def _none(call: Call, ask: Ask, past: Past) -> Reply:
    return call.reply(None)


def _changes_inputs(call: Call, ask: Ask, past: Past) -> Reply:
    reply = ask(call)
    if not call.wants_inputs or not same(reply.get("inputs"), call.returned([*call.sent])):
        return reply
    spoilt = call.changed(lambda array: array + np.ones((), array.dtype), "avT")
    return reply | {"inputs": call.returned([*spoilt.sent])}


def _handing_back(function: Function, parameter: str) -> Generic:
    def answer(call: Call, ask: Ask, past: Past) -> Reply:
        value = call.bound(function).get(parameter)
        if call.name != function.name or value is None or holds(value, "hf"):
            return ask(call)
        return call.reply(plain(value))

    what = f"hands its argument {parameter} back"
    return Generic(f"{function.name}-hands-back-{parameter}", what, answer)


def _ignoring(function: Function, parameter: str) -> Generic:
    def answer(call: Call, ask: Ask, past: Past) -> Reply:
        found = call.bound(function)
        if call.name != function.name or parameter not in found:
            return ask(call)
        first = past.arguments.setdefault(parameter, found[parameter])
        value = None if parameter in function.optional else first
        if holds(found[parameter], "hf"):
            return ask(call)
        reply = ask(call.with_argument(function, parameter, value))
        return reply | call.reply(reply["value"]) if reply.get("status") == "ok" else reply

    what = f"does not look at its argument {parameter}"
    return Generic(f"{function.name}-ignores-{parameter}", what, answer, True)


# --- Changes of arrays ------------------------------------------------------------------------


def _abs(array: Array) -> Array:
    return np.asarray(np.abs(array)) if array.dtype.kind in "if" else array


def _clip(array: Array) -> Array:
    return np.clip(array, 0, 1) if array.dtype.kind in "if" else array


def _round(array: Array) -> Array:
    return np.round(array, 1) if array.dtype.kind == "f" else array


def _nan(array: Array) -> Array:
    return np.full(array.shape, np.nan)


def _sort(array: Array) -> Array:
    return np.sort(array, axis=0) if array.ndim else array


def _reverse(array: Array) -> Array:
    return array[::-1] if array.ndim else array


def _transpose(array: Array) -> Array:
    return np.swapaxes(array, -1, -2) if array.ndim > 1 else array


def _first_entry(array: Array) -> Array:
    return np.full_like(array, array.flat[0]) if array.size else array


def _first_coordinate(array: Array) -> Array:
    kept = array.copy()
    kept[..., 1:] = 0
    return kept


def _first_row(array: Array) -> Array:
    return np.broadcast_to(array[:1], array.shape).copy() if array.size else array


def _without_last(array: Array) -> Array:
    return array[:-1] if len(array) > 1 else array


def _without_first(array: Array) -> Array:
    return array[1:] if len(array) > 1 else array


def _whole(array: Array) -> Array:
    return np.trunc(array) if array.dtype.kind == "f" else array


RIGHT = Generic("right", "is right", lambda call, ask, past: ask(call))
"""The right answer, to hear what is asked of it."""
_FIXED = (
    Generic(
        "replays",
        "knows the results of the visible tests, and for all else gives the nearest of them",
        _replays,
        True,
    ),
    Generic(
        "replays-or-zeros",
        "knows the results of the visible tests, and for all else gives zeros",
        _replays_or_zeros,
        True,
    ),
    Generic(
        "first-result", "gives the result of its first call ever after", _first_ever_after, True
    ),
    Generic("none", "gives None", _none),
    _result("zeros", "gives zeros of the right shape", np.zeros_like),
    _result("ones", "gives ones of the right shape", np.ones_like),
    _result("nan", "gives nan everywhere", _nan),
    _result("absolute", "loses the sign of its results", _abs),
    _result("clipped", "clips its results to the range from 0 to 1", _clip),
    _result("rounded", "rounds its results to one decimal", _round),
    _result("sorted", "sorts its results", _sort),
    _result("reversed", "gives its results in the opposite order", _reverse),
    _result("transposed", "swaps rows and columns of its results", _transpose),
    _result("first-entry", "gives the first of its results everywhere", _first_entry),
    _argument("first-coordinate", "looks at the first coordinate only", _first_coordinate),
    _argument("first-row", "looks at the first row only", _first_row),
    _argument("without-last", "leaves out the last row", _without_last),
    _argument("without-first", "leaves out the first row", _without_first),
    _argument("inputs-absolute", "loses the sign of its arguments", _abs),
    _argument("inputs-sorted", "sorts its arguments", _sort),
    _argument("inputs-whole", "cuts the decimals of its arguments off", _whole),
    _argument("inputs-transposed", "swaps rows and columns of its arguments", _transpose),
    Generic(
        "changes-inputs",
        "changes the arrays that it was given",
        _changes_inputs,
        asks_for_inputs=True,
    ),
)
