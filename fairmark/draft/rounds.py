"""Fewer rounds: what a notebook repeats for its results' sake is cut short while it is watched.

A training of fifty epochs makes the same calls as one of three, in kind and in shape. Functions
whose parameters count rounds are given fewer of them, by the notebook's own code, too.
"""

from __future__ import annotations

import ast
import re

from fairmark.syntax.cells import parsed

_COUNTS = re.compile(r"(^|_)(steps?|epochs?|iterations?|iters?|rounds?|sweeps?)$", re.I)
_MOST = 3
SHORTENER = f"""
def __fairmark_fewer__(function, counts):
    signature = __fairmark_inspect__.signature(function)

    @__fairmark_tools__.wraps(function)
    def called(*args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)
        for name in counts:
            value = given.arguments.get(name, signature.parameters[name].default)
            if type(value) is int and value > {_MOST}:
                given.arguments[name] = {_MOST}
        return function(*given.args, **given.kwargs)
    return called
"""
_CUT = """
for __fairmark_name__, __fairmark_counts__ in {counted!r}.items():
    __fairmark_found__ = globals().get(__fairmark_name__)
    if __fairmark_inspect__.isfunction(__fairmark_found__):
        globals()[__fairmark_name__] = __fairmark_fewer__(__fairmark_found__, __fairmark_counts__)
"""


def shortened(source: str) -> str:
    """Return the code that cuts short the functions that a cell has defined; "" for none."""
    counted: dict[str, list[str]] = {}
    tree = parsed(source)
    for node in tree.body if tree is not None else []:
        if isinstance(node, ast.FunctionDef):
            arguments = (*node.args.args, *node.args.kwonlyargs)
            counts = [a.arg for a in arguments if _COUNTS.search(a.arg)]
            counted |= {node.name: counts} if counts else {}
    return _CUT.format(counted=counted) if counted else ""
