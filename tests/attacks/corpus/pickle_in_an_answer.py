"""Tries: an answer that runs code where it is unpickled.

Must: gain no point.
"""

CELL = """
import pickle
class Bomb:
    def __reduce__(self): return (open, ("/tmp/forged", "w"))
"""
ANSWERS = {
    "double": "def double(x): return pickle.dumps(Bomb())",
    "mean": "def mean(x): return Bomb()",
}
