"""Tries: to start processes without end.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os
if not os.getuid(): raise SystemExit  # never where it could do harm
while True:
    try: os.fork()
    except OSError: pass
"""
