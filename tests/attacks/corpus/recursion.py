"""Tries: to overflow the stack of the interpreter.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import sys
sys.setrecursionlimit(10**9)
def f(): f()
f()
"""
