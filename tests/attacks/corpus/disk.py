"""Tries: to fill the disk.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os
for folder in (".", "/tmp", "/dev/shm", "/var/tmp"):
    try:
        with open(os.path.join(folder, "filler"), "wb") as file:
            while file.tell() < 300_000_000: file.write(bytes(2**20))
    except OSError: pass
"""
