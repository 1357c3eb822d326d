"""Tries: an AST transformer that empties every later cell.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import ast
class Blank(ast.NodeTransformer):
    def visit_Module(self, node): return ast.Module([ast.Pass()], [])
class Fixed(Blank):
    def visit_Module(self, node): return ast.fix_missing_locations(super().visit_Module(node))
get_ipython().ast_transformers.append(Fixed())
"""
