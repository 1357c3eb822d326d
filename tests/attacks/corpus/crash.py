"""Tries: to crash the interpreter.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import ctypes; ctypes.string_at(0)
"""
