"""Tries: to close the connection to whoever runs it.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os; os.closerange(0, 256)
"""
