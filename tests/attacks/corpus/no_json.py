"""Tries: a file that is no notebook.

Must: be told so; the class goes on.
"""

from pathlib import Path


def hand_in(folder: Path, course: Path) -> None:
    """Write something else."""
    (folder / "tiny.ipynb").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 9)


SAYS = "it is not JSON"
