"""Tries: to replace what runs a cell's code.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
async def run_code(self, *args, **kwargs): return False
type(get_ipython()).run_code = run_code
"""
