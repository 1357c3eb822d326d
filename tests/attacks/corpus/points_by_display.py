"""Tries: to show points before the test fails.

Must: gain no point.
"""

CELL = """
import sys
class Points(float):
    def __repr__(self): return "3.0"
def double(x): sys.displayhook(2.0); print(2.0); raise SystemExit
def mean(x): sys.displayhook(Points(3)); print(3.0); raise SystemExit
"""
