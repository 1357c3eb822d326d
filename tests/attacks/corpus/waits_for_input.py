"""Tries: to wait for an input that never comes.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
input('a question'); input(); open('/dev/stdin').read()
"""
