"""Arrays keep their layout where a grader sends them, and their values in every layout."""

from __future__ import annotations

from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairmark.wire.codec import Decoder, Encoder, WireError
from fairmark.wire.layout import lay_out, layout_of

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def _arrives(array: Any) -> Any:
    tree = msgpack.unpackb(msgpack.packb(Encoder(layouts=True).encode(array)))
    return Decoder(layouts=True).decode(tree)


@given(shapes, st.data())
def test_values_are_the_same_in_every_layout(shape: tuple[int, ...], data: st.DataObject) -> None:
    array = np.arange(float(np.prod(shape))).reshape(shape)
    axes = data.draw(st.permutations(range(len(shape))))
    moved = lay_out(array, [list(axes), data.draw(st.booleans()), data.draw(st.booleans())])
    np.testing.assert_array_equal(moved, array)
    np.testing.assert_array_equal(_arrives(moved), array)


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12.0).reshape(3, 4)[:, ::2],
        np.arange(6.0)[::2],
        np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1),
    ],
    ids=["transposed", "apart", "apart-1d", "three-axes"],
)
def test_a_layout_arrives(array: Any) -> None:
    moved = _arrives(array)
    np.testing.assert_array_equal(moved, array)
    assert moved.flags.c_contiguous == array.flags.c_contiguous is False
    assert moved.flags.f_contiguous == array.flags.f_contiguous
    assert moved.flags.writeable


def test_a_read_only_array_arrives_read_only() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        _arrives(array)[0] = 1


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((2, 2)), np.array(1.0), np.zeros((0, 2))])
def test_a_plain_array_has_no_layout(array: Any) -> None:
    assert layout_of(array) is None


def test_an_answer_is_its_values_only() -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert Encoder().encode(array)[0] == "a"
    with pytest.raises(WireError, match="unknown tag"):
        Decoder().decode(Encoder(layouts=True).encode(array))


@pytest.mark.parametrize(
    "layout",
    [[], 3, [[0, 0], False, True], [[0], False, True], [[0, "1"], False, True], [None, 0, 0], {}],
)
def test_a_malformed_layout_is_refused(layout: Any) -> None:
    with pytest.raises(WireError):
        Decoder(layouts=True).decode(["v", Encoder().encode(np.zeros((2, 2))), layout])


@pytest.mark.parametrize("inner", [["l", []], ["s", "<f8", b"\0" * 8], ["v", [], []]])
def test_only_an_array_has_a_layout(inner: Any) -> None:
    with pytest.raises(WireError):
        Decoder(layouts=True).decode(["v", inner, [[0], False, True]])
