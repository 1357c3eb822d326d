"""Tries: to print a full mark at the very end of the process.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import atexit
atexit.register(print, 3.0)
class Last:
    def __del__(self): print("3.0")
last = Last()
"""
