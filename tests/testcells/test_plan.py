"""Which cells are run again, and which are run ahead."""

from __future__ import annotations

from fairmark.syntax.effects import effects_of
from fairmark.testcells.plan import Plan, fits, plan_for

CELLS = [
    "import numpy as np",  # 0
    "def f(x):\n    return np.abs(x)",  # 1: the answer
    "data = np.arange(5)",  # 2: nothing of it depends on the answer
    "result = f(data)",  # 3
    "print(result)",  # 4: shows only
    "assert result[0] == 0",  # 5: a test
    "def g(x):\n    return -x",  # 6: another answer
    "assert g(1) == -1",  # 7: its test
    "assert g(f(1)) == -1",  # 8: a test of both
]
EFFECTS = dict(enumerate(effects_of(CELLS)))


def test_only_what_depends_on_the_answer_is_run_again() -> None:
    assert plan_for(EFFECTS, {1}, {5}) == Plan((0, 2), (1, 3, 5), frozenset({5}))


def test_a_test_of_something_else_is_not_looked_at() -> None:
    assert plan_for(EFFECTS, {1}, {7}) == Plan((), (), frozenset())
    plan = plan_for(EFFECTS, {1}, {5, 7, 8})
    assert plan.wanted == {5, 8}
    assert plan.before == (0, 2, 6)
    assert plan.again == (1, 3, 5, 8)


def test_a_process_is_led_on_as_long_as_nothing_has_to_be_undone() -> None:
    first, second, third = (plan_for(EFFECTS, {i}, {5, 8}) for i in (1, 3, 6))
    assert fits(EFFECTS, (), first)
    assert fits(EFFECTS, first.before, second)
    assert fits(EFFECTS, second.before, third)
    assert not fits(EFFECTS, second.before, first)
    assert second.before == (0, 1, 2)
    assert third.before == (0, 1)


def test_what_was_run_ahead_must_not_matter_to_what_comes() -> None:
    cells = dict(enumerate(effects_of(["x = 1", "def f(): return 1", "x = 2", "assert f() == x"])))
    plan = plan_for(cells, {1}, {3})
    assert plan == Plan((0, 2), (1, 3), frozenset({3}))
    other = dict(enumerate(effects_of(["x = 1", "f = lambda: x\nf()", "x = 2", "assert f() == x"])))
    assert not fits(other, plan.before, plan_for(other, {1}, {3}))
