"""The way of a grader's requests to a student's answer, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from fairmark.guest.agent import Agent

Calls = Callable[[int, Any, Any], dict[str, Any]]
"""Runs the judge's function ``id`` with encoded args and kwargs; returns a reply."""


class Transport(Protocol):
    """Carries a request to an Agent, and the reply back."""

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        """Return the reply; raise TimeLimitExceeded, ProcessDied or WireError."""


class LocalTransport:
    """Calls an agent in this process: the student's own kernel, for visible tests."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._agent = Agent(namespace, self._call_back)
        self._calls: Calls | None = None

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        """Answer the request directly."""
        self._calls = calls
        return self._agent.answer(request)

    def _call_back(self, number: int, args: Any, kwargs: Any) -> Any:
        assert self._calls is not None
        reply = self._calls(number, args, kwargs)
        if reply["status"] != "ok":
            raise RuntimeError(reply["message"])
        return reply["value"]
