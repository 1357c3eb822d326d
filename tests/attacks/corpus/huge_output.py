"""Tries: an output of many megabytes.

Must: not cost an honest student anything.
"""

from typing import Any

ANSWERS = {
    "double": "import numpy as np\ndef double(x): return 2 * np.asarray(x)",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 5.0


def change(notebook: dict[str, Any]) -> None:
    """Show a lot."""
    text = {"output_type": "stream", "name": "stdout", "text": "flood " * 3_000_000}
    notebook["cells"][1]["outputs"] = [text]
