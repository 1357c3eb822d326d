"""Tries: a float of a class of its own that agrees with all others.

Must: gain no point.
"""

CELL = """
class Lying(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    __hash__ = float.__hash__
"""
ANSWERS = {"double": "def double(x): return Lying(1)", "mean": "def mean(x): return Lying(1)"}
