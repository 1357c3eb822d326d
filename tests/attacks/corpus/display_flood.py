"""Tries: to fill the notebook with pictures.

Must: cost no other question.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
from IPython.display import HTML, display
for _ in range(200): display(HTML("<b>flood</b>" * 20_000))
"""
