"""The student's answer, with values as a test cell in the notebook would see them."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from fairmark.faithful.errors import MissingName, error_class
from fairmark.faithful.generators import Generators
from fairmark.faithful.places import place_of
from fairmark.faithful.refill import refill
from fairmark.harness.calls import called
from fairmark.harness.failures import (
    Mismatch,
    NotDefined,
    ProcessDied,
    StudentError,
    TimeLimitExceeded,
)
from fairmark.harness.proxy import Remote, StudentName, Submission
from fairmark.wire.codec import WireError
from fairmark.wire.likeness import Likenesses

_HELPER = "from fairmark.guest.faithful import ask"
_OF_ITERATORS = frozenset({"iterate", "next", "truth", "callable"})
"""What is asked of an object where data is wanted: its items in turn, as a list has them."""
_ATTRIBUTES = frozenset({"__name__", "__doc__", "__dict__", "__wrapped__"})
"""What may be asked of an object by a name of Python's."""
_REPLACEABLE = ("input", "print")
_FINAL = (TimeLimitExceeded, ProcessDied, WireError)
"""What ends a test, even where the test cell catches every exception."""


class Answers(Submission):
    """A submission whose values are as faithful as data can be.

    ``objects`` names what may give the test an object of the student's that it asks for its parts,
    as :func:`origin_of` names it; None allows all. Where the right answer gives data, an object
    could say of itself what the test wants to hear: that it has a length, how far a number is from
    it. There it can only be gone through, as a generator is.
    """

    def __init__(self, transport: Any, *, objects: Collection[str] | None = None) -> None:
        super().__init__(transport)
        self._objects = objects
        self._met_objects: set[str] = set()
        """What has given objects that were asked what only objects can be asked."""
        self._origin = ""
        """What gives the objects of the answer that is being read."""
        self._helper: Any = None
        self._has_replaced = False
        self._likenesses = Likenesses(self._stand_in, self._restored)
        self._builtins = {name: getattr(builtins, name) for name in _REPLACEABLE}
        self._streams = sys.stdout, sys.stderr
        self._generators = Generators()
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
        for place, operand in enumerate(operands):
            if isinstance(operand, Thing) and (operation == "operate" or place == 0):
                self._meet(operand, operation)
        self._origin = origin_of(operation, operands)
        try:
            reply = self._reply(operation, operands, text)
        except (*_FINAL, Mismatch) as error:
            if not isinstance(error, NotDefined):
                self._final = self._final or error
            raise
        if operation == "next" and reply.get("end") is True:
            raise StopIteration
        return reply["value"]

    def _replace(self, operation: str, *operands: Any) -> None:
        """Replace or remove a name of the student's notebook."""
        self._has_replaced = True
        self._ask(operation, list(operands))

    def _put_back(self) -> None:
        """Undo what the test has replaced: another one may use the same process."""
        if self._has_replaced and self._final is None:
            self._ask("put_back", [])

    def _meet(self, thing: Thing, operation: str) -> None:
        """Refuse what only objects can be asked, where data is wanted."""
        if operation in _OF_ITERATORS:
            return
        if self._objects is None or thing._origin in self._objects:
            if operation != "length":  # which `list` asks for, too
                self._met_objects.add(thing._origin)
        elif operation == "length":  # `list` does without
            raise TypeError(f"object of type {thing._type_name!r} has no len()")
        else:
            thing._refuse()

    def _reply(
        self, operation: str, operands: list[Any], text: Callable[[], str] | None
    ) -> dict[str, Any]:
        if self._helper is None:
            self._helper = self.define(_HELPER)["ask"]
        returned = self._made_calls.begin(text) if text is not None else None
        likeness = self._likenesses.of(operands)
        streams = sys.stdout, sys.stderr
        extras: dict[str, Any] = {"generators": self._generators.changed()}
        extras["data"] = self._objects is not None and self._origin not in self._objects
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
            refill(operands[1:], self._likenesses.value(reply["arguments"]))
        self._raise(reply)
        reply["value"] = self._likenesses.value(reply.get("value"))
        if returned is not None:
            returned(reply["value"])
        return reply

    def _raise(self, reply: dict[str, Any]) -> None:
        if "missing" in reply:
            raise MissingName(text_of(reply["missing"]))
        if (error := reply.get("error")) is not None:
            if type(error) is not dict or type(error.get("types")) is not list:
                raise WireError("the answer is malformed")
            types = [text_of(name) for name in error["types"]]
            message, traceback = text_of(error.get("message")), text_of(error.get("traceback"))
            raised = error_class(types)(types, message, traceback)
            if type(raised) is not StudentError:  # which tells its kind, too
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
        place = place_of(value)
        if place is not None:
            return "global", place
        if callable(value):
            return "function", self._callback(value)
        raise WireError(f"a test cannot send an object of type {type(value).__name__}")

    def _restored(self, kind: str, sent: Any) -> Thing:
        """What stands for an object in an answer."""
        if kind != "thing" or type(sent) is not list or type(sent[0]) is not Remote:
            raise WireError("the answer is malformed")
        return Thing(self, sent[0], text_of(sent[1]), self._origin)

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

    def __getattr__(self, name: str) -> Any:
        """What helpers of the test cell ask of a function that they are given."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.value(), name)

    def __dir__(self) -> list[str]:
        return dir(self.value())

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Thing) and is_true(self._answers, "isinstance", instance, self)

    def __subclasscheck__(self, cls: Any) -> bool:
        return isinstance(cls, (Thing, Name)) and is_true(self._answers, "issubclass", cls, self)


class Thing(Remote):
    """An object that stays in the student's process: its parts can be asked for, as data.

    It is equal to nothing, as nothing is known of it here; a comparison fails the test.
    """

    def __init__(self, answers: Answers, remote: Remote, type_name: str, origin: str) -> None:
        own: dict[str, Any] = {
            "_answers": answers,
            "_remote": remote,
            "_type_name": type_name,
            "_origin": origin,
        }
        own["_expression"] = self.__repr__
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the student's process."""
        return self._answers._ask("call", [self, list(args), kwargs], lambda: f"{self!r}(…)")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in _ATTRIBUTES:
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
        return is_true(self._answers, "contains", self, item)

    def __dir__(self) -> list[str]:
        found = self._answers._ask("attributes", [self])
        if type(found) is not list:
            raise WireError("the answer is malformed")
        return [text_of(name) for name in found]

    def __len__(self) -> int:
        length = self._answers._ask("length", [self])
        self._answers._met_objects.add(self._origin)
        if type(length) is not int:
            raise WireError("a length is no integer")
        return length

    def __bool__(self) -> bool:
        return is_true(self._answers, "truth", self)

    def __iter__(self) -> Iterator[Any]:
        iterator = self._answers._ask("iterate", [self])
        if isinstance(iterator, Thing):
            return iterator
        raise WireError("an iterator of the answer is data")

    def __next__(self) -> Any:
        return self._answers._ask("next", [self])

    def __str__(self) -> str:
        return text_of(self._answers._ask("text", [self]))

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


def origin_of(operation: str, operands: Sequence[Any]) -> str:
    """Name what gives an object: ``make()`` a call, ``.left`` an attribute, ``make()[]`` an item.

    So that long chains have few names, only the last step of attributes counts, and items of items
    are items.
    """
    first = operands[0] if operands else ""
    whose = first._name if isinstance(first, Name) else first
    whose = first._origin if isinstance(first, Thing) else whose
    match operation:
        case "call":
            return f"{str(whose).removesuffix('()')}()"
        case "attribute":
            return f".{operands[1]}"
        case "item" | "next":
            return f"{str(whose).removesuffix('[]')}[]"
        case "operate":
            return f"operator.{first}"
        case _:
            return whose if isinstance(whose, str) else ""


def is_true(answers: Answers, operation: str, *operands: Any) -> bool:
    """Whether the student's process says yes."""
    return answers._ask(operation, list(operands)) is True


def text_of(value: object) -> str:
    """Return a text of the student's process; raise WireError where it is none."""
    if type(value) is not str:
        raise WireError("the answer is malformed")
    return value
