"""Tries: names of files that lead elsewhere, or that a shell would run.

Must: write nothing outside of its own folder.
"""

from pathlib import Path

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os
for name in ("a\\nb", "'; touch forged; '", "..", "../forged", "x" * 300, "-rf", "$(touch forged)"):
    try: open(name, "w").write("1")
    except OSError: pass
"""


def hand_in(folder: Path, course: Path) -> None:
    """Write files of strange names."""
    for name in ("a\nb.csv", "'; touch forged; '", "-rf", "$(touch forged)", "é\u202e.txt"):
        (folder / name).write_text("1")
