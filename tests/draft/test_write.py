"""How a draft is written as a module."""

from __future__ import annotations

import numpy as np
import pytest

from fairmark.draft.ask import Known, Tolerance
from fairmark.draft.choose import Choice
from fairmark.draft.forms import forms_of
from fairmark.draft.inputs import cases_of
from fairmark.draft.record import Recorded
from fairmark.draft.texts import Text
from fairmark.draft.write import Drafted, module_of
from fairmark.verify.calls import Function


@pytest.mark.parametrize(("low", "is_whole"), [(0.0, False), (-3.0, True)])
def test_a_title_tells_what_is_drawn(low: float, is_whole: bool) -> None:
    calls = [Recorded((np.linspace(low, 1, 9),))]
    (form,) = forms_of(Function("step", ("s",)), calls, Text("", ""))
    hidden = [Known(case, 0.0) for case in cases_of(form, ["whole"])]
    choices = {"step": Choice([], hidden[:3])}
    close = Tolerance(1e-3, 1e-4, "it is so")
    text = module_of(Drafted("step", "", choices, close, {"step": "reference.hw"}))
    assert ("Small whole numbers" in text) == is_whole == ("rng.integers(" in text)
