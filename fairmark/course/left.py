"""Which assignments are left to nbgrader."""

from __future__ import annotations

import json
from pathlib import Path

from fairmark.files import notebooks_in, open_plain_file


def why_left_to_nbgrader(folder: Path) -> str:
    """Return why the test cells in a folder of source/ cannot be used for grading; "" if they can.

    All its notebooks must be in Python: others need kernels that nbgrader starts.
    """
    paths = notebooks_in(folder)
    for path in paths:
        try:
            with open_plain_file(path) as file:
                kernel = json.load(file).get("metadata", {}).get("kernelspec") or {}
            language = str(kernel.get("language") or kernel.get("name") or "python")
        except (OSError, ValueError, AttributeError):
            return f"{path} cannot be read"
        if not language.startswith("python"):
            return f"{path.name} is not in Python"
    return "" if paths else f"there is no notebook in {folder}"
