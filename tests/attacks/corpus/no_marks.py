"""Tries: a notebook that has lost its metadata.

Must: not cost an honest student anything.
"""

from typing import Any

ANSWERS = {
    "double": "import numpy as np\ndef double(x): return 2 * np.asarray(x)",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 5.0


def change(notebook: dict[str, Any]) -> None:
    """Forget all metadata."""
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
