"""Tries: to answer the visible example only.

Must: gain the visible tests' part, and no more.
"""

ANSWERS = {"double": "def double(x): return 6", "mean": "def mean(x): return 3.0"}
POINTS = 2.0
