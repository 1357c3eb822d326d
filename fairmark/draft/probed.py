"""Writing probes as a grader module, such as a person would write it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairmark.draft.probes import (
    AFTER,
    AT_MOST,
    CLOSE,
    LEAST_LIKENESS,
    LEVELS,
    MOST,
    Known,
    kind,
    source_for,
)
from fairmark.draft.words import docstring, long_docstring
from fairmark.draft.write import _short, target
from fairmark.inline.write import class_name, literal

_LINE = 100
_MOST_VISIBLE = 3
_NAMES = ("Submission", "assert_close", "hidden", "question", "weight")
_LEVELS = f"# {LEVELS.reason.capitalize()}.\nLEVELS = {{'rtol': 0, 'atol': {LEVELS.atol:g}}}\n"
_BOUND = """        if {condition}:
            if not report[part] {asks}:
                fail(f"{{what}}: {{part}} is {{report[part]:.4g}}; expected is {told}.")
            continue
"""
_MODULE = '''"""Tests of {question}, drafted by `fairmark draft`.

Each report was kept because it notices a mistake that the others do not. Students read the
docstrings: make them your own, and give hints (`hint="…"`)."""

from typing import Any

from fairmark.testing import {names}
{imports}

# {reason}.
CLOSE = {{"rtol": {rtol:g}, "atol": {atol:g}}}
{levels}
{codes}
{layers}

def _compare(report: Any, expected: dict[str, Any], what: str) -> None:
    """Compare the parts of a report of which something is asked."""
    for part, value in expected.items():
{bounds}        assert_close(report[part], value, **{close}, what=f"{{what}}: {{part}}")


_KNOWN: dict[str, dict[str, Any]] = {{}}


def _right(code: str, function: Any, arguments: Any) -> dict[str, Any]:
    """What the same code reports of the reference, which is asked once for the same arguments."""
    key = repr((code, function.__name__, arguments))
    if key not in _KNOWN:
        here: dict[str, Any] = {{}}
        exec(code, here)
        _KNOWN[key] = here["report"](function, *arguments)
    return _KNOWN[key]


@question({question!r})
class {cls}:
{about}

{tests}
'''


def module_of(
    question: str, about: str, kept: Sequence[Known], references: Mapping[str, str]
) -> str:
    """Return the text of the grader module; ``references`` has each function's module."""
    import black

    modules = list(dict.fromkeys(references.values()))
    alias = {module: f"reference_{n}" if n else "reference" for n, module in enumerate(modules)}
    imports = [
        f"from {module.rpartition('.')[0]} import {module.rpartition('.')[2]} as {name}"
        for module, name in alias.items()
    ]
    codes = dict.fromkeys(one.probe.code for one in kept)
    needs = {c: [n for o in kept if o.probe.code == c for n in o.probe.needs] for c in codes}
    sources = [
        f"# Runs beside the answer, and beside the reference.\n"
        f"{code.upper()} = r'''\n{source_for(code, needs[code])}\n'''"
        for code in codes
    ]
    right = {name: f"{alias[module]}.{name}" for name, module in references.items()}
    bounds = _bounds({part for one in kept for part in one.facts})
    has_pixels = any("pixels" in one.facts for one in kept)
    text = _MODULE.format(
        question=question,
        imports="\n".join(imports),
        names=", ".join(_NAMES if not bounds else sorted([*_NAMES, "fail"], key=str.swapcase)),
        bounds=bounds,
        reason=f"{CLOSE.reason[:1].upper()}{CLOSE.reason[1:]}",
        rtol=CLOSE.rtol,
        atol=CLOSE.atol,
        levels=_LEVELS if has_pixels else "",
        close='(LEVELS if part == "pixels" else CLOSE)' if has_pixels else "CLOSE",
        codes="\n\n".join(sources),
        layers="\n".join(f"{_name(i)} = {row!r}" for i, row in enumerate(_layers(kept))),
        cls=class_name(question),
        about=long_docstring(about or f"The answer to {question}."),
        tests="\n\n".join(_tests(kept, right)),
    )
    return black.format_str(text, mode=black.Mode(line_length=_LINE))


def count_tests(kept: Sequence[Known]) -> tuple[int, int]:
    """Return how many visible and how many hidden tests there are."""
    shown = {kind(one) for one in kept if not one.probe.hidden}
    hidden = {one.probe.function for one in kept if one.probe.hidden}
    return min(len(shown), _MOST_VISIBLE), len(hidden)


def _bounds(parts: set[str]) -> str:
    """The lines for parts that may be better than those of the reference."""
    found = ""
    if any(part.startswith(AFTER) for part in parts):
        condition, least = f"part.startswith({AFTER!r})", f"{LEAST_LIKENESS:g}"
        found += _BOUND.format(condition=condition, asks=f"> {least}", told=f"more than {least}")
    if any(part.endswith(AT_MOST) for part in parts):
        condition, most = f"part.endswith({AT_MOST!r})", f"{MOST:g} * value"
        found += _BOUND.format(condition=condition, asks=f"<= {most}", told=f"{{{most}:.4g}}")
    return found


def _tests(kept: Sequence[Known], right: Mapping[str, str]) -> Iterator[str]:
    layers = _layers(kept)
    kinds = dict.fromkeys(kind(one) for one in kept if not one.probe.hidden)
    groups = [[o for o in kept if kind(o) == k and not o.probe.hidden] for k in kinds]
    if len(groups) > _MOST_VISIBLE:
        last = [one for group in groups[_MOST_VISIBLE - 1 :] for one in group]
        groups = [*groups[: _MOST_VISIBLE - 1], last]
    for number, group in enumerate(groups, 1):
        name = f"test_example_{number}" if len(groups) > 1 else "test_example"
        words = "; ".join(dict.fromkeys(one.probe.about for one in group))
        title = f"{group[0].probe.function}: {words}."
        yield _method(name, title, "\n".join(_example(one, layers) for one in group), hidden=False)
    functions = dict.fromkeys(one.probe.function for one in kept if one.probe.hidden)
    for function in functions:
        group = [o for o in kept if o.probe.hidden and o.probe.function == function]
        name = "test_more" if len(functions) == 1 else f"test_more__{function}"
        title = f"{function}: the same with other numbers and sizes, compared with the reference."
        yield _method(name, title, _loop(group, right[function], layers), hidden=True)


def _method(name: str, title: str, body: str, *, hidden: bool) -> str:
    marks = "    @hidden\n    @weight(2)\n" if hidden else ""
    return (
        f"{marks}    def {name}(self, submission: Submission) -> None:\n"
        f"        {docstring(title)}\n{textwrap.indent(body, ' ' * 8)}"
    )


def _asked(one: Known, arguments: str) -> str:
    code = one.probe.code.upper()
    return f'submission.define({code})["report"]({target(one.probe.function)}, {arguments})'


def _layers(kept: Sequence[Known]) -> list[list[str]]:
    """The rows of layers that the arguments describe, each once."""
    found: list[list[str]] = []

    def look(value: Any) -> None:
        if isinstance(value, list | tuple):
            if len(value) == 2 and value[0] == "layers" and value[1] not in found:
                found.append(value[1])
            for item in value:
                look(item)

    for one in kept:
        look(one.probe.arguments)
    return found


def _written(value: Any, layers: Sequence[list[str]]) -> str:
    """The arguments as Python; rows of layers by their names."""

    def named(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return (
                f"<{_name(layers.index(list(value)))}>" if value in layers else [*map(named, value)]
            )
        return value

    return re.sub(r"[\"']<(LAYERS(?:_\d+)?)>[\"']", r"\1", literal(named(value)))


def _name(number: int) -> str:
    return f"LAYERS_{number + 1}" if number else "LAYERS"


def _example(one: Known, layers: Sequence[list[str]]) -> str:
    sent = ", ".join(_written(value, layers) for value in one.probe.arguments)
    what = f"{one.probe.function}, {one.probe.about}"
    expected = literal(_short(one.facts))
    return f"report = {_asked(one, sent)}\n_compare(report, {expected}, {what!r})"


def _loop(group: Sequence[Known], right: str, layers: Sequence[list[str]]) -> str:
    """A loop over the arguments of alike reports, for each set of parts that are compared."""
    alike: dict[tuple[Any, ...], list[Known]] = {}
    for one in group:
        alike.setdefault((one.probe.code, *one.facts), []).append(one)
    lines = []
    for (code, *parts), members in alike.items():
        rows = ", ".join(_written(list(one.probe.arguments), layers) for one in members)
        lines += [
            f"for arguments in [{rows}]:",
            f"    report = {_asked(members[0], '*arguments')}",
            f"    right = _right({code.upper()}, {right}, arguments)",
            f"    expected = {{part: right[part] for part in {parts!r}}}",
            f'    _compare(report, expected, "{members[0].probe.function}")',
        ]
    return "\n".join(lines)
