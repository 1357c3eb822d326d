"""Tries: to keep the instructor's version of an earlier exercise that is lent
to a later one, and to tell of it.

Must: gain no point for the earlier exercise, and show nothing of it.
"""

CELL = """
import os, numpy as np
ends = os.pipe2(os.O_NONBLOCK)
open('kept', 'w').close()
"""
ANSWERS = {
    "double": "def double(x):\n    return -1",
    "mean": """
def mean(x):
    code = double.__code__
    note = repr((code.co_code, code.co_consts, code.co_names, double(4321)))
    open('kept', 'a').write(note); os.write(ends[1], note.encode())
    globals()["double"] = double
    raise ValueError(note if double(1) != -1 else "own")
""",
}
LEAKS = ("asarray", "8642")
