"""Tries: to read the caller's variables, from inside of a call.

Must: read no more than what it was called with.
"""

CELL = """
import sys
def look():
    frame, seen = sys._getframe(), []
    while frame is not None:
        seen.append(repr(frame.f_locals)[:3000] + repr(sorted(frame.f_globals))[:3000])
        frame = frame.f_back
    raise ValueError("".join(seen)[-3500:])
"""
ANSWERS = {"double": "def double(x): look()", "mean": "def mean(x): look()"}
