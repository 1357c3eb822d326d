"""Probes: reports of what an answer does with things that are no plain data, run beside it.

A report is made in the answer's process, by code that is sent there: a model is built there, given
to the answer, and what comes of both comes back as plain data. What is right is what the
instructor's answer and the reference both give, and twice; of the rest nothing is asked.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fairmark.draft.results import Failure, Tolerance, compare
from fairmark.harness.proxy import Mismatch, Remote, Submission
from fairmark.syntax.names import bound, global_uses
from fairmark.wire.codec import WireError

BESIDE = Path(__file__).with_name("beside")
LEVELS = Tolerance(0.0, 1.01, "a value may be rounded up or down to one of 256 levels")
"""For pictures."""
CLOSE = Tolerance(1e-3, 1e-4, "float32 has seven digits, and layers may sum in another order")
_ERRORS = (*Failure, ArithmeticError, AttributeError, TypeError, ValueError)
_ENOUGH = 5
_CLEAR = 0.5
AFTER, LEAST_LIKENESS = "takes after", 0.1
"""How alike two images are may differ; that they are not opposed, or strangers, is asked."""
AT_MOST, MOST = "at most", 1.5
"""A number that may be smaller, and hardly larger."""
_UNWISHED = {"run with gradients"}
"""What is better not so; all else that is told by yes or no is."""
_MOST_HIDDEN = 6
_LEAST_HIDDEN = 2
_MOST_KINDS = 5
_MOST_ALIKE = 2
"""So many reports of a kind are shown."""


@dataclass(frozen=True)
class Probe:
    """One report to be asked for."""

    function: str
    code: str
    """The module of ``beside`` with the code that makes it."""
    arguments: tuple[Any, ...]
    """What that code is given beside the function: plain data."""
    about: str
    """What it is tried with, in words: probes of the same words belong together."""
    keys: frozenset[str]
    """The parts of the report that the text allows to be asked."""
    hidden: bool = False
    needs: tuple[str, ...] = ()
    """Definitions of the code that its arguments name."""


@dataclass(frozen=True)
class Known:
    """A probe with what is right."""

    probe: Probe
    facts: dict[str, Any] = field(hash=False)
    module: str = ""
    """Where a grader imports the reference from."""


def report(submission: Submission, probe: Probe) -> Any:
    """Ask an answer for a report."""
    made = submission.define(source_of(probe.code))["report"]
    return made(submission[probe.function], *probe.arguments)


def right(
    probes: Sequence[Probe], submission: Submission, reference: Callable[..., Any] | None
) -> list[Known]:
    """Return the probes that the right answer can stand, each with what is certain of them."""
    found = []
    for probe in probes:
        try:
            first, again = report(submission, probe), report(submission, probe)
            other = here(probe)(reference, *probe.arguments) if reference is not None else again
        except Exception:  # the reference, or a model, may refuse what is tried in any way
            continue
        facts = {
            key: value
            for key, value in first.items()
            if key in probe.keys
            and is_data(value)
            and agree(key, again.get(key, ...), value)
            and agree(key, _part(other, key), value)
            and is_good(key, value)
        }
        if facts:
            found.append(Known(probe, facts))
    return found


def noticed(known: Sequence[Known], submission: Submission) -> set[int]:
    """Return the places of probes by which an answer is seen to be wrong: one of a kind, a few."""
    found: set[int] = set()
    seen: set[tuple[str, str, bool]] = set()
    for place, one in enumerate(known):
        if (*kind(one), one.probe.hidden) in seen or len(seen) >= _ENOUGH:
            continue
        try:
            told = report(submission, one.probe)
            for key, value in one.facts.items():
                check(key, told[key], value)
        except (*_ERRORS, KeyError):
            found.add(place)
            seen.add((*kind(one), one.probe.hidden))
    return found


def chosen(known: Sequence[Known], notices: Sequence[set[int]]) -> list[Known]:
    """Choose probes: each notices a mistake that no other does; what is hidden is shown as well."""
    left = [places for places in notices if places]
    kept: list[int] = []
    while left:
        best = max(range(len(known)), key=lambda i: (sum(i in places for places in left), -i))
        kept.append(best)
        left = [places for places in left if best not in places]
    if not kept:
        return []
    kinds = list(dict.fromkeys(kind(known[i]) for i in kept))[:_MOST_KINDS]
    shown, hidden = [], []
    for one in kinds:
        alike = [i for i, other in enumerate(known) if kind(other) == one]
        visible = [i for i in alike if not known[i].probe.hidden]
        others = [i for i in alike if known[i].probe.hidden]
        if not visible:
            continue
        best = max(visible, key=lambda i: (sum(i in n for n in notices), -i))
        shown += [best, *(i for i in visible if i in kept and i != best)][:_MOST_ALIKE]
        wanted = [i for i in others if i in kept] + [i for i in others if i not in kept]
        hidden += wanted[: max(_LEAST_HIDDEN, sum(i in kept for i in others))]
    return [known[i] for i in [*shown, *hidden[: _MOST_HIDDEN * len(kinds)]]]


def kind(one: Known) -> tuple[str, str]:
    """What belongs together in the tests."""
    return one.probe.function, one.probe.about


def tolerance(key: str) -> Tolerance:
    """How far a part of a report may be off."""
    return LEVELS if key == "pixels" else CLOSE


def check(key: str, told: Any, value: Any) -> None:
    """Raise Mismatch where a part of a report is not as it should be."""
    if key.startswith(AFTER):
        if not told > LEAST_LIKENESS:
            raise Mismatch(f"{key}: {told}")
    elif key.endswith(AT_MOST):
        if not told <= MOST * value:
            raise Mismatch(f"{key}: {told}")
    else:
        compare(told, value, tolerance(key))


def agree(key: str, one: Any, other: Any) -> bool:
    """Whether a part of two right reports is the same, so that it can be asked for."""
    if key.startswith(AFTER):
        return one is not ... and min(one, other) > _CLEAR
    try:
        compare(one, other, tolerance(key))
    except (Mismatch, TypeError, ValueError):
        return False
    return True


def is_good(key: str, value: Any) -> bool:
    """Whether a yes or no is what is wished for: an answer that does better is right, too."""
    if key == "slopes" and not value:
        return False  # whoever keeps a graph that nobody needs is right, too
    flags = value if isinstance(value, list) else [value]
    if not all(isinstance(flag, bool) for flag in flags):
        return True
    return key == "answer" or all(flag != (key in _UNWISHED) for flag in flags)


def is_data(value: Any) -> bool:
    """Whether a part of a report can be compared: no object, no nan."""
    if isinstance(value, Remote):
        return False
    if isinstance(value, dict):
        return all(is_data(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(is_data(item) for item in value)
    if isinstance(value, np.ndarray | float | np.number):
        return bool(np.isfinite(np.asarray(value, float)).all())
    return True


def _part(told: Mapping[str, Any], key: str) -> Any:
    """A part of a report as it would arrive from an answer; ``...`` for none, or for an object."""
    try:
        return plain(told[key]) if key in told else ...
    except WireError:
        return ...


def plain(value: Any) -> Any:
    """A report of the reference as it would arrive from an answer."""
    from fairmark.draft.ask import plain as arrived

    return arrived(value)


def here(probe: Probe) -> Callable[..., Any]:
    """The code of a probe, to be run beside the reference."""
    namespace: dict[str, Any] = {}
    exec(source_of(probe.code), namespace)
    made: Callable[..., Any] = namespace["report"]
    return made


@functools.cache
def source_of(code: str) -> str:
    """The text of a module of ``beside``, behind those of the modules that it imports there."""
    text = (BESIDE / f"{code}.py").read_text("utf-8")
    used = dict.fromkeys(re.findall(r"^from fairmark\.draft\.beside\.(\w+) import", text, re.M))
    others = [source_of(name) for name in used]
    own = re.sub(r"^from fairmark\.draft\.beside.*\n|^__all__ = .*\n", "", text, flags=re.M)
    return re.sub(r"^from __future__ .*\n", "", "\n".join([*others, own]), flags=re.M)


def source_for(code: str, names: Sequence[str]) -> str:
    """The same with what these names need alone, as a person wrote it."""
    text = source_of(code)
    lines = text.splitlines()
    nodes = ast.parse(text).body
    last = {name: i for i, node in enumerate(nodes) for name in bound(node)}
    wanted, kept = {"report", *names}, set[int]()
    while more := {last[name] for name in wanted if name in last} - kept:
        kept |= more
        for number in more:
            wanted |= global_uses(nodes[number])
    imports = ast.Import | ast.ImportFrom
    parts = [
        (isinstance(nodes[i], imports), "\n".join(lines[nodes[i].lineno - 1 : nodes[i].end_lineno]))
        for i in sorted(kept)
    ]
    head = "\n".join(part for is_import, part in parts if is_import)
    return "\n\n\n".join([head, *(part for is_import, part in parts if not is_import)])
