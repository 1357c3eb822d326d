"""Tries: an answer of a million nested lists, and one that holds itself.

Must: cost this answer only.
"""

CELL = """
def deep(levels):
    value = []
    for _ in range(levels): value = [value]
    return value
endless = []
endless.append(endless)
"""
ANSWERS = {"double": "def double(x): return deep(10**6)", "mean": "def mean(x): return endless"}
