"""Which probes fit a function: what it takes and gives, and what its text allows to be asked."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from fairmark.draft.probes import Probe
from fairmark.draft.record import Model, Recorded
from fairmark.draft.settings import settings_of
from fairmark.draft.texts import Text
from fairmark.draft.trainings import trained, trained_roles
from fairmark.syntax.cells import parsed
from fairmark.verify.calls import Function

_CLOCKS = {"perf_counter", "monotonic", "process_time", "time", "perf_counter_ns"}
_WAITS = re.compile(r"sync|wait|flush|finish|join|block", re.I)
_AVAILABLE = re.compile(r"\bis_available\(|\bdevice_count\(")
_LEAVES = re.compile(
    r"\b(leave|leaves|left|stay|stays|put back|put it back|clean up|restore|restored|unchanged|"
    r"as (you|it|they) (find|found|was|were)|nothing else)\b|\bnot? [^.]{0,30}\bchang",
    re.I,
)
_GRADIENTS = re.compile(r"\bno_grad\b|\bno gradients?\b|without gradients?|inference_mode", re.I)
_DTYPES = re.compile(r"\b(float16|float32|float64|int8|uint8|int16|int32|int64|bool)\b")
_STEPS = ("steps", "iterations", "n_steps", "num_steps", "n_iter", "iters")
_SEEDS = 3
_MOST_STEPS = 7
_ALIKE = 2
"""So many evolutions of a kind are tried: each takes long."""


def probes_of(
    function: Function, source: str, calls: Sequence[Recorded], text: Text
) -> list[Probe]:
    """Return the probes for a function; none where it is of no known kind."""
    given = [value for call in calls for value in (*call.args, *call.kwargs.values())]
    has_model = any(isinstance(value, Model) for value in given)
    if shapes := [shape for call in calls for shape in call.shown]:
        return list(_built(function, calls, shapes))
    if roles := _roles(function, source):
        return list(_timed(function, roles))
    if not function.parameters and _AVAILABLE.search(source):
        return list(_devices(function))
    if given := trained_roles(function, calls):
        return list(trained(function, given))
    if any(name in function.parameters for name in _STEPS) and has_model:
        return list(_evolved(function, calls, text))
    return list(_asked(function, calls, text, has_model))


def _built(
    function: Function, calls: Sequence[Recorded], shapes: Sequence[tuple[int, ...]]
) -> Iterator[Probe]:
    """It makes a model."""
    keys = frozenset(
        {
            "numbers in each weight",
            "shape of the output",
            "output",
            "same while training",
            "same for a sample alone",
            "weights with a gradient",
            "a new model each time",
        }
    )
    for call in [c for c in calls if c.shown][:2]:
        values = [*call.args, *call.kwargs.values()]
        if all(isinstance(v, int | float | str | bool | None) for v in values):
            shape = [3, *call.shown[0][1:]]
            for seed in range(3 * _SEEDS):
                given = (seed, list(call.args), dict(call.kwargs), shape)
                yield Probe(
                    function.name,
                    "built",
                    given,
                    f"inputs {tuple(shape)}, each weight filled with a number of its own",
                    keys,
                    seed > 1,
                )


def _roles(function: Function, source: str) -> dict[str, str]:
    """What the functions are that a measurement of time takes; none for another function."""
    defaults = _defaults(source, function.name)
    clocks = [n for n, told in defaults.items() if told.rpartition(".")[2] in _CLOCKS]
    needed = [name for name in function.parameters if name not in function.optional]
    if len(clocks) != 1 or not needed:
        return {}
    waits = [name for name in needed if _WAITS.search(name)]
    work = "work" if waits else "work_to_the_end"
    roles = {name: "wait" if name in waits else work for name in needed}
    return {**roles, clocks[0]: "clock"} if len(roles) > len(waits) else {}


def _timed(function: Function, roles: dict[str, str]) -> Iterator[Probe]:
    """It measures time with a clock that it is given."""
    whole = {n: v for n, v in function.defaults.items() if type(v) is int}
    for seed in range(10):
        more = {
            name: value + (seed + place) % 4 for place, (name, value) in enumerate(whole.items())
        }
        options = {} if seed in (0, 4) else more
        about = "a pretended device" + (f", {', '.join(options)} given" if options else "")
        keys = frozenset({"answer", "jobs"})
        yield Probe(function.name, "timed", (seed, roles, options), about, keys, seed > 3)


def _devices(function: Function) -> Iterator[Probe]:
    """It says which device is there."""
    for place, there in enumerate([(False, False), (True, False), (False, True), (True, True)]):
        keys = frozenset({"device"})
        yield Probe(function.name, "devices", there, "pretended devices", keys, place > 1)


def _evolved(function: Function, calls: Sequence[Recorded], text: Text) -> Iterator[Probe]:
    """It evolves an image in steps: nothing is asked that hangs on how the steps are taken."""
    keys = {"how many numbers", "shape of the image", "all finite", "the numbers fall"}
    keys |= {"the numbers rise", "the same again", "another image with another seed"}
    keys |= {"arguments unchanged", "weights as before", "modes as before", "as with the default"}
    keys |= {f"takes after tensor {n}" for n in range(_ALIKE)}
    if _LEAVES.search(text.near):
        keys |= {f"{part} as before" for part in ("gradients", "what may learn", "hooks")}
    seeds = [name for name in function.optional if "seed" in name.lower()][:1]
    count = next(place for place, name in enumerate(function.parameters) if name in _STEPS)
    tried: Counter[tuple[str, bool]] = Counter()
    for setting in settings_of(function, calls, text):
        named = {n: v for n, v in setting.named.items() if n not in seeds}
        default = {n: v for n, v in function.defaults.items() if n in seeds}
        seeded = dict.fromkeys(seeds, setting.seed + 3)
        about_seeds = {"another image with another seed", "as with the default"}
        allowed = frozenset(keys if default else keys - about_seeds)
        if (
            not seeds and setting.is_even
        ):  # else how sizes are weighed, and the start, are left open
            allowed |= {"first number at most"}
        numbers = [
            _fewer(value) if i == count else value for i, value in enumerate(setting.arguments)
        ]
        given: tuple[Any, ...] = (setting.seed, numbers, named, seeded, default, count)
        hidden = setting.seed > 2
        name, about, needs = function.name, setting.about, setting.needs
        tried[about, hidden] += 1
        if tried[about, hidden] <= _ALIKE:
            yield Probe(name, "evolved", given, about, allowed, hidden, needs)
        if named and named.keys() <= function.optional and setting.seed % 4 == 0:
            given = (setting.seed, numbers, {}, seeded, default, count)
            about += ", no more arguments than are needed"
            tried[about, hidden] += 1
            if tried[about, hidden] <= _ALIKE:
                yield Probe(name, "evolved", given, about, allowed, hidden, needs)


def _fewer(told: list[Any]) -> list[Any]:
    """A number of steps, cut to what is enough for a clear fall."""
    kind, value = told
    return [kind, min(value, _MOST_STEPS)]


def _asked(
    function: Function, calls: Sequence[Recorded], text: Text, has_model: bool
) -> Iterator[Probe]:
    """It is called with models, pictures, tensors, or what holds them."""
    keys = {"answer", "arguments unchanged", "modes as before", "weights as before"}
    keys |= {"mode", "pixels"}
    keys |= {"gradients on afterwards"}
    if _LEAVES.search(text.near):
        keys |= {f"{part} as before" for part in ("gradients", "what may learn", "hooks")}
    if _GRADIENTS.search(text.near):
        keys.add("run with gradients")
    if text.wants_slopes:
        keys.add("slopes")
    if _DTYPES.search(text.near):
        keys.add("kinds")
    for setting in settings_of(function, calls, text):
        yield Probe(
            function.name,
            "asked" if has_model else "called",
            (setting.seed, setting.arguments, setting.named),
            setting.about,
            frozenset(keys),
            setting.seed > 2,
            setting.needs,
        )


def _defaults(source: str, name: str) -> dict[str, str]:
    """The defaults of a function's parameters, as they are written."""
    tree = parsed(source)
    for node in tree.body if tree is not None else []:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            given = [*node.args.posonlyargs, *node.args.args]
            last = given[len(given) - len(node.args.defaults) :]
            found = zip(last, node.args.defaults, strict=True)
            return {argument.arg: ast.unparse(default) for argument, default in found}
    return {}
