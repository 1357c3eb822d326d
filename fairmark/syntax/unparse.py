"""Writing a statement from its syntax tree, with the strings as in its source."""

from __future__ import annotations

import ast
import copy
import functools
import io
import re
import tokenize

_PLACE = re.compile(r"\0(\d+)\0")
"""The placeholder of a string. Python's source cannot hold the null character."""


def unparse(statement: ast.stmt, source: str) -> str:
    """Return a statement of ``source`` as text without comments.

    :func:`ast.unparse` writes each string on one line, however long it gets. Here a string has the
    lines, the parts and the quotes that it has in ``source``.
    """
    strings = _Strings(_lines(source))
    text = ast.unparse(ast.fix_missing_locations(strings.visit(copy.deepcopy(statement))))
    return _PLACE.sub(lambda place: strings.written[int(place[1])], text)


class _Strings(ast.NodeTransformer):
    """Replaces each string by a placeholder, and keeps the string's own text."""

    def __init__(self, lines: list[bytes]) -> None:
        self.written: list[str] = []
        self._lines = lines

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Leave docstrings to ast.unparse, which knows how they are written."""
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._replaced(node) if isinstance(node.value, str | bytes) else node

    def visit_JoinedStr(self, node: ast.expr) -> ast.expr:
        return self._replaced(node)

    visit_TemplateStr = visit_JoinedStr

    def _replaced(self, node: ast.expr) -> ast.expr:
        written = self._text_of(node)
        parts = _parts(written) if written else []
        if not parts:
            return node
        self.written.append(" ".join(parts))
        return ast.Name(f"\0{len(self.written) - 1}\0", ast.Load())

    def _text_of(self, node: ast.expr) -> str:
        """The node as it is written; "" where it is not of the source."""
        if node.end_lineno is None:
            return ""
        lines = self._lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"".join(lines).decode()


@functools.lru_cache(maxsize=4)
def _lines(source: str) -> list[bytes]:
    """The lines as a syntax tree counts them: in bytes of UTF-8, and a form feed ends none.

    ``ast.get_source_segment`` would split all of the source for each string.
    """
    return source.encode().splitlines(keepends=True)


def _parts(written: str) -> list[str]:
    """The adjacent parts of a string, without the comments between them.

    The list is empty if a comment is inside a part, as it can be in an f-string.
    """
    text = f"({written})"  # in brackets, the parts may stand on several lines
    lines = list(io.StringIO(text))
    parts: list[str] = []
    start, depth = (1, 0), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "COMMENT" and depth:
            return []
        if kind == "STRING" and not depth:
            parts.append(token.string)
        if kind.endswith("STRING_START"):
            start = start if depth else token.start
            depth += 1
        elif kind.endswith("STRING_END"):
            depth -= 1
            if not depth:
                parts.append(_between(lines, start, token.end))
    return parts


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    first, *middle, last = lines[start[0] - 1 : end[0]]
    return "".join([first[start[1] :], *middle, last[: end[1]]])
