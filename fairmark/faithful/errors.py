"""Exceptions of the student's code, as a test that expects them can catch them."""

from __future__ import annotations

import builtins

import numpy as np

from fairmark.harness.failures import NotDefined, StudentError


class MissingName(NotDefined, NameError):  # type: ignore[misc]
    """A name that is not defined, for a test cell that catches NameError."""


def error_class(types: list[str]) -> type[StudentError]:
    """StudentError, as a subclass of the builtin exception that the student's one is.

    So ``except ValueError`` means in the test what it meant in the notebook.
    """
    for name in types:
        kind = _KINDS.get(name)
        if kind is None:
            continue
        if name not in _classes:
            body = {"__str__": _message_of, "__format__": _told}
            _classes[name] = type(f"Student{name}", (StudentError, kind), body)
        return _classes[name]
    return StudentError


def _message_of(error: StudentError) -> str:
    """The message alone, which tests look into."""
    return error.message


def _told(error: StudentError, _spec: str) -> str:
    """The error as it is told to students."""
    return f"{error.type_name}: {error.message}" if error.message else error.type_name


def _kinds() -> dict[str, type[Exception]]:
    found = {
        name: kind
        for name, kind in vars(builtins).items()
        if isinstance(kind, type)
        and issubclass(kind, Exception)
        and kind not in (Exception, StopIteration, StopAsyncIteration)
        and not issubclass(kind, (UnicodeError, ExceptionGroup))
    }
    return found | {"LinAlgError": np.linalg.LinAlgError}


_KINDS = _kinds()


_classes: dict[str, type[StudentError]] = {}
