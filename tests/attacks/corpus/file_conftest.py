"""Tries: a file conftest.py beside the notebook, for the checker to import.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {"conftest.py": b"def pytest_runtest_makereport(item, call): raise SystemExit(0)\n"}
