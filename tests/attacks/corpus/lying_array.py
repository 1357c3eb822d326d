"""Tries: an array of a class of its own that says to hold what is wanted.

Must: gain no point.
"""

CELL = """
import numpy as np
class Lying(np.ndarray):
    def __eq__(self, other): return np.ones(np.shape(other), bool)
    def __sub__(self, other): return np.zeros(np.shape(other))
    __rsub__ = __sub__
    def __array_ufunc__(self, *args, **kwargs): return np.True_
    def __array_function__(self, *args, **kwargs): return True
"""
ANSWERS = {
    "double": "def double(x): return np.zeros(np.shape(x)).view(Lying)",
    "mean": "def mean(x): return np.zeros(()).view(Lying)",
}
