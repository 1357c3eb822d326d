"""Values as they travel: read, changed and compared without being unpacked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.verify.calls import Call, functions_of
from fairmark.verify.trees import array_of, changed, like, plain, same
from fairmark.wire.codec import Decoder, Encoder

VALUES = [3, 2.5, True, np.float32(1.5), np.arange(4), np.ones((2, 3)), [1, 2], [[1.0], [2.0]]]


def encoded(value: Any) -> Any:
    return Encoder(layouts=True).encode(value)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_numbers_and_arrays_are_read_and_written(value: Any) -> None:
    tree = encoded(value)
    array = array_of(tree)
    assert array is not None
    assert np.array_equal(array, np.asarray(value))
    again = Decoder().decode(plain(like(tree, array)))
    assert type(again) is type(Decoder().decode(plain(tree)))
    assert np.array_equal(np.asarray(again), np.asarray(value))


@pytest.mark.parametrize("value", [None, "text", [1, "two"], [[1], [2, 3]], {"a": 1}], ids=repr)
def test_what_is_no_array(value: Any) -> None:
    assert array_of(encoded(value)) is None


def test_each_array_of_a_result_is_changed() -> None:
    tree = encoded({"w": np.ones(2), "notes": ["a", (1.0, 2.0)]})
    found = Decoder().decode(changed(tree, np.zeros_like))
    assert found["w"].tolist() == [0, 0]
    assert found["notes"] == ["a", (0.0, 0.0)]


def test_an_array_in_another_layout_is_the_same_array() -> None:
    tree = encoded(np.arange(6.0).reshape(2, 3).T)
    assert tree[0] == "v"
    assert same(tree, encoded(np.arange(6.0).reshape(2, 3).T.copy()))
    assert plain(["l", [tree]])[1][0][0] == "a"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (np.ones(2), [1.0, 1.0], True),
        (np.ones(2), np.ones((2, 1)), False),
        (np.float32(0.1), 0.1, True),
        (0.1, 0.1001, False),
        (np.array([1e8, 0.0]), np.array([1e8, 1e-3]), True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        (None, 0, False),
        ("a", "b", False),
        (np.nan, np.nan, True),
    ],
)
def test_what_is_the_same(first: Any, second: Any, expected: bool) -> None:
    assert same(encoded(first), encoded(second)) is expected


def test_an_argument_of_a_call_is_replaced_and_left_out() -> None:
    (function,) = functions_of("def f(x, k, stride=1, *, pad=0):\n    return x", ["f"])
    assert function.defaults == {"stride": 1, "pad": 0}
    call = Call("f", (1, 2, 3), {"pad": 4})
    assert call.bound(function) == {"x": 1, "k": 2, "stride": 3, "pad": 4}
    without = call.with_argument(function, "stride")
    assert (without.arguments, without.named) == ((1, 2), {"pad": 4})
    other = call.with_argument(function, "k", 9)
    assert (other.arguments, other.named) == ((1, 9, 3), {"pad": 4})
