"""Tries: a file fairmark.py beside the notebook, for the checker to import.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {"fairmark.py": b"def check(name): return 'full marks'\n"}
