"""Tries: to call test cells solutions, so that they are not put right.

Must: gain no point.
"""

from typing import Any

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
POINTS = 0.0


def change(notebook: dict[str, Any]) -> None:
    """Turn the flags about."""
    for cell in notebook["cells"]:
        if mark := cell["metadata"].get("nbgrader"):
            mark.update(solution=True, grade=False, locked=False, schema_version=1)
            if cell["source"].startswith("check"):
                cell["source"] = "pass"
