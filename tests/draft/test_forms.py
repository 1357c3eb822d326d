"""What a notebook's calls and an exercise's text tell of a function's arguments."""

from __future__ import annotations

import numpy as np
import pytest

from fairmark.draft.forms import Form, at_recorded_sizes, forms_of
from fairmark.draft.inputs import cases_of, drawn
from fairmark.draft.invariants import kept_true
from fairmark.draft.literals import written
from fairmark.draft.record import Opaque, Recorded
from fairmark.draft.texts import Text, annotations_of
from fairmark.verify.calls import Function

PREDICT = Function("predict", ("w", "X"))


def text(near: str = "") -> Text:
    return Text(near, "")


def zeros(*shapes: tuple[int, ...]) -> Recorded:
    return Recorded(tuple(np.linspace(-1, 1, int(np.prod(s))).reshape(s) for s in shapes))


def shapes(form: Form) -> list[tuple[str, ...]]:
    return [slot.shape for slot in form.slots]


def test_shapes_are_solved_from_the_calls() -> None:
    (form,) = forms_of(PREDICT, [zeros((3,), (7, 3)), zeros((5,), (2, 5))], text())
    assert shapes(form) == [("n",), ("m", "n")]
    assert form.symbols == {"n": (3, 5), "m": (7, 2)}


def test_shapes_depend_on_numbers() -> None:
    function = Function("windows", ("x", "k", "y", "stride"))
    calls = [
        Recorded((np.ones(9), np.ones(3), np.ones(7), 1)),
        Recorded((np.ones(9), np.ones(2), np.ones(4), 2)),
    ]
    (form,) = forms_of(function, calls, text())
    assert shapes(form)[2] == ("(n - m) // stride + 1",)


def test_the_text_names_the_sizes() -> None:
    said = text("+1 where the score of w (d + 1,) is > 0; `X` is an array of shape (n, d + 1)")
    (form,) = forms_of(PREDICT, [zeros((3,), (7, 3))], said)
    assert shapes(form) == [("d + 1",), ("n", "d + 1")]
    assert form.symbols == {"d": (2,), "n": (7,)}


def test_labels_are_below_a_number() -> None:
    function = Function("one_hot", ("labels", "classes"))
    (form,) = forms_of(function, [Recorded((np.array([0, 2, 1]), 3))], text())
    assert drawn(form.slots[0], "random") == "rng.integers(0, classes, size=(n,))"


def test_options_are_tried_and_left_out() -> None:
    function = Function("pool", ("x", "size"), frozenset({"size"}), {"size": 2})
    forms = forms_of(function, [zeros((4, 4))], text())
    assert [[slot.name for slot in form.slots] for form in forms] == [["x"], ["x", "size"]]


def test_rows_come_where_the_text_speaks_of_them() -> None:
    function = Function("softmax", ("a",))
    forms = forms_of(function, [zeros((4,))], text("each row of a batch by itself"))
    assert [shapes(form) for form in forms] == [[("n",)], [("m", "n")]]
    assert len(forms_of(function, [zeros((4,))], text("one sample"))) == 1


def test_without_calls_the_text_tells() -> None:
    function = Function("gram", ("F",))
    (form,) = forms_of(function, [], text("F (C, M) -> (C, C)"))
    assert shapes(form) == [("C", "M")]
    assert forms_of(function, [], text("F, features")) == []


def test_objects_are_no_data() -> None:
    (form,) = forms_of(Function("f", ("model",)), [Recorded((Opaque("Linear"),))], text())
    assert form.opaque == "model is of type Linear"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[0.0, 1.0], [1.0, 0.0]], "np.eye(m)[rng.integers(m, size=(n,))]"),
        ([[0.25, 0.75], [0.5, 0.5]], "rng.dirichlet(np.ones(m), size=(n,))"),
        ([[-1.0, 1.0], [1.0, 1.0]], "rng.choice([-1, 1], size=(n, m)).astype(float)"),
        ([[0.25, 0.5], [0.3, 0.9], [0.1, 0.7], [0.2, 0.4]], "rng.uniform(size=(n, m))"),
    ],
)
def test_values_are_of_the_kind_that_was_seen(rows: list[list[float]], expected: str) -> None:
    (form,) = forms_of(Function("f", ("T",)), [Recorded((np.array(rows),))], text())
    assert drawn(form.slots[0], "random") == expected


def test_cases_keep_equal_sizes_equal() -> None:
    (form,) = forms_of(PREDICT, [zeros((3,), (7, 3)), zeros((5,), (2, 5))], text())
    cases = [case for case in cases_of(form, ["random"]) if case.style == "random"]
    assert all(w.shape[0] == X.shape[1] for w, X in (case.args for case in cases))
    assert len({case.args[1].shape for case in cases}) > 8
    assert any(len(case.args[1]) == 1 for case in cases)


def test_inputs_keep_to_what_all_calls_had_in_common() -> None:
    random = np.random.default_rng(0)
    calls = []
    for _ in range(9):
        w, x = random.normal(size=(2, 3))
        x[0] = 1
        calls.append(Recorded((w, x, -1 if w @ x > 0 else 1)))
    forms = forms_of(Function("update", ("w", "x", "y")), calls, text())
    (form,) = kept_true(forms)
    assert form.keeps == ("x[..., 0] = 1", "y = -1 if w @ x > 0 else 1")
    cases = [case.args for case in cases_of(form, ["random"])]
    assert all(x[0] == 1 and (y == -1) == (w @ x > 0) for w, x, y in cases)


def test_the_text_of_another_answer_names_the_sizes() -> None:
    function = Function("backward", ("grad", "x", "weight", "stride"))
    calls = [
        Recorded((np.ones((1, 4)), np.ones((1, 6)), np.ones((1, 1, 3)), 1)),
        Recorded((np.ones((1, 2)), np.ones((1, 6)), np.ones((1, 1, 3)), 2)),
    ]
    conv = "x (C, W) convolved with weight (K, C, FW); elsewhere x (9, 6)"
    said = Text("From grad (K, W')", "", (conv,))
    (form,) = forms_of(function, calls, said)
    assert shapes(form)[:3] == [("K", "(W - FW) // stride + 1"), ("C", "W"), ("K", "C", "FW")]
    cases = [case.args for case in cases_of(form, ["random"])]
    assert all(min(array.size for array in args[:3]) for args in cases)  # no draw without numbers
    assert len({args[2].shape[:2] for args in cases}) > 3


def test_sizes_that_nothing_explains_stay_as_they_were() -> None:
    (form,) = forms_of(PREDICT, [zeros((3,), (7, 3)), zeros((3,), (7, 3))], text())
    (fixed,) = at_recorded_sizes(form)
    assert shapes(fixed) == [("3",), ("7", "3")]
    cases = [case.args for case in cases_of(fixed, ["random"])]
    assert {(w.shape, X.shape) for w, X in cases} == {((3,), (7, 3))}
    assert len({w.tobytes() for w, _ in cases}) > 5


def test_a_number_may_be_whole_now_and_then() -> None:
    calls = [Recorded((np.ones(3), 0.5)), Recorded((np.ones(4), 1)), Recorded((np.ones(2), 0))]
    (form,) = forms_of(Function("scaled", ("x", "lr")), calls, text())
    assert form.slots[1].kind == "float"
    assert all(lr > 0 for _, lr in (c.args for c in cases_of(form, ["random"])))


def test_functions_are_given_functions() -> None:
    calls = [Recorded((Opaque("function"), np.ones(3)))]
    (form,) = forms_of(Function("slope", ("func", "x")), calls, text())
    func, x = next(case.args for case in cases_of(form, ["recorded", "random"]))
    assert written(func).startswith("lambda v:")
    assert np.ndim(func(x)) == 0


def test_signatures_tell_what_the_notebook_never_passes() -> None:
    source = "def pay(hours: int, rate: float, names: list[str], extra=2.0): ..."
    function = Function("pay", ("hours", "rate", "names", "extra"), frozenset({"extra"}))
    said = Text("", "", annotations=annotations_of(source))
    form, *_ = forms_of(function, [], said)
    assert [slot.kind for slot in form.slots] == ["int", "float", "data"]
    args = [case.args for case in cases_of(form, ["random"])]
    assert all(type(a) is int and type(b) is float and a > 0 < b for a, b, _ in args)
    assert {type(name) for *_, names in args for name in names} == {str}
    assert forms_of(function, [], text()) == []


@pytest.mark.parametrize(("number", "kept"), [(1.0, ("a[..., 0] = 1",)), (3.0, ())])
def test_a_column_that_is_the_same_by_chance_does_not_stay(
    number: float, kept: tuple[str, ...]
) -> None:
    a = np.random.default_rng(0).normal(size=(6, 6))
    a[:, 0] = number
    forms = forms_of(Function("factors", ("a",)), [Recorded((a,))], text())
    assert {form.keeps for form in kept_true(forms)} == {kept}


def test_nested_lists_need_not_make_an_array() -> None:
    calls = [Recorded(([1, [2, [3, []], 4]],)), Recorded(([],))]
    forms = kept_true(forms_of(Function("flatten", ("nested",)), calls, text()))
    args = [case.args for form in forms for case in cases_of(form, ["recorded", "random"])]
    assert ([1, [2, [3, []], 4]],) in args and len(args) > 2


@pytest.mark.parametrize(
    ("near", "ends"),
    [
        (
            "The Roman numeral of an integer from 1 to 3999; another number raises a `ValueError`.",
            {1, 3999, 0, 4000},
        ),
        ("A number between `-5` and `20`.", {-5, 20, -6, 21}),
        ("A number from 0 to 0.5.", None),
        ("Integers from 1 to 9, or numbers from 2 to 4.", None),
        ("The Roman numeral of a number.", None),
    ],
)
def test_the_ends_of_the_range_that_a_text_tells(near: str, ends: set[int] | None) -> None:
    (form,) = forms_of(
        Function("roman", ("number",)), [Recorded((3,)), Recorded((14,))], text(near)
    )
    tried = {style: {c.args[0] for c in cases_of(form, [style])} for style in ("random", "edges")}
    if ends is None:
        assert form.ends is None and not {1, 3999} <= tried["edges"]
    else:
        assert ends <= tried["edges"]
        assert max(tried["random"]) > 14 and min(tried["random"]) >= min(ends)


def test_a_range_is_that_of_the_only_argument() -> None:
    (form,) = forms_of(
        Function("shift", ("x", "by")), [Recorded((np.ones(4), 1))], text("Numbers from 0 to 16.")
    )
    assert form.ends is None
