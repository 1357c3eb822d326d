"""Tries: to write the gradebook.

Must: change nothing outside of its own folder.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import glob, sqlite3
for path in glob.glob("../../../gradebook.db") + glob.glob("/**/gradebook.db"):
    try:
        with sqlite3.connect(path) as gradebook:
            gradebook.execute("UPDATE grade SET manual_score = 99")
    except sqlite3.Error as error: print(error)
"""
