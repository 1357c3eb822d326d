"""Tries: to read the other submissions, by where they usually lie.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import glob
for pattern in ("../../*/*/*", "../../../submitted/*/*/*", "/srv/nbgrader/exchange/*/*/*",
                "/usr/local/share/nbgrader/exchange/*/*/*"):
    for path in glob.glob(pattern):
        try: print(path, open(path, errors="replace").read())
        except OSError: pass
"""
