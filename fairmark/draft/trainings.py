"""Probes of functions that train a model: nothing is asked that hangs on the way it is trained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from fairmark.draft.probes import Probe
from fairmark.draft.record import Model, Recorded, Tensor
from fairmark.verify.calls import Function

_NUMBERS = {
    "epochs": re.compile(r"epoch", re.I),
    "rate": re.compile(r"^lr$|rate|^eta$|step_?size", re.I),
}
_BATCH = re.compile(r"batch", re.I)
_SEED = re.compile(r"seed", re.I)
_BASE = frozenset({"number of losses", "the data as before"})
_BATCHES = frozenset({"passes over the samples", "every sample once in each"})
_ORDERS = frozenset(
    {
        "in another order than they came",
        "the same order with the same seed",
        "the same losses with the same seed",
        "another order with another seed",
    }
)


def trained_roles(function: Function, calls: Sequence[Recorded]) -> list[str]:
    """Return what the needed arguments of a function that trains are; [] for another function."""
    needed = [name for name in function.parameters if name not in function.optional]
    for call in calls:
        given = dict(zip(function.parameters, call.args, strict=False)) | dict(call.kwargs)
        roles = [_role(name, given.get(name)) for name in needed]
        if {"model", "X", "y", "epochs"} <= set(roles) and len(set(roles)) == len(roles):
            return roles if "" not in roles else []
    return []


def trained(function: Function, roles: list[str]) -> Iterator[Probe]:
    """Yield the probes of a function that trains a model on samples and their labels."""
    batch = next((name for name in function.optional if _BATCH.search(name)), "")
    seed = next((name for name in function.optional if _SEED.search(name)), "")
    orders = _ORDERS if seed else frozenset[str]()
    sizes = _BATCHES | ({"sizes of the batches"} if batch else set())

    def made(
        number: int,
        samples: int,
        epochs: int,
        rate: float,
        about: str,
        more: set[str],
        **options: Any,
    ) -> Probe:
        own = {n: options[w] for n, w in ((batch, "batch"), (seed, "seed")) if n and w in options}
        numbers = {"epochs": epochs, "rate": rate}
        values = {role: numbers[role] for role in roles if role in numbers}
        defaults = {
            n: v for n, v in function.defaults.items() if n not in own and n in (batch, seed)
        }
        given = (number, samples, roles, values, own, defaults)
        keys = _BASE | more
        return Probe(function.name, "trained", given, about, frozenset(keys), number > 1)

    for number in (0, 2, 3):
        if "rate" in roles:  # then all optimisers stay where they are, and the losses are known
            about = "steps so small that the losses are those of the model as it was"
            more = {"losses", *sizes}
            yield made(number, 12 + 6 * number, 2, 1e-9, about, more, batch=6, seed=number)
        about = "batches of which the last is smaller"
        more = {*sizes, *orders, "each step follows its own batch alone"}
        yield made(number, 17 + 3 * number, 3, 0.02, about, more, batch=4, seed=number + 2)
        about = "three classes far apart"
        more = {"learned", "the last loss is the smallest"}
        yield made(number, 30, 15, 0.05, about, more, batch=5, seed=number)
        about = "no more arguments than are needed"
        yield made(number, 150 - number, 2, 0.01, about, {*sizes, "as with the defaults"})


def _role(name: str, value: Any) -> str:
    """What an argument is: "model", "X", "y", "epochs", "rate"; "" for something else."""
    if isinstance(value, Model):
        return "model"
    if isinstance(value, Tensor) and value.array.ndim:
        return "X" if value.array.dtype.kind == "f" else "y"
    return next((role for role, words in _NUMBERS.items() if words.search(name)), "")
