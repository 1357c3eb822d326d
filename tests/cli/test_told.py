"""What a command tells the program that started it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table
from rich.text import Text

from fairmark.cli.common import console
from fairmark.cli.progress import progress_bar
from fairmark.cli.told import FILE, ToldConsole


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FILE, str(tmp_path / "told"))
    return tmp_path / "told"


def _said(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_progress(file: Path) -> None:
    with progress_bar() as bar:
        bar.start("grading", 2)
        bar.tick()
        bar.advance("ada\x1b[31m")
    first, last = (said["progress"] for said in _said(file))
    assert first == {"label": "grading", "done": 0, "total": 2, "name": ""}
    assert last == {"label": "grading", "done": 1, "total": 2, "name": "ada\ufffd[31m"}


def test_lines_and_tables(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    table.add_column("student")
    table.add_column("score", justify="right")
    table.add_row("ada", Text("5", "red"))
    out = console()
    assert isinstance(out, ToldConsole)
    out.print(table)
    out.print("done", style="bold green")
    told, line = _said(file)
    cells = [{"text": "ada", "style": ""}, {"text": "5", "style": "red"}]
    assert told == {
        "table": {"columns": ["student", "score"], "right": [False, True], "rows": [cells]}
    }
    assert line == {"line": {"text": "done", "style": "bold green"}}
    assert "done" in capsys.readouterr().out  # and it is printed, too


def test_nobody_is_told_who_does_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FILE, raising=False)
    assert not isinstance(console(), ToldConsole)
