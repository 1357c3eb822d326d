"""Tries: to make what it may not write its own.

Must: change nothing outside of its own folder.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import os
if not os.getuid(): raise SystemExit  # never where it could do harm
for folder in ("../../..", "../..", "/", "/usr", "/home"):
    for call in (lambda: os.chmod(folder, 0o777), lambda: os.chown(folder, 0, 0),
                 lambda: os.rename(folder, folder + "x"), lambda: os.setuid(0)):
        try: call()
        except OSError: pass
"""
