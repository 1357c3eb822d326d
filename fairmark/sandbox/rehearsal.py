"""What most notebooks do first with torch, done once in the warm process."""

from __future__ import annotations

import sys
from typing import Any


def rehearse() -> None:
    """Train a small network for one step, where torch is loaded.

    A first training reads 12 MB of torch's code: read here, they are shared by all forks. No
    random number is drawn, no global setting is changed, and on the CPU no thread is started.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    kernel = torch.zeros(1, 1, 3, 3, requires_grad=True)
    weight = torch.zeros(2, 4, requires_grad=True)
    hidden = torch.nn.functional.conv2d(torch.zeros(1, 1, 4, 4), kernel).flatten(1).relu()
    scores = torch.nn.functional.linear(hidden, weight)
    torch.nn.functional.cross_entropy(scores, torch.zeros(1, dtype=torch.long)).backward()
    for optimizer in (torch.optim.SGD([kernel]), torch.optim.Adam([weight])):
        optimizer.step()
