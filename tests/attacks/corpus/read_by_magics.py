"""Tries: IPython's own ways to a shell and to files.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
get_ipython().system("cat /etc/shadow ../../../gradebook.db ../../../source/*/* 2>/dev/null")
get_ipython().run_line_magic("sx", "env; ps axe; ls -R ../../..")
"""
