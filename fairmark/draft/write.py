"""Writing a draft as a grader module, such as a person would write it."""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fairmark.draft.ask import Known, Tolerance
from fairmark.draft.choose import Choice
from fairmark.draft.helpers import HELPERS
from fairmark.draft.inputs import Case, Style, drawn
from fairmark.draft.literals import Lambda, written
from fairmark.draft.words import HINTS, ON_EDGE, WHAT, docstring, long_docstring
from fairmark.harness.proxy import Submission
from fairmark.inline.write import class_name, literal

_MOST_TESTS = 6
_LEAST_TESTS = 3
_NAMES = ("as_array", "assert_close", "fail", "hidden", "raises", "weight")
_TITLE = 110
_LINE = 100
_IMPORTS = {"import numpy as np": "np.", "import torch": "torch."}


@dataclass(frozen=True)
class Property:
    """A test of what holds of right results whose values are left open."""

    function: str
    name: str
    title: str
    hidden: bool
    body: str


@dataclass(frozen=True)
class Drafted:
    """What is kept for one exercise."""

    question: str
    about: str
    """The first line of the solution's docstring, or the like."""
    choices: dict[str, Choice]
    """By function."""
    tolerance: Tolerance
    modules: dict[str, str]
    """By function: the module of the reference that has it, such as ``reference.softmax``."""
    keeps_inputs: bool = False
    """Whether the text forbids to change arguments."""
    properties: tuple[Property, ...] = ()
    helpers: tuple[str, ...] = ()
    """The functions of the module by which the properties call the answer."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """By function: what students may think about whatever comes in."""


@dataclass(frozen=True)
class _Test:
    name: str
    title: str
    hidden: bool
    body: str


def module_of(drafted: Drafted) -> str:
    """Return the text of the grader module."""
    import black

    tests = _tests(drafted)
    body = "\n\n".join(map(_written, tests))
    text = f"{_head(drafted, body)}\n\n{_class(drafted)}\n\n{body}\n"
    mode = black.Mode(line_length=_LINE, magic_trailing_comma=False)
    return black.format_str(text, mode=mode)


def count_tests(drafted: Drafted) -> tuple[int, int]:
    """Return how many visible and how many hidden tests there are."""
    tests = _tests(drafted)
    hidden = sum(test.hidden for test in tests)
    return len(tests) - hidden, hidden


def _head(drafted: Drafted, body: str) -> str:
    names = {"Submission", "question"}
    used = "\n".join([body, *drafted.helpers])
    used = "\n".join([used, *(text for call, text in HELPERS.items() if call in used)])
    names |= {n for n in _NAMES if f"{n}(" in used}
    names |= {"hidden"} if "@hidden" in body else set()
    lines = [
        f'"""Tests of {drafted.question}, drafted by `fairmark draft`.',
        "",
        "Each input was kept because it notices a mistake that the others do not. Students read",
        'the docstrings: make them your own, and give hints (`hint="…"`)."""',
        "",
        *(line for line, name in _IMPORTS.items() if name in used),
        "",
        f"from fairmark.testing import {', '.join(sorted(names))}",
    ]
    for module, alias in _aliases(drafted).items():
        if f"{alias}." in body:
            package, _, name = module.rpartition(".")
            lines.append(f"from {package} import {name} as {alias}")
    comment = textwrap.fill(
        f"{drafted.tolerance.reason[:1].upper()}{drafted.tolerance.reason[1:]}.",
        _LINE - 2,
        initial_indent="# ",
        subsequent_indent="# ",
    )
    close = f'{{"rtol": {drafted.tolerance.rtol:g}, "atol": {drafted.tolerance.atol:g}}}'
    if "CLOSE" in body:
        lines += ["", comment, f"CLOSE = {close}"]
    for function, hint in drafted.hints.items():
        if f"hint={(name := _constant(drafted, function))}," in body:
            parts = [repr(part) for part in textwrap.wrap(hint, _LINE - 8, drop_whitespace=False)]
            lines += [f"{name} = ({chr(10).join(parts)})"]
    own = [text for call, text in HELPERS.items() if call in used]
    for helper in (*own, *drafted.helpers):
        lines += ["", "", helper]
    return "\n".join(lines)


def _constant(drafted: Drafted, function: str) -> str:
    """The name of a function's hint."""
    return "HINT" if len(drafted.hints) == 1 else f"HINT_{function.upper()}"


def _aliases(drafted: Drafted) -> dict[str, str]:
    modules = list(dict.fromkeys(drafted.modules.values()))
    if len(modules) == 1:
        return {modules[0]: "reference"}
    return {module: f"reference_{module.rpartition('.')[2]}" for module in modules}


def _class(drafted: Drafted) -> str:
    about = drafted.about or f"The answer to {drafted.question}."
    return (
        f"@question({drafted.question!r})\nclass {class_name(drafted.question)}:\n"
        f"{long_docstring(about)}"
    )


def _written(test: _Test) -> str:
    needs = "rng." in test.body and "rng = " not in test.body
    rng = ", rng: np.random.Generator" if needs else ""
    marks = "    @hidden\n" if test.hidden else ""
    if test.hidden and ("random" in test.name):
        marks += "    @weight(2)\n"
    return (
        f"{marks}    def {test.name}(self, submission: Submission{rng}) -> None:\n"
        f"        {docstring(test.title)}\n{textwrap.indent(test.body, ' ' * 8)}"
    )


# --- Tests ------------------------------------------------------------------------------------


def _tests(drafted: Drafted) -> list[_Test]:
    """The tests: as many as a person reads, whatever the number of functions."""
    choices = {name: c for name, c in drafted.choices.items() if c.shown or c.hidden}
    shown = [_shown(drafted, name, choice) for name, choice in choices.items() if choice.shown]
    visible = [test for test in shown if not test.hidden]
    hidden = [test for test in shown if test.hidden]
    hidden += [t for name, c in choices.items() for t in _hidden(drafted, name, c)]
    most = max(_MOST_TESTS - len(drafted.properties), _LEAST_TESTS)
    if len(visible) + len(hidden) > most:
        visible = _merged(visible, 2 if len(visible) > 3 else 3, "test_examples")
        hidden = _merged(hidden, max(most - len(visible), 1), "test_random_inputs")
    held = [_Test(name_of(drafted, p), p.title, p.hidden, p.body) for p in drafted.properties]
    return sorted([*visible, *hidden, *held], key=lambda test: test.hidden)


def name_of(drafted: Drafted, held: Property) -> str:
    """Return the name of a property's test."""
    return _name(drafted, held.function, held.name)


def _merged(tests: list[_Test], number: int, name: str) -> list[_Test]:
    """The tests, put together so that there are no more than this number."""
    if len(tests) <= number:
        return tests
    size, rest = divmod(len(tests), number)
    found, start = [], 0
    for place in range(number):
        end = start + size + (place < rest)
        part = tests[start:end]
        start = end
        if len(part) == 1:
            found.append(part[0])
            continue
        about = list(dict.fromkeys(_function(test) for test in part))
        title = f"{_listed(about)}: {'random inputs' if part[0].hidden else 'small examples'}."
        body = "\n".join(test.body for test in part)
        found.append(_Test(f"{name}_{place + 1}", title, part[0].hidden, body))
    return found


def _function(test: _Test) -> str:
    return test.name.removeprefix("test_").partition("__")[0]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _name(drafted: Drafted, function: str, what: str) -> str:
    return f"test_{function}__{what}" if _is_about_several(drafted) else f"test_{what}"


def _is_about_several(drafted: Drafted) -> bool:
    return len({*drafted.choices, *(one.function for one in drafted.properties)}) > 1


def _shown(drafted: Drafted, name: str, choice: Choice) -> _Test:
    body = "\n".join(_example(drafted, name, one) for one in choice.shown)
    title = _titled(name, choice.shown)
    # the result of a call without arguments is the answer itself
    gives_away = not any(one.case.args or one.case.kwargs for one in choice.shown)
    return _Test(_name(drafted, name, "examples"), title, gives_away, body)


def _titled(name: str, shown: Sequence[Known]) -> str:
    """What is called and what it gives, where that fits on a line."""
    for one in shown:
        if one.raises or one.signless or one.drawn:
            continue
        arguments = [_brief(v) for v in one.case.args]
        arguments += [f"{k}={_brief(v)}" for k, v in one.case.kwargs.items()]
        text = f"{name}({', '.join(arguments)}) gives {_brief(one.result)}"
        if len(text) <= _TITLE:
            more = len(shown) - 1
            return text + (f", and {more} more example{'s' * (more > 1)}." if more else ".")
    return f"{name}: {len(shown)} small example{'s' * (len(shown) > 1)}."


def _brief(value: Any) -> str:
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind != "f":
        value = value.tolist()
    if isinstance(value, np.ndarray):
        value = np.vectorize(lambda v: float(f"{v:.4g}"))(value).tolist() if value.size else []
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, Lambda):
        return value.source
    return " ".join(repr(value).split())


def _example(drafted: Drafted, name: str, one: Known) -> str:
    if one.drawn:
        return _drawn_example(drafted, name, one)
    sent = [written(value) for value in one.case.args]
    sent += [f"{key}={written(value)}" for key, value in one.case.kwargs.items()]
    call = f"{target(name)}({', '.join(sent)})"
    if one.raises:
        return f'with raises("{one.raises}"):\n    {call}'
    return _compared(drafted, one, call, literal(_short(one.result)), repr(name))


def _drawn_example(drafted: Drafted, name: str, one: Known) -> str:
    """An example whose arrays are too large to be written."""
    form, setting = one.case.form, one.case.setting
    lines = ["rng = np.random.default_rng(0)"]
    known = {**setting.sizes, **setting.values}
    lines += [f"{key} = {written(value)}" for key, value in known.items()]
    lines += [f"{s.name} = {drawn(s, one.case.style)}" for s in form.slots if s.is_array]
    lines += form.keeps
    arguments = ", ".join(f"{s.name}={s.name}" if s.keyword else s.name for s in form.slots)
    call = f"{target(name)}({arguments})"
    lines.append(_compared(drafted, one, call, literal(_short(one.result)), repr(name)))
    return "\n".join(lines)


def _short(value: Any) -> Any:
    """A result in nine digits, as lists."""
    if isinstance(value, np.ndarray):
        return _short(value.tolist())
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_short(item) for item in value)
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        return _short(value.item())
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _compared(drafted: Drafted, one: Known, call: str, expected: str, what: str) -> str:
    keeps = drafted.keeps_inputs and one.keeps_inputs
    lines = (
        [f"with submission.inputs_unchanged():\n    answer = {call}"]
        if keeps
        else [f"answer = {call}"]
    )
    if one.case.style == "large":
        lines = [f"with submission.silent():\n    answer = {call}"]
    answer = "answer"
    if one.is_record:
        answer = f"_only(answer, {', '.join(map(repr, one.result))})"
    if one.signless:
        answer, expected = f"_sizes({answer})", f"_sizes({expected})"
    said = HINTS.get(_manner(one), ON_EDGE if one.on_edge else "")
    hint = f", hint={said!r}" if said else ""
    if not said and (function := one.case.form.function) in drafted.hints:
        hint = f", hint={_constant(drafted, function)}"
    lines.append(f"assert_close({answer}, {expected}, **CLOSE{hint}, what={what})")
    return "\n".join(lines)


def _hidden(drafted: Drafted, name: str, choice: Choice) -> Iterator[_Test]:
    groups: dict[str, list[Known]] = {}
    for one in choice.hidden:
        groups.setdefault("raises" if one.raises else _manner(one), []).append(one)
    names = {
        "random": "random_inputs",
        "more": "more_random_inputs",
        "whole": "whole_numbers",
        "large": "large_values",
        "edges": "bounds",
        "integers": "integers",
        "raises": "refusals",
        "recorded": "more_calls",
    }
    for kind, group in groups.items():
        body = "\n".join(_loops(drafted, name, group))
        yield _Test(_name(drafted, name, names[kind]), WHAT[kind], True, body)


def _manner(one: Known) -> str:
    """How the values of a case were come by; "more" where no whole numbers could be drawn."""
    arrays = [slot for slot in one.case.form.slots if slot.is_array]
    alike = all(drawn(slot, "whole") == drawn(slot, "random") for slot in arrays)
    return "more" if one.case.style == "whole" and alike else one.case.style


def _loops(drafted: Drafted, name: str, group: Sequence[Known]) -> Iterator[str]:
    """A loop for each form and style, over the sizes and values that are tried."""
    forms: dict[tuple[int, Style], list[Known]] = {}
    for one in group:
        forms.setdefault((id(one.case.form), one.case.style), []).append(one)
    for alike in forms.values():
        is_single = alike[0].raises or alike[0].case.style == "recorded"
        if is_single:  # whether a call is refused, say, is not told by its sizes
            yield from (_example(drafted, name, one) for one in alike)
        else:
            yield _loop(drafted, name, alike)


def _loop(drafted: Drafted, name: str, alike: Sequence[Known]) -> str:
    form = alike[0].case.form
    arguments = ", ".join(f"{s.name}={s.name}" if s.keyword else s.name for s in form.slots)
    call = f"{target(name)}({arguments})"
    alias = _aliases(drafted)[drafted.modules[name]]
    told = "".join(f", {{{v}=}}" for v in form.symbols)
    what = f"f{f'{name}({arguments}){told}'!r}" if told else repr(f"{name}({arguments})")
    like = replace(alike[0], on_edge=any(one.on_edge for one in alike))
    compared = _compared(drafted, like, call, f"{alias}.{name}({arguments})", what)
    return looped([one.case for one in alike], [compared])


def looped(cases: Sequence[Case], inner: Sequence[str]) -> str:
    """Return a loop over the sizes and values of cases of one form, which draws their arrays."""
    form, style = cases[0].form, cases[0].style
    variables = [*form.symbols, *(s.name for s in form.slots if not s.is_array)]
    rows = []
    for case in cases:
        row = [case.setting.sizes.get(v, case.setting.values.get(v)) for v in variables]
        rows.append(f"({', '.join(map(written, row))}{',' if len(row) == 1 else ''})")
    lines = [
        f"{slot.name} = {drawn(slot, style)}".replace("numpy ", "")
        for slot in form.slots
        if slot.is_array
    ]
    body = textwrap.indent("\n".join([*lines, *form.keeps, *inner]), "    ")
    if not variables:
        return f"for _ in range({len(cases)}):\n{body}"
    if len(variables) == 1:
        rows = [row[1:-2] for row in rows]
    return f"for {', '.join(variables)} in [{', '.join(dict.fromkeys(rows))}]:\n{body}"


def target(name: str) -> str:
    """Return how a test names a function of the answer."""
    taken = keyword.iskeyword(name) or name.startswith("_") or hasattr(Submission, name)
    return f"submission[{name!r}]" if taken else f"submission.{name}"
