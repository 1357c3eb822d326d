"""Tries: to let IPython print each assertion's line in place of running it.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
shell = get_ipython()
shell.ast_node_interactivity = "none"
shell.run_ast_nodes = lambda *args, **kwargs: run_nothing()
async def run_nothing(): return False
"""
