"""Tables as spreadsheets and platforms save them."""

from __future__ import annotations

import pytest

from fairmark.errors import FairmarkError
from fairmark.intake import tables
from fairmark.intake.tables import rows_of


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_lines_of_any_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    lines = ["id,name", "", "ada,  Zoë   Núñez ", ",,", 'ben,"two\nlines"']
    text = "\r\n".join(lines).replace(",", delimiter)
    assert rows_of(text.encode(encoding)) == [
        (1, ["id", "name"]),
        (3, ["ada", "Zoë Núñez"]),
        (6, ["ben", "two lines"]),
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\x81\x8d\xff", "is no text"),
        (b"a,b\0", "no table of text"),
        (b'a,"b\nc', "line 2 of the table cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, line: str) -> None:
    with pytest.raises(FairmarkError, match=line):
        rows_of(content)


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_MOST_LINES", 2)
    assert len(rows_of(b"a\n1\n2\n")) == 3
    with pytest.raises(FairmarkError, match="more than 2 lines"):
        rows_of(b"a\n1\n2\n3\n")
