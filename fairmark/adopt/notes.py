"""An ``adopted.toml`` told anew, in which what the instructor has written stays."""

from __future__ import annotations

import json

import tomlkit
from tomlkit.items import KeyType, SingleKey, Table


def renewed(old: str, new: str) -> str:
    """Return the text of ``new`` with the comments, further lines and reasons of ``old``.

    The reason of a cell that is still left stays as it stands: it may be in the instructor's own
    words. Of a cell that is taken over since, its line stays as a comment.
    """
    kept, told = tomlkit.parse(old), tomlkit.parse(new)
    for name, table in told.items():
        if not isinstance(kept.get(name), Table):
            kept[name] = table
            continue
        mine = kept[name]
        for cell in [cell for cell in mine if cell not in table]:
            if name == "left":
                line = f"{_quoted(cell)} = {_quoted(mine[cell])}"
                note = mine[cell].trivia.comment
                mine.add(tomlkit.comment(f"taken over since: {line} {note}".strip()))
            mine.remove(cell)
        for cell, text in table.items():
            if name != "left" or cell not in mine:
                mine[cell if cell in mine else SingleKey(cell, KeyType.Basic)] = text
    return tomlkit.dumps(kept)


def _quoted(text: str) -> str:
    """A text in one line."""
    return json.dumps(str(text), ensure_ascii=False)
