"""Tries: to read the environment, its own and that of all other processes.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ"):
    try: print(open(path).read())
    except OSError: pass
"""
