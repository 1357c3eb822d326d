"""Tries: NaN, infinities and integers of a million digits, nested where JSON has none.

Must: cost this answer only.
"""

ANSWERS = {
    "double": "def double(x): return {float('nan'): [float('inf'), 10**10**6]}",
    "mean": "def mean(x): return complex('nan+infj')",
}
