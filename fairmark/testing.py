"""What a grader module imports: markers, and assertions whose failures teach.

A grader module is an ordinary pytest module::

    @question("perceptron_update")
    class TestUpdate:
        def test_lecture_example(self, submission):
            \"\"\"w=(0,-1,1), x=(1,2,3), y=-1, lr=0.1 gives (-0.1,-1.2,0.7).\"\"\"
            answer = submission.perceptron_update([0.0, -1.0, 1.0], [1.0, 2.0, 3.0], -1, 0.1)
            assert_close(answer, [-0.1, -1.2, 0.7], hint="Which way does the label turn the step?")
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

import numpy as np
import pytest

from fairmark.harness.calls import called
from fairmark.harness.compare import (
    first_difference,
    holds_object,
    kind,
    place,
    show,
    show_both,
)
from fairmark.harness.comparison import note_comparison
from fairmark.harness.failures import Mismatch, StudentError
from fairmark.harness.hints import Hint, Kind, fitting_hint
from fairmark.harness.proxy import Remote, Submission, plain

__all__ = [
    "Mismatch",
    "Remote",
    "StudentError",
    "Submission",
    "all_or_nothing",
    "as_array",
    "assert_close",
    "assert_equal",
    "cases",
    "fail",
    "hidden",
    "question",
    "raises",
    "weight",
]

_SLIPS = {"NameError", "NotImplementedError"}

hidden = pytest.mark.fairmark_hidden
"""Marks a test that never leaves the instructor."""


all_or_nothing = pytest.mark.fairmark_all_or_nothing
"""Marks a class whose tests, visible and hidden, give their points only if all of them pass."""


def question(question_id: str) -> pytest.MarkDecorator:
    """Mark a class (or a function) as testing the exercise ``question_id``."""
    return pytest.mark.fairmark_question(question_id)


def weight(value: float) -> pytest.MarkDecorator:
    """Mark a test as counting ``value`` times as much as one without this mark."""
    if not value > 0:
        raise ValueError(f"weight: expected a number above 0, got {value!r}")
    return pytest.mark.fairmark_weight(value)


def fail(message: str, hint: str = "") -> NoReturn:
    """Fail the test with a message, and a hint that makes the student think."""
    raise Mismatch(message, hint=hint)


def as_array(value: Any, what: str = "the answer") -> np.ndarray[Any, Any]:
    """Return an answer as an array of numbers; fail the test readably when it is none.

    Arrays, numbers, and lists or tuples of any right nesting are fine; so are bools, and integers
    of any size.
    """
    if value is None:
        raise Mismatch(
            f"{_capital(what)} is None.", hint="Does the function end with a return statement?"
        )
    if isinstance(value, (str, bytes, dict)) or holds_object(value):
        raise Mismatch(f"{_capital(what)} should be numbers, but it is {kind(value)}.")
    if _holds_text(value):
        raise Mismatch(f"{_capital(what)} should be numbers only, but it is {show(value)}.")
    try:
        array = np.asarray(value)
        if array.dtype == object and all(type(item) is int for item in array.flat):
            array = array.astype(float)  # integers beyond 64 bits
    except ValueError:
        raise Mismatch(
            f"{_capital(what)} should be a rectangular array, but its rows differ in length."
        ) from None
    except OverflowError:
        raise Mismatch(f"{_capital(what)} holds an integer beyond the range of floats.") from None
    if array.dtype.kind not in "biufc":
        raise Mismatch(f"{_capital(what)} should be numbers only, but it is {show(value)}.")
    return array.astype(float) if array.dtype.kind in "biu" else array


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    hint: Hint = "",
    what: str = "the answer",
) -> None:
    """Fail unless ``actual`` has the shape of ``expected`` and its values, within the tolerance.

    The tolerance is NumPy's: ``|actual - expected| <= atol + rtol * |expected|``. NaN equals
    nothing but an expected NaN. Where ``expected`` is no rectangular array but a list of arrays, of
    rows of any lengths, or a dictionary, it is compared item by item. The hint is shown where the
    values are wrong, and where the shape or the type is if it speaks of these;
    ``hint={"values": "…", "shape": "…"}`` has one for each kind of failure (``"type"`` and
    ``"nan"`` are the others).
    """
    tolerance = {"rtol": rtol, "atol": atol}
    if isinstance(expected, dict):
        _assert_keys(actual, expected, hint, what)
        for key, value in expected.items():
            assert_close(actual[key], value, **tolerance, hint=hint, what=f"{what}[{key!r}]")
    elif _is_irregular(expected):
        _assert_length(actual, expected, hint, what)
        for i, value in enumerate(expected):
            assert_close(actual[i], value, **tolerance, hint=hint, what=f"{what}[{i}]")
    elif expected is None or isinstance(expected, (str, bytes, set, frozenset)):
        assert_equal(actual, expected, hint=hint, what=what)
    else:
        _assert_array_close(actual, expected, rtol, atol, hint, what)


def assert_equal(actual: Any, expected: Any, *, hint: Hint = "", what: str = "the answer") -> None:
    """Fail unless ``actual`` holds the same data as ``expected``.

    Numbers, texts, None, lists, tuples, arrays and dictionaries of any nesting are fine. A tuple
    or an array equals a list of the same items; NaN equals NaN.
    """
    note_comparison(actual, expected, what)
    found = first_difference(actual, expected)
    if found is None:
        return
    path, there, wanted = found
    expected_text, actual_text = show_both(expected, actual)
    message = f"{_capital(what)} should be {expected_text}, but it is {actual_text}."
    if expected_text == actual_text:  # what differs is not among what is shown
        one, other = show_both(wanted, there)
        message = (
            f"{_capital(what)} is not as it should be; the first difference is at {place(path)}: "
            f"expected {one}, got {other}."
        )
    fitting = fitting_hint(hint, _kind_of_difference(there, wanted))
    raise Mismatch(message, hint=fitting, expected=expected_text, actual=actual_text, value=actual)


@contextmanager
def raises(type_name: str, hint: str = "") -> Iterator[None]:
    """Fail unless the student's code raises an exception of this name, or of a subclass of it.

    The hint is not shown where the code is not written yet, or a name in it is misspelt.
    """
    try:
        yield
    except StudentError as error:
        if type_name in error.types:
            return
        raise Mismatch(
            f"The function should raise {type_name} here, but it raised {error}.",
            hint="" if _SLIPS & set(error.types) else hint,
            expected=type_name,
            actual=error.type_name,
        ) from None
    raise Mismatch(
        f"The function should raise {type_name} here, but it raised nothing.",
        hint=hint,
        expected=type_name,
        actual="no exception",
    )


def cases(
    function: str,
    reference: Callable[..., Any] | None = None,
    examples: Sequence[tuple[Any, ...]] = (),
    *,
    gives: Sequence[Any] | None = None,
    random: Callable[[np.random.Generator], tuple[Any, ...]] | None = None,
    count: int = 5,
    hidden: bool = False,
    weight: float | None = None,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    hint: Hint = "",
    title: str = "",
    read_only: bool = True,
) -> Callable[..., None]:
    """Return a test, for a test class, that calls a function and compares what it gives.

    A visible one and a hidden one::

        test_example = cases("assign", examples=[(X, C)], gives=[[0, 0, 1]])
        test_random = cases("assign", random=lambda rng: (rng.normal(size=(9, 2)), C), hidden=True)

    ``examples`` are the arguments of calls, a tuple for each, and ``random`` draws those of
    ``count`` more. What is right is told by ``gives``, by ``reference``, or else by the solution in
    the instructor's notebook; students have the first only. No call may change its arguments. Those
    of a hidden test arrive in any memory layout (also read-only, unless ``read_only`` is False),
    and it counts three times as much, unless ``weight`` says otherwise.
    """
    given = list(examples)
    _check_cases(function, given, gives, reference, random, hidden)

    def test(
        _self: object = None, /, *, submission: Submission, request: pytest.FixtureRequest
    ) -> None:
        drawn = []
        if random is not None:
            rng = request.getfixturevalue("rng")
            drawn = [random(rng) for _ in range(count)]
        right = reference
        if right is None and gives is None:
            right = getattr(request.getfixturevalue("solution"), function)
        wanted = list(gives or []) + [
            plain(right(*copy.deepcopy(arguments))) for arguments in [*given, *drawn] if right
        ]
        with ExitStack() as stack:
            stack.enter_context(submission.inputs_unchanged())
            if hidden:
                stack.enter_context(submission.any_layout(read_only=read_only))
            for arguments, expected in zip([*given, *drawn], wanted, strict=True):
                answer = submission[function](*arguments)
                assert_close(answer, expected, rtol=rtol, atol=atol, hint=hint)

    test.__doc__ = title or _cases_title(function, given, gives, count if random else 0)
    marks = [pytest.mark.fairmark_weight(weight or (3.0 if hidden else 1.0))]
    marks += [pytest.mark.fairmark_hidden] if hidden else []
    for mark in marks:
        mark(test)
    return test


def _check_cases(
    function: str,
    examples: list[tuple[Any, ...]],
    gives: Sequence[Any] | None,
    reference: Callable[..., Any] | None,
    random: Callable[..., Any] | None,
    hidden: bool,
) -> None:
    """Raise ValueError, in one line, where what is given to ``cases`` does not fit together."""
    if not examples and random is None:
        raise ValueError(
            f"cases({function!r}): it needs examples=[(…), …] or random=lambda rng: (…)"
        )
    if not all(isinstance(arguments, tuple) for arguments in examples):
        raise ValueError(f"cases({function!r}): each of examples is a tuple, (x,) for one argument")
    if gives is not None and (len(gives) != len(examples) or reference is not None or random):
        raise ValueError(
            f"cases({function!r}): gives=[…] has one result for each of examples alone"
        )
    if gives is None and not hidden:
        raise ValueError(
            f"cases({function!r}): students have no solution to compare with: say what it "
            "gives=[…], or hidden=True"
        )


def _cases_title(
    function: str, examples: list[tuple[Any, ...]], gives: Sequence[Any] | None, drawn: int
) -> str:
    if not examples:
        return f"{drawn} random inputs of {function}, compared with the solution."
    first = called(lambda: function, examples[0], {})()
    told = f" gives {' '.join(show(gives[0]).split())}" if gives is not None else ""
    more = len(examples) - 1 + drawn
    return f"{first}{told}{f', and {more} more' if more else ''}."


def _assert_array_close(
    actual: Any, expected: Any, rtol: float, atol: float, hint: Hint, what: str
) -> None:
    note_comparison(actual, expected, what)
    wanted = as_array(expected)
    got = as_array(actual, what)
    has_shape = got.shape == wanted.shape
    right = np.isclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True) if has_shape else None
    if right is not None and right.all():
        return
    expected_text, actual_text = show_both(expected, actual)  # of equal values it takes long

    def differs(kind: Kind, message: str) -> Mismatch:
        return Mismatch(
            message,
            hint=fitting_hint(hint, kind),
            expected=expected_text,
            actual=actual_text,
            value=actual,
        )

    if right is None:
        raise differs(
            "shape",
            f"{_capital(what)} should have the shape {_shape(wanted)}, "
            f"but it has the shape {_shape(got)}.",
        )
    if np.isnan(got).any() and not np.isnan(wanted).any():
        raise differs("nan", f"There is nan (not a number) in {what}.")
    if wanted.ndim == 0:
        message = f"{_capital(what)} should be {expected_text}, but it is {actual_text}."
        raise differs("values", message)
    where = tuple(int(i) for i in np.argwhere(~right)[0])
    wrong = int((~right).sum())
    one, other = show_both(wanted[where], got[where])
    raise differs(
        "values",
        f"{wrong} of {right.size} values of {what} {'is' if wrong == 1 else 'are'} wrong; the "
        f"first is at {list(where)}: expected {one}, got {other}.",
    )


def _is_irregular(expected: Any) -> bool:
    """Whether a list holds rows of different lengths, or something else than numbers and rows."""
    if not isinstance(expected, (list, tuple)):
        return False
    if any(isinstance(item, (dict, str, bytes)) or item is None for item in expected):
        return True
    try:
        np.asarray(expected)
    except ValueError:
        return True
    return any(map(_is_irregular, expected))


def _holds_text(value: Any) -> bool:
    """Whether a list holds texts: NumPy would give all items the room of the longest one."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_text, value))
    return isinstance(value, (str, bytes))


def _kind_of_difference(there: Any, wanted: Any) -> Kind:
    """How two items differ: in their type, in the number of their items, or in their values."""
    lists = [isinstance(item, (list, tuple, np.ndarray)) for item in (there, wanted)]
    if all(lists):
        return "shape"
    numbers = [isinstance(item, (int, float, complex, np.number)) for item in (there, wanted)]
    same = all(numbers) or type(there) is type(wanted)
    return "values" if same else "type"


def _assert_keys(actual: Any, expected: dict[Any, Any], hint: Hint, what: str) -> None:
    if not isinstance(actual, dict):
        raise Mismatch(
            f"{_capital(what)} should be a dictionary, but it is {kind(actual)}.",
            hint=fitting_hint(hint, "type"),
            value=actual,
        )
    if actual.keys() != expected.keys():
        one, other = (", ".join(map(repr, keys)) or "none" for keys in (expected, actual))
        raise Mismatch(
            f"{_capital(what)} should have the keys {one}, but it has {other}.",
            hint=fitting_hint(hint, "type"),
            value=actual,
        )


def _assert_length(actual: Any, expected: Any, hint: Hint, what: str) -> None:
    is_list = isinstance(actual, (list, tuple)) or (
        isinstance(actual, np.ndarray) and actual.ndim > 0
    )
    if not is_list:
        raise Mismatch(
            f"{_capital(what)} should be a list, but it is {kind(actual)}.",
            hint=fitting_hint(hint, "type"),
            value=actual,
        )
    if len(actual) != len(expected):
        raise Mismatch(
            f"{_capital(what)} should hold {len(expected)} items, but it holds {len(actual)}.",
            hint=fitting_hint(hint, "shape"),
            value=actual,
        )


def _shape(array: np.ndarray[Any, Any]) -> str:
    return "() (a single number)" if array.ndim == 0 else str(array.shape)


def _capital(text: str) -> str:
    """Begin a sentence with this, unless it is a piece of code."""
    return "T" + text[1:] if text.startswith("the ") else text
