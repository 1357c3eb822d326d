"""Tries: to look for a sign of being graded, and to answer otherwise then.

Must: find no verdict to change: the answers are judged as they are given.
"""

CELL = """
import os, sys
graded = "fairmark.guest.session" in sys.modules or "NBGRADER_EXECUTION" in os.environ
"""
ANSWERS = {
    "double": "def double(x): return True if graded else 2 * x",
    "mean": "def mean(x): return 'full marks' if graded else sum(x) / len(x)",
}
