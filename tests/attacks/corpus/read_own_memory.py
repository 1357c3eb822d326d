"""Tries: to find secrets in the memory that a warm process may share with it.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import os
needle = b"-yranac"[::-1]  # itself no canary: nothing follows
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        ends, mode = line.split()[:2]
        start, end = (int(x, 16) for x in ends.split("-"))
        if mode.startswith("rw") and end - start < 60_000_000:
            try:
                memory.seek(start); data = memory.read(end - start)
            except (OSError, OverflowError, ValueError): continue
            place = data.find(needle)
            while place >= 0:
                if data[place + 7:place + 8].isalpha(): print(data[place:place + 30])
                place = data.find(needle, place + 1)
"""
