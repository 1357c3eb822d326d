"""Tries: an answer that is equal to whatever it is compared with.

Must: gain no point.
"""

CELL = """
class Yes:
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __array__(self, *args, **kwargs): return __import__("numpy").zeros(())
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = __float__ = lambda self, *args: 0.0
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None
"""
ANSWERS = {"double": "def double(x): return Yes()", "mean": "def mean(x): return Yes()"}
