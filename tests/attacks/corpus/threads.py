"""Tries: to start threads without end.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import threading, time
try:
    while True: threading.Thread(target=time.sleep, args=[99], daemon=True).start()
except RuntimeError: pass
"""
