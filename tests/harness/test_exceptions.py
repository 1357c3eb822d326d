"""What usual exceptions mean, with the messages that NumPy, torch and Python really give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from fairmark.guest.agent import describe_exception
from fairmark.harness.exceptions import usual_mistake
from fairmark.harness.proxy import StudentError


def deeper(n: int) -> int:
    return deeper(n + 1)


def unbound() -> None:
    value += 1  # type: ignore[name-defined]  # noqa: F821, F841


GIVEN: list[tuple[Callable[[], object], str | None]] = [
    (lambda: np.ones(3) + np.ones(4), "shapes-do-not-match"),
    (lambda: np.ones((2, 3)) @ np.ones((2, 3)), "shapes-do-not-match"),
    (lambda: np.dot(np.ones((2, 3)), np.ones((2, 3))), "shapes-do-not-match"),
    (lambda: np.ones(6).reshape(4, 2), "shapes-do-not-match"),
    (lambda: np.concatenate([np.ones((2, 3)), np.ones((3, 2))]), "shapes-do-not-match"),
    (lambda: torch.ones(2, 3) @ torch.ones(2, 3), "shapes-do-not-match"),
    (lambda: torch.ones(3) + torch.ones(4), "shapes-do-not-match"),
    (lambda: torch.ones(6).view(4, 2), "shapes-do-not-match"),
    (lambda: np.ones(3).sum(axis=1), "too-few-axes"),
    (lambda: np.ones(3)[0, 0], "too-few-axes"),
    (lambda: torch.ones(3).sum(dim=1), "too-few-axes"),
    (lambda: [1][3], "outside-of-the-data"),
    (lambda: dict[str, int]()["a"], "outside-of-the-data"),
    (lambda: deeper(0), "recursion-too-deep"),
    (lambda: unbound(), "used-before-assigned"),
    (lambda: eval("nothing_like_this"), "undefined-name"),
    (lambda: 1 / 0, "divides-by-zero"),
    (lambda: None + 1, "none-in-place-of-a-value"),  # type: ignore[operator]
    (lambda: None.shape, "none-in-place-of-a-value"),  # type: ignore[attr-defined]
    (lambda: len(3.0), "number-in-place-of-an-array"),  # type: ignore[arg-type]
    (lambda: deeper(), "other-arguments"),  # type: ignore[call-arg]
    (lambda: torch.ones(1).sum().backward(), "broken-graph"),
    (lambda: int("x"), None),
    (lambda: float("y"), None),
]


@pytest.mark.parametrize(("code", "name"), GIVEN)
def test_a_usual_mistake(code: Callable[[], object], name: str | None) -> None:
    try:
        code()
    except Exception as error:
        told = describe_exception(error)
    else:
        pytest.fail("no exception")
    mistake = usual_mistake(StudentError(told["types"], told["message"], ""))
    assert (mistake.name if mistake else None) == name
