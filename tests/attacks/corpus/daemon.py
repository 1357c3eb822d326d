"""Tries: to leave a process behind that outlives the notebook.

Must: leave no process behind.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3, 60):
            try: os.close(number)
            except OSError: pass
        time.sleep(60)
    os._exit(0)
"""
