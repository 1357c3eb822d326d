"""Tries: to read the cells that ran before, where a checker's cell would be.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
print(In, get_ipython().history_manager.input_hist_raw)
"""
