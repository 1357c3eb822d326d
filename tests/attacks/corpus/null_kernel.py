"""Tries: a kernel that is null, or another language's.

Must: not cost an honest student anything.
"""

from typing import Any

ANSWERS = {
    "double": "import numpy as np\ndef double(x): return 2 * np.asarray(x)",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 5.0


def change(notebook: dict[str, Any]) -> None:
    """Ask for another kernel."""
    notebook["metadata"] = {"kernelspec": None, "language_info": {"name": "brainfuck"}}
