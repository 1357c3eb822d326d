"""Tries: to fill the memory with many processes, none of which takes too much.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os, time
if not os.getuid(): raise SystemExit  # never where it could do harm
for _ in range(60):
    if os.fork() == 0:
        kept = b'x' * (120 << 20)
        time.sleep(9)
        os._exit(0)
time.sleep(9)
"""
