"""A way to the right answer that goes on behind a call that does not end, or ends the process.

Inputs are tried that nobody has tried before, and some may be none that a function can stand. Such
a call costs itself, and the others are made in a new process.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Self

from fairmark.draft.literals import written
from fairmark.errors import FairmarkError
from fairmark.harness.proxy import Calls, ProcessDied, TimeLimitExceeded, Transport
from fairmark.wire.codec import Decoder, WireError

_MOST = 2
"""So many calls of a function may be lost; each takes as long as the course lets it."""
_LONG = 80


class Lasting:
    """Carries requests to processes that have the same answer, one after the other."""

    def __init__(self, asking: Callable[[], AbstractContextManager[Transport]]) -> None:
        self._asking = asking
        self._open = ExitStack()
        self._way: Transport | None = None
        self._left = _MOST
        self.told: list[str] = []
        """The calls that were lost, each in a line."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def begin(self) -> None:
        """Begin with another function: what an earlier one has lost is not its fault."""
        self._left = _MOST

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        """Return the reply; raise TimeLimitExceeded, ProcessDied or WireError."""
        if self._left <= 0:
            raise ProcessDied("too many calls have been lost")
        if self._way is None:
            self._way = self._open.enter_context(self._asking())
        try:
            return self._way.exchange(request, calls)
        except (TimeLimitExceeded, ProcessDied, WireError) as error:
            self._open.close()  # what has ended a way ends all that come by it
            self._way = None
            if not isinstance(error, WireError):
                self._left -= 1
                self.told.append(_line(request, error, is_last=not self._left))
            raise


def _line(request: dict[str, Any], error: Exception, *, is_last: bool) -> str:
    name = str(request.get("name", "it"))
    why = "does not end within the course's time limits"
    if isinstance(error, ProcessDied):
        why = "ends the process"
    rest = "; no other input was tried behind it" if is_last else ""
    return f"{name}: left out is {_call(request, name)}, which {why}{rest}"


def _call(request: dict[str, Any], name: str) -> str:
    """The call as a person would write it, as far as it is short."""
    try:
        args = Decoder().decode(request["args"])
        named = Decoder().decode(request["kwargs"])
        sent = [*map(written, args), *(f"{key}={written(value)}" for key, value in named.items())]
        text = f"{name}({', '.join(sent)})"
    except (KeyError, TypeError, ValueError, FairmarkError, WireError):  # no data, or very much
        return "a call"
    return text if len(text) <= _LONG else "a call"
