"""Tries: to put its own modules in the place of the grader's and fairmark's.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import sys, types
for name in ("reference", "reference.tiny", "fairmark.testing", "fairmark.grading.judge", "pytest"):
    sys.modules[name] = types.ModuleType(name)
"""
