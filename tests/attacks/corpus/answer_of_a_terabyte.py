"""Tries: to fill the judge's memory with an answer.

Must: cost this answer only.
"""

ANSWERS = {
    "double": "import numpy as np\ndef double(x): return np.broadcast_to(np.float64(1), (2**37,))",
    "mean": "def mean(x): return iter(int, 1)",
}
