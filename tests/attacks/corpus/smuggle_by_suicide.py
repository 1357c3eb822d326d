"""Tries: to be judged once more, after its hidden tests were seen, by being killed.

Must: show no input of a hidden test.
"""

CELL = """
import os, numpy as np
ends = os.pipe2(os.O_NONBLOCK)
def told():
    try: return os.read(ends[0], 9999)
    except OSError: return b""
"""
ANSWERS = {
    "double": """
def double(x):
    seen = told()
    os.write(ends[1], seen + repr(x).encode())
    if b"array" in seen: raise ValueError(seen)
    os.kill(os.getpid(), 9)
""",
}
