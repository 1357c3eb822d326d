"""How a draft is written as a module."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.draft.ask import Known, Tolerance
from fairmark.draft.choose import Choice
from fairmark.draft.forms import forms_of
from fairmark.draft.inputs import cases_of
from fairmark.draft.record import Recorded
from fairmark.draft.texts import Text
from fairmark.draft.write import Drafted, module_of
from fairmark.harness.failures import Mismatch
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport
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


ABOUT = "The step of a number, which is 0 below 0; " + "it is said in many words " * 4 + "and ends."


def test_a_module_reads_like_one_of_a_person() -> None:
    (form,) = forms_of(Function("step", ("s", "t")), [Recorded((np.ones(3), (1, 2)))], Text("", ""))
    shown = [Known(case, (0.0, 1.0)) for case in cases_of(form, ["recorded"])]
    hidden = [Known(case, 0.0) for case in cases_of(form, ["integers"])]
    close = Tolerance(1e-3, 1e-4, "it is so")
    choices = {"step": Choice(shown, hidden[:3])}
    text = module_of(Drafted("step", ABOUT, choices, close, {"step": "reference.hw"}))
    assert "submission.step(np.array([1.0, 1.0, 1.0]), (1, 2))" in text
    assert "numpy as np\n\nfrom fairmark" in text
    assert "is anything cut off" in text.partition("@hidden")[2]
    names: dict[str, Any] = {}
    exec(text.replace("from reference import hw as reference", "reference = None"), names)
    assert " ".join(names["TestStep"].__doc__.split()) == ABOUT
    assert max(map(len, text.partition("class")[2].partition("def")[0].splitlines())) <= 100


def test_what_a_dictionary_has_beside_is_not_asked_for() -> None:
    (form,) = forms_of(Function("slopes", ("s",)), [Recorded((np.ones(3),))], Text("", ""))
    result = {"w": 1.0, "b": 2.0}
    shown = [Known(case, result, is_record=True) for case in cases_of(form, ["recorded"])]
    choices = {"slopes": Choice(shown, [])}
    text = module_of(Drafted("slopes", "", choices, Tolerance(0, 0, "so"), {"slopes": "r.hw"}))
    names: dict[str, Any] = {}
    exec(text, names)
    test = names["TestSlopes"]().test_examples

    def answered(value: object) -> Submission:
        return Submission(LocalTransport({"slopes": lambda s: value}))

    test(answered({"g": 3.0, **result}))
    with pytest.raises(Mismatch):
        test(answered({"w": 1.0}))
    with pytest.raises(Mismatch):
        test(answered({"w": 1.0, "b": 2.5}))
