"""Drafts for answers that are values."""

from __future__ import annotations

import multiprocessing
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from fairmark.draft.course import drafting
from fairmark.draft.variables import given_in, module_of
from fairmark.verify.trials import Trial, Trials
from tests.draft.drafting import make_drafting
from tests.draft.test_course import drafted


def test_a_variable_is_compared_where_it_is_hidden(tmp_path: Path) -> None:
    source = "shapes = []\n### BEGIN SOLUTION\nshapes = [(4,), (3, 4)]\n### END SOLUTION"
    (made,) = drafted(make_drafting(tmp_path, {"shapes": source}, "print(shapes)")).drafts
    assert (made.visible, made.hidden) == (1, 1)
    assert made.mutants == made.killed > 1
    shown, _, hidden = made.text.partition("@hidden")
    assert "(3, 4)" in hidden and "(3, 4)" not in shown


def test_workers_lay_their_drafts_down_in_places_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("one", "two")
    solution = "### BEGIN SOLUTION\n{0} = [1, 2, 3]\n### END SOLUTION"
    answers = {name: ("{0} = None\n" + solution).format(name) for name in names}
    real, met = Trials.run, multiprocessing.get_context("fork").Barrier(2)

    def when_both_have_laid_down(trials: Trials, *rest: Any, **more: Any) -> Trial:
        if not more:
            met.wait(60)
        return real(trials, *rest, **more)

    monkeypatch.setattr(Trials, "run", when_both_have_laid_down)
    made = drafting(make_drafting(tmp_path, answers, "print(one, two)"))
    deque(made.run(workers=2), maxlen=0)
    assert [(draft.question, draft.left, draft.hidden) for draft in made.drafts] == [
        (name, (), 1) for name in names
    ]


def test_numbers_may_be_rounded_and_words_may_not() -> None:
    assert "assert_close(submission.rate.value(), 0.25, **CLOSE" in module_of("q", {"rate": 0.25})
    text = module_of("q", {"name": "Ada", "count": 3})
    assert "assert_close" not in text and "CLOSE" not in text
    assert 'assert_equal(submission.name.value(), "Ada"' in text.replace("'", '"')


def test_what_is_handed_out_is_not_asked(tmp_path: Path) -> None:
    source = (
        "names = ['A', 'B']\nsize = None\n### BEGIN SOLUTION\nsize = len(names) + 3\n"
        "### END SOLUTION\ntwice = 2 * size"
    )
    (made,) = drafted(make_drafting(tmp_path, {"size": source}, "print(size)")).drafts
    assert "submission.size.value()" in made.text and "submission.twice.value()" in made.text
    assert "submission.names" not in made.text


def test_what_is_changed_is_an_answer() -> None:
    names = ["x", "y"]
    assert given_in("x = [1]\ny = 2", "x = [1]\ny = 2\nx.append(3)", names) == {"y"}
    assert given_in("x = 1\ny = x", "x = 1\nx = 2\ny = x", names) == set()
    assert given_in("x = 1\ny = x", "x = 1\ny = x", names) == {"x", "y"}
    assert given_in("", "x = 1\ny = x", names) == set()
