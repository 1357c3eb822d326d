"""How a notebook that is watched is given fewer rounds."""

from __future__ import annotations

from typing import Any

import pytest

from fairmark.draft.rounds import SHORTENER, shortened

IMPORTS = """
import functools as __fairmark_tools__
import inspect as __fairmark_inspect__
"""


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(IMPORTS + SHORTENER + source + shortened(source), names)
    return names


def test_rounds_are_cut_however_they_are_given() -> None:
    train = run("def train(size, epochs=50, *, n_steps=2):\n    return size, epochs, n_steps")[
        "train"
    ]
    assert train(100) == train(100, 70) == train(size=100, epochs=8) == (100, 3, 2)
    assert train(100, 2, n_steps=9) == (100, 2, 3)
    assert train(100, epochs="all") == (100, "all", 2)


def test_a_wrong_call_fails_as_it_did() -> None:
    with pytest.raises(TypeError, match="epochs"):
        run("def train(epochs):\n    return epochs")["train"]()


def test_others_stay_as_they_are() -> None:
    assert shortened("def area(width, steps_taken=9): ...\nepochs = 50") == ""
