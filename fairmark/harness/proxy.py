"""A grader's access to a student's answer: calls by name, which return plain data.

``submission.conv2d(x, w, b)`` runs in the student's process and returns its values here. Objects
that are not data stay there, and a :class:`Remote` stands for them. A *transport* carries the
requests: a channel into the sandbox, or a direct call in the student's own kernel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fairmark.harness.arguments import Layouts, same
from fairmark.harness.calls import CallLog, Expression, LastCall, called
from fairmark.harness.failures import Mismatch as Mismatch
from fairmark.harness.failures import NotDefined
from fairmark.harness.failures import ProcessDied as ProcessDied
from fairmark.harness.failures import StudentError as StudentError
from fairmark.harness.failures import TimeLimitExceeded as TimeLimitExceeded
from fairmark.harness.observe import Observation, ObservationLog, summarise, summarise_error
from fairmark.harness.plots import DESCRIBE, PlottedAxes, plotted
from fairmark.harness.transport import Calls as Calls
from fairmark.harness.transport import LocalTransport as LocalTransport
from fairmark.harness.transport import Transport as Transport
from fairmark.wire.codec import Decoder, Encoder, WireError

_MAX_PRINTED = 100_000
_FLOATING_POINT = re.compile(
    r"RuntimeWarning: (overflow|underflow|divide by zero|invalid value) encountered"
)


class Submission:
    """The student's answer. Each attribute is a name of the student's notebook."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._functions: list[Callable[..., Any]] = []
        self._encoder = Encoder(self._keep, layouts=True)
        self._decoder = Decoder(self._remote, None)
        self._check_inputs = False
        self._check_warnings = False
        self._layouts: Layouts | None = None
        self._turn = 0
        self._printing: Printed | None = None
        self._refusal: Mismatch | None = None
        self._answered = False
        self._observations = ObservationLog()
        self._made_calls = CallLog()
        self._last_call = LastCall()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StudentName(self, name)

    def __getitem__(self, name: str) -> StudentName:
        return StudentName(self, name)

    def define(self, source: str) -> Remote:
        """Run helper source in the student's process; return a handle to be indexed by name."""
        value = self._request({"op": "define", "source": source})
        if not isinstance(value, Remote):
            raise WireError("the reply is malformed")
        value._is_helpers = True
        return value

    @contextmanager
    def inputs_unchanged(self) -> Iterator[None]:
        """Fail the test when a call made in this block changes its arguments."""
        self._check_inputs = True
        try:
            yield
        finally:
            self._check_inputs = False

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Fail the test when a call made in this block leaves the range of floats.

        That is where NumPy warns of an overflow, a division by zero or an invalid value. What the
        student's code warns of in its own words is no fault.
        """
        self._check_warnings = True
        try:
            yield
        finally:
            self._check_warnings = False

    @contextmanager
    def any_layout(self, *, read_only: bool = True) -> Iterator[None]:
        """Have the arrays of each call arrive in another memory layout, with the same values.

        In turn they are transposed in memory, lie apart (as every second value of a larger array
        does), and are read-only; the last not for functions that may change an array for a while.
        """
        self._layouts = Layouts(read_only)
        try:
            yield
        finally:
            self._layouts = None

    def printed(self) -> str:
        """Return what the cells of the answer have printed, when the notebook was run."""
        text = self._request({"op": "printed"})
        if type(text) is not str:
            raise WireError("what was printed is no text")
        return text[:_MAX_PRINTED]

    @contextmanager
    def printing(self) -> Iterator[Printed]:
        """Keep what the calls made in this block print."""
        self._printing = printed = Printed()
        try:
            yield printed
        finally:
            self._printing = None

    def axes(self, plot: Any = None) -> list[PlottedAxes]:
        """Return what a plot shows: a description of each Axes, as plain data.

        ``plot`` is an Axes or a figure of matplotlib's: a name of the notebook, or what a call has
        returned; without it, what was drawn last.
        """
        target = plot.value() if isinstance(plot, StudentName) else plot
        return plotted(self.define(DESCRIBE)["describe"](target))

    def _call(
        self,
        target: dict[str, Any],
        function: Expression,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        expression = called(function, args, kwargs)
        returned = self._made_calls.begin(expression)
        self._last_call = LastCall(target.get("name", ""), args, kwargs)
        if self._layouts is not None:
            args, kwargs = self._layouts.arrange(args, kwargs, self._turn)
            self._turn += 1
        request = {
            "op": "call",
            **target,
            "args": self._encoder.encode(list(args)),
            "kwargs": self._encoder.encode(kwargs),
        }
        if self._printing is not None:
            request["capture"] = True
        value = self._request(request, [list(args), list(kwargs.values())])
        returned(value)
        self._last_call.result = value
        return _named(value, expression)

    def _request(self, request: dict[str, Any], inputs: object = None) -> Any:
        check_inputs = self._check_inputs and inputs is not None
        if check_inputs:
            request["inputs"] = True
        # What graders define for themselves says nothing of the answer.
        name = request.get("name", "")
        seen = _ignore if request["op"] == "define" else self._observations.begin(name)
        try:
            reply = self._transport.exchange(request, self._run_function)
        except Exception as error:
            seen(type(error).__name__, None)
            raise
        if self._refusal is not None:  # even if the student's code caught the error
            seen("refused", None)
            raise self._refusal
        seen(_text(reply.get("status")), None)
        self._answered = True
        match reply.get("status"):
            case "ok":
                pass
            case "error":
                type_name = _text(next(iter(_list(reply.get("types"))), ""))
                seen("error", summarise_error(type_name, _text(reply.get("message"))))
                raise StudentError(
                    [_text(name) for name in _list(reply.get("types"))],
                    _text(reply.get("message")),
                    _text(reply.get("traceback")),
                )
            case "missing":
                raise NotDefined(_text(reply.get("name")))
            case "unsendable":
                raise Mismatch(f"The answer cannot be used: {_text(reply.get('message'))}.")
            case _:
                raise WireError("the reply is malformed")
        value = self._decoder.decode(reply.get("value"))
        summary = summarise(value)
        if self._printing is not None and request["op"] == "call":
            text = _text(reply.get("printed"), _MAX_PRINTED)
            self._printing.text = (self._printing.text + text)[:_MAX_PRINTED]
            summary = [summary, summarise(text)]
        seen("ok", summary)
        if check_inputs:
            before = self._decoder.decode(Encoder(_anything).encode(inputs))
            if not same(before, self._decoder.decode(reply.get("inputs"))):
                seen("changed its input", summary)
                raise Mismatch(
                    "The function changed the array that it was given.",
                    hint="Work on a copy, or compute a new array: the caller still needs its own.",
                )
        if self._check_warnings and (told := _of_floats(reply.get("warnings"))):
            seen("warned", summary)
            raise Mismatch(
                f"The call warned: {told}",
                hint="A warning such as an overflow says that the formula leaves the range of "
                "float64 for this input. Can you write it so that it does not?",
            )
        return value

    def _keep(self, value: object) -> list[Any]:
        if isinstance(value, Remote):
            return ["h", value._number, value._type_name]
        if isinstance(value, StudentName):
            return self._keep(value._find())
        if callable(value):
            self._functions.append(value)
            return ["f", len(self._functions) - 1]
        raise WireError(f"a grader cannot send an object of type {type(value).__name__}")

    def _remote(self, number: int, type_name: str) -> Remote:
        return Remote(self, number, type_name)

    def _run_function(self, number: int, args: Any, kwargs: Any) -> dict[str, Any]:
        """Call one of the grader's functions for the student's code."""
        if type(number) is not int or not 0 <= number < len(self._functions):
            raise WireError("the answer names a function that was never sent")
        arguments = self._decoder.decode(args)
        named = self._decoder.decode(kwargs)
        if type(arguments) is not list or type(named) is not dict:
            raise WireError("the arguments for a function are malformed")
        self._observations.add(Observation("", "calls back", summarise([*arguments, named])))
        try:
            value = self._functions[number](*arguments, **named)
        except Mismatch as mismatch:  # its message may give the solution away
            self._refusal = mismatch
            return {"status": "error", "message": "The grader refused the arguments."}
        except Exception as error:  # wrong arguments are the student's mistake
            return {"status": "error", "message": f"{type(error).__name__}: {error}"[:2000]}
        return {"status": "ok", "value": self._encoder.encode(value)}


class Printed:
    """What calls have printed."""

    def __init__(self) -> None:
        self.text = ""


class StudentName:
    """A name of the student's notebook: call it, or take its attributes and items."""

    def __init__(self, submission: Submission, name: str) -> None:
        self._submission = submission
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the student's process."""
        return self._submission._call({"name": self._name}, self._expression, args, kwargs)

    def value(self) -> Any:
        """What the name stands for: data, or a Remote."""
        value = self._submission._request({"op": "find", "name": self._name})
        return _named(value, self._expression)

    def _expression(self) -> str:
        return self._name

    def _find(self) -> Remote:
        value = self.value()
        if not isinstance(value, Remote):
            raise WireError(f"{self._name} is data: send its value()")
        return value

    def __repr__(self) -> str:
        return f"submission.{self._name}"


class Remote:
    """An object that stays in the student's process.

    Its attributes and the results of its arithmetic are the student's claims: a test of numbers
    must not rely on them, and arrays are not sent there to be compared.
    """

    __array_ufunc__ = None  # so that NumPy calls the operators below

    def __init__(self, submission: Submission, number: int, type_name: str) -> None:
        self._submission = submission
        self._number = number
        self._type_name = type_name
        self._expression: Expression = self.__repr__
        """How it was come by, as a student would type it."""
        self._is_helpers = False
        """Whether it is what ``define`` made, which has no name of its own."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the student's process."""
        return self._submission._call({"handle": self._number}, self._expression, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = self._submission._request(
            {"op": "attribute", "handle": self._number, "attribute": name}
        )
        return _named(value, lambda: f"{self._expression()}.{name}")

    def __getitem__(self, key: Any) -> Any:
        args = self._submission._encoder.encode([key])
        value = self._submission._request({"op": "item", "handle": self._number, "args": args})
        if self._is_helpers:
            return _named(value, lambda: str(key))
        return _named(value, lambda: f"{self._expression()}[{key!r}]")

    def __len__(self) -> int:
        length = self._submission._request({"op": "length", "handle": self._number})
        if type(length) is not int:
            raise WireError("a length is no integer")
        return length

    def __repr__(self) -> str:
        return f"<an object of type {self._type_name}>"

    def _operate(self, operator: str, *operands: Any) -> Any:
        if any(isinstance(operand, np.ndarray) for operand in operands):
            raise Mismatch(f"The answer should be numbers, but it is {self!r}.")
        args = self._submission._encoder.encode(list(operands))
        return self._submission._request({"op": "operator", "operator": operator, "args": args})

    def __add__(self, other: Any) -> Any:
        return self._operate("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self._operate("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._operate("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._operate("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._operate("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._operate("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._operate("truediv", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._operate("truediv", other, self)

    def __pow__(self, other: Any) -> Any:
        return self._operate("pow", self, other)

    def __neg__(self) -> Any:
        return self._operate("neg", self)


def plain(value: Any) -> Any:
    """Return a copy of plain data as it arrives from a student's process; raise WireError."""
    return Decoder().decode(Encoder().encode(value))


def _named(value: Any, expression: Expression) -> Any:
    """The value; an object that stays in the student's process is told how it was come by."""
    if isinstance(value, Remote):
        value._expression = expression
    return value


def _anything(value: object) -> list[Any]:
    """Encode any object that is not data, where inputs are compared before and after a call."""
    return ["h", 0, "object"]


def _ignore(outcome: str, summary: Any) -> None:
    """Note nothing of a request."""


def _text(value: object, most: int = 4_000) -> str:
    return value[:most] if type(value) is str else ""


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []


def _of_floats(warnings: object) -> str:
    """The first warning of floating-point arithmetic, as NumPy words it; "" for none."""
    for warning in _list(warnings):
        text = ": ".join(_text(part) for part in _list(warning))
        if _FLOATING_POINT.match(text):
            return text
    return ""
