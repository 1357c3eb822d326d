"""Tries: an answer that takes for ever wherever it is looked at.

Must: cost its own question only.
"""

CELL = """
import time
class Slow:
    def __getattr__(self, name): time.sleep(60)
    def __len__(self): time.sleep(60)
    def __iter__(self): time.sleep(60)
"""
ANSWERS = {
    "double": "def double(x): return Slow()",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 3.0
