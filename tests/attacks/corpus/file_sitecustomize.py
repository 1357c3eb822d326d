"""Tries: a file sitecustomize.py beside the notebook, for the checker to import.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {"sitecustomize.py": b"import builtins\nbuiltins.isinstance = lambda *a: True\n"}
