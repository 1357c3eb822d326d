"""What the signs of results tell where each alone is left open."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

from fairmark.draft.ask import Tolerance, right_of
from fairmark.draft.choose import Choice, is_usual
from fairmark.draft.forms import forms_of
from fairmark.draft.properties import holding
from fairmark.draft.record import Recorded
from fairmark.draft.signs import properties_of_signs
from fairmark.draft.texts import Text
from fairmark.draft.write import Drafted, module_of, name_of
from fairmark.harness.proxy import Submission
from fairmark.harness.transport import LocalTransport
from fairmark.verify.calls import Function

SAID = "Project X (n, d) on k components; either sign of a component is right."


def project(X: Any, k: int) -> tuple[Any, Any]:
    centred = X - X.mean(axis=0)
    _, sizes, rows = np.linalg.svd(centred, full_matrices=False)
    return centred @ rows[:k].T, sizes[:k]


def test_signs_that_values_do_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = types.ModuleType("r")
    fake.hw = types.SimpleNamespace(project=project)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "r", fake)
    text = Text(SAID, "")
    forms = forms_of(Function("project", ("X", "k")), [Recorded((np.eye(5, 4), 2))], text)
    submission = Submission(LocalTransport({"project": project}))
    known = [one for one in right_of(forms, submission, None, text) if is_usual(one)]
    held = tuple(properties_of_signs(known, 4, keeps_inputs=True))
    choice = {"project": Choice([], known[:4])}
    close = Tolerance(1e-4, 1e-4, "it is so")
    drafted = Drafted("project", "", choice, close, {"project": "r.hw"}, True, held)
    module = module_of(drafted)
    values = "test_random_inputs"
    names = [name_of(drafted, one) for one in held]
    assert names == ["test_distances_1", "test_no_negative_2"]

    def holds(change: Any) -> set[str]:
        def answer(X: Any, k: int) -> Any:
            return change(*project(X, k))

        answer.__name__ = "project"
        return holding(module, "project", [*names, values], answer)

    assert holds(lambda z, sizes: (z, sizes)) == {values, *names}
    assert holds(lambda z, sizes: (z * [-1, 1, -1, 1][: z.shape[1]], sizes)) == {values, *names}
    assert holds(lambda z, sizes: (-z, sizes.tolist())) == {values, *names}
    assert holds(lambda z, sizes: (abs(z), sizes)) == {values, "test_no_negative_2"}
    assert holds(lambda z, sizes: (z, -sizes)) == {values, "test_distances_1"}
    assert holds(lambda z, sizes: (z[::-1], sizes)) == {"test_no_negative_2"}
