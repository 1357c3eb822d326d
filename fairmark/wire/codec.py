"""Values as plain data: the only thing that the judge ever believes of a student's process.

A value becomes a *tree* that msgpack can carry. Scalars stand for themselves; everything else is
a list whose first item is a tag::

    ["l", items]  ["t", items]  ["d", [[key, value], ...]]      list, tuple, dict
    ["S", items]                                                set of plain values
    ["a", dtype, shape, bytes]  ["s", dtype, bytes]             NumPy array, NumPy scalar
    ["T", dtype, shape, bytes]                                  torch tensor
    ["v", array, layout]                                        NumPy array in another memory layout
    ["i", hexadecimal]  ["c", real, imaginary]                  big integer, complex number
    ["h", id, type name]                                        object that stays in its process
    ["f", id]                                                   function that stays with the judge

Decoding is an allow-list. There is no pickle, no ``eval`` and no import by name, so the worst that
a hostile answer can do is to be refused with a :class:`WireError`.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from fairmark.wire.errors import ExchangeError
from fairmark.wire.layout import lay_out, layout_of

MAX_DEPTH = 64
MAX_NODES = 2_000_000
_MAX_BIG_INT_DIGITS = 3_500  # Python writes no more than 4300 decimal digits
_MAX_KEYS = 20_000
_MAX_EMPTY_BYTES = 64 * 2**20
_ARRAY_KINDS = "biufc"
_DTYPE = re.compile(rf"[<>|=]?[{_ARRAY_KINDS}]\d{{1,2}}")
_INT64 = range(-(2**63), 2**64)

type_of = type  # `type` reads badly next to the tag names below


class WireError(ExchangeError):
    """A value that cannot be sent, or data that is not a well-formed value."""


class Encoder:
    """Turns values into trees.

    ``keep`` is called with each object that is not data and returns the tag list that stands for
    it; without it such objects are refused. ``layouts`` says whether arrays are to arrive as they
    lie in memory: what a grader sends does, an answer is its values only.
    """

    def __init__(
        self, keep: Callable[[object], list[Any]] | None = None, layouts: bool = False
    ) -> None:
        self._keep = keep
        self._layouts = layouts
        self._nodes = 0

    def encode(self, value: object) -> Any:
        """Return the tree of ``value``; raise WireError if it is too deep, too large or no data."""
        self._nodes = 0
        return self._encode(value, 0)

    def _encode(self, value: object, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError(f"it is nested more than {MAX_DEPTH} levels deep")
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise WireError(f"it holds more than {MAX_NODES} values")
        if value is None or value is True or value is False:
            return value
        # Subclasses (IntEnum, namedtuple, np.matrix, ...) are reduced to the plain type: what is
        # judged is what is sent, so an overridden __eq__ or __float__ has no say.
        if isinstance(value, np.ndarray):
            return self._ndarray(np.asarray(value), depth)
        if isinstance(value, np.generic):
            return self._numpy_scalar(value, depth)
        if isinstance(value, int):
            number = int(value)
            return number if number in _INT64 else ["i", _hexadecimal(number)]
        if isinstance(value, float):
            return float(value)
        if isinstance(value, str):
            return str(value).encode("utf-8", "replace").decode()  # lone surrogates cannot travel
        if isinstance(value, (bytes, bytearray)):
            return bytes(value)
        if isinstance(value, complex):
            return ["c", value.real, value.imag]
        if isinstance(value, (list, range)):
            return ["l", [self._encode(item, depth + 1) for item in value]]
        if isinstance(value, tuple):
            return ["t", [self._encode(item, depth + 1) for item in value]]
        if isinstance(value, (set, frozenset)) and all(map(_is_plain, value)):
            items = [self._encode(item, depth + 1) for item in value]
            return ["S", sorted(items, key=repr)]
        if isinstance(value, Mapping):
            return ["d", [self._pair(item, depth) for item in value.items()]]
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self._tensor(value, depth)
        if hasattr(type_of(value), "__array__"):  # pandas and the like
            array = np.asarray(value)
            if array.dtype.kind in _ARRAY_KINDS:
                return self._array("a", array, depth)
        if self._keep is None:
            raise WireError(f"an object of type {type_of(value).__name__} is no plain data")
        return self._keep(value)

    def _pair(self, item: tuple[object, object], depth: int) -> list[Any]:
        return [self._encode(item[0], depth + 1), self._encode(item[1], depth + 1)]

    def _ndarray(self, array: np.ndarray[Any, Any], depth: int) -> Any:
        plain = self._array("a", array, depth)
        layout = layout_of(array) if self._layouts and plain[0] == "a" else None
        return plain if layout is None else ["v", plain, layout]

    def _array(self, tag: str, array: np.ndarray[Any, Any], depth: int) -> Any:
        if array.dtype.kind not in _ARRAY_KINDS:
            return self._encode(array.tolist(), depth + 1)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return [tag, array.dtype.str, list(array.shape), array.tobytes()]

    def _numpy_scalar(self, value: np.generic, depth: int) -> Any:
        if value.dtype.kind not in _ARRAY_KINDS:
            return self._encode(value.item(), depth + 1)
        little = np.asarray(value).astype(value.dtype.newbyteorder("<"))
        return ["s", little.dtype.str, little.tobytes()]

    def _tensor(self, tensor: Any, depth: int) -> Any:
        plain = tensor.detach().to("cpu").resolve_conj().resolve_neg()
        if plain.is_sparse or plain.layout != sys.modules["torch"].strided:
            plain = plain.to_dense()
        if not plain.dtype.is_complex and plain.dtype.is_floating_point and plain.itemsize < 4:
            plain = plain.float()  # NumPy has no bfloat16
        return self._array("T", plain.numpy(), depth)


class Decoder:
    """Turns trees back into values.

    ``handle(id, type_name)`` and ``function(id)`` make what stands for an object or a function of
    the other process; without them such tags are refused. ``tensors`` says whether a tensor is
    wanted as a torch tensor (the student's side) or as a NumPy array (the judge's side);
    ``layouts`` whether an array may say how it lies in memory (the student's side).
    """

    def __init__(
        self,
        handle: Callable[[int, str], object] | None = None,
        function: Callable[[int], object] | None = None,
        tensors: bool = False,
        layouts: bool = False,
    ) -> None:
        self._handle = handle
        self._function = function
        self._tensors = tensors
        self._layouts = layouts
        self._nodes = 0
        self._keys = 0

    def decode(self, tree: object) -> Any:
        """Return the value of ``tree``; raise WireError when it is not a well-formed tree."""
        self._nodes = self._keys = 0
        return self._decode(tree, 0)

    def _decode(self, tree: object, depth: int) -> Any:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("the answer is nested too deeply or holds too many values")
        if tree is None or type_of(tree) in (bool, int, float, str, bytes):
            return tree
        if type_of(tree) is not list or not tree or type_of(tree[0]) is not str:
            raise WireError("the answer is malformed")
        tag, *rest = tree
        decode = self._TAGS.get(tag)
        if decode is None:
            raise WireError(f"the answer has an unknown tag {tag[:20]!r}")
        return decode(self, rest, depth)

    def _items(self, rest: list[Any], depth: int) -> list[Any]:
        (items,) = _fields(rest, list)
        return [self._decode(item, depth + 1) for item in items]

    def _tuple(self, rest: list[Any], depth: int) -> tuple[Any, ...]:
        return tuple(self._items(rest, depth))

    def _set(self, rest: list[Any], depth: int) -> set[Any]:
        found = self._items(rest, depth)
        self._keys += sum(type_of(item) is not str for item in found)
        if self._keys > _MAX_KEYS:
            raise WireError(f"its sets hold more than {_MAX_KEYS} values that are no strings")
        if not all(map(_is_plain, found)):
            raise WireError("a set in the answer holds what is no plain value")
        return set(found)

    def _dict(self, rest: list[Any], depth: int) -> dict[Any, Any]:
        (pairs,) = _fields(rest, list)
        result = {}
        for pair in pairs:
            if type_of(pair) is not list or len(pair) != 2:
                raise WireError("a dict in the answer is malformed")
            key = self._decode(pair[0], depth + 1)
            # Numbers, and tuples of them, can be chosen to have all the same hash.
            self._keys += type_of(key) is not str
            if self._keys > _MAX_KEYS:
                raise WireError(f"its dicts have more than {_MAX_KEYS} keys that are no strings")
            try:
                hash(key)
            except TypeError:
                raise WireError("a dict in the answer has a key that is no plain value") from None
            result[key] = self._decode(pair[1], depth + 1)
        return result

    def _array(self, rest: list[Any], depth: int) -> np.ndarray[Any, Any]:
        dtype_name, shape, data = _fields(rest, str, list, bytes)
        dtype = _dtype(dtype_name)
        if len(shape) > 32 or any(type_of(n) is not int or n < 0 for n in shape):
            raise WireError("an array in the answer has a malformed shape")
        if math.prod(shape) * dtype.itemsize != len(data):
            raise WireError("an array in the answer does not hold what its shape says")
        if math.prod(n or 1 for n in shape) * dtype.itemsize > max(len(data), _MAX_EMPTY_BYTES):
            raise WireError("an empty array in the answer has a dimension that is too large")
        try:
            return np.frombuffer(data, dtype).reshape(shape).copy()
        except (ValueError, OverflowError) as error:
            raise WireError(f"an array in the answer is malformed: {error}") from None

    def _view(self, rest: list[Any], depth: int) -> Any:
        tree, layout = _fields(rest, list, list)
        if not self._layouts or tree[:1] != ["a"]:
            raise WireError("the answer has an unknown tag 'v'")
        try:
            return lay_out(self._decode(tree, depth + 1), layout)
        except (ValueError, TypeError) as error:
            raise WireError(f"an array in the answer is malformed: {error}") from None

    def _tensor(self, rest: list[Any], depth: int) -> Any:
        array = self._array(rest, depth)
        if not self._tensors:
            return array
        import torch  # only the student's side wants tensors, and only where torch is in use

        return torch.from_numpy(array)

    def _scalar(self, rest: list[Any], depth: int) -> Any:
        dtype_name, data = _fields(rest, str, bytes)
        return self._array([dtype_name, [], data], depth)[()]

    def _big_int(self, rest: list[Any], depth: int) -> int:
        (digits,) = _fields(rest, str)
        if len(digits) > _MAX_BIG_INT_DIGITS:
            raise WireError("an integer in the answer has too many digits")
        try:
            return int(digits, 16)
        except ValueError:
            raise WireError("an integer in the answer is malformed") from None

    def _complex(self, rest: list[Any], depth: int) -> complex:
        real, imaginary = _fields(rest, float, float)
        return complex(real, imaginary)

    def _object(self, rest: list[Any], depth: int) -> object:
        number, name = _fields(rest, int, str)
        if self._handle is None:
            raise WireError("an object is no plain data")
        return self._handle(number, name[:200])

    def _callable(self, rest: list[Any], depth: int) -> object:
        (number,) = _fields(rest, int)
        if self._function is None:
            raise WireError("a function is no plain data")
        return self._function(number)

    _TAGS: ClassVar[dict[str, Callable[[Decoder, list[Any], int], Any]]] = {
        "l": _items,
        "t": _tuple,
        "d": _dict,
        "S": _set,
        "a": _array,
        "T": _tensor,
        "v": _view,
        "s": _scalar,
        "i": _big_int,
        "c": _complex,
        "h": _object,
        "f": _callable,
    }


def _is_plain(value: object) -> bool:
    """Whether a value can be an item of a set that travels: it can be hashed, and is data."""
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, complex, str, bytes, np.generic))


def _fields(rest: list[Any], *types: type) -> list[Any]:
    """Return ``rest`` when it has exactly these types, in this order."""
    if [type_of(item) for item in rest] != list(types):
        raise WireError("the answer is malformed")
    return rest


def _hexadecimal(number: int) -> str:
    digits = hex(number)
    if len(digits) > _MAX_BIG_INT_DIGITS:
        raise WireError("it is an integer of thousands of digits")
    return digits


def _dtype(name: str) -> np.dtype[Any]:
    if _DTYPE.fullmatch(name) is None:  # not all that NumPy understands is a number's name
        raise WireError(f"an array in the answer has the dtype {name[:20]!r}, which is not numbers")
    try:
        dtype = np.dtype(name)
    except (TypeError, ValueError):
        raise WireError(f"an array in the answer has the unknown dtype {name!r}") from None
    return dtype
