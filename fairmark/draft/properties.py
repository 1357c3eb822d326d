"""Properties: what holds of all right results where the values are left open.

The shapes, that the same seed gives the same, that losses fall, that one more step goes against
the slopes that another function of the reference gives, that the order of samples does not matter.
Each is a test that may be kept; whether it holds is found out by running it on right answers.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.draft.forms import Form, Slot
from fairmark.draft.inputs import Case
from fairmark.draft.results import Failure, Tolerance, asked
from fairmark.draft.seeds import Opened, listed_parts
from fairmark.draft.write import Property, looped, target
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport
from fairmark.inline.write import class_name, listed

STEPPED = Tolerance(1e-3, 1e-4, "float32 has seven digits, and each step adds to what is lost")
_KEPT = 4
_FALLS = 0.98
"""A fall that is as clear as this is asked of all answers, where it may be smaller."""
_STEPS = 100
_LONG_RUN = 50
_DRAWN = 3
_LONG = 85


def properties_of(
    found: Opened, submission: Submission, helpers: Mapping[str, Sequence[str]], number: int = _KEPT
) -> list[Property]:
    """Return what may hold of all right results, as tests on this number of inputs.

    ``helpers`` has the other functions that say what is right, with their parameters. Whether a
    property holds is for the caller to find out: by running the tests on the right answer.
    """
    call = _Call(found, sorted(found.cases, key=_oddity)[:number])
    made = [*_of_shapes(call), *_of_seeds(call), *_of_order(call), *_of_sums(call)]
    made += _of_histories(call, submission)
    for name, parameters in helpers.items():
        made += _of_steps(call, name, parameters)
    return made


def helper_of(found: Opened, keeps_inputs: bool) -> str:
    """Return the text of the function by which the tests call an answer."""
    function, form = found.form.function, found.form
    needed = {n for shape in found.parts.shapes for dim in shape for n in _identifiers(dim)}
    sizes = {
        symbol: f"{slot.name}.shape[{axis}]"
        for slot in form.slots
        for axis, symbol in enumerate(slot.shape)
        if symbol in needed and symbol in form.symbols
    }
    parameters = ", ".join(slot.name for slot in form.slots)
    target_ = f"{target(function)}({_arguments(form, {})})"
    shapes = ", ".join(
        f"{name}=({', '.join(shape)}{',' if len(shape) == 1 else ''})"
        for name, shape in zip(found.parts.names, found.parts.shapes, strict=True)
    )
    lines = [
        f"def _{function}(submission, {parameters}):",
        '    """The parts of its answer by name, of the right shapes and finite."""',
    ]
    if sizes:
        lines.append(f"    {', '.join(sizes)} = {', '.join(sizes.values())}")
    if keeps_inputs:
        lines += ["    with submission.inputs_unchanged():", f"        answer = {target_}"]
    else:
        lines.append(f"    answer = {target_}")
    answer = "answer" if len(found.parts.names) > 1 else "[answer]"
    lines.append(f"    return _parts({answer}, {shapes})")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Call:
    """A function as tests call it, and the inputs that they call it with."""

    found: Opened
    cases: Sequence[Case]

    @property
    def name(self) -> str:
        return self.found.form.function

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """By name the shapes of the results' parts."""
        return dict(zip(self.found.parts.names, self.found.parts.shapes, strict=True))

    @property
    def counts(self) -> dict[str, str]:
        """By name the parts with one number for each of an argument, and that argument."""
        whole = {slot.name for slot in self.found.form.slots if slot.kind == "int"}
        whole -= {dim for shape in self.parts.values() if len(shape) > 1 for dim in shape}
        return {n: s[0] for n, s in self.parts.items() if len(s) == 1 and s[0] in whole}

    def with_(self, **changed: str) -> str:
        """The call with other arguments."""
        given = ", ".join(changed.get(s.name, s.name) for s in self.found.form.slots)
        return f"_{self.name}(submission, {given})"

    def test(self, name: str, title: str, lines: Sequence[str], *, hidden: bool) -> Property:
        """A test that does this for each input."""
        return Property(self.name, name, title, hidden, looped(self.cases, lines))


def _of_shapes(call: _Call) -> Iterator[Property]:
    told = ", ".join(f"{n} ({', '.join(s)}{',' * (len(s) == 1)})" for n, s in call.parts.items())
    title = f"The shapes are {told}, and all numbers are finite."
    if len(title) > _LONG:
        title = "Each part has its shape, and all numbers are finite."
    yield call.test("shapes", title, [call.with_()], hidden=False)


def _of_seeds(call: _Call) -> Iterator[Property]:
    seed = call.found.seed
    lines = [
        f"first, again = ({call.with_()} for _ in range(2))",
        "for name, part in first.items():",
        f'    assert_close(again[name], part, **CLOSE, what=f"{{name}} with the same {seed}")',
    ]
    yield call.test(f"same_{seed}", f"The same {seed} gives the same result.", lines, hidden=False)
    lines = [
        f"first = {call.with_()}",
        f"other = {call.with_(**{seed: f'{seed} + 1'})}",
        "same.append(all(np.allclose(other[name], part) for name, part in first.items()))",
    ]
    body = f"same = []\n{looped(call.cases, lines)}\n"
    body += f'if all(same):  # by chance, some may be\n    fail("No {seed} changes the result.")'
    title = f"Another {seed} gives another result."
    yield Property(call.name, f"other_{seed}", title, False, body)


def _of_order(call: _Call) -> Iterator[Property]:
    """Another order of the samples changes nothing, or the order of the results alone."""
    arrays = [slot for slot in call.found.form.slots if slot.is_array]
    firsts = {slot.shape[0] for slot in arrays if slot.shape}
    inner = {dim for slot in arrays for dim in slot.shape[1:]}
    for symbol in sorted(firsts & call.found.form.symbols.keys() - inner):
        turned = {s.name: f"{s.name}[order]" for s in arrays if s.shape[:1] == (symbol,)}
        moved = tuple(name for name, shape in call.parts.items() if shape[:1] == (symbol,))
        expected = "part"
        if moved:
            expected = "part[order]" if len(moved) == len(call.parts) else ""
        expected = expected or f"(part[order] if name in {moved!r} else part)"
        lines = [
            f"order = rng.permutation({symbol})",
            f"first = {call.with_()}",
            f"again = {call.with_(**turned)}",
            "for name, part in first.items():",
            '    what = f"{name} with the samples in another order"',
            f"    assert_close(again[name], {expected}, **CLOSE, what=what)",
        ]
        title = f"The order of the {symbol} samples in {listed(list(turned))} does not matter."
        yield call.test(f"order_of_{symbol}", title, lines, hidden=True)


def _of_sums(call: _Call) -> Iterator[Property]:
    """The result of a sum is the sum of the results."""
    for slot in call.found.form.slots:
        if not _is_float(slot) or call.counts:
            continue
        name = slot.name
        lines = [
            f"more = rng.normal(size={name}.shape)",
            f"one = {call.with_()}",
            f"two = {call.with_(**{name: 'more'})}",
            f"both = {call.with_(**{name: f'{name} + more'})}",
            "for name in both:",
            f'    what = f"{{name}} for a sum of two {name}"',
            "    assert_close(both[name], one[name] + two[name], **CLOSE, what=what)",
        ]
        title = f"For a sum of two {name} comes the sum of the results."
        yield call.test(f"sum_of_{name}", title, lines, hidden=True)


def _of_histories(call: _Call, submission: Submission) -> Iterator[Property]:
    for name, count in call.counts.items():
        given = _as_recorded(call.found.form, count)
        if not _falls(call, name, given, submission):
            continue
        told = listed([f"{key}={value}" for key, value in given.items()])
        lines = [
            f"{name} = {call.with_(**{key: str(value) for key, value in given.items()})}[{name!r}]",
            f"if not {name}[-1] < {name}[0]:",
            f'    message = f"{name} go from {{{name}[0]:.4g}} to {{{name}[-1]:.4g}}."',
            '    fail(message, hint="Does each step go down?")',
        ]
        title = f"With {told}, the last of {name} is below the first."
        yield call.test(f"{name}_fall", title, lines, hidden=False)


def _as_recorded(form: Form, count: str) -> dict[str, Any]:
    """How often to step, and by how much: as the notebook does, but not for long."""
    slots = {slot.name: slot for slot in form.slots}
    rates = {s.name: float(s.pool[0]) for s in form.slots if s.kind == "float"}
    return {count: min(_STEPS, int(max(slots[count].pool))), **rates}


def _falls(call: _Call, name: str, given: Mapping[str, Any], submission: Submission) -> bool:
    """Whether a part falls clearly in all cases."""
    place = list(call.parts).index(name)
    for case in call.found.cases:
        slots = case.form.slots
        args = [given.get(s.name, v) for s, v in zip(slots, case.args, strict=False)]
        kwargs = {key: given.get(key, value) for key, value in case.kwargs.items()}
        try:
            result = asked(Case(case.setting, tuple(args), kwargs), submission)
        except Failure:
            return False
        part = np.asarray(listed_parts(result)[place])
        if not part[-1] < _FALLS * part[0]:
            return False
    return True


def _of_steps(call: _Call, helper: str, parameters: Sequence[str]) -> Iterator[Property]:
    """One more step goes against slopes, and what is noted is a value before or after it."""
    state = [name for name in call.parts if name not in call.counts]
    own = {slot.name for slot in call.found.form.slots}
    if not state or not set(state) <= set(parameters) <= own | set(state):
        return
    for count in dict.fromkeys(call.counts.values()):
        runs = [
            f"before = {call.with_()}",
            f"after = {call.with_(**{count: f'{count} + 1'})}",
        ]
        at = {p: f"before[{p!r}]" if p in state else p for p in parameters}
        for rate in (s.name for s in call.found.form.slots if s.kind == "float"):
            lines = [
                *runs,
                f"given = reference.{helper}({', '.join(at.values())})",
                f"slopes = _named(given, {', '.join(map(repr, state))})",
                f"for name in {tuple(state)!r}:",
                f"    expected = before[name] - {rate} * np.asarray(slopes[name])",
                f'    what = f"{{name}} with one more of {count}"',
                "    assert_close(after[name], expected, **CLOSE, what=what)",
            ]
            title = f"One more of {count} moves {listed(state)} by -{rate} times {helper}."
            yield call.test(f"step_by_{helper}", title, lines, hidden=True)
        yield from _of_moves(call, count, helper, at, runs)
        given = ", ".join(f"parts[{p!r}]" if p in state else p for p in parameters)
        for name in (n for n, c in call.counts.items() if c == count):
            lines = [
                *runs,
                f"last = after[{name!r}][-1]",
                f"right = [reference.{helper}({given}) for parts in (before, after)]",
                "expected = min(right, key=lambda value: abs(value - last))",
                f'assert_close(last, expected, **CLOSE, what="the last of {name}")',
            ]
            title = f"The last of {name} is {helper} before or after the last step."
            yield call.test(f"{name}_by_{helper}", title, lines, hidden=True)


def _of_moves(
    call: _Call, count: str, helper: str, at: Mapping[str, str], runs: Sequence[str]
) -> Iterator[Property]:
    """One more step goes against the slopes of a value, which its differences tell."""
    state = [name for name in call.parts if name not in call.counts]
    for rate in (s.name for s in call.found.form.slots if s.kind == "float"):
        lines = [*runs]
        for name in state:
            value = f"lambda {name}: reference.{helper}({', '.join({**at, name: name}.values())})"
            lines += [
                f"way = rng.normal(size=before[{name!r}].shape)",
                f"grows = _growth({value}, before[{name!r}], way)",
                f"expected = np.sum(way * before[{name!r}]) - {rate} * grows",
                f'what = "{name}, weighed, with one more of {count}"',
                f"assert_close(np.sum(way * after[{name!r}]), expected, **CLOSE, what=what)",
            ]
        title = f"One more of {count} moves {listed(state)} against the growth of {helper}."
        yield call.test(f"step_against_{helper}", title, lines, hidden=True)


def _arguments(form: Form, changed: Mapping[str, str]) -> str:
    given = ((s, changed.get(s.name, s.name)) for s in form.slots)
    return ", ".join(f"{s.name}={text}" if s.keyword else text for s, text in given)


def _is_float(slot: Slot) -> bool:
    return slot.kind == "array" and bool(slot.pool) and slot.pool[0].dtype.kind == "f"


def _oddity(case: Case) -> tuple[bool, bool, bool]:
    """What takes long comes last, and sizes of 1, and none or one of something."""
    numbers = [value for value in case.setting.values.values() if type(value) is int]
    few = any(value in (0, 1) for value in numbers)
    return max(numbers, default=0) > _LONG_RUN, 1 in case.setting.sizes.values(), few


def _identifiers(text: str) -> list[str]:
    return [n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)]


# --- What holds -------------------------------------------------------------------------------


def holding(text: str, question: str, tests: Sequence[str], answer: Callable[..., Any]) -> set[str]:
    """Return the tests of a module that this function passes, whatever is drawn."""
    names: dict[str, Any] = {}
    exec(compile(text, "draft", "exec"), names)
    own = names[class_name(question)]()
    found = set()
    for test in tests:
        method = getattr(own, test)
        wants_rng = "rng" in inspect.signature(method).parameters
        try:
            for number in range(_DRAWN):
                way = Submission(LocalTransport({answer.__name__: answer}))
                method(way, *([np.random.default_rng(number)] if wants_rng else []))
        except Exception:  # most of what may hold does not: the test may be none for such results
            continue
        found.add(test)
    return found
