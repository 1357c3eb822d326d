"""Tries: to hand in a notebook without tests.

Must: gain no point.
"""

from typing import Any

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
POINTS = 0.0


def change(notebook: dict[str, Any]) -> None:
    """Delete whatever checks."""
    notebook["cells"] = [c for c in notebook["cells"] if not str(c["source"]).startswith("check")]
