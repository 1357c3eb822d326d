"""Tries: a thread pool that hangs in a fork.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
try:
    import torch
    torch.set_num_threads(4)
    torch.ones(600, 600) @ torch.ones(600, 600)
except ImportError: pass
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(4); list(pool.map(abs, range(99)))
"""
