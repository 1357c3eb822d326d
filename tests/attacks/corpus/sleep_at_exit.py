"""Tries: to hold up the end of the process.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import atexit, threading, time
class Slow:
    def __del__(self): time.sleep(60)
slow = Slow()
atexit.register(time.sleep, 60)
threading.Thread(target=time.sleep, args=[60]).start()
"""
