"""The forms of an answer's calls: which arguments, of what kind, and how their shapes belong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from fairmark.draft.literals import ENTRYWISE, FUNCTIONS
from fairmark.draft.record import Opaque, Recorded, Tensor
from fairmark.draft.shapes import as_told, bound, explained, primes_solved
from fairmark.draft.texts import Text, symbols_in
from fairmark.verify.calls import Function

Kind = Literal["array", "tensor", "int", "float", "data", "opaque"]
_NAMES = "n m d k p q r s t u v w".split()
_MAX_DIMS = 5
_LABELS = np.array([0, 1, 2, 2, 0, 1])


ANNOTATED: dict[str, tuple[Kind, tuple[Any, ...]]] = {
    "int": ("int", (3, 5, 7)),
    "float": ("float", (0.5, 2.0, 3.5)),
    "bool": ("data", (False, True)),
    "str": ("data", ("one word", "and another one", "word")),
    "list[int]": ("data", ([3, 1, 2], [5, 5], [4])),
    "list[float]": ("data", ([0.5, 2.0, 1.5], [3.0, 0.25], [1.0])),
    "list[str]": ("data", (["one", "word"], ["and", "one", "word"], ["word"])),
}
"""What is passed for the types of signatures, where nothing else tells: none below 0 or empty."""


@dataclass(frozen=True)
class Slot:
    """One argument of a form."""

    name: str
    keyword: bool
    kind: Kind
    pool: tuple[Any, ...]
    """The values that the notebook gave it; arrays as arrays."""
    shape: tuple[str, ...] = ()
    """Of an array: its sizes, as expressions of the form's symbols and numbers."""
    high: str = ""
    """Of an array of whole numbers: the size or argument that all of them are below."""

    @property
    def is_array(self) -> bool:
        """Whether it is an array or a tensor."""
        return self.kind in ("array", "tensor")


@dataclass(frozen=True)
class Form:
    """Calls of one function with arguments of the same kinds."""

    function: str
    slots: tuple[Slot, ...]
    symbols: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The sizes that can be chosen, with those that the notebook had."""
    calls: tuple[Recorded, ...] = ()
    keeps: tuple[str, ...] = ()
    """Statements that make drawn arguments keep to what all calls had in common."""
    ends: tuple[int, int] | None = None
    """Of a single whole number: the range that the text tells."""

    @property
    def opaque(self) -> str:
        """What it is given that is no plain data; "" for nothing."""
        for slot in self.slots:
            if slot.kind == "opaque":
                if not slot.pool:
                    return slot.name
                value = slot.pool[0]
                kind = value.type_name if isinstance(value, Opaque) else type(value).__name__
                return f"{slot.name} is of type {kind}"
        return ""


def forms_of(function: Function, calls: Sequence[Recorded], text: Text) -> list[Form]:
    """Return the forms of a function's calls: those recorded, else what its text tells."""
    kinds = [_kinds(function, call) for call in calls]
    groups: dict[tuple[Any, ...], list[Recorded]] = {}
    for call, own in zip(calls, kinds, strict=True):
        groups.setdefault(_widened(own, kinds), []).append(call)
    found = [form for group in groups.values() for form in _forms(function, group, text)]
    if not found:
        found = list(_told(function, text))
    found += list(_with_options(function, found))
    return [_ranged(form, text) for form in [*found, *_batched(found, text)]]


def _ranged(form: Form, text: Text) -> Form:
    """The same with the range that the text tells, where it can only be that of the argument."""
    kinds = [slot.kind for slot in form.slots]
    return replace(form, ends=text.range_of_numbers) if kinds == ["int"] else form


def _with_options(function: Function, forms: Sequence[Form]) -> Iterator[Form]:
    """The fullest form with all options that have numbers as defaults, and with none of them."""
    known = {tuple(slot.name for slot in form.slots) for form in forms}
    plain = [form for form in forms if not form.opaque]
    if not plain:
        return
    fullest = max(plain, key=lambda form: len(form.slots))
    given = {slot.name for slot in fullest.slots}
    more = [
        Slot(name, True, _kind_of_default(value), _values_beside(value))
        for name, value in function.defaults.items()
        if name not in given
    ]
    needed = tuple(slot for slot in fullest.slots if slot.name not in function.optional)
    for slots in ((*fullest.slots, *more), needed):
        names = tuple(slot.name for slot in slots)
        if names not in known and slots:
            known.add(names)
            used = {n for s in slots for n in symbols_in([s.shape])}
            symbols = {n: v for n, v in fullest.symbols.items() if n in used}
            if used <= symbols.keys() | set(names):
                yield Form(fullest.function, slots, symbols)


def _kind_of_default(value: Any) -> Kind:
    if isinstance(value, bool):
        return "data"
    return "int" if isinstance(value, int) else "float"


def _values_beside(value: Any) -> tuple[Any, ...]:
    return (False, True) if isinstance(value, bool) else (value,)


def _batched(forms: Sequence[Form], text: Text) -> Iterator[Form]:
    """The same forms with one more axis before the others, where the text speaks of rows."""
    known = {_ranks(form) for form in forms}
    for form in forms if text.speaks_of_rows else []:
        arrays = [slot for slot in form.slots if slot.is_array]
        if not arrays or any(slot.shape != arrays[0].shape for slot in arrays):
            continue
        if len(arrays[0].shape) != 1 and not text.allows_any_shape:
            continue
        name = _new_name(form.symbols, (), form)
        slots = tuple(replace(s, shape=(name, *s.shape)) if s.is_array else s for s in form.slots)
        made = Form(form.function, slots, {name: (3,), **form.symbols})
        if _ranks(made) not in known:
            known.add(_ranks(made))
            yield made


def _ranks(form: Form) -> tuple[int, ...]:
    return tuple(len(slot.shape) if slot.is_array else -1 for slot in form.slots)


def _kinds(function: Function, call: Recorded) -> tuple[Any, ...]:
    return tuple((n, k, _kind(v), _ndim(v)) for n, k, v in _given(function, call))


def _widened(own: tuple[Any, ...], kinds: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The kinds of another call that has floats where this one has whole numbers; else its own."""
    for other in kinds:
        pairs = list(zip(own, other, strict=False))
        same = len(own) == len(other) and all(
            a == b or (a[:2] == b[:2] and (a[2], b[2]) == ("int", "float")) for a, b in pairs
        )
        if same and own != other:
            return other
    return own


def _given(function: Function, call: Recorded) -> Iterator[tuple[str, bool, Any]]:
    for place, value in enumerate(call.args):
        names = function.parameters
        yield (names[place] if place < len(names) else f"argument_{place + 1}"), False, value
    for name, value in call.kwargs.items():
        yield name, True, value


def _kind(value: Any) -> Kind:
    match value:
        case Tensor():
            return "tensor"
        case np.ndarray():
            return "array" if value.ndim else ("int" if value.dtype.kind in "iu" else "float")
        case bool() | str() | bytes() | None:
            return "data"
        case int() | np.integer():
            return "int"
        case float() | np.floating():
            return "float"
    return "opaque" if _holds_opaque(value) else "data"


def _holds_opaque(value: Any) -> bool:
    if isinstance(value, Opaque | Tensor | np.ndarray):
        return True
    if isinstance(value, list | tuple):
        return any(map(_holds_opaque, value))
    if isinstance(value, dict):
        return any(_holds_opaque(v) for v in value.values())
    return False


def _ndim(value: Any) -> Any:
    array = value.array if isinstance(value, Tensor) else value
    if isinstance(array, np.ndarray):
        return array.ndim, array.dtype.kind
    return ""


def _forms(function: Function, calls: Sequence[Recorded], text: Text) -> Iterator[Form]:
    """The form of calls with the same kinds; a second one where the text's shapes may mislead."""
    names = [(name, keyword) for name, keyword, _ in _given(function, calls[0])]
    columns = list(zip(*([v for *_, v in _given(function, c)] for c in calls), strict=True))
    slots = []
    kind: Kind
    for (name, keyword), values in zip(names, columns, strict=True):
        kind = "float" if any(_kind(v) == "float" for v in values) else _kind(values[0])
        pool = tuple(v.array if isinstance(v, Tensor) else v for v in values)
        if all(isinstance(v, Opaque) and v.type_name == "function" for v in values):
            kind, pool = "data", FUNCTIONS
        slots.append(Slot(name, keyword, kind, pool))
    yield _with_shapes(Form(function.name, tuple(slots), {}, tuple(calls)), text)


# --- Shapes -----------------------------------------------------------------------------------


def tied(form: Form, text: Text) -> Form | None:
    """Return the form in which also the axes of one array that were as long stay as long.

    One call does not tell whether a square array has to be one. None where there is none.
    """
    made = _with_shapes(form, text, tie=True) if form.calls else form
    return made if made.symbols != form.symbols else None


def _with_shapes(form: Form, text: Text, *, tie: bool = False) -> Form:
    """The form with its arrays' sizes as expressions: as the text says, else as the calls show."""
    told = {}
    for slot in form.slots:
        if slot.is_array and slot.pool:
            fitting = [s for s in text.shapes_of(slot.name) if len(s) == slot.pool[0].ndim]
            if fitting:
                told[slot.name] = fitting[0]
    told = _with_other_texts(form, told, text)
    observed = _observed_symbols(form, told)
    shapes: dict[str, tuple[str, ...]] = {}
    scalars = {
        slot.name: tuple(int(v) for v in slot.pool) for slot in form.slots if slot.kind == "int"
    }
    columns = {name: sizes for name, sizes in observed.items() if not name.endswith("_")}
    for slot in form.slots:
        if not slot.is_array:
            continue
        if slot.name in told and all(_known(d, {**observed, **scalars}) for d in told[slot.name]):
            shapes[slot.name] = told[slot.name]
            continue
        dims: list[str] = []
        for axis in range(slot.pool[0].ndim):
            sizes = tuple(int(array.shape[axis]) for array in slot.pool)
            own = () if tie or len(set(sizes)) > 1 else dims
            others = {name: v for name, v in columns.items() if name not in own}
            expression = explained(sizes, others, scalars, tie) or as_told(sizes, observed, told)
            if expression is None:
                expression = _new_name(columns, scalars, form)
                columns[expression] = sizes
            dims.append(expression)
        shapes[slot.name] = tuple(dims)
    primes = {name: sizes for name, sizes in observed.items() if name.endswith("_")}
    columns, solved = primes_solved({**columns, **primes}, scalars)
    shapes = {
        name: tuple(f"{solved.get(dim, dim)}" for dim in shape) for name, shape in shapes.items()
    }
    slots = tuple(
        Slot(s.name, s.keyword, s.kind, s.pool, shapes.get(s.name, ())) for s in form.slots
    )
    slots = tuple(
        replace(slot, high=bound(slot.pool if slot.is_array else (), slot.shape, columns, scalars))
        for slot in slots
    )
    used = symbols_in([*shapes.values(), *((slot.high,) for slot in slots if slot.high)])
    symbols = {name: values for name, values in columns.items() if name in used}
    return Form(form.function, slots, symbols, form.calls)


def _with_other_texts(
    form: Form, told: dict[str, tuple[str, ...]], text: Text
) -> dict[str, tuple[str, ...]]:
    """The same, with what other answers' texts say of such arguments, where the calls agree."""
    found = dict(told)
    for slot in form.slots:
        if not slot.is_array or not slot.pool or slot.name in told or not told:
            continue
        for shape in text.shapes_elsewhere(slot.name):
            if len(shape) != slot.pool[0].ndim or any(dim.isdigit() for dim in shape):
                continue
            more = {**found, slot.name: shape}
            if _observed_symbols(form, more):
                found = more
                break
    return found


def _observed_symbols(form: Form, told: dict[str, tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """The sizes that the calls had for the text's symbols; none where the two disagree."""
    found: dict[str, tuple[int, ...]] = {}
    taken = {slot.name for slot in form.slots}
    for slot in form.slots:
        for axis, dim in enumerate(told.get(slot.name, ())):
            if dim.isidentifier() and dim not in taken:
                sizes = tuple(int(array.shape[axis]) for array in slot.pool)
                if found.setdefault(dim, sizes) != sizes:
                    return {}
    for slot in form.slots:
        for axis, dim in enumerate(told.get(slot.name, ())):
            match = re.fullmatch(r"(\w+) ([+-]) (\d+)", dim)
            if match and match[1] not in found and not match[1].isdigit():
                step = int(match[3]) * (1 if match[2] == "+" else -1)
                found[match[1]] = tuple(int(a.shape[axis]) - step for a in slot.pool)
    return found


def _known(dim: str, columns: dict[str, Any]) -> bool:
    return all(name in columns for name in symbols_in([(dim,)]))


def _new_name(columns: Iterable[str], scalars: Iterable[str], form: Form) -> str:
    taken = {*columns, *scalars, *(slot.name for slot in form.slots)}
    return next(name for name in (*_NAMES, *(f"n{i}" for i in range(99))) if name not in taken)


def at_recorded_sizes(form: Form) -> Iterator[Form]:
    """The forms whose arrays have the sizes of one of the calls, and only their values differ."""
    known = set()
    for place in range(len(form.calls)):
        slots = tuple(
            replace(slot, shape=tuple(map(str, slot.pool[place].shape)), high="")
            if slot.is_array
            else slot
            for slot in form.slots
        )
        shapes = tuple(slot.shape for slot in slots)
        if shapes not in known and any(slot.is_array for slot in slots):
            known.add(shapes)
            yield replace(form, slots=slots, symbols={}, calls=())


# --- Functions that the notebook does not call ------------------------------------------------


def _told(function: Function, text: Text) -> Iterator[Form]:
    """The form that a function's text and defaults tell; none where they leave an argument open."""
    slots = []
    for name in function.parameters:
        shapes = text.shapes_of(name)
        default = function.defaults.get(name)
        if shapes and len(shapes[0]) <= _MAX_DIMS:
            pool = (_LABELS,) if text.holds_labels(name) else ()
            slots.append(Slot(name, False, "array", pool, shapes[0]))
        elif text.is_function(name):
            functions = ENTRYWISE if text.is_entrywise else FUNCTIONS
            slots.append(Slot(name, False, "data", functions))
        elif isinstance(default, bool) or (name in function.optional and default is None):
            break  # what stands behind it keeps its default
        elif default is not None:
            slots.append(Slot(name, False, "int" if type(default) is int else "float", (default,)))
        elif (kind := ANNOTATED.get(text.annotations.get((function.name, name), ""))) is not None:
            slots.append(Slot(name, False, *kind))
        elif re.fullmatch(r"[a-z]", name) and len(function.parameters) <= 3:
            slots.append(Slot(name, False, "int", (3, 5, 7)))
        else:
            return
    if slots:
        own = {slot.name for slot in slots}
        symbols: dict[str, tuple[int, ...]] = {
            name: (3,) for name in symbols_in(s.shape for s in slots) if name not in own
        }
        yield Form(function.name, tuple(slots), symbols)
