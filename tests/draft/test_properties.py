"""Drafts for answers whose values are left open: what comes of a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fairmark.course.course import Course
from fairmark.draft.course import drafting, lay_down
from fairmark.draft.forms import forms_of
from fairmark.draft.properties import STEPPED, helper_of, holding, properties_of
from fairmark.draft.record import Recorded
from fairmark.draft.seeds import Opened, opened, seed_of
from fairmark.draft.texts import Text
from fairmark.draft.write import Drafted, module_of, name_of
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport
from fairmark.verify.calls import functions_of
from tests.draft.drafting import make_drafting
from tests.draft.test_course import judged

SLOPE = '''def slope(X, y, w):
    """The slope (d,) of the mean squared error of w (d,) on X (n, d) and y (n,), halved."""
    ### BEGIN SOLUTION
    return X.T @ (X @ w - y) / len(X)
    ### END SOLUTION'''
LOSS = '''def loss(X, y, w):
    """The mean squared error, halved."""
    ### BEGIN SOLUTION
    return np.mean((X @ w - y) ** 2) / 2
    ### END SOLUTION'''
FIT = '''def fit(X, y, rate, steps, seed):
    """Descend from weights that seed gives; return (w, losses), one mean loss for each step."""
    ### BEGIN SOLUTION
    w = np.random.default_rng(seed).normal(size=X.shape[1])
    losses = []
    for _ in range(steps):
        losses.append(np.mean((X @ w - y) ** 2) / 2)
        w = w - rate * slope(X, y, w)
    return w, losses
    ### END SOLUTION'''
CALLS = """rng = np.random.default_rng(0)
X, w = rng.normal(size=(30, 3)), np.array([1.0, -2.0, 0.5])
print(slope(X, X @ w, w + 1), fit(X, X @ w, 0.3, 40, 0))"""
OTHER = """def fit(X, y, rate, steps, seed):
    random = np.random.RandomState(seed + 5)
    w, losses = random.uniform(-1, 1, size=X.shape[1]), []
    for _ in range(steps):
        w = w - rate * np.mean((X @ w - y)[:, None] * X, axis=0)
        losses.append(np.mean((y - X @ w) ** 2) / 2)
    return [w.tolist(), losses]
"""
DROP = """def drop(x, p, seed):
    kept = np.random.default_rng(seed).random(x.shape) >= p
    return np.where(kept, x / (1 - p), 0.0)
"""


def test_the_argument_that_random_numbers_are_made_of() -> None:
    assert seed_of(FIT, "fit") == "seed"
    assert seed_of(SLOPE, "slope") == ""
    assert seed_of("def f(n, state=3):\n    np.random.seed(state)\n    return 1", "f") == "state"
    assert seed_of("def f(n):\n    return np.random.default_rng(0).normal(size=n)", "f") == ""


def dropped() -> tuple[Opened, Submission]:
    names = {"np": np}
    exec(DROP, names)
    submission = Submission(LocalTransport(dict(names)))
    calls = [Recorded((np.linspace(-3, 4, 12).reshape(3, 4), 0.5, 1))]
    forms = forms_of(functions_of(DROP, ["drop"])[0], calls, Text("", ""))
    found = opened(forms, DROP, "seed", submission)
    assert found is not None
    return found, submission


def test_what_holds_of_dropped_numbers() -> None:
    found, submission = dropped()
    assert found.parts.shapes == (("n", "m"),)
    few = properties_of(found, submission, {})
    drafted = Drafted("drop", "", {}, STEPPED, {"drop": ""}, False, tuple(few))
    text = module_of(Drafted(**{**vars(drafted), "helpers": (helper_of(found, False),)}))
    tests = [name_of(drafted, one) for one in few]

    def holds(source: str) -> set[str]:
        names = {"np": np}
        exec(source, names)
        return holding(text, "drop", tests, names["drop"])  # type: ignore[arg-type]

    right = {"test_shapes", "test_same_seed", "test_other_seed", "test_sum_of_x"}
    assert holds(DROP) == right
    assert holds(DROP.replace("0.0", "0.5")) == right - {"test_sum_of_x"}
    assert "test_same_seed" not in holds(DROP.replace("rng(seed)", "rng()"))
    assert holds(DROP.replace("rng(seed)", "rng(3)")) == right - {"test_other_seed"}
    assert holds(DROP.replace("0.0)", "0.0)[0]")) == set()


def test_a_training_is_judged_by_its_steps(tmp_path: Path) -> None:
    hw = make_drafting(tmp_path, {"slope": SLOPE, "loss": LOSS, "fit": FIT}, CALLS)
    begun = drafting(hw, ["fit"])
    assert [*begun.run(workers=1)] == ["", "fit"]
    (fit,) = begun.drafts
    assert fit.visible >= 1 <= fit.hidden
    assert fit.killed >= 0.9 * fit.mutants > 10
    assert "drafted_hw as reference" in fit.text and "reference.slope(" in fit.text
    assert "reference.fit(" not in fit.text
    lay_down(tmp_path, begun.files)
    hw = Course.load(tmp_path).assignment("hw")
    assert judged(hw, "fit", OTHER).is_right
    for wrong in (
        FIT.replace("len(X)", "len(y)").replace("- rate * slope", "- 0.9 * rate * slope"),
        FIT.replace("default_rng(seed)", "default_rng()"),
        FIT.replace("/ 2)", ")"),
    ):
        assert not judged(hw, "fit", wrong).is_right
