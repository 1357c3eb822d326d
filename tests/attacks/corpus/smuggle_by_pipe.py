"""Tries: to carry a hidden test's inputs by a pipe to where students see them:
the visible test of a later question.

Must: show no input of a hidden test.
"""

CELL = """
import numpy as np
import os
ends = os.pipe2(os.O_NONBLOCK)
"""
ANSWERS = {
    "double": "def double(x):\n    os.write(ends[1], repr(x).encode())\n    return 2 * np.array(x)",
    "mean": "def mean(x): raise ValueError(os.read(ends[0], 9999))",
}
POINTS = 2.0
