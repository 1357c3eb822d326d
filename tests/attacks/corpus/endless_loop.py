"""Tries: never to end.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
while True: pass
"""
