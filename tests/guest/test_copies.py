"""Copies of an answer's variables: plain data, arrays and tables, and nothing that is large."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.guest.copies import changed_since, copied, copied_with_objects, is_as_copied


def test_no_later_change_reaches_a_copy() -> None:
    inner = [1]
    value: dict[str, Any] = {"a": [inner, inner], "b": {3}, "c": np.zeros(2), "d": (inner, "x")}
    copy: Any = copied(value)
    inner.append(2)
    value["b"].add(4)
    value["c"] += 1
    assert copy["a"] == [[1], [1]] and copy["a"][0] is copy["a"][1]
    assert (copy["b"], copy["c"].tolist(), copy["d"]) == ({3}, [0.0, 0.0], ([1], "x"))


def test_a_list_that_holds_itself() -> None:
    value: list[Any] = [1]
    value.append(value)
    copy: Any = copied(value)
    assert copy is not value and copy[1] is copy


def test_tensors_keep_that_they_want_gradients() -> None:
    torch = pytest.importorskip("torch")
    w = torch.ones(2, requires_grad=True)
    copy: Any = copied(w)
    with torch.no_grad():
        w -= 5
    assert copy.tolist() == [1.0, 1.0] and copy.requires_grad and copy.is_leaf
    assert not is_as_copied(copy, w)


def test_a_tensor_that_has_not_changed_keeps_its_gradient() -> None:
    torch = pytest.importorskip("torch")
    w = torch.ones(2, requires_grad=True)
    w.sum().backward()
    assert is_as_copied(copied(w), w), "a copy has no gradient, and is no part of a graph"
    assert not is_as_copied(copied(w), w.detach())


class Own(list):  # type: ignore[type-arg]
    """What a student may write."""


@pytest.mark.parametrize(
    "value",
    [
        Own([1]),
        print,
        np.zeros(2**20),
        [0] * 200_000,
        "text",
        [np.zeros(2**16) for _ in range(50)],
        [bytearray(2**19) for _ in range(50)],
        [set(range(200_000))],
    ],
)
def test_what_is_left_as_it_is(value: object) -> None:
    assert copied(value) is value


def test_depth_is_bounded() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    assert copied(value) is value
    while value:  # Python itself would free it recursively
        value = value.pop()


def test_objects_of_the_notebooks_own_classes() -> None:
    class Node:
        def __init__(self, data: Any) -> None:
            self.data, self.me = data, self

    Node.__module__ = "__main__"
    node = Node([1])
    values = {"node": node, "data": node.data, "number": 3, "library": np.random.default_rng(0)}
    copies: Any = copied_with_objects(values)
    assert all(is_as_copied(copies[name], value) for name, value in values.items())
    node.data.append(2)
    assert copies["node"].data == [1] and copies["node"].me is copies["node"]
    assert copies["node"].data is copies["data"] and copies["library"] is values["library"]
    assert not is_as_copied(copies["node"], node) and not is_as_copied(copies["data"], [1.0])


@pytest.mark.parametrize("value", [{"a": np.nan}, np.array([np.nan, 1]), {1, 2}, bytearray(b"x")])
def test_what_has_not_changed(value: object) -> None:
    assert is_as_copied(copied(value), value)
    assert not is_as_copied(copied(value), 3)


def test_a_class_that_hides_its_parts() -> None:
    class Hidden:
        @property
        def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
            raise RuntimeError

    Hidden.__module__ = "__main__"
    value = Hidden()
    assert copied_with_objects({"a": value, "b": [1]}) == {"a": value, "b": [1]}


def test_what_is_shared_with_what_has_changed() -> None:
    array = np.zeros(2)
    values: dict[str, Any] = {"item": array, "items": [array], "all": {"a": [1]}, "n": 1, "s": "x"}
    values |= {"more": values["items"], "loop": [], "text": ["x", 1]}
    values["loop"].append(values["loop"])
    copies = copied_with_objects(values)
    assert changed_since(copies, values) == set()
    values["items"].append(1)
    assert changed_since(copies, values) == {"item", "items", "more"}
    values["loop"].append(1)
    assert changed_since(copies, values) == {"item", "items", "more", "loop"}


def test_no_copy_of_what_notices_its_end() -> None:
    class Counted:
        alive = 0

        def __init__(self) -> None:
            Counted.alive += 1

        def __del__(self) -> None:
            Counted.alive -= 1

    Counted.__module__ = "__main__"
    value = Counted()
    assert copied_with_objects({"a": [value], "b": value})["b"] is value
    assert Counted.alive == 1
