"""Tries: to be given the points of a number that is none.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return float('nan')", "mean": "def mean(x): return 1e999"}
