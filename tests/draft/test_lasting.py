"""The way to the right answer behind calls that are lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from fairmark.draft.lasting import Lasting
from fairmark.harness.proxy import ProcessDied, Submission, TimeLimitExceeded
from fairmark.harness.transport import LocalTransport


class Mortal:
    """A process that ends at a number above 9, and does not answer to one above 99."""

    def __init__(self) -> None:
        self._agent = LocalTransport({"f": lambda n, *more: n + 1})
        self._ended = False

    def exchange(self, request: dict[str, Any], calls: Any) -> dict[str, Any]:
        number = request["args"][1][0]
        if self._ended or number > 9:
            self._ended = True
            raise (TimeLimitExceeded("late") if number > 99 else ProcessDied("gone"))
        return self._agent.exchange(request, calls)


def opening(opened: list[Mortal], closed: list[Mortal]) -> Callable[[], Any]:
    @contextmanager
    def asking() -> Iterator[Mortal]:
        opened.append(Mortal())
        yield opened[-1]
        closed.append(opened[-1])

    return asking


def test_a_lost_call_costs_itself() -> None:
    opened: list[Mortal] = []
    closed: list[Mortal] = []
    with Lasting(opening(opened, closed)) as way:
        f = Submission(way).f
        assert f(1) == 2
        with pytest.raises(ProcessDied):
            f(10)
        assert (f(2), len(opened), len(closed)) == (3, 2, 1)
        with pytest.raises(TimeLimitExceeded):
            f(100, more=np.zeros(99))
        with pytest.raises(ProcessDied):
            f(3)  # as many as may be were lost
        assert len(opened) == 2
        way.begin()
        assert (f(3), len(opened)) == (4, 3)
        assert way.told == [
            "f: left out is f(10), which ends the process",
            "f: left out is a call, which does not end within the course's time limits; no other "
            "input was tried behind it",
        ]
    assert closed == opened
