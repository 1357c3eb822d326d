"""The wire format carries plain data faithfully, and refuses everything else."""

from __future__ import annotations

import math
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from fairmark.wire.codec import MAX_DEPTH, Decoder, Encoder, WireError

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.text() | st.integers() | st.booleans() | st.tuples(st.text(), st.none()))
    ),
    max_leaves=20,
)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
    | st.binary() | st.sampled_from(["l", "t", "d", "a", "T", "s", "i", "c", "h", "f", "S", "<f8"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)  # fmt: skip


def through_the_wire(value: Any) -> Any:
    tree = msgpack.unpackb(msgpack.packb(Encoder().encode(value)), raw=False)
    return Decoder().decode(tree)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


@given(values)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    assert same(through_the_wire(value), value)


@given(
    stn.arrays(
        stn.boolean_dtypes()
        | stn.integer_dtypes()
        | stn.floating_dtypes()
        | stn.complex_number_dtypes(),
        stn.array_shapes(min_dims=0, min_side=0),
    )
)  # fmt: skip
def test_arrays_come_back_with_dtype_and_shape(array: np.ndarray[Any, Any]) -> None:
    back = through_the_wire(array)
    assert back.dtype == array.dtype.newbyteorder("<")
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)


@given(json_like)
def test_a_hostile_tree_is_refused_or_is_plain_data(tree: Any) -> None:
    try:
        value = Decoder().decode(tree)
    except WireError:
        return
    again = Decoder().decode(Encoder().encode(value))  # raises for what is no plain data
    assert type(again) is type(value)


@pytest.mark.parametrize(
    "tree",
    [
        ["a", "|O", [1], b"12345678"],
        ["a", "<f8", [2**62, 2**62], b""],
        ["a", "<f8", [-1], b""],
        ["a", "<f8", [True], b"12345678"],
        ["a", "<f8", [3], b"12345678"],
        ["a", "f8,i4", [1], b"123456781234"],
        ["a", "<M8[ns]", [1], b"12345678"],
        ["a", "a", [0], b""],
        ["a", "f9", [0], b""],
        ["a", "<f8\n", [0], b""],
        ["i", "0x" + "f" * 100_000],
        ["h", 1, "Model"],
        ["f", 0],
        ["d", [[["l", []], 1]]],
        ["exec", "import os"],
        {"a": 1},
        [],
    ],
)
def test_what_is_no_plain_data_is_refused(tree: Any) -> None:
    with pytest.raises(WireError):
        Decoder().decode(tree)


def test_deep_nesting_is_refused_on_both_sides() -> None:
    deep: Any = 1
    tree: Any = 1
    for _ in range(MAX_DEPTH + 2):
        deep, tree = [deep], ["l", [tree]]
    with pytest.raises(WireError):
        Encoder().encode(deep)
    with pytest.raises(WireError):
        Decoder().decode(tree)


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(WireError):
        Encoder().encode(endless)


class LyingFloat(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class LyingArray(np.ndarray[Any, Any]):
    def __eq__(self, other: object) -> Any:
        return np.ones(self.shape, bool)


def test_subclasses_arrive_as_the_plain_type() -> None:
    number, array = through_the_wire([LyingFloat(2.0), np.zeros(3).view(LyingArray)])
    assert type(number) is float
    assert number != 3.0
    assert type(array) is np.ndarray
    assert not (array == 1).any()


def test_tensors_become_arrays_for_the_judge_and_tensors_for_the_student() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6.0).reshape(2, 3).requires_grad_()
    tree = Encoder().encode(tensor)
    assert type(Decoder().decode(tree)) is np.ndarray
    assert torch.equal(Decoder(tensors=True).decode(tree), tensor.detach())


def test_an_object_is_kept_or_refused() -> None:
    with pytest.raises(WireError):
        Encoder().encode(object())
    assert Encoder(lambda value: ["h", 7, "object"]).encode([object()]) == [
        "l",
        [["h", 7, "object"]],
    ]


def test_sets_hold_plain_values_only() -> None:
    assert through_the_wire(frozenset({1, "a", (2.5, None)})) == {1, "a", (2.5, None)}
    assert Encoder().encode({3, 1, 2}) == ["S", [1, 2, 3]]  # the same in each run
    with pytest.raises(WireError, match="set is no plain data"):
        Encoder().encode({print})
    for items in ([["l", [1]]], [["a", "<f8", [1], bytes(8)]], [["d", []]]):
        with pytest.raises(WireError, match="holds what is no plain value"):
            Decoder().decode(["S", items])
    with pytest.raises(WireError, match="more than 20000 values that are no strings"):
        Decoder().decode(["S", list(range(20_001))])
