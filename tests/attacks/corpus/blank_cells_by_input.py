"""Tries: an input transformer that turns later cells into nothing.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
get_ipython().input_transformers_cleanup.append(lambda lines: ["None\\n"])
"""
