"""Gradients that a draft asks for, where the text speaks of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.course.course import Course
from tests.draft.drafting import SETUP, make_drafting
from tests.draft.test_course import drafted
from tests.tiny import CONFIG

LOSS = f'''{SETUP.splitlines()[0]}
import torch
def loss(F, P):
    """The sum of squared differences of F (n, d) and P (n, d){{}}."""
    ### BEGIN SOLUTION
    return ((F - P) ** 2).sum()
    ### END SOLUTION'''
CALLS = "print(loss(torch.rand(2, 3), torch.rand(2, 3)), loss(torch.rand(4, 2), torch.rand(4, 2)))"


@pytest.mark.parametrize(("words", "cut"), [("; differentiable", False), ("", True)])
def test_a_gradient_that_is_cut_off_is_noticed_where_the_text_wants_it(
    tmp_path: Path, words: str, cut: bool
) -> None:
    pytest.importorskip("torch")
    make_drafting(tmp_path, {"loss": LOSS.format(words)}, CALLS)
    limits = CONFIG.replace('["numpy"]', '["numpy", "torch"]').replace(": 256", ": 4096")
    (tmp_path / "nbgrader_config.py").write_text(limits)
    (made,) = drafted(Course.load(tmp_path).assignment("hw")).drafts
    assert made.killed
    assert any("detach" in line for line in made.lives) is cut
    assert ("def test_gradient_by_F" in made.text) is not cut
