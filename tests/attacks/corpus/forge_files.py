"""Tries: to write graders, results and settings, wherever they may lie.

Must: change nothing outside of its own folder.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import os
if not os.getuid(): raise SystemExit  # never where it could do harm
for up in ("../../..", "../..", "..", "/", "/etc", os.path.expanduser("~/.."), "/usr/local"):
    for name in ("forged.txt", "sitecustomize.py", "nbgrader_config.py", "autograded/forged.txt"):
        try: open(os.path.join(up, name), "a").write("# forged")
        except OSError: pass
"""
