"""Tries: to fill the notebook with output.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import sys
for _ in range(3000): sys.stdout.write("flood " * 2_000)
"""
