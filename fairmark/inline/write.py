"""Writing an exercise's tests as a grader module.

The students' part is written from the examples and their results alone. Nothing is cut out of it:
the solution and what is drawn were never there.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairmark.errors import FairmarkError
from fairmark.harness.compare import show
from fairmark.harness.proxy import Submission
from fairmark.inline.examine import NARROW_TOLERANCE, Case, Cases
from fairmark.inline.exercise import Exercise

CASES = "CASES"
"""The name of the dictionary with the hidden cases, by question, in the full module."""
_MAX_NUMBERS = 5_000
_MAX_LABEL = 160
_HEAD = """\
import numpy as np
{torch}
from fairmark.inline.layouts import laid_out
from fairmark.testing import Submission, assert_close, hidden, question, weight
"""
_VISIBLE_HEAD = """\
import numpy as np
{torch}
from fairmark.testing import Submission, assert_close, question
"""


def visible_module(described: Sequence[tuple[Exercise, Cases]]) -> str:
    """Return the module with the tests that students get."""
    classes = [_class(exercise, _visible(exercise, cases)) for exercise, cases in described]
    return _module(_VISIBLE_HEAD, classes)


def full_module(described: Sequence[tuple[Exercise, Cases]]) -> str:
    """Return the module for the judge; it wants the name CASES to be there when it is run."""
    classes = [
        _class(exercise, [*_visible(exercise, cases), *_hidden(exercise, cases)])
        for exercise, cases in described
    ]
    return _module(_HEAD, classes)


def what_is_hidden(cases: Cases) -> list[str]:
    """Return what the hidden tests try, in the words for students."""
    found = [f"{len(cases.random)} random inputs" if len(cases.random) > 1 else "a random input"]
    if cases.may_change_inputs:
        found.append("unchanged arguments")
    if len(cases.random) > 1:
        found.append("repeated calls")
    if cases.layouts:
        found.append(f"{listed(cases.layouts)} arrays")
    if cases.narrow:
        found.append("float32")
    return found


def literal(value: Any) -> str:
    """Return plain data as Python source; raise FairmarkError where it is too large."""
    if (size := _size(value)) > _MAX_NUMBERS:
        raise FairmarkError(
            f"an example of {size} numbers is more than a person reads: make it smaller "
            f"({_MAX_NUMBERS} at most)"
        )
    return _literal(value)


def class_name(question: str) -> str:
    """Return the name of the class with the tests of a question."""
    words = re.split(r"[^A-Za-z0-9]+", question)
    return "Test" + "".join(word[:1].upper() + word[1:] for word in words)


def listed(names: Sequence[str]) -> str:
    """Return names as in a sentence: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _module(head: str, classes: Sequence[str]) -> str:
    body = "\n\n".join(classes)
    return f"{head.format(torch='import torch' if 'torch.' in body else '')}\n\n{body}\n"


def _class(exercise: Exercise, tests: Sequence[str]) -> str:
    body = "\n\n".join(tests)
    return f"@question({exercise.question!r})\nclass {class_name(exercise.question)}:\n{body}"


def _visible(exercise: Exercise, cases: Cases) -> list[str]:
    found = []
    for number, case in enumerate(cases.examples, 1):
        one = len(cases.examples) == 1
        title = _title(exercise, case)
        if number == len(cases.examples):
            title += f" Hidden checks: {', '.join(what_is_hidden(cases))}."
        hint = f", hint={exercise.hint!r}" if exercise.hint else ""
        found.append(
            f"    def test_example{'' if one else f'_{number}'}(self, submission: Submission):\n"
            f"        {title!r}\n"
            f"        with submission.inputs_unchanged():\n"
            f"            answer = {_call(exercise)}({', '.join(map(literal, case.arguments))})\n"
            f"        assert_close(answer, {literal(case.result)}{_tolerance(exercise)}{hint})"
        )
    return found


def _hidden(exercise: Exercise, cases: Cases) -> list[str]:
    close, call = _tolerance(exercise), _call(exercise)
    drawn = f"{CASES}[{exercise.question!r}]"
    tests = [
        f"    @hidden\n    @weight({3 * len(cases.examples)})\n"
        "    def test_random_inputs(self, submission: Submission):\n"
        "        'Random inputs, compared with the solution.'\n"
        f"        for number, case in enumerate({drawn}.random, 1):\n"
        f"            what = f'the answer to random input {{number}}'\n"
        f"            assert_close({call}(*case.arguments), case.result, what=what{close})"
    ]
    if cases.may_change_inputs:
        tests.append(
            "    @hidden\n    def test_inputs_unchanged(self, submission: Submission):\n"
            "        'The arguments are left as they are.'\n"
            f"        case = {drawn}.random[0]\n"
            "        with submission.inputs_unchanged():\n"
            f"            assert_close({call}(*case.arguments), case.result{close})"
        )
    if len(cases.random) > 1:
        tests.append(
            "    @hidden\n    def test_called_again(self, submission: Submission):\n"
            "        'The same call gives the same, whatever was called between.'\n"
            f"        one, other = {drawn}.random[:2]\n"
            "        for case in (one, other, one):\n"
            f"            assert_close({call}(*case.arguments), case.result{close})"
        )
    if cases.layouts:
        tests.append(
            "    @hidden\n    def test_memory_layouts(self, submission: Submission):\n"
            "        'Arrays in other memory layouts.'\n"
            f"        case = {drawn}.random[0]\n"
            f"        for name in {drawn}.layouts:\n"
            f"            answer = {call}(*laid_out(case.arguments, name))\n"
            f"            assert_close(answer, case.result, what=f'the answer ({{name}})'{close})"
        )
    if cases.narrow:
        narrow = {k: max(v, exercise.tolerance or 0.0) for k, v in NARROW_TOLERANCE.items()}
        tests.append(
            "    @hidden\n    def test_float32(self, submission: Submission):\n"
            "        'Arrays of float32.'\n"
            f"        for case in {drawn}.narrow:\n"
            f"            assert_close({call}(*case.arguments), case.result{_keywords(narrow)})"
        )
    return tests


def _title(exercise: Exercise, case: Case) -> str:
    """What is called and what it gives, on one line that fits into a table."""
    arguments = ", ".join(_shown(value) for value in case.arguments)
    if len(arguments) > _MAX_LABEL:
        arguments = "…"
    result = _shown(case.result)
    what = f"gives {result}" if len(result) <= _MAX_LABEL else "gives the right result"
    return f"{exercise.function}({arguments}) {what}."


def _shown(value: Any) -> str:
    return " ".join(show(np.asarray(value) if _is_tensor(value) else value).split())


def _call(exercise: Exercise) -> str:
    name = exercise.function
    taken = keyword.iskeyword(name) or name.startswith("_") or hasattr(Submission, name)
    return f"submission[{name!r}]" if taken else f"submission.{name}"


def _tolerance(exercise: Exercise) -> str:
    return _keywords(exercise.tolerances)


def _keywords(values: Mapping[str, float]) -> str:
    return "".join(f", {name}={value!r}" for name, value in values.items())


def _literal(value: Any) -> str:
    if _is_tensor(value):
        dtype = str(value.dtype)
        return f"torch.tensor({_items(value.detach().tolist())}, dtype={dtype})"
    if isinstance(value, np.ndarray):
        if value.size == 0:
            return f"np.zeros({value.shape}, dtype={value.dtype.name!r})"
        usual = value.dtype in (np.dtype(float), np.dtype(np.int64), np.dtype(bool))
        text = _items(value.tolist())
        return f"np.array({text})" if usual else f"np.array({text}, dtype={value.dtype.name!r})"
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({_items(value.item())})"
    return _items(value)


def _items(value: Any) -> str:
    if isinstance(value, float) and not np.isfinite(value):
        return "np.nan" if value != value else "np.inf" if value > 0 else "-np.inf"
    if isinstance(value, complex):
        return f"complex({_items(value.real)}, {_items(value.imag)})"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, tuple):
        return f"({''.join(f'{_literal(item)}, ' for item in value)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in value.items())}}}"
    return repr(value)


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray) or _is_tensor(value):
        return int(np.prod(value.shape))
    if isinstance(value, (str, bytes)):
        return len(value) // 8
    if isinstance(value, dict):
        return sum(_size(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple)):
        return sum(map(_size, value))
    return 1


def _is_tensor(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "torch"
