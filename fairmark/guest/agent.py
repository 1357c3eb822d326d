"""Answers the judge's requests about the objects of one namespace.

The same agent serves a sandboxed process (through a channel) and the student's own kernel (called
directly by a check cell), so a visible test means the same in both places.
"""

from __future__ import annotations

import io
import operator
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

from fairmark.wire.codec import Decoder, Encoder, WireError

Callback = Callable[[int, Any, Any], Any]
"""Asks the judge to call its function ``id`` with encoded args and kwargs; returns a tree."""

_OPERATORS = frozenset(
    "add sub mul truediv floordiv mod pow matmul neg pos abs eq ne lt le gt ge".split()
)
_MAX_TEXT = 4_000
MAX_PRINTED = 100_000
"""How many characters are kept of what a cell or a call prints."""


class Agent:
    """Serves one namespace: calls its functions and keeps the objects that are not data.

    ``printed`` tells what the answer's cells have printed, and ``rewind`` gives names back what
    they stood for before or behind them; both are known where a notebook was handed in.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        callback: Callback,
        printed: Callable[[], str] | None = None,
        rewind: Callable[[str], None] | None = None,
    ) -> None:
        self._namespace = namespace
        self._callback = callback
        self._printed = printed
        self._rewind = rewind
        self._kept: list[object] = []
        self._encoder = Encoder(self._keep)
        self._decoder = Decoder(self._object, self._function, tensors=True, layouts=True)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the reply to one request; exceptions of the student's code are replies too."""
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                if request.get("capture"):
                    with redirect_stdout(_Text()) as text:
                        reply = self._operate(request)
                    reply["printed"] = text.getvalue()
                else:
                    reply = self._operate(request)
            reply["warnings"] = [_warning_text(w) for w in caught[:20]]
            return reply
        except _Missing as missing:
            return {"status": "missing", "name": str(missing)}
        except WireError as error:
            return {"status": "unsendable", "message": str(error)[:_MAX_TEXT]}
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers as well
            return {"status": "error", **describe_exception(error)}

    def _operate(self, request: dict[str, Any]) -> dict[str, Any]:
        args = self._decoder.decode(request.get("args", ["l", []]))
        kwargs = self._decoder.decode(request.get("kwargs", ["d", []]))
        match request["op"]:
            case "find":
                value: object = self._find(request["name"])
            case "call":
                value = self._target(request)(*args, **kwargs)
            case "attribute":
                value = getattr(self._target(request), request["attribute"])
            case "item":
                value = self._target(request)[args[0]]
            case "operator" if request["operator"] in _OPERATORS:
                value = getattr(operator, request["operator"])(*args)
            case "length":
                value = len(self._target(request))
            case "define":
                namespace: dict[str, Any] = {}
                exec(compile(request["source"], "<grader>", "exec"), namespace)
                value = _Namespace(namespace)
            case "override":
                self._override(request)
                value = None
            case "printed" if self._printed is not None:
                value = self._printed()
            case "printed":
                raise WireError("what a cell prints is known when it is handed in")
            case unknown:
                raise WireError(f"unknown request {unknown!r}")
        reply: dict[str, Any] = {"status": "ok", "value": self._encoder.encode(value)}
        if request.get("inputs"):
            reply["inputs"] = self._encoder.encode([args, list(kwargs.values())])
        return reply

    def _override(self, request: dict[str, Any]) -> None:
        """Run the judge's source as a cell, or in a namespace of its own that yields its names."""
        names: list[str] | None = request["names"]
        code = compile(request["source"], "<override>", "exec")
        if request["rewinds"] and self._rewind is not None:
            self._rewind(request["rewinds"])
        if names is None:
            with redirect_stdout(_Text()) as text:
                exec(code, self._namespace)
            if request["answers"]:
                self._printed = text.getvalue
            return
        namespace: dict[str, Any] = {"__name__": "override"}
        exec(code, namespace)
        self._namespace.update({name: namespace[name] for name in names})

    def _target(self, request: dict[str, Any]) -> Any:
        if "name" in request:
            return self._find(request["name"])
        return self._object(request["handle"], "")

    def _find(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            raise _Missing(name) from None

    def _keep(self, value: object) -> list[Any]:
        self._kept.append(value)
        return ["h", len(self._kept) - 1, type(value).__name__]

    def _object(self, number: int, _type_name: str) -> Any:
        return self._kept[number]

    def _function(self, number: int) -> Callable[..., Any]:
        def call_the_judge(*args: Any, **kwargs: Any) -> Any:
            encoded = self._encoder.encode(list(args)), self._encoder.encode(kwargs)
            return self._decoder.decode(self._callback(number, *encoded))

        return call_the_judge


class _Text(io.StringIO):
    """A text of bounded length; what is over is lost."""

    def write(self, text: str) -> int:
        super().write(text[: MAX_PRINTED - self.tell()] if self.tell() < MAX_PRINTED else "")
        return len(text)


class _Missing(Exception):
    """A name that the student's code does not define."""


class _Namespace:
    """What a piece of the grader's helper source defined: indexed by name."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def __getitem__(self, name: str) -> Any:
        return self._namespace[name]


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Return type names, message and the student's part of the traceback, as bounded text."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not _is_engine_file(frame.filename)
    ]
    try:
        message = str(error)
    except Exception as broken:
        message = f"(its message cannot be shown: {type(broken).__name__})"
    types = [cls.__name__ for cls in type(error).__mro__ if cls is not object]
    return {
        "types": types[:20],
        "message": message.encode("utf-8", "replace").decode()[:_MAX_TEXT],
        "traceback": "".join(traceback.format_list(frames[-10:]))
        .encode("utf-8", "replace")[:_MAX_TEXT]
        .decode("utf-8", "replace"),
    }


def _is_engine_file(filename: str) -> bool:
    return __file__.rsplit("/", 2)[0] in filename


def _warning_text(caught: warnings.WarningMessage) -> list[str]:
    return [caught.category.__name__, str(caught.message)[:500]]
