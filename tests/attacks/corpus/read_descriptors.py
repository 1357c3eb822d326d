"""Tries: to read from, or to list, whatever descriptors it has inherited.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import os
for number in os.listdir("/proc/self/fd"):
    try:
        where = os.readlink(f"/proc/self/fd/{number}")
        print(number, where, os.listdir(number) if os.path.isdir(where) else "")
    except OSError: pass
"""
