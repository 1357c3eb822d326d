"""Tries: to replace pickle, json and msgpack, with which an answer might travel.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import json, pickle
right = lambda *args, **kwargs: 6.0
pickle.loads = json.loads = right
try:
    import msgpack
    msgpack.unpackb = msgpack.packb = right
except ImportError:
    pass
"""
