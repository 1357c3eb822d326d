"""Tries: 200 points, and marks that say which cell is a test.

Must: gain no point.
"""

from typing import Any

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
POINTS = 0.0


def change(notebook: dict[str, Any]) -> None:
    """Give points, and take the tests away."""
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("grade"):
            mark["points"] = 200
            cell["source"] = "200"
