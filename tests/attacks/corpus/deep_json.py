"""Tries: metadata of a thousand levels, which some readers cannot stand.

Must: not cost an honest student anything.
"""

from typing import Any

ANSWERS = {
    "double": "import numpy as np\ndef double(x): return 2 * np.asarray(x)",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 5.0


def change(notebook: dict[str, Any]) -> None:
    """Nest lists."""
    value: list[Any] = []
    for _ in range(300):
        value = [value]
    notebook["metadata"]["deep"] = value
