"""The usual mistakes behind exceptions in a student's code, each with a sentence that helps."""

from __future__ import annotations

import re
from typing import NamedTuple

from fairmark.harness.proxy import StudentError


class UsualMistake(NamedTuple):
    """A mistake that is recognised by an exception."""

    name: str
    sentence: str


_FRAME = re.compile(r'^  File "([^"]*)"', re.MULTILINE)
_LIBRARY = re.compile(r"site-packages|dist-packages|[\\/]python3?[\d.]*[\\/]|^<(frozen|__array_f)")
_NOT_WRITTEN = UsualMistake(
    "not-written-yet",
    "This function is not written yet: replace the line that raises the error.",
)
_OTHER_ARGUMENTS = UsualMistake(
    "other-arguments",
    "The function is called as the text above the cell says. Are the names, the order and the "
    "defaults of its arguments the same?",
)
_MISTAKES: tuple[tuple[str, str, UsualMistake], ...] = (
    ("NotImplementedError", "", _NOT_WRITTEN),
    (
        "UnboundLocalError",
        "",
        UsualMistake(
            "used-before-assigned",
            "A name that is assigned anywhere in a function belongs to that function. Here it is "
            "used before it has a value.",
        ),
    ),
    (
        "NameError",
        "",
        UsualMistake(
            "undefined-name",
            "Is the name spelled right, and is it defined or imported in a cell above?",
        ),
    ),
    (
        "ValueError|RuntimeError|IndexError",
        r"could not be broadcast|mismatch in its core dimension|not aligned|shapes cannot be "
        r"multiplied|must match the size|size mismatch|matrices expected|cannot reshape|"
        r"shape '.*' is invalid|Expected \d+D|expected input\b.* to have|inhomogeneous|"
        r"must match|boolean index did not match",
        UsualMistake(
            "shapes-do-not-match",
            "The shapes of two arrays do not fit together. Print the .shape of each on the line "
            "that failed, and write down what each axis stands for.",
        ),
    ),
    (
        "AxisError|IndexError",
        r"axis .* out of bounds|Dimension out of range|too many ind",
        UsualMistake(
            "too-few-axes",
            "The array has fewer axes than this line takes for granted. Must the function work "
            "for one sample as well as for a batch?",
        ),
    ),
    (
        "IndexError|KeyError",
        "",
        UsualMistake(
            "outside-of-the-data",
            "An index or key is not there. At which step of the loop does it happen, and what is "
            "the largest index there is?",
        ),
    ),
    (
        "TypeError",
        r"missing \d+ required|takes .* positional|unexpected keyword|multiple values",
        _OTHER_ARGUMENTS,
    ),
    (
        "TypeError|AttributeError",
        r"NoneType",
        UsualMistake(
            "none-in-place-of-a-value",
            "Something is None here. Often a function that was called lacks its return statement.",
        ),
    ),
    (
        "TypeError",
        r"has no len\(\)|not subscriptable|not iterable|unsized object|0-d array",
        UsualMistake(
            "number-in-place-of-an-array",
            "Here is a single number where the code expects an array. Must the function work for "
            "one point as well as for many?",
        ),
    ),
    (
        "RecursionError",
        "",
        UsualMistake(
            "recursion-too-deep",
            "The function calls itself more often than Python allows. A loop with a list of what "
            "is still to do has no such limit.",
        ),
    ),
    (
        "ZeroDivisionError",
        "",
        UsualMistake("divides-by-zero", "Which value makes the denominator zero, and what then?"),
    ),
    (
        "RuntimeError",
        r"does not require grad|backward through the graph a second time|is at version",
        UsualMistake(
            "broken-graph",
            "torch cannot follow the gradient back. Was a tensor detached, changed in place, or "
            "turned into an array or a number on the way?",
        ),
    ),
)


def usual_mistake(error: StudentError) -> UsualMistake | None:
    """Return the usual mistake behind an exception; None where none is known."""
    for types, message, mistake in _MISTAKES:
        if not (set(types.split("|")) & set(error.types) and re.search(message, error.message)):
            continue
        if mistake is _OTHER_ARGUMENTS and any(map(_is_students, _files(error))):
            continue  # his function was called; what it called itself has other arguments
        if mistake is _NOT_WRITTEN and not _is_the_stubs(error):
            continue
        return mistake
    return None


def _is_the_stubs(error: StudentError) -> bool:
    """Whether an error is the one of a stub: a bare one, raised in the student's own code.

    Others say what they miss: an input of another shape, say, or a method of a library's class.
    """
    if error.type_name != "NotImplementedError" or error.message:
        return False
    files = _files(error)
    return not files or _is_students(files[-1])


def _files(error: StudentError) -> list[str]:
    """The files whose code was running, the innermost last; a cell's name is no real file."""
    return _FRAME.findall(error.traceback)


def _is_students(file: str) -> bool:
    return not _LIBRARY.search(file)
