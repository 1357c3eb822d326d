"""Tries: to carry a hidden test's inputs by a deleted file to where students see them:
the visible test of a later question.

Must: show no input of a hidden test.
"""

CELL = """
import numpy as np
import tempfile
kept = tempfile.TemporaryFile('w+')
"""
ANSWERS = {
    "double": "def double(x):\n    kept.write(repr(x)); kept.flush()\n    return 2 * np.asarray(x)",
    "mean": "def mean(x): raise ValueError((kept.seek(0), kept.read()))",
}
POINTS = 2.0
