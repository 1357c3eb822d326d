"""Tries: to find the grader's objects among all that the interpreter knows.

Must: find none.
"""

CELL = """
import gc, types
def look():
    names = [o.__name__ for o in gc.get_objects() if isinstance(o, types.FunctionType)]
    modules = [o.__name__ for o in gc.get_objects() if isinstance(o, types.ModuleType)]
    known = {"secrets"}  # Python's own module, which NumPy imports
    names = set(modules + names) - known
    bad = [n for n in names if "secret" in n or n.startswith(("reference", "graders"))]
    raise ValueError("canary" + "-garbage" if bad else "nothing")
"""
ANSWERS = {"double": "def double(x): look()", "mean": "def mean(x): look()"}
