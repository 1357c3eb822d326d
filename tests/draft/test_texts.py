"""What is read out of an exercise's words."""

from __future__ import annotations

from fairmark.draft.texts import Text, about_of


def near(words: str) -> Text:
    return Text(words, "")


def test_shapes() -> None:
    said = near("`W` is `(C*H*W, n)`, `b` is `(n,)`. x holds one point (d,), or many: x (n, d).")
    assert said.shape_of("W") == ("C * H * W", "n")
    assert said.shape_of("b") == ("n",)
    assert said.shapes_of("x") == [("d",), ("n", "d")]
    assert near("conv(x, k) and x (see above)").shape_of("x") is None
    assert near("dmaps (K, H', W')").shape_of("dmaps") == ("K", "H_", "W_")


def test_a_call_in_a_formula_tells_no_shape() -> None:
    assert near("the slope is (f(x + h) - f(x)) / h").shape_of("f") is None


def test_what_is_said_of_several() -> None:
    said = near(
        "`predicted` and `y` are predicted and true labels, both `(n,)`. Labels are integers."
    )
    assert said.shape_of("predicted") == said.shape_of("y") == ("n",)
    assert said.holds_labels("y") and not said.holds_labels("X")
    assert not near("`y` are labels, both `(n,)`.").holds_labels("y")


def test_functions() -> None:
    assert near("`f` is a function, which you call.").is_function("f")
    assert not near("`f` is a function, which you call.").is_function("x")
    assert near("`f` works entry by entry.").is_entrywise


def test_bounds() -> None:
    assert near("+1 where s > 0, else -1").compares
    assert not near("(n, d) -> (n, d + 1), <b>bold</b>").compares
    assert near("of equal values the first of them counts; ties").compares


def test_errors() -> None:
    assert near("A label out of range raises a `ValueError`.").errors == ("ValueError",)
    assert near("Python knows ValueError.").errors == ()


def test_signs() -> None:
    assert near("A component may point either way; both signs are right.").leaves_sign
    assert not near("The sign decides the direction.").leaves_sign


def test_inputs() -> None:
    assert Text("", "no function changes its arguments").keeps_inputs
    assert near("Do not change `x`.").keeps_inputs
    assert not near("Swap the items.").keeps_inputs


def test_results_that_are_judged_by_use() -> None:
    assert near("The weights are judged on digits that they have not seen.").is_judged_by_use
    assert not near("The accuracy is the fraction of right answers.").is_judged_by_use


def test_what_an_answer_is_about() -> None:
    said = 'def f(x):\n    """Twice x,\n    or so.\n\n    And more.\n    """'
    assert about_of(said) == "Twice x, or so."
    assert about_of("x = 1") == ""
