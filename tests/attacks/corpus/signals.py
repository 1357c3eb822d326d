"""Tries: to send signals to its parents, to its group and to everyone.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os, signal
if not os.getuid(): raise SystemExit  # never where it could do harm
for pid in (os.getppid(), -1, 1, 2, 3):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        try: os.kill(pid, number)
        except OSError: pass
"""
