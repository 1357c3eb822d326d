"""Tries: a link in the place of the notebook, to the instructor's own.

Must: be refused: links are not followed.
"""

from pathlib import Path


def hand_in(folder: Path, course: Path) -> None:
    """Put the link where the notebook was."""
    (folder / "tiny.ipynb").unlink()
    (folder / "tiny.ipynb").symlink_to(course / "source/tiny/tiny.ipynb")


SAYS = "it is a link"
