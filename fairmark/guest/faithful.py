"""What a rewritten test cell asks of the student's process, with the types of all values.

It runs beside student code and decides nothing: what it sends back are claims, which the judge
takes for data, and compares by itself.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import operator
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

from fairmark.guest.agent import describe_exception
from fairmark.wire.likeness import Likenesses

_OPERATORS = frozenset(
    "add sub mul truediv floordiv mod pow matmul neg pos abs invert and_ or_ xor "
    "lshift rshift".split()
)


class Box:
    """Holds an object, so that the codec sends a handle of it whatever its type."""

    def __init__(self, held: Any) -> None:
        self.held = held


class NameMissing(NameError):
    """A name that the student's notebook does not define."""


class JudgesError(Exception):
    """An exception of one of the judge's functions, of a kind that is no builtin one."""


def ask(operation: str, likeness: Any, extras: dict[str, Any]) -> dict[str, Any]:
    """Do one thing with student's objects, and return what came of it.

    The result has the likeness of the ``value``, or the ``error``; of the ``arguments`` as they are
    now; and what was ``printed`` meanwhile.
    """
    operands: list[Any] = []
    reply: dict[str, Any] = {"printed": ["", ""]}
    _likenesses.only_data = extras.get("data") is True
    _set_generators(extras.get("generators", {}))
    with _surroundings(extras) as streams:
        try:
            operands = _likenesses.value(likeness)
            value = _OPERATIONS[operation](*operands)
            if operation == "next":
                value = next(value, _END)
                reply["end"] = value is _END
                value = None if value is _END else value
            reply["value"] = _likenesses.of(value)
        except NameMissing as missing:
            reply["missing"] = missing.name
        except BaseException as error:  # SystemExit is an answer as well
            reply["error"] = describe_exception(error)
    if streams:
        reply["printed"] = [stream.getvalue()[:1_000_000] for stream in streams]
    if operation == "call":
        with contextlib.suppress(Exception):  # else they stay as they were
            reply["arguments"] = _likenesses.of(operands[1:])
    return reply


def _call(function: Any, args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _find(name: str) -> Any:
    try:
        return _namespace()[name]
    except KeyError:
        raise NameMissing(f"name {name!r} is not defined", name=name) from None


def _operate(name: str, *operands: Any) -> Any:
    if name not in _OPERATORS:
        raise ValueError(f"unknown operator {name!r}")
    return getattr(operator, name)(*operands)


def _replace(name: str, value: object) -> None:
    _originals.setdefault(name, _namespace().get(name, _END))
    _namespace()[name] = value


def _remove(name: str) -> None:
    _originals.setdefault(name, _find(name))
    del _namespace()[name]


def _put_back() -> None:
    """Undo what a test has replaced and removed."""
    for name, value in _originals.items():
        if value is _END:
            _namespace().pop(name, None)
        else:
            _namespace()[name] = value
    _originals.clear()


_originals: dict[str, Any] = {}
"""What names stood for before a test replaced or removed them."""

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "find": lambda value: value,
    "call": _call,
    "names": lambda: list(_namespace()),
    "defined": lambda name: name in _namespace(),
    "attribute": getattr,
    "attributes": dir,
    "setattribute": setattr,
    "delattribute": delattr,
    "item": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
    "length": len,
    "truth": bool,
    "text": str,
    "representation": repr,
    "iterate": iter,
    "next": lambda value: value,
    "operate": _operate,
    "isinstance": isinstance,
    "issubclass": issubclass,
    "callable": callable,
    "typename": lambda value: type(value).__name__,
    "module": importlib.import_module,
    "replace": _replace,
    "remove": _remove,
    "put_back": _put_back,
}


_END = object()


def _namespace() -> dict[str, Any]:
    """The names of the student's notebook."""
    return vars(sys.modules["__main__"])


def _keep(value: object) -> tuple[str, Any]:
    return "thing", [Box(value), type(value).__name__[:200]]


def _restore(kind: str, sent: Any) -> Any:
    match kind:
        case "thing":
            return sent.held
        case "name":
            return _find(sent)
        case "function":
            return _JudgesFunction(sent)
        case "global":
            module, path = sent
            return operator.attrgetter(path)(importlib.import_module(module))
        case _:
            raise ValueError(f"unknown kind {kind!r}")


_likenesses = Likenesses(_keep, _restore)


class _JudgesFunction:
    """A function of the test cell's, which is run by the judge."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        status, *sent = self._call(_likenesses.of([list(args), kwargs]))
        if status == "ok":
            return _likenesses.value(sent[0])
        names, message = sent
        kinds = (getattr(builtins, name, None) for name in names)
        found = (k for k in kinds if isinstance(k, type) and issubclass(k, Exception))
        raise next(found, JudgesError)(message)

    def __getattr__(self, name: str) -> Any:
        """Say what is missing: an open database, a model or the like may be called as well."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"what the test cell hands over stays outside of this process: it can be called here, "
            f"but has no {name!r}"
        )


@contextlib.contextmanager
def _surroundings(extras: dict[str, Any]) -> Iterator[list[io.StringIO]]:
    """Let functions that the test has replaced be replaced here, and keep what is printed."""
    streams = [io.StringIO(), io.StringIO()] if extras.get("capture") else []
    replaced = {name: _JudgesFunction(call) for name, call in extras.get("builtins", {}).items()}
    before = {name: getattr(builtins, name) for name in replaced}
    there = sys.stdout, sys.stderr
    vars(builtins).update(replaced)
    if streams:
        sys.stdout, sys.stderr = streams
    try:
        yield streams
    finally:
        vars(builtins).update(before)
        if streams:
            sys.stdout, sys.stderr = there


def _set_generators(states: dict[str, Any]) -> None:
    """Let the global generators go on from where the test has set them."""
    if "random" in states:
        version, numbers, gauss = states["random"]
        random.setstate((version, tuple(numbers), gauss))
    if "numpy" in states:
        import numpy as np

        np.random.set_state(tuple(states["numpy"]))
    if "torch" in states and (torch := sys.modules.get("torch")) is not None:
        torch.set_rng_state(torch.from_numpy(states["torch"].copy()))
