"""What names stand for once a process has returned to an answer's cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fairmark.guest.names import Names

ASKED = [("a", ["item", "items", "w"])]


class Notebook:
    """Cells that are run one after the other."""

    def __init__(self) -> None:
        self.names = Names()
        self.namespace: dict[str, Any] = {}

    def run(self, answer: str, source: str) -> None:
        before = dict(self.namespace)
        self.names.begin(answer, before, source)
        exec(source, self.namespace)
        self.names.note(before, self.namespace, "answer", answer, (), source)

    def back(self) -> dict[str, Any]:
        self.names.return_to(self.namespace, ASKED)
        return self.namespace

    def rewound(self) -> dict[str, Any]:
        self.names.rewind(self.namespace, ASKED)
        return self.namespace


@pytest.mark.parametrize("back", [Notebook.back, Notebook.rewound])
def test_what_has_not_changed_is_not_replaced(back: Callable[[Notebook], dict[str, Any]]) -> None:
    pytest.importorskip("torch")
    notebook = Notebook()
    notebook.run(
        "a", "import torch\nw = torch.ones(2, requires_grad=True)\n(3 * w).sum().backward()"
    )
    notebook.run("a", "item = [1]\nitems = [item]")
    there = back(notebook)
    assert there["w"].grad.tolist() == [3, 3] and there["items"][0] is there["item"]
    notebook.run("b", "items.append(2)\nitem = None")
    assert back(notebook)["items"] == [[1]] and notebook.namespace["item"] == [1]


def test_what_shares_a_part_with_what_has_changed_still_shares_it() -> None:
    notebook = Notebook()
    notebook.run("a", "item = [1]\nitems = [item]")
    notebook.run("b", "items.append(2)")
    there = notebook.rewound()
    assert there["items"] == [[1]] and there["items"][0] is there["item"]
