"""Tries: a file reference.py beside the notebook, for the checker to import.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {"reference.py": b"def double(x): return x\n"}
