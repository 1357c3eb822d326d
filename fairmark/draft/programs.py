"""Drafts for classes of numbers: small programs of their operators and methods.

A class whose objects are made of one number, and are added, multiplied and so on, is tried with
expressions in two of them; behind each, the methods that return nothing are called, and what the
text names of the objects is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import black
import numpy as np

from fairmark.draft.ask import Failure, compare
from fairmark.draft.ask import Tolerance as Tolerance
from fairmark.draft.texts import Text
from fairmark.draft.words import long_docstring
from fairmark.harness.proxy import Remote, Submission
from fairmark.inline.write import class_name, listed
from fairmark.syntax.cells import parsed

VALUES = ((1.5, 0.5), (2.0, 3.0), (0.75, -2.0), (-1.25, 0.5))
"""What the two objects are made of, in examples."""
_CLOSE = Tolerance(1e-4, 1e-5, "")
_ERRORS = (*Failure, ArithmeticError, AttributeError, TypeError, ValueError)
_OPERATIONS = {
    "__add__": ("a + b", "a + 2.0", "a + a"),
    "__radd__": ("2.0 + a",),
    "__sub__": ("a - b", "a - 2.0"),
    "__rsub__": ("2.0 - a",),
    "__mul__": ("a * b", "a * 3.0", "a * a"),
    "__rmul__": ("3.0 * a",),
    "__truediv__": ("a / b", "a / 4.0"),
    "__rtruediv__": ("4.0 / a",),
    "__pow__": ("a**2", "a**3", "a**-1", "a**0.5"),
    "__neg__": ("-a",),
}
_TOGETHER = (
    "a * b + a",
    "(a + b) * (a - b)",
    "a * a * b + b * a",
    "(a * b + 1.0) ** 2 * a",
    "-(a / b) + b",
)


@dataclass(frozen=True)
class Numbers:
    """What can be told of such a class."""

    name: str
    operators: frozenset[str]
    results: tuple[str, ...]
    """Its methods without arguments that return something."""
    effects: tuple[str, ...]
    """Those that return nothing, such as ``backward``."""
    fields: tuple[str, ...]
    """What its objects hold and the text names."""


@dataclass(frozen=True)
class Program:
    """An expression, the numbers that it is tried with, and what comes of it."""

    expression: str
    values: tuple[float, float]
    result: Any


def numbers_class(source: str, name: str, text: Text) -> Numbers | None:
    """Return what can be told of a class of numbers; None where it is another kind of class."""
    tree = parsed(source)
    found = [n for n in (tree.body if tree else []) if isinstance(n, ast.ClassDef)]
    node = next((n for n in found if n.name == name), None)
    if node is None:
        return None
    methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
    operators = frozenset(methods.keys() & _OPERATIONS.keys())
    init = methods.get("__init__")
    if len(operators) < 2 or init is None or _needed(init) != 1:
        return None
    plain = {k: m for k, m in methods.items() if not k.startswith("_") and _needed(m) == 0}
    said = f"{text.near} {ast.get_docstring(node) or ''} {' '.join(map(_words, methods.values()))}"
    fields = [f for f in _fields(init) if not f.startswith("_") and f in _names(said)]
    results = tuple(k for k, m in plain.items() if _returns(m))
    effects = tuple(k for k, m in plain.items() if not _returns(m))
    return Numbers(name, operators, results, effects, tuple(fields)) if fields else None


def first_numbers(source: str, names: Sequence[str], text: Text) -> Numbers | None:
    """Return what can be told of the first class of numbers among the names of an answer."""
    found = (numbers_class(source, name, text) for name in names)
    return next((numbers for numbers in found if numbers is not None), None)


def with_numbers_only(numbers: Numbers, submission: Submission) -> Numbers:
    """The same, without the fields that hold something else than a number."""
    try:
        made = submission[numbers.name](VALUES[0][0])
        held = {name: getattr(made, name) for name in numbers.fields}
    except Failure:
        return replace(numbers, fields=())
    kept = (n for n, v in held.items() if isinstance(v, int | float | np.number))
    return replace(numbers, fields=tuple(kept))


def programs(numbers: Numbers, submission: Submission) -> list[Program]:
    """Return the programs that the right answer can run, with what they give."""
    found = []
    for expression in _expressions(numbers):
        for values in VALUES:
            try:
                result = run(numbers, submission[numbers.name], expression, values)
                again = run(numbers, submission[numbers.name], expression, values)
                compare(again, result, _CLOSE)
                finite = bool(np.isfinite(np.asarray(result, float)).all())
            except _ERRORS:
                continue
            if finite:
                found.append(Program(expression, values, result))
    return found


def run(
    numbers: Numbers, make: Callable[..., Any], expression: str, values: tuple[float, float]
) -> list[Any]:
    """Run a program on objects of the class, and return the fields of the objects in it."""
    a, b = make(values[0]), make(values[1])
    f = eval(expression, {}, {"a": a, "b": b})
    for name in numbers.effects:
        getattr(f, name)()
    used = [value for name, value in (("a", a), ("b", b)) if name in _names(expression)]
    result = [getattr(value, name) for value in (f, *used) for name in numbers.fields]
    if any(isinstance(value, Remote) for value in result):
        raise TypeError("a field is no number")
    return result


def noticed(numbers: Numbers, known: Sequence[Program], submission: Submission) -> set[int]:
    """Return the places of the programs by which an answer is seen to be wrong."""
    found = set()
    for place, one in enumerate(known):
        try:
            answer = run(numbers, submission[numbers.name], one.expression, one.values)
            compare(answer, one.result, _CLOSE)
        except _ERRORS:
            found.add(place)
    return found


def chosen(known: Sequence[Program], notices: Sequence[set[int]]) -> list[Program]:
    """Choose programs: each notices a mistake that no other one notices."""
    left = [places for places in notices if places]
    kept: list[int] = []
    while left:
        best = max(range(len(known)), key=lambda i: (sum(i in places for places in left), -i))
        kept.append(best)
        left = [places for places in left if best not in places]
    return [known[i] for i in sorted(kept)]


def module_of(
    question: str, about: str, numbers: Numbers, kept: Sequence[Program], reference: str
) -> str:
    """Return the text of the grader module."""
    package, _, module = reference.rpartition(".")
    expressions = list(dict.fromkeys(one.expression for one in kept))
    table = "".join(f"    {e!r}: lambda a, b: {e},\n" for e in expressions)
    rows = ((o.expression, o.values, [float(f"{v:.9g}") for v in o.result]) for o in kept)
    examples = "".join(f"            {row!r},\n" for row in rows)
    effects = "".join(f"    f.{name}()\n" for name in numbers.effects)
    text = _MODULE.format(
        question=question,
        cls=class_name(question),
        about=long_docstring(about or f"The answer to {question}."),
        name=numbers.name,
        package=package,
        module=module,
        table=table,
        effects=effects,
        fields=listed(numbers.fields),
        read=", ".join(f"value.{name}" for name in numbers.fields),
        examples=examples,
    )
    return black.format_str(text, mode=black.Mode(line_length=100))


_MODULE = '''"""Tests of {question}, drafted by `fairmark draft`.

Each expression was kept because it notices a mistake that the others do not. Students read the
docstrings: make them your own, and give hints (`hint="…"`)."""

import re

import numpy as np

from fairmark.testing import Submission, assert_close, hidden, question, weight
from {package} import {module} as reference

# float32 has seven digits, and an answer may compute with these.
CLOSE = {{"rtol": 1e-4, "atol": 1e-5}}
PROGRAMS = {{
{table}}}


def _run(make, expression, x, y):
    """Compute an expression in two objects, and read what it and those in it hold."""
    a, b = make(x), make(y)
    f = PROGRAMS[expression](a, b)
{effects}    words = re.findall(r"\\w+", expression)
    used = [value for name, value in (("a", a), ("b", b)) if name in words]
    return [number for value in (f, *used) for number in ({read},)]


@question({question!r})
class {cls}:
{about}

    def test_examples(self, submission: Submission) -> None:
        """{name}: expressions f in two objects a and b; read is {fields} of all of them."""
        for expression, (x, y), expected in [
{examples}        ]:
            what = f"{{expression}} with a={{x}}, b={{y}}: {fields}"
            assert_close(_run(submission.{name}, expression, x, y), expected, **CLOSE, what=what)

    @hidden
    @weight(2)
    def test_random_numbers(self, submission: Submission, rng: np.random.Generator) -> None:
        """The same expressions with other numbers, compared with the reference."""
        for expression in PROGRAMS:
            x, y = rng.uniform(0.5, 2.5, size=2).tolist()
            expected = _run(reference.{name}, expression, x, y)
            what = f"{{expression}} with a={{x}}, b={{y}}: {fields}"
            assert_close(_run(submission.{name}, expression, x, y), expected, **CLOSE, what=what)
'''


def _expressions(numbers: Numbers) -> Iterator[str]:
    for operator in _OPERATIONS:
        if operator in numbers.operators:
            yield from _OPERATIONS[operator]
    for name in numbers.results:
        yield f"a.{name}()"
        yield f"(a * b).{name}() * a + b"
    if {"__add__", "__sub__", "__mul__", "__truediv__", "__pow__", "__neg__"} <= numbers.operators:
        yield from _TOGETHER
    elif {"__add__", "__mul__"} <= numbers.operators:
        yield from (_TOGETHER[0], _TOGETHER[2])


def _needed(function: ast.FunctionDef) -> int:
    """How many arguments have to be given, beside the object itself."""
    given = function.args
    return len(given.args) - 1 - len(given.defaults)


def _fields(init: ast.FunctionDef) -> list[str]:
    return [
        target.attr
        for node in ast.walk(init)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    ]


def _returns(function: ast.FunctionDef) -> bool:
    nodes = ast.walk(function)
    return any(isinstance(node, ast.Return) and node.value is not None for node in nodes)


def _words(function: ast.FunctionDef) -> str:
    arguments = " ".join(argument.arg for argument in function.args.args)
    return f"{ast.get_docstring(function) or ''} {arguments}"


def _names(text: str) -> set[str]:
    import re

    return set(re.findall(r"\w+", text))
