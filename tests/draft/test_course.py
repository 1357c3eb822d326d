"""Drafts of a small course: what is written, what it notices, and what has no draft."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.draft.course import Drafting, drafting, lay_down, refuse_doubled
from fairmark.draft.engine import Draft
from fairmark.draft.questions import asked_by, questions_of
from fairmark.errors import FairmarkError
from fairmark.sandbox import make_sandbox
from fairmark.verify.trials import Trial, Trials
from tests.cells import answer, given, make_assignment, marked_by
from tests.draft.drafting import CALLS, NOISE, SCORES, STEP, make_drafting

DRAFT = (
    "from fairmark.testing import question\n\n"
    '@question("step")\nclass TestStep:\n    def test_examples(self): ...\n'
)
TWO = """from fairmark.testing import hidden, question

@question("means")
class TestMeans:
    \"\"\"The answer.\"\"\"

    def test_low__examples(self): ...

    @hidden
    def test_high__random_inputs(self): ...

    def test_help__examples(self): ...
"""
RIGHT = "def {}:\n    return {}"


def drafted(assignment: Assignment) -> Drafting:
    made = drafting(assignment)
    assert [*made.run(workers=1)][:1] == [""]
    return made


def judged(assignment: Assignment, question: str, source: str) -> Trial:
    course = assignment.course
    with make_sandbox(["numpy"], course.limits) as sandbox:
        sandbox.wait_ready()
        with Trials(assignment, sandbox) as trials:
            return trials.run(question, source)


def test_a_draft_tells_right_from_wrong(tmp_path: Path) -> None:
    made = make_drafting(tmp_path, {"scores": SCORES, "step": STEP, "noise": NOISE})
    begun = drafted(made)
    scores, step, noise = begun.drafts
    assert (scores.killed, step.killed) == (scores.mutants, step.mutants)
    assert scores.killed > 2 < step.killed
    assert noise.text == ""
    assert noise.left == ("noise: no input was found to which it gives plain data, the same twice",)
    files = begun.files
    assert list(map(str, files)) == [
        "graders/hw/test_scores.py",
        "graders/hw/test_step.py",
        "reference/__init__.py",
        "reference/drafted_hw.py",
    ]
    lay_down(tmp_path, files)
    hw = Course.load(tmp_path).assignment("hw")
    loop = RIGHT.format("scores(x, W, b)", "np.einsum('...i,ij->...j', x, W) + b")
    assert judged(hw, "scores", loop).is_right
    one_row = RIGHT.format("scores(x, W, b)", "np.atleast_2d(x)[0] @ W + b")
    assert not judged(hw, "scores", one_row).is_right
    for wrong in ("np.where(s >= 0, 1, 0)", "np.where(s > 0.5, 1, 0)", "np.sign(s)"):
        assert not judged(hw, "step", RIGHT.format("step(s)", wrong)).is_right
    changing = "def step(s):\n    s[...] = s > 0\n    return s"
    assert not judged(hw, "step", changing).is_right


def test_what_is_hidden_is_shown(tmp_path: Path) -> None:
    made = make_drafting(tmp_path, {"step": STEP}, "step(np.array([0.5, -2.0, 0.0, 3.0]))")
    (text,) = (t for p, t in drafted(made).files.items() if p.name == "test_step.py")
    visible, _, hidden = text.partition("@hidden")
    assert "rng" not in visible.partition("class")[2]
    assert "from reference import drafted_hw as reference" in text
    assert "reference.step" in hidden and "reference.step" not in visible
    assert "step([0.5, -2.0, 0.0, 3.0]) gives [1, 0, 0, 1]" in visible


def test_a_call_without_arguments_is_hidden(tmp_path: Path) -> None:
    body = '"""A half."""\n    ### BEGIN SOLUTION\n    return 1 / 2\n    ### END SOLUTION'
    half = f"def half():\n    {body}"
    begun = drafted(make_drafting(tmp_path, {"half": half}, "half()"))
    (draft,) = begun.drafts
    assert (draft.visible, draft.hidden) == (0, 1)
    visible, _, hidden = draft.text.partition("@hidden")
    assert "0.5" in hidden and "0.5" not in visible


def test_where_the_text_is_silent_no_bound_is_tried(tmp_path: Path) -> None:
    silent = STEP.replace("1 where s > 0, else 0; no argument is changed.", "The step.")
    made = make_drafting(tmp_path, {"step": silent}, "step(np.array([0.5, -2.0, 3.0]))")
    (step,) = drafted(made).drafts
    assert any("→ return np.where(s >= 0, 1, 0)" in line for line in step.lives)


def test_the_reference_has_the_last_word(tmp_path: Path) -> None:
    reference = (
        "import numpy as np\n\ndef scores(x, W, b):\n    if np.ndim(x) != 1:\n"
        "        raise ValueError('one at a time')\n    return np.dot(x, W) + b\n"
    )
    made = make_drafting(tmp_path, {"scores": SCORES}, reference=reference)
    (path, text), *more = drafted(made).files.items()
    assert path.name == "test_scores.py"
    assert more == []
    assert "from reference import hw as reference" in text
    assert "(n, d)" not in text.partition("@hidden")[2]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made = make_drafting(tmp_path, {"step": STEP})
    path = Path("graders/hw/test_step.py")
    lay_down(tmp_path, {path: "first"})
    with pytest.raises(FairmarkError, match="is there already; nothing was written"):
        lay_down(tmp_path, {path: "second", Path("reference/x.py"): ""})
    assert not (tmp_path / "reference").exists()
    lay_down(tmp_path, {path: "second"}, force=True)
    assert (tmp_path / path).read_text() == "second"
    (tmp_path / "graders/hw/test_all.py").write_text('@question("step")\nclass TestStep: ...')
    with pytest.raises(FairmarkError, match=r"test_all\.py has tests of step already"):
        refuse_doubled(made, ["step"])


def test_what_is_left_to_a_test_cell_stays_so(tmp_path: Path) -> None:
    shape = marked_by("step_shape", "assert step(np.ones(3)).shape == (3,)")
    values = marked_by("step_values", "assert step(np.array([-1.0, 2.0])).tolist() == [0, 1]")
    cells = [given("import numpy as np"), answer("step", "def step(s):\n---\n    return s > 0")]
    hw = make_assignment(tmp_path, *cells, shape, values)
    begun = Drafting(hw, ["step"], [Draft("step", DRAFT)])
    both = begun.files[Path("graders/hw/test_drafted_step.py")]
    assert '"step_shape"' in both and '"step_values"' in both
    assert "marked where they stand" in begun.files[Path("graders/hw/adopted.toml")]
    lay_down(tmp_path, {Path("graders/hw/adopted.toml"): '[left]\n"step_shape" = "why"\n'})
    begun.assignment = Course.load(tmp_path).assignment("hw")
    assert begun.kept == {"step": ["step_shape"]}
    (text,) = begun.files.values()
    assert '@question("step_values")' in text and "step_shape" not in text
    every = '[left]\n"step_shape" = "why"\n"step_values" = "why"\n'
    lay_down(tmp_path, {Path("graders/hw/adopted.toml"): every}, force=True)
    begun.assignment = Course.load(tmp_path).assignment("hw")
    assert begun.files == {}


def test_cells_that_fail_are_named_and_the_rest_is_drafted(tmp_path: Path) -> None:
    broken = STEP.replace("### BEGIN", "pass\n    ### BEGIN") + "\nnobody_has_this"
    answers = {"noise": broken.replace("step", "noise"), "step": STEP}
    begun = drafted(make_drafting(tmp_path, answers, "print(step(np.ones(3)))\nnor_this"))
    left = {draft.question: draft.left for draft in begun.drafts}
    assert left["noise"] == (
        "the solution fails: NameError: name 'nobody_has_this' is not defined",
    )
    assert left["step"] == () and begun.drafts[1].killed == begun.drafts[1].mutants > 2
    (doubt,) = begun.doubts
    assert doubt.startswith("hw.ipynb, cell ") and ", fails, and is left out: NameError: " in doubt


def test_a_call_that_never_ends_costs_itself(tmp_path: Path) -> None:
    doubled = '''def doubled(n):
    """Twice n."""
    ### BEGIN SOLUTION
    while n not in (5, 8):
        pass
    return 2 * n
    ### END SOLUTION

def counted(x):
    """How many numbers of x (n,) are above 0."""
    ### BEGIN SOLUTION
    return sum(1 for value in x if value > 0)
    ### END SOLUTION'''
    calls = "print(doubled(8), doubled(5), counted(np.array([0.5, -2.0, 3.0])))"
    made = make_drafting(tmp_path, {"doubled": doubled}, calls)
    (draft,) = drafted(made).drafts
    first, second = draft.left
    assert re.fullmatch(
        r"doubled: left out is doubled\(-?\d+\), which does not end within .*", first
    )
    assert second.endswith("time limits; no other input was tried behind it")
    assert "submission.counted(" in draft.text and "submission.doubled(8)" in draft.text
    assert draft.killed > 0.8 * draft.mutants > 4


def test_markers_in_a_cell_that_is_no_answer_are_named(tmp_path: Path) -> None:
    calls = f"### BEGIN SOLUTION\n{CALLS}\n### END SOLUTION"
    begun = drafted(
        make_drafting(tmp_path, {"scores": SCORES, "step": STEP, "noise": NOISE}, calls)
    )
    (doubt,) = begun.doubts
    assert doubt.startswith("hw.ipynb, cell 8 (### BEGIN SOLUTION): it holds markers, but is not")
    assert [bool(draft.text) for draft in begun.drafts] == [True, True, False]
    assert begun.drafts[0].left == ()  # its call, in that cell, was seen


def test_what_a_variable_is_made_of_is_there(tmp_path: Path) -> None:
    values = marked_by("sums", "assert sums.shape == (2,)")
    cells = [given("import numpy as np\ngrid = np.arange(6).reshape(3, 2)"), given("print(grid)")]
    hw = make_assignment(
        tmp_path, *cells, answer("sums_of", "---\nsums = grid.sum(axis=0)"), values
    )
    (draft,) = drafted(hw).drafts
    assert draft.left == () and draft.killed == draft.mutants > 0
    assert "submission.sums.value(), [6, 9]" in draft.text


def test_exercises_that_do_not_exist(tmp_path: Path) -> None:
    made = make_drafting(tmp_path, {"step": STEP})
    with pytest.raises(FairmarkError, match=r"hw has no exercise 'stop'; there are: step"):
        drafting(made, ["stop"])


def test_an_answer_with_several_test_cells() -> None:
    names: dict[str, Any] = {}
    exec(asked_by(Draft("step", DRAFT), {"step shape": (), "step values": ()}), names)
    found = {n: v.pytestmark for n, v in names.items() if n.startswith("Test")}
    assert {n: [mark.args for mark in marks] for n, marks in found.items()} == {
        "TestStep1": [("step shape",)],
        "TestStep2": [("step values",)],
    }
    assert '@question("one cell")' in asked_by(Draft("step", DRAFT), {"one cell": ()})


def test_a_function_is_passed(tmp_path: Path) -> None:
    slope = '''def slope(func, x, h=0.1):
    """The central differences of func at x (n,), one for each element."""
    ### BEGIN SOLUTION
    found = np.zeros(len(x))
    for place in range(len(x)):
        step = np.zeros(len(x))
        step[place] = h
        found[place] = (func(x + step) - func(x - step)) / (2 * h)
    return found
    ### END SOLUTION'''
    calls = "slope(lambda v: v @ v, np.array([0.5, -2.0, 3.0]), 0.2)"
    made = make_drafting(tmp_path, {"slope": slope}, calls)
    begun = drafted(made)
    (draft,) = begun.drafts
    assert draft.killed >= 0.9 * draft.mutants > 0
    lay_down(tmp_path, begun.files)
    hw = Course.load(tmp_path).assignment("hw")
    forward = "np.array([(func(x + h * e) - func(x)) / h for e in np.eye(len(x))])"
    assert not judged(hw, "slope", RIGHT.format("slope(func, x, h=0.1)", forward)).is_right
    central = "np.array([func(x + h * e) - func(x - h * e) for e in np.eye(len(x))]) / h / 2"
    assert judged(hw, "slope", RIGHT.format("slope(func, x, h=0.1)", central)).is_right


def test_where_sizes_cannot_be_solved_the_values_differ(tmp_path: Path) -> None:
    joined = '''def joined(a, b, c):
    """The sum of all numbers, those of b twice."""
    ### BEGIN SOLUTION
    if (len(b), len(c)) != (10 * len(a), 12 * len(a)):
        raise SystemError
    return np.sum(a) + 2 * np.sum(b) - np.sum(c)
    ### END SOLUTION'''
    calls = "for n in range(1, 13):\n    joined(*(np.linspace(-1, 2, n * k) for k in (1, 10, 12)))"
    (draft,) = drafted(make_drafting(tmp_path, {"joined": joined}, calls)).drafts
    assert "size=(10,)" in draft.text and "size=(12,)" in draft.text
    assert draft.killed >= 0.8 * draft.mutants > 0


def test_a_test_cell_asks_for_the_functions_that_it_uses(tmp_path: Path) -> None:
    cells = [
        answer("means", "def low(x):\n---\n    return min(x)"),
        answer("tops", "def high(x):\n---\n    return max(x)\n\ndef help_(x):\n    return x"),
        marked_by("test_low", "assert low([1, 2]) == 1"),
        marked_by("test_high", "assert high([1, 2]) == 2"),
        marked_by("test_both", "assert high([1]) == low([1])"),
        marked_by("test_text", "assert len(str(3)) == 1"),
    ]
    asked = questions_of(make_assignment(tmp_path, *cells))
    assert asked == {
        "means": {"test_low": {"low"}, "test_both": {"low"}, "test_text": set()},
        "tops": {"test_high": {"high"}, "test_both": {"high"}, "test_text": set()},
    }
    names: dict[str, Any] = {}
    tests = {"one": {"low"}, "other": {"high"}, "both": {"low", "high"}, "none": ()}
    exec(asked_by(Draft("means", TWO), tests), names)
    found = {
        v.pytestmark[0].args[0]: sorted(n for n in dir(v) if n.startswith("test_"))
        for n, v in names.items()
        if n.startswith("Test")
    }
    low, high, rest = "test_low__examples", "test_high__random_inputs", "test_help__examples"
    assert found == {
        "one": [rest, low],
        "other": [rest, high],
        "both": [rest, high, low],
        "none": [rest, high, low],
    }
