"""Values with their types: what a test cell would see of them in the notebook itself.

The codec reduces an answer to plain data: a table becomes an array, a set or a range a list. That
is what a grader module wants, and too little for a test cell that was written for the notebook. A
*likeness* is plain data, too, with a word beside each value that says what it is. Decoding is an
allow-list, like the codec's: nothing is looked up by a name that the student's process has sent.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fairmark.wire.codec import MAX_DEPTH, WireError
from fairmark.wire.derived import data_in

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_NUMBERS = "biufc"
_DATES = (datetime.date, datetime.time, datetime.datetime, datetime.timedelta)
_MAX_ITEMS = 2_000_000
_MAX_BYTES = 64 * 2**20
_MAX_COLLISIONS = 1_000
_MAX_EXPONENT = 4_000
_COLUMN = re.compile(
    r"(?i:u?int|float|complex)\d{1,3}|bool|boolean|object|str|string(\[python\])?"
    r"|(datetime|timedelta)64\[\w+(, [\w/+:-]+)?\]"
)
"""The types of columns that are taken: none whose name says how much memory a value takes."""
_NUMPY_TEXTS: dict[type, Callable[[Any], Any]] = {str: np.str_, bytes: np.bytes_}


class Likenesses:
    """Makes likenesses of values, and values of likenesses.

    ``keep`` stands for an object that is no data, as something that the codec can send, and
    ``restore`` is its opposite: it takes the kind of the stand-in, and what was sent.
    """

    def __init__(
        self,
        keep: Callable[[object], tuple[str, Any]],
        restore: Callable[[str, Any], object],
    ) -> None:
        self._keep = keep
        self._restore = restore
        self._collisions = 0
        self.only_data = False
        """Whether an object that holds data, such as a named tuple, is to be that data alone."""

    def of(self, value: object, depth: int = 0) -> list[Any]:
        """Return the likeness of a value."""
        if depth > MAX_DEPTH:
            raise WireError(f"it is nested more than {MAX_DEPTH} levels deep")
        cls = type(value)
        if is_plain(value):
            return ["plain", value]
        if cls in _ITEMS:
            return [_ITEMS[cls], [self.of(item, depth + 1) for item in value]]  # type: ignore[attr-defined]
        if cls is collections.defaultdict:
            name = getattr(value.default_factory, "__name__", "")  # type: ignore[attr-defined]
            return ["defaultdict", [name, self.of(dict(value), depth + 1)]]  # type: ignore[call-overload]
        if cls in _DICTS:
            pairs = [[self.of(k, depth + 1), self.of(v, depth + 1)] for k, v in value.items()]  # type: ignore[attr-defined]
            return [_DICTS[cls], pairs]
        if cls is bytearray:
            return ["bytearray", bytes(value)]  # type: ignore[call-overload]
        if cls is range:
            return ["range", [value.start, value.stop, value.step]]  # type: ignore[attr-defined]
        if cls is fractions.Fraction:
            return ["fraction", [value.numerator, value.denominator]]  # type: ignore[attr-defined]
        if cls is decimal.Decimal:
            return ["decimal", str(value)]
        if cls in _DATES and getattr(value, "tzinfo", None) is None:
            return [cls.__name__, _date_fields(value)]
        if cls is np.ndarray:
            return self._array(value, depth)  # type: ignore[arg-type]
        if isinstance(value, (np.str_, np.bytes_)):
            return ["npstr", value.item()]
        if isinstance(value, (np.datetime64, np.timedelta64)):
            return ["npdate", [value.dtype.str, int(value.astype("int64"))]]
        if (found := self._library(value, depth)) is not None:
            return found
        if self.only_data and (data := data_in(value)) is not value:
            return self.of(data, depth)
        return ["kept", list(self._keep(value))]

    def value(self, likeness: object, depth: int = 0) -> Any:
        """Return the value of a likeness; raise WireError where it is none."""
        if depth > MAX_DEPTH or type(likeness) is not list or len(likeness) != 2:
            raise WireError("the answer is malformed")
        if depth == 0:
            self._collisions = 0
        word, content = likeness
        try:
            return self._value(word, content, depth + 1)
        except (WireError, NameError):  # a name that the student's notebook does not define
            raise
        except Exception as error:  # whatever a library makes of claims that do not fit together
            raise WireError(f"the answer is malformed ({type(error).__name__})") from None

    def _value(self, word: object, content: Any, depth: int) -> Any:
        match word:
            case "plain":
                if not is_plain(content):  # an object of the student's, where none can be
                    raise WireError("the answer is malformed")
                return content
            case "kept":
                kind, sent = content
                return self._restore(kind, sent)
            case "list" | "tuple" | "set" | "frozenset" | "deque" | "keys" | "values" | "items":
                items = [self.value(item, depth) for item in _listed(content)]
                return _MAKE_ITEMS[word](self._hashable(items) if word in _HASHED else items)
            case "defaultdict":
                factory, held = _FACTORIES.get(content[0]), self.value(content[1], depth)
                return collections.defaultdict(factory, held)
            case "bytearray":
                return bytearray(content if type(content) is bytes else b"")
            case "dict" | "Counter" | "OrderedDict":
                pairs = [(self.value(k, depth), self.value(v, depth)) for k, v in _listed(content)]
                self._hashable([key for key, _ in pairs])
                return _MAKE_DICT[word](pairs)
            case "range":
                return _range(content)
            case "fraction":
                return fractions.Fraction(*_whole(content, 2))
            case "decimal":
                return _decimal(content)
            case "date" | "time" | "datetime" | "timedelta":
                return getattr(datetime, word)(*_whole(content))
            case "npstr":
                return _NUMPY_TEXTS[type(content)](content)
            case "npdate":
                return np.array(_whole([content[1]])[0], "int64").view(_dtype(content[0]))[()]
            case "texts":
                texts, dtype, shape = content
                size = len(_listed(texts)) * _dtype(dtype).itemsize
                if not is_plain(texts) or size > _MAX_BYTES:
                    raise WireError("the answer is malformed")
                return np.array(texts, _dtype(dtype)).reshape(_whole(shape))
            case "dates":
                return _numbers(content[0]).astype("int64").view(_dtype(content[1]))
            case "objects":
                return _objects([self.value(i, depth) for i in content[0]], _whole(content[1]))
            case "tensor":
                return _tensor(content)
            case "series" | "frame" | "index":
                return self._pandas(word, content, depth)
            case _:
                raise WireError("the answer is malformed")

    def _hashable(self, items: list[Any]) -> list[Any]:
        """The items, unless they were chosen to have all the same hash, which takes for ever."""
        self._collisions += len(items) - len(set(map(hash, items)))
        if self._collisions > _MAX_COLLISIONS:
            raise WireError("its sets and dicts hold too many values that have the same hash")
        return items

    def _array(self, array: np.ndarray[Any, Any], depth: int) -> list[Any]:
        """The likeness of an array of no numbers."""
        shape = list(array.shape)
        match array.dtype.kind:
            case "U" | "S":
                return ["texts", [array.ravel().tolist(), array.dtype.str, shape]]
            case "M" | "m":
                return ["dates", [array.astype("int64"), array.dtype.str]]
            case "O":
                return ["objects", [[self.of(item, depth + 1) for item in array.flat], shape]]
            case _:
                return ["kept", list(self._keep(array))]

    def _library(self, value: object, depth: int) -> list[Any] | None:
        """The likeness of an object of pandas or torch; None if it is none."""
        pandas, torch = sys.modules.get("pandas"), sys.modules.get("torch")
        cls = type(value)
        if pandas is not None and cls in (pandas.Series, pandas.DataFrame):
            index = self._index(value.index, depth)  # type: ignore[attr-defined]
            if cls is pandas.Series:
                series: Any = value
                return ["series", [self._column(series, depth), index, self.of(series.name, depth)]]
            frame: Any = value
            columns = [self._column(frame.iloc[:, i], depth) for i in range(frame.shape[1])]
            return ["frame", [columns, index, self._index(frame.columns, depth)]]
        if pandas is not None and isinstance(value, pandas.Index):
            return ["index", self._index(value, depth)]
        if torch is not None and cls is torch.Tensor:
            tensor: Any = value
            if tensor.layout == torch.strided and not tensor.is_quantized:
                wide = tensor.detach().cpu()
                wide = wide.float() if wide.dtype == torch.bfloat16 else wide
                dtype = str(tensor.dtype).removeprefix("torch.")
                return ["tensor", [wide.numpy(), dtype, bool(tensor.requires_grad)]]
        return None

    def _column(self, series: Any, depth: int) -> list[Any]:
        """The values of a column, and the name of its type."""
        dtype = str(series.dtype)
        if dtype == "category":
            categories = series.cat.categories
            held = [self._index(categories, depth), bool(series.cat.ordered)]
            return ["category", [series.cat.codes.to_numpy(), *held]]
        values = series.to_numpy()
        if values.dtype.kind == "O":
            values = [self.of(item, depth + 1) for item in values]
            return [dtype, ["objects", [values, [len(values)]]]]
        return [dtype, self.of(values, depth + 1)]

    def _index(self, index: Any, depth: int) -> list[Any]:
        import pandas

        names = [self.of(name, depth + 1) for name in index.names]
        if isinstance(index, pandas.RangeIndex):
            return ["range", [index.start, index.stop, index.step], names]
        if isinstance(index, pandas.MultiIndex):
            return ["multi", [self.of(item, depth + 1) for item in index], names]
        return ["plain", self._column(index.to_series(), depth), names]

    def _pandas(self, word: str, content: Any, depth: int) -> Any:
        import pandas

        if word == "index":
            return self._made_index(content, depth)
        if word == "series":
            column, index, name = content
            series = self._made_column(column, depth)
            series.index = self._made_index(index, depth)
            return series.rename(self.value(name, depth))
        columns, index, names = content
        made = [self._made_column(column, depth) for column in _listed(columns)]
        frame = pandas.concat(made, axis=1) if made else pandas.DataFrame()
        rows = self._made_index(index, depth)
        frame = frame if made else pandas.DataFrame(index=rows)
        frame.index, frame.columns = rows, self._made_index(names, depth)
        return frame

    def _made_column(self, content: Any, depth: int) -> Any:
        import pandas

        dtype, held = content
        if dtype == "category":
            codes, categories, ordered = held
            made = pandas.Categorical.from_codes(
                _numbers(codes), self._made_index(categories, depth), ordered=ordered is True
            )
            return pandas.Series(made)
        if _COLUMN.fullmatch(_text(dtype)) is None:
            raise WireError("the answer is malformed")
        return pandas.Series(self.value(held, depth), dtype=dtype)

    def _made_index(self, content: Any, depth: int) -> Any:
        import pandas

        kind, held, names = content
        labels = [self.value(name, depth) for name in _listed(names)]
        if kind == "range":
            return pandas.RangeIndex(_range(held), name=labels[0])
        if kind == "multi":
            items = [self.value(item, depth) for item in _listed(held)]
            return pandas.MultiIndex.from_tuples(items, names=labels)
        return pandas.Index(self._made_column(held, depth), name=labels[0])


def is_plain(value: object) -> bool:
    """Whether the codec gives back a value as it is, in type and content."""
    cls = type(value)
    if cls in _PLAIN:
        return True
    if cls in (list, tuple):
        return all(map(is_plain, value))  # type: ignore[call-overload]
    if cls is dict:
        return all(is_plain(k) and is_plain(v) for k, v in value.items())  # type: ignore[attr-defined]
    if cls is np.ndarray:
        return value.dtype.kind in _NUMBERS  # type: ignore[attr-defined]
    return isinstance(value, np.generic) and value.dtype.kind in _NUMBERS


def _listed(content: Any) -> Sequence[Any]:
    if type(content) is not list or len(content) > _MAX_ITEMS:
        raise WireError("the answer is malformed")
    return content


def _whole(content: Any, count: int | None = None) -> list[int]:
    items = _listed(content)
    if any(type(item) is not int for item in items) or count not in (None, len(items)):
        raise WireError("the answer is malformed")
    return list(items)


def _range(content: Any) -> range:
    """A range that a test may make a list of."""
    made = range(*_whole(content, 3))
    if len(made) > _MAX_ITEMS:
        raise WireError("it is a range of millions of numbers")
    return made


def _numbers(content: Any) -> np.ndarray[Any, Any]:
    if type(content) is not np.ndarray:
        raise WireError("the answer is malformed")
    return content


def _text(content: Any) -> str:
    if type(content) is not str or len(content) > 2_000:
        raise WireError("the answer is malformed")
    return content


def _decimal(content: Any) -> decimal.Decimal:
    """A decimal number of which a test may make an integer."""
    made = decimal.Decimal(_text(content))
    if made.is_finite() and abs(made.adjusted()) > _MAX_EXPONENT:
        raise WireError("it is a number of thousands of digits")
    return made


def _dtype(name: Any) -> np.dtype[Any]:
    dtype = np.dtype(_text(name))
    if dtype.kind not in "USMm":
        raise WireError("the answer is malformed")
    return dtype


def _objects(items: Sequence[Any], shape: Sequence[int]) -> np.ndarray[Any, Any]:
    flat = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        flat[place] = item
    return flat.reshape(shape)


def _tensor(content: Any) -> Any:
    import torch

    array, dtype, gradient = content
    found = getattr(torch, _text(dtype), None)
    if not isinstance(found, torch.dtype):
        raise WireError("the answer is malformed")
    return torch.from_numpy(_numbers(array).copy()).to(found).requires_grad_(gradient is True)


def _date_fields(value: Any) -> list[int]:
    if isinstance(value, datetime.timedelta):
        return [value.days, value.seconds, value.microseconds]
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return [getattr(value, name) for name in names if hasattr(value, name)]


_ITEMS: dict[type, str] = {
    list: "list",
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    type({}.keys()): "keys",
    type({}.values()): "values",
    type({}.items()): "items",
}
_MAKE_ITEMS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": collections.deque,
    "keys": lambda items: dict.fromkeys(items).keys(),
    "values": lambda items: dict(enumerate(items)).values(),
    "items": lambda items: dict(items).items(),
}
_HASHED = frozenset({"set", "frozenset", "keys"})
_DICTS: dict[type, str] = {
    dict: "dict",
    collections.Counter: "Counter",
    collections.OrderedDict: "OrderedDict",
}
_MAKE_DICT: dict[str, Callable[[Any], Any]] = {
    "dict": dict,
    "Counter": lambda pairs: collections.Counter(dict(pairs)),
    "OrderedDict": collections.OrderedDict,
}
_FACTORIES: dict[str, Callable[[], Any]] = {
    kind.__name__: kind for kind in (int, float, str, bool, list, tuple, dict, set)
}
