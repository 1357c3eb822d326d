"""Tries: an AST transformer that takes the assertions out of later cells.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import ast
class Agree(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Agree())
"""
