"""Tries: tags that keep a test cell from being run.

Must: gain no point.
"""

from typing import Any

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
POINTS = 0.0


def change(notebook: dict[str, Any]) -> None:
    """Tag every cell."""
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "hide-output"]
