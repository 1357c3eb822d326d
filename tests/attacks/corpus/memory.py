"""Tries: to fill the memory.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
kept = []
for _ in range(2500): kept.append(bytearray(2**22))
"""
