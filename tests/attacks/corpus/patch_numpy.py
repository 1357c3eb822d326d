"""Tries: to replace the functions that compare arrays.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import numpy as np, numpy.testing
yes = lambda *args, **kwargs: True
for module in (np, numpy.testing):
    for name in dir(module):
        if name.startswith(("assert_", "allclose", "isclose", "array_eq", "all")):
            setattr(module, name, yes)
"""
