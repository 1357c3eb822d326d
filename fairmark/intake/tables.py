"""Tables (CSV) that instructors give, as spreadsheets and learning platforms save them."""

from __future__ import annotations

import csv

from fairmark.errors import FairmarkError

_MOST_LINES = 20_000

Row = tuple[int, list[str]]
"""The number of a line, and its cells."""


def rows_of(content: bytes) -> list[Row]:
    """Return the lines of a table that are not empty. Raise FairmarkError.

    Columns are separated by commas, semicolons or tabs, and spaces around cells do not count.
    """
    text = _decoded(content)
    first = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                rows.append((reader.line_num, cells))
            if len(rows) > _MOST_LINES + 1:
                raise FairmarkError(f"the table has more than {_MOST_LINES} lines")
    except csv.Error as error:
        raise FairmarkError(
            f"line {reader.line_num} of the table cannot be read: {error}"
        ) from None
    return rows


def _decoded(content: bytes) -> str:
    """The text: UTF-8, UTF-16 with a mark, or what old spreadsheets write in western Europe."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        try:
            return _without_nul(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            encoding = "cp1252"
    try:
        return _without_nul(content.decode(encoding))
    except UnicodeDecodeError:
        raise FairmarkError("the file is no text: save the table as CSV in UTF-8") from None


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise FairmarkError("the file is no table of text: save it as CSV")
    return text
