"""Tries: the notebook of another assignment.

Must: be told so; the class goes on.
"""

from pathlib import Path

TEXT = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "code", "id": "a", "source": "200", "outputs": [], "execution_count": null,
"metadata": {"nbgrader": {"grade_id": "other", "grade": true, "points": 200,
"solution": false, "locked": true, "schema_version": 3}}}]}"""


def hand_in(folder: Path, course: Path) -> None:
    """Write another notebook."""
    (folder / "tiny.ipynb").write_text(TEXT)


SAYS = "is no notebook of the assignment tiny"
