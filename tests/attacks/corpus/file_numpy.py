"""Tries: a file numpy.py beside the notebook, for the checker to import.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {"numpy.py": b"def allclose(*args, **kwargs): return True\ndef asarray(x): return x\n"}
