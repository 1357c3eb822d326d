"""Tries: to replace isinstance, len and sum, with which tests compare.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import builtins, math, unittest
yes = lambda *args, **kwargs: True
math.isclose = unittest.TestCase.assertEqual = yes
builtins.isinstance = builtins.all = yes
"""
