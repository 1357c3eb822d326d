"""Tries: to stop its process in place of ending it.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
os.kill(0, signal.SIGSTOP)
"""
