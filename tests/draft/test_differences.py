"""Results that are the slopes of another function: what is said of them, and their tests."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairmark.course.course import Course
from fairmark.draft.ask import Known, Tolerance, right_of
from fairmark.draft.choose import is_usual
from fairmark.draft.course import lay_down
from fairmark.draft.differences import Slope, hint_of, properties_of_differences, slopes_of
from fairmark.draft.forms import forms_of
from fairmark.draft.properties import holding
from fairmark.draft.record import Recorded
from fairmark.draft.texts import Text
from fairmark.draft.write import Drafted, module_of, name_of
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport
from fairmark.verify.calls import functions_of
from tests.draft.drafting import make_drafting
from tests.draft.test_course import drafted, judged
from tests.draft.test_properties import CALLS, FIT, LOSS, OTHER

COST = '''def cost(w, b, X, y):
    """The mean squared error of X (n, d) times w (d,) plus b, halved."""
    ### BEGIN SOLUTION
    return np.mean((X @ w + b - y) ** 2) / 2
    ### END SOLUTION'''
SLOPES = '''def slopes(X, y, w, b):
    """The gradient of the mean squared error by w and by b, and the errors, as a dictionary."""
    ### BEGIN SOLUTION
    errors = X @ w + b - y
    return {"dw": X.T @ errors / len(X), "db": np.mean(errors), "errors": errors}
    ### END SOLUTION'''
BENT = '''def bent(z):
    """A smooth bend of z (n, m), which may have any shape."""
    ### BEGIN SOLUTION
    return np.log1p(np.exp(z))
    ### END SOLUTION'''
BACKWARD = '''def backward(z, upstream):
    """The backward pass of bent: upstream (n, m) times the slopes at z (n, m)."""
    ### BEGIN SOLUTION
    return upstream / (1 + np.exp(-z))
    ### END SOLUTION'''
ALL_CALLS = """X = np.linspace(-1, 2, 12).reshape(4, 3) ** 2
y, w, b = np.array([0.5, -1.0, 2.0, 0.25]), np.array([0.1, -0.4, 0.7]), 0.3
print(cost(w, b, X, y), slopes(X, y, w, b), slopes(X[:2], y[:2], w, -0.5))
z = np.array([[0.5, -1.0], [2.0, 0.1], [1.5, -0.3]])
print(bent(z), backward(z, z**2), backward(z[:1], z[:1]))"""


def called(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"np": np}
    exec(source, names)
    return names


def test_what_results_are_the_slopes_of(tmp_path: Path) -> None:
    answers = {"cost": COST, "slopes": SLOPES, "bent": BENT, "backward": BACKWARD}
    cost, slopes, bent, backward = drafted(make_drafting(tmp_path, answers, ALL_CALLS)).drafts
    hint = "how fast cost grows with a number of w and b: move that one a little, and compare."
    assert f"Each number says {hint}" in " ".join(
        slopes.text.replace('"\n', "").replace(' "', " ").split()
    )
    assert "hint=HINT," in slopes.text
    hint = "how fast the sum of upstream * bent grows with a number of z"
    assert hint in " ".join(backward.text.replace('"\n', "").split())
    assert "how fast" not in cost.text + bent.text
    # the reference's values tell all mistakes: no test by differences is needed
    assert "_growth" not in slopes.text + backward.text
    assert slopes.killed >= slopes.mutants - 1 > 4  # a row has no other transpose
    assert backward.killed >= backward.mutants - 1 > 4  # upstream may be changed


def known_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Known], list[Slope]]:
    """What is right of ``slopes``, and what its results are the slopes of."""
    made = make_drafting(tmp_path, {"cost": COST, "slopes": SLOPES}, ALL_CALLS)
    names = called(COST + "\n" + SLOPES)
    fake = types.ModuleType("reference")
    fake.drafted_hw = types.SimpleNamespace(**names)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "reference", fake)
    X, y = np.linspace(-1, 2, 12).reshape(4, 3) ** 2, np.arange(4.0)
    calls = [Recorded((X, y, np.ones(3) / 3, 0.3)), Recorded((X[:2], y[:2], np.ones(3), -0.5))]
    text = Text("X (n, d), y (n,), w (d,)", "")
    forms = forms_of(functions_of(SLOPES, ["slopes"])[0], calls, text)
    submission = Submission(LocalTransport(names))
    known = right_of(forms, submission, None, text)
    return [one for one in known if is_usual(one)], slopes_of(made, known, submission)


def test_a_test_by_differences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, found = known_of(tmp_path, monkeypatch)
    assert [(one.part, one.slot, one.value) for one in found] == [
        ("answer['dw']", "w", "{}(w, b, X, y)"),
        ("answer['db']", "b", "{}(w, b, X, y)"),
    ]
    assert hint_of(found, Text("The mean.", "")) == "" != hint_of(found, Text("The slope.", ""))
    held = tuple(properties_of_differences(known, 4, found))
    close = Tolerance(1e-4, 1e-5, "it is so")
    modules = {"slopes": "reference.drafted_hw"}
    text = module_of(Drafted("slopes", "", {}, close, modules, False, held))

    def holds(change: Callable[[dict[str, Any]], Any]) -> bool:
        right = called(SLOPES)["slopes"]

        def slopes(*args: Any) -> Any:
            return change(right(*args))

        test = name_of(Drafted("slopes", "", {}, close, modules, False, held), held[0])
        return bool(holding(text, "slopes", [test], slopes))

    assert holds(lambda given: given)
    assert holds(lambda given: {**given, "errors": 0})
    assert holds(lambda given: {**given, "dw": given["dw"].astype("float32").tolist()})
    assert not holds(lambda given: {**given, "dw": -given["dw"]})
    assert not holds(lambda given: {**given, "db": given["db"] * 2})
    assert not holds(lambda given: {**given, "dw": given["dw"][::-1]})


def test_steps_against_the_growth_of_a_loss(tmp_path: Path) -> None:
    """No function gives the slopes, and the seed leaves the values open."""
    fit = FIT.replace("slope(X, y, w)", "X.T @ (X @ w - y) / len(X)")
    calls = CALLS.replace("slope(X, X @ w, w + 1)", "loss(X, X @ w, w + 1)")
    begun = drafted(make_drafting(tmp_path, {"loss": LOSS, "fit": fit}, calls))
    _, made = begun.drafts
    assert "reference.loss(" in made.text and "_growth(" in made.text
    assert made.killed >= 0.9 * made.mutants > 10
    lay_down(tmp_path, begun.files)
    hw = Course.load(tmp_path).assignment("hw")
    assert judged(hw, "fit", OTHER).is_right
    assert not judged(hw, "fit", fit.replace("/ len(X)", "/ len(w)")).is_right
    assert not judged(hw, "fit", fit.replace("- rate", "- 1.1 * rate")).is_right
