"""What usual exceptions mean, with the messages that NumPy, torch and Python really give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from fairmark.guest.agent import describe_exception
from fairmark.harness.exceptions import usual_mistake
from fairmark.harness.proxy import LocalTransport, StudentError, Submission


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


CELL = """
import io
import numpy as np
import torch

class Special(NotImplementedError):
    pass

def other_arguments(x):
    return x

class Net(torch.nn.Module):
    def forward(self):
        return 1

net = Net()

def calls_numpy_wrongly(x, y):
    return np.ones(2).sum(axes=x)

def calls_itself_wrongly(x, y):
    return calls_itself_wrongly(x)

def stub(x, y):
    raise NotImplementedError()

def stub_without_brackets(x, y):
    raise NotImplementedError

def calls_a_stub(x, y):
    return stub(x, y)

def says_what_it_misses(x, y):
    raise NotImplementedError("needs 2-D input")

def special(x, y):
    raise Special("needs 2-D input")

def bare_special(x, y):
    raise Special()

def forward_is_missing(x, y):
    return torch.nn.Module()(x)
"""


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("other_arguments", "other-arguments"),
        ("net", "other-arguments"),
        ("calls_numpy_wrongly", None),
        ("calls_itself_wrongly", None),
        ("stub", "not-written-yet"),
        ("stub_without_brackets", "not-written-yet"),
        ("calls_a_stub", "not-written-yet"),
        ("says_what_it_misses", None),
        ("special", None),
        ("bare_special", None),
        ("forward_is_missing", None),
    ],
)
def test_whose_mistake_it_is(name: str, mistake: str | None) -> None:
    namespace: dict[str, object] = {}
    exec(compile(CELL, "<ipython-input-1-0123456789ab>", "exec"), namespace)
    submission = Submission(LocalTransport(namespace))
    with pytest.raises(StudentError) as caught:
        submission[name](1, 2)
    found = usual_mistake(caught.value)
    assert (found.name if found else None) == mistake
