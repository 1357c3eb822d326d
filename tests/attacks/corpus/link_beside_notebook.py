"""Tries: links beside the notebook, to the reference and to other people's work.

Must: read nothing through them.
"""

from pathlib import Path

CELL = "import glob\nfor path in glob.glob('**', recursive=True): print(path, open(path).read())"


def hand_in(folder: Path, course: Path) -> None:
    """Link to what is secret."""
    (folder / "solution.py").symlink_to(course / "reference/tiny.py")
    (folder / "others").symlink_to(course / "submitted")
    (folder / "hard.py").symlink_to("../../../reference/tiny.py")
