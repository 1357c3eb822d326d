"""What adopted graders import: the student's answer as a test cell in the notebook would see it.

``fairmark adopt`` rewrites test cells that were made for the notebook itself. So that they mean the
same in the judge, the ``submission`` of this module gives values with their types (sets, tables,
tensors), changes arguments as the student's function has changed them, raises what the student's
code raises, prints what it prints, and lets a test replace ``input`` or seed the generators.

What is no data stays in the student's process. A :class:`Thing` stands for it, and cannot be
compared: no verdict is left to an object of the student's.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import random
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairmark.harness.calls import called
from fairmark.harness.failures import (
    Mismatch,
    NotDefined,
    ProcessDied,
    StudentError,
    TimeLimitExceeded,
)
from fairmark.harness.plugin import key_of
from fairmark.harness.proxy import Remote, StudentName, Submission
from fairmark.wire.codec import WireError
from fairmark.wire.likeness import Likenesses

__all__ = ["Answers", "Thing", "defines", "is_callable", "module", "representation", "submission"]

_HELPER = "from fairmark.guest.faithful import ask"
_REPLACEABLE = ("input", "print")
_FINAL = (TimeLimitExceeded, ProcessDied, WireError)
"""What ends a test, even where the test cell catches every exception."""
_OWN = ("graders", "reference", "fairmark", "__main__", "_pytest", "pytest", "unittest")
"""The packages whose functions the student's process does not know, or must not be sent."""


@pytest.fixture
def submission(submission: Submission, request: pytest.FixtureRequest) -> Iterator[Submission]:
    """The student's answer, with values as a test cell sees them."""
    before = random.getstate(), np.random.get_state(), sys.stdout, sys.stderr, builtins.input
    seed = zlib.crc32(key_of(request.node).encode())
    random.seed(seed)
    np.random.seed(seed)
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()  # what test cells print, nobody reads
    answers = Answers(submission._transport)
    answers._generators.note()
    try:
        with _work_folder(request):
            yield answers
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        sys.stdout, sys.stderr, builtins.input = before[2:]
    if answers._final is not None:
        raise answers._final


@contextlib.contextmanager
def _work_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test that reads files work in a folder with those that lie beside the notebook.

    Its module names the instructor's folder, from its own, as ``NOTEBOOK_FOLDER``.
    """
    named = getattr(request.module, "NOTEBOOK_FOLDER", None)
    if named is None:
        yield
        return
    there = (request.path.parent / named).resolve()
    loaded = set(sys.modules)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for path in there.iterdir():
            if path.suffix != ".ipynb":
                (Path(folder) / path.name).symlink_to(path)
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)
            for name in set(sys.modules) - loaded:  # another notebook may have a `utils`, too
                file = str(getattr(sys.modules[name], "__file__", "") or "")
                if file.startswith(folder):
                    del sys.modules[name]


def defines(submission: Submission, name: str) -> bool:
    """Whether the student's notebook defines a name."""
    return bool(_answers(submission)._ask("defined", [name]) is True)


def module(submission: Submission, name: str) -> Any:
    """A library as the student's process has it: pyplot with the figures that were drawn there."""
    return _answers(submission)._ask("module", [name])


def is_callable(value: Any) -> bool:
    """Whether a value can be called, be it here or in the student's process."""
    if isinstance(value, (Thing, Name)):
        return bool(value._answers._ask("callable", [value]) is True)
    return callable(value)


def representation(value: Any) -> str:
    """``repr`` of a value, be it here or in the student's process."""
    if isinstance(value, (Thing, Name)):
        return _text(value._answers._ask("representation", [value]))
    return repr(value)


class Answers(Submission):
    """A submission whose values are as faithful as data can be."""

    def __init__(self, transport: Any) -> None:
        super().__init__(transport)
        self._helper: Any = None
        self._likenesses = Likenesses(self._stand_in, self._restored)
        self._builtins = {name: getattr(builtins, name) for name in _REPLACEABLE}
        self._streams = sys.stdout, sys.stderr
        self._generators = _Generators()
        self._final: BaseException | None = None
        """What no test may catch, such as a time limit that was hit."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(self, name)

    def __getitem__(self, name: str) -> Name:
        return Name(self, name)

    def _ask(
        self, operation: str, operands: list[Any], text: Callable[[], str] | None = None
    ) -> Any:
        """Have the student's process do one thing; return its value, or raise what it raised."""
        try:
            reply = self._reply(operation, operands, text)
        except (*_FINAL, Mismatch) as error:
            if not isinstance(error, NotDefined):
                self._final = self._final or error
            raise
        if operation == "next" and reply.get("end") is True:
            raise StopIteration
        return reply["value"]

    def _reply(
        self, operation: str, operands: list[Any], text: Callable[[], str] | None
    ) -> dict[str, Any]:
        if self._helper is None:
            self._helper = self.define(_HELPER)["ask"]
        returned = self._made_calls.begin(text) if text is not None else None
        likeness = self._likenesses.of(operands)
        streams = sys.stdout, sys.stderr
        extras: dict[str, Any] = {"generators": self._generators.changed()}
        if streams != self._streams:
            extras["capture"] = True
        replaced = {n: getattr(builtins, n) for n in _REPLACEABLE}
        extras["builtins"] = {
            name: self._callback(value)
            for name, value in replaced.items()
            if value is not self._builtins[name]
        }
        request = {"op": "call", "handle": self._helper._number}
        request["args"] = self._encoder.encode([operation, likeness, extras])
        reply = self._request(request)
        if type(reply) is not dict:
            raise WireError("the answer is malformed")
        self._generators.note()
        if extras.get("capture"):
            self._print(reply, streams)
        if operation == "call" and "arguments" in reply:
            _refill(operands[1:], self._likenesses.value(reply["arguments"]))
        self._raise(reply)
        reply["value"] = self._likenesses.value(reply.get("value"))
        if returned is not None:
            returned(reply["value"])
        return reply

    def _raise(self, reply: dict[str, Any]) -> None:
        if "missing" in reply:
            raise _MissingName(_text(reply["missing"]))
        if (error := reply.get("error")) is not None:
            if type(error) is not dict or type(error.get("types")) is not list:
                raise WireError("the answer is malformed")
            types = [_text(name) for name in error["types"]]
            message, traceback = _text(error.get("message")), _text(error.get("traceback"))
            raised = _error_class(types)(types, message, traceback)
            raised.args = (message,)
            raise raised

    def _print(self, reply: dict[str, Any], streams: tuple[Any, Any]) -> None:
        """Print here what was printed there."""
        printed = reply.get("printed")
        if type(printed) is not list:
            raise WireError("the answer is malformed")
        for stream, text in zip(streams, printed, strict=False):
            if type(text) is str and text:
                stream.write(text)

    def _stand_in(self, value: object) -> tuple[str, Any]:
        """What stands for an object in a request."""
        if isinstance(value, Thing):
            return "thing", value._remote
        if isinstance(value, Name):
            return "name", value._name
        place = _place_of(value)
        if place is not None:
            return "global", place
        if callable(value):
            return "function", self._callback(value)
        raise WireError(f"a test cannot send an object of type {type(value).__name__}")

    def _restored(self, kind: str, sent: Any) -> Thing:
        """What stands for an object in an answer."""
        if kind != "thing" or type(sent) is not list or type(sent[0]) is not Remote:
            raise WireError("the answer is malformed")
        return Thing(self, sent[0], _text(sent[1]))

    def _callback(self, function: Callable[..., Any]) -> Callable[[Any], Any]:
        """A function that the student's process may call: likenesses go in and out."""

        def run(likeness: Any) -> Any:
            args, kwargs = self._likenesses.value(likeness)
            try:
                return ["ok", self._likenesses.of(function(*args, **kwargs))]
            except (*_FINAL, Mismatch):
                raise
            except Exception as error:
                return ["raised", [cls.__name__ for cls in type(error).__mro__], str(error)]

        return run


class Name(StudentName):
    """A name of the student's notebook."""

    def __init__(self, answers: Answers, name: str) -> None:
        super().__init__(answers, name)
        self._answers = answers

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the student's process."""
        text = called(self._expression, args, kwargs)
        return self._answers._ask("call", [self, list(args), kwargs], text)

    def value(self) -> Any:
        """What the name stands for: data, or a Thing."""
        return self._answers._ask("find", [self], self._expression)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Thing) and _is_true(self._answers, "isinstance", instance, self)

    def __subclasscheck__(self, cls: Any) -> bool:
        return isinstance(cls, (Thing, Name)) and _is_true(self._answers, "issubclass", cls, self)


class Thing(Remote):
    """An object that stays in the student's process: its parts can be asked for, as data.

    It is equal to nothing, as nothing is known of it here; a comparison fails the test.
    """

    def __init__(self, answers: Answers, remote: Remote, type_name: str) -> None:
        for name, value in (("_answers", answers), ("_remote", remote), ("_type_name", type_name)):
            object.__setattr__(self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the student's process."""
        return self._answers._ask("call", [self, list(args), kwargs], lambda: f"{self!r}(…)")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__", "__dict__"):
            raise AttributeError(name)
        return self._answers._ask("attribute", [self, name])

    def __setattr__(self, name: str, value: Any) -> None:
        self._answers._ask("setattribute", [self, name, value])

    def __delattr__(self, name: str) -> None:
        self._answers._ask("delattribute", [self, name])

    def __getitem__(self, key: Any) -> Any:
        return self._answers._ask("item", [self, key])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._answers._ask("setitem", [self, key, value])

    def __delitem__(self, key: Any) -> None:
        self._answers._ask("delitem", [self, key])

    def __contains__(self, item: Any) -> bool:
        return _is_true(self._answers, "contains", self, item)

    def __len__(self) -> int:
        length = self._answers._ask("length", [self])
        if type(length) is not int:
            raise WireError("a length is no integer")
        return length

    def __bool__(self) -> bool:
        return _is_true(self._answers, "truth", self)

    def __iter__(self) -> Iterator[Any]:
        iterator = self._answers._ask("iterate", [self])
        if isinstance(iterator, Thing):
            return iterator
        raise WireError("an iterator of the answer is data")

    def __next__(self) -> Any:
        return self._answers._ask("next", [self])

    def __str__(self) -> str:
        return _text(self._answers._ask("text", [self]))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __float__(self) -> Any:
        self._refuse()

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        """NumPy would take it for a list, and ask it for items for as long as it likes."""
        self._refuse()

    def __eq__(self, other: object) -> Any:
        self._refuse()

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<an object of type {self._type_name}>"

    def _refuse(self) -> Any:
        error = Mismatch(f"The answer is an object of type {self._type_name}, where data is asked.")
        self._answers._final = self._answers._final or error
        raise error

    def _operate(self, operator: str, *operands: Any) -> Any:
        result = self._answers._ask("operate", [operator, *operands])
        if not isinstance(result, Thing) and not all(isinstance(o, Thing) for o in operands):
            self._refuse()  # an object that says of a number how far it is away
        return result

    def __matmul__(self, other: Any) -> Any:
        return self._operate("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._operate("matmul", other, self)

    def __mod__(self, other: Any) -> Any:
        return self._operate("mod", self, other)

    def __floordiv__(self, other: Any) -> Any:
        return self._operate("floordiv", self, other)

    def __abs__(self) -> Any:
        return self._operate("abs", self)


class _MissingName(NotDefined, NameError):  # type: ignore[misc]
    """A name that is not defined, for a test cell that catches NameError."""


class _Generators:
    """The global generators of this process, as far as a test has drawn from them or set them."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def note(self) -> None:
        """Take the generators for known to the student's process."""
        self._known = self._states()

    def changed(self) -> dict[str, Any]:
        """The states of the generators that the test has changed since."""
        states = self._states()
        return {n: s for n, s in states.items() if not _same_state(s, self._known.get(n))}

    def _states(self) -> dict[str, Any]:
        version, numbers, gauss = random.getstate()
        states: dict[str, Any] = {"random": [version, list(numbers), gauss]}
        states["numpy"] = list(np.random.get_state())
        if (torch := sys.modules.get("torch")) is not None:
            states["torch"] = torch.get_rng_state().numpy()
        return states


def _same_state(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other)
    if isinstance(one, list):
        return isinstance(other, list) and all(map(_same_state, one, other))
    return bool(one == other)


def _answers(submission: Submission) -> Answers:
    assert isinstance(submission, Answers)
    return submission


def _is_true(answers: Answers, operation: str, *operands: Any) -> bool:
    return answers._ask(operation, list(operands)) is True


def _text(value: object) -> str:
    if type(value) is not str:
        raise WireError("the answer is malformed")
    return value


_classes: dict[str, type[StudentError]] = {}


def _error_class(types: list[str]) -> type[StudentError]:
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


def _place_of(value: object) -> list[str] | None:
    """Where the student's process finds the same function or class: its module, and its path."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    home = getattr(value, "__module__", None) or ("numpy" if isinstance(value, np.ufunc) else None)
    if type(name) is not str or type(home) is not str or not callable(value):
        return None
    found = sys.modules.get(home)
    if home.partition(".")[0] in _OWN or found is None:
        return None
    there: Any = found
    for part in name.split("."):
        there = getattr(there, part, None)
    return [home, name] if there is value and _is_installed(found) else None


def _is_installed(found: Any) -> bool:
    """Whether a module is Python's or a library's, and no helper of the course's."""
    file = getattr(found, "__file__", None)
    return file is None or any(str(file).startswith(root) for root in _ROOTS)


_ROOTS = tuple(
    {str(getattr(module, "__file__", "")).rpartition("/")[0] for module in (random,)}
    | {str(np.__file__).rpartition("/")[0].rpartition("/")[0]}
)


def _refill(before: Any, after: Any) -> None:
    """Let the test's own lists, dictionaries and arrays be what the student's code made of them."""
    if type(before) is not type(after):
        return
    if isinstance(before, (list, tuple)) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            if _holds_items(old) and type(old) is type(new):
                _refill(old, new)
            elif isinstance(before, list) and not isinstance(new, Thing):
                before[place] = new
    elif isinstance(before, list):
        before[:] = after
    elif isinstance(before, dict):
        kept = {key: before[key] for key in after.keys() & before.keys()}
        before.clear()
        for key, new in after.items():
            old = kept.get(key)
            if _holds_items(old) and type(old) is type(new):
                _refill(old, new)
            before[key] = old if _holds_items(old) or isinstance(new, Thing) else new
    elif isinstance(before, set):
        before.clear()
        before.update(after)
    elif isinstance(before, np.ndarray):
        if before.shape == after.shape and before.flags.writeable:
            before[...] = after
    elif type(before).__module__.startswith("pandas"):
        _refill_table(before, after)


def _holds_items(value: object) -> bool:
    name = type(value).__name__
    return isinstance(value, (list, tuple, dict, set, np.ndarray)) or name in (
        "DataFrame",
        "Series",
    )


def _refill_table(before: Any, after: Any) -> None:
    if not (before.equals(after) and list(before.index) == list(after.index)):
        before._update_inplace(after)
