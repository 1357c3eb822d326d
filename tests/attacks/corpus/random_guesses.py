"""Tries: another answer each time, in the hope that one is right.

Must: gain no point.
"""

ANSWERS = {
    "double": "import random\ndef double(x): return random.choice([1, 2, 3, 5, 7]) * 1.5",
    "mean": "def mean(x): return random.random()",
}
