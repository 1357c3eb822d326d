"""Tries: to carry a hidden test's inputs by a file to where students see them:
the visible test of a later question.

Must: show no input of a hidden test.
"""

CELL = """
import numpy as np
open('note', 'w').close()
"""
ANSWERS = {
    "double": "def double(x):\n    open('note', 'a').write(repr(x))\n    return 2 * np.asarray(x)",
    "mean": "def mean(x): raise ValueError(open('note').read())",
}
POINTS = 2.0
