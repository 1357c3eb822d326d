"""Dtypes that a draft asks for, where the text speaks of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.draft.drafting import SETUP, make_drafting
from tests.draft.test_course import drafted

UNITS = '''def units(x):
    """x (n,) divided by 255{}."""
    ### BEGIN SOLUTION
    return (x / 255).astype(np.float32)
    ### END SOLUTION'''
ZEROS = '''def ramp(x):
    """A ramp from 0 with one number for each of x (n,){}."""
    ### BEGIN SOLUTION
    return np.arange(len(x), dtype=x.dtype)
    ### END SOLUTION'''


@pytest.mark.parametrize(("words", "asked"), [("; the result is float32", True), ("", False)])
def test_a_dtype_is_asked_for_where_the_text_names_it(
    tmp_path: Path, words: str, asked: bool
) -> None:
    calls = "print(units(np.array([3.0, 5.0])), units(np.array([1.0, 2.0, 250.0])))"
    assignment = make_drafting(tmp_path, {"units": UNITS.format(words)}, f"{SETUP}\n{calls}")
    (made,) = drafted(assignment).drafts
    assert made.killed
    assert ("def test_dtype" in made.text) is asked
    assert any("astype" in line for line in made.lives) is not asked


@pytest.mark.parametrize(("words", "asked"), [(", of the same dtype", True), ("", False)])
def test_the_dtype_of_an_argument_is_kept_where_the_text_says_so(
    tmp_path: Path, words: str, asked: bool
) -> None:
    calls = "print(ramp(np.array([3.0, 5.0])), ramp(np.array([1.0, 2.0, 250.0])))"
    assignment = make_drafting(tmp_path, {"ramp": ZEROS.format(words)}, f"{SETUP}\n{calls}")
    (made,) = drafted(assignment).drafts
    assert made.killed
    assert ("def test_same_dtype" in made.text) is asked
    assert any("dtype" in line for line in made.lives) is not asked
