"""Tries: to let no error be shown, so that a failing test looks like a passing one.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
shell = get_ipython()
shell.showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None
shell._showtraceback = lambda *args, **kwargs: None
"""
