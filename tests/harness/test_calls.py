"""The call that went wrong, as a student can type it."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

from fairmark.harness.calls import CallLog, called
from fairmark.harness.proxy import LocalTransport, Submission


def text(*args: Any, **kwargs: Any) -> str:
    return called(lambda: "f", args, kwargs)()


@pytest.mark.parametrize(
    "value",
    [
        -0.3, 3, True, None, "text", 2 + 1j, float("inf"), -float("inf"), [1, 2.5], (1,), (1, "a"),
        {"a": [1]}, np.float64(0.1), np.int64(3), np.array([1.0, -2.0]), np.array([[1, 2], [3, 4]]),
        np.array([True, False]), np.array([0.1], dtype=np.float32), np.zeros((0, 3)), np.array(2.0),
        np.arange(3, dtype=np.uint8),
    ],
)  # fmt: skip
def test_what_is_shown_can_be_typed(value: Any) -> None:
    given = eval(text(value), {"np": np, "f": lambda x: x})
    np.testing.assert_equal(given, value)
    if isinstance(value, np.ndarray):
        assert given.dtype == value.dtype


def test_names_of_arguments() -> None:
    assert text(1, theta=0.5) == "f(1, theta=0.5)"


def test_long_arguments_are_told_by_their_shapes() -> None:
    assert text(np.zeros((30, 2)), 1) == "f(<array of shape (30, 2)>, 1)"
    third = np.ones(20) / 3
    assert text(third, third, 2) == "f(<array of shape (20,)>, <array of shape (20,)>, 2)"
    assert len(text("x" * 5000)) < 200


def test_the_call_that_returned_the_value() -> None:
    log = CallLog()
    results = [np.zeros(2), (np.ones(2), 3.5), 1.0]
    for number, result in enumerate(results):
        log.begin(called(lambda: "f", (number,), {}))(result)
    inner: Any = results[1]
    assert log.that_returned(inner[0]) == "f(1)"
    assert log.that_returned(results[0]) == "f(0)"
    assert log.that_returned(np.zeros(2)) == ""
    assert log.last() == "f(2)"


def test_objects_that_stay_are_told_by_how_they_were_come_by() -> None:
    namespace: dict[str, Any] = {}
    source = (
        "class Net:\n    def __init__(self, n): self.n = n\n    def forward(self, x): return x\n"
    )
    exec(source + "def use(net, g): return net.n", namespace)
    submission = Submission(LocalTransport(namespace))
    net = submission.Net(3)
    net.forward(np.array([1.0]))
    assert submission._made_calls.last() == "Net(3).forward(np.array([1.0]))"
    submission.use(net, submission.use)
    assert submission._made_calls.last() == "use(Net(3), use)"
    submission.use(net, lambda x: x)
    assert submission._made_calls.last() == "use(Net(3), <a function>)"


def test_large_values_are_not_kept() -> None:
    """What a student's code returns may be large, and a test may call it often."""
    log = CallLog()
    kept = []
    for number in range(5):
        value = np.zeros(100_000)
        kept.append(weakref.ref(value))
        log.begin(called(lambda: "f", (value, number), {}))(value)
        last = value
        del value
    assert [one() is not None for one in kept] == [False] * 4 + [True]
    assert log.that_returned(last) == "f(<array of shape (100000,)>, 4)"
    log.begin(called(lambda: "f", ([[[[0.0] * 3]]],), {}))([0] * 2000)
    assert log.last() == "f([[[[0.0, 0.0, 0.0]]]])"
