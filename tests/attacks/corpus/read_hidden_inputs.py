"""Tries: to tell the author of the hidden tests' inputs, in an error's message.

Must: not show them to students.
"""

CELL = """
import warnings
def tell(x):
    print(x); warnings.warn(repr(x)); raise ValueError(repr(x))
"""
ANSWERS = {"double": "def double(x): tell(x)", "mean": "def mean(x): tell(x)"}
