"""What notes the calls of answers, in the instructor's notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.draft import record


def test_a_notebook_goes_on_whatever_is_given_to_what_makes_its_models() -> None:
    torch = pytest.importorskip("torch")

    class Twice(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return 2 * x

    names: dict[str, Any] = {}
    exec(record._RECORDER, names)
    build = names["__fairmark_wrapped__"]("build", lambda given: Twice())
    large, small = build(np.zeros(2**20)), build(3)
    assert large(torch.ones(2)).sum() == small(x=torch.ones(2)).sum() == 4
    small(torch.ones(5))
    assert names["__fairmark_calls__"]("build") == [[[3], {}, [[5]]]]
