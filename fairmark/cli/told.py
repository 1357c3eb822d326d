"""What a command tells the program that started it: progress, lines and tables, as lines of JSON.

The pages beside Formgrader start commands in the background, and show what is told here.
"""

from __future__ import annotations

import json
import os
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

FILE = "FAIRMARK_TELL"
"""The environment variable that names the file to tell it in."""


def is_told() -> bool:
    """Whether a program wants to be told."""
    return bool(os.environ.get(FILE))


def told_to_nobody() -> dict[str, str]:
    """The environment for a command whose words are not for that program."""
    return {name: value for name, value in os.environ.items() if name != FILE}


def tell(**said: Any) -> None:
    """Append a line to the file."""
    with open(os.environ[FILE], "a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")


class ToldConsole(Console):
    """A console whose tables and lines are told, too."""

    def print(self, *objects: Any, style: Any = None, **options: Any) -> None:
        """Print, and tell."""
        for item in objects:
            if isinstance(item, Table):
                tell(table=_table(item))
            else:
                tell(line=_cell(item, str(style or "")))
        super().print(*objects, style=style, **options)


def _table(table: Table) -> dict[str, Any]:
    return {
        "columns": [str(column.header) for column in table.columns],
        "right": [column.justify == "right" for column in table.columns],
        "rows": [
            [_cell(value) for value in row]
            for row in zip(*(column.cells for column in table.columns), strict=True)
        ],
    }


def _cell(value: Any, style: str = "") -> dict[str, str]:
    if not isinstance(value, Text):
        return {"text": str(value), "style": style}
    inner = next((str(span.style) for span in value.spans), "")
    return {"text": value.plain, "style": str(value.style or inner or style)}
