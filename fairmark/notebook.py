"""Reading a notebook that may be anything."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from fairmark.errors import FairmarkError
from fairmark.files import open_plain_file

MAX_BYTES = 128 * 2**20
MAX_CELLS = 10_000
_MAX_CONTAINERS = 10_000_000
_MAX_DEPTH = 40
_OTHER_FILES = {
    b"pk\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"%pdf": "a PDF",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}
"""What is handed in in a notebook's place, by how it starts (in small letters)."""


class NotebookError(FairmarkError):
    """A file that is no notebook that fairmark can grade."""


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook in ``path`` as nbformat 4.5; raise NotebookError with one clear line."""
    return parse_notebook(read_bytes(path), str(path))


def read_bytes(path: Path, *, follow_links: bool = True) -> bytes:
    """Return what a file holds that should be a notebook; raise NotebookError.

    Nothing but a plain file is read: a named pipe could have the reader wait for ever.
    """
    try:
        with open_plain_file(path, follow_links=follow_links) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_BYTES:
                raise NotebookError(
                    f"{path} has {size >> 20} MiB; {MAX_BYTES >> 20} MiB is the limit"
                )
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        raise NotebookError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise NotebookError(f"{path} is a folder, not a notebook") from None
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}") from None


def parse_notebook(data: bytes, name: str) -> NotebookNode:
    """Return a notebook from its bytes; raise NotebookError with one clear line."""
    if data.count(b"[") + data.count(b"{") > _MAX_CONTAINERS:  # they would fill the memory
        raise NotebookError(f"{name} holds too many lists")
    try:
        # Some editors save UTF-16; some disks fill a file up with zeros after a crash.
        text = data.decode(json.detect_encoding(data), "surrogatepass")
        raw = json.loads(text.rstrip("\0 \t\r\n"))
    except (ValueError, RecursionError) as error:
        why = _why_no_json(data, error)
        raise NotebookError(f"{name} is no notebook: it is not JSON{why}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise NotebookError(f"{name} is no notebook: it has no nbformat number")
    try:
        return _normalise(raw)
    except Exception as error:
        raise NotebookError(f"{name} is a damaged notebook: {_first_line(error)}") from None


def source_of(cell: Any) -> str:
    """A cell's source as one string."""
    return _text(_joined(cell.get("source") or ""))


def _normalise(raw: dict[str, Any]) -> NotebookNode:
    """Bring any nbformat to 4.5, with clean cells and unique ids, and without outputs."""
    sheets = raw.get("worksheets")
    for sheet in [raw, *(sheets if isinstance(sheets, list) else [])]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        cells = cells if isinstance(cells, list) else []
        if len(cells) > MAX_CELLS:
            raise ValueError(f"it has {len(cells)} cells; {MAX_CELLS} is the limit")
        for cell in cells:
            if not isinstance(cell, dict):
                continue
            if "outputs" in cell:
                cell["outputs"] = []  # nobody believes them, and they may be large
            for key in {"source", "input"} & cell.keys():  # "input" is nbformat 3's
                cell[key] = _joined(cell[key] or "")
    node = nbformat.from_dict(raw)
    if raw["nbformat"] < 4:
        node = nbformat.convert(node, 4)
    if not isinstance(node.get("cells"), list):
        raise ValueError("it has no list of cells")
    seen: set[str] = set()
    cells = []
    for number, cell in enumerate(node.cells):
        if not isinstance(cell, dict):
            raise ValueError(f"cell {number} is no cell")
        cells.append(_clean_cell(cell, number, seen))
    metadata = _dict(node.get("metadata"))
    for key in ("kernelspec", "language_info"):
        if not isinstance(_dict(metadata.get(key)).get("name"), str):
            metadata.pop(key, None)
    whole: NotebookNode = nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    )
    return whole


def _joined(source: object) -> str:
    """The text of lines that end in a line break, or, as some tools write them, in none."""
    if not isinstance(source, list):
        return str(source)
    lines = [str(line) for line in source]
    return ("" if any(line.endswith("\n") for line in lines) else "\n").join(lines)


def _clean_cell(cell: dict[str, Any], number: int, seen: set[str]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        kind = "raw"
    clean: dict[str, Any] = {
        "cell_type": kind,
        "id": _unique_id(cell.get("id"), number, seen),
        "metadata": _dict(cell.get("metadata")),
        "source": source_of(cell),
    }
    if kind == "code":
        count = cell.get("execution_count")
        clean["outputs"] = []
        clean["execution_count"] = count if type(count) is int and 0 <= count < 10**6 else None
    elif "attachments" in cell:
        files = _dict(cell["attachments"]).items()
        clean["attachments"] = {
            name: {
                mime: data if isinstance(data, str) else "".join(map(str, data))
                for mime, data in _dict(file).items()
                if isinstance(data, (str, list))
            }
            for name, file in files
        }
    return clean


def _dict(value: object) -> dict[str, Any]:
    """A dict of plain data that can be written again; an empty one for anything else."""
    clean = _plain(value)
    return clean if isinstance(clean, dict) else {}


def _plain(value: object, depth: int = 0) -> Any:
    """The value with each part that JSON, or its readers, would stumble over replaced."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (list, dict)) and depth >= _MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_text(str(key)): _plain(item, depth + 1) for key, item in value.items()}
    return value


def _text(text: str) -> str:
    """The text without halves of characters, which cannot be written to a file."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unique_id(wanted: object, number: int, seen: set[str]) -> str:
    """The cell's own id where it is valid and new, else one from its place."""
    valid = isinstance(wanted, str) and 1 <= len(wanted) <= 64 and wanted.isascii()
    name = str(wanted) if valid else f"cell-{number}"
    if not all(character.isalnum() or character in "-_" for character in name):
        name = f"cell-{number}"
    unique, copy = name, 1
    while unique in seen:
        copy += 1
        unique = f"{name[:56]}-{copy}"
    seen.add(unique)
    return unique


def _why_no_json(data: bytes, error: Exception) -> str:
    """What a file is instead, or where it is broken: what to add to "it is not JSON"."""
    start = data[:200].lstrip(b"\xef\xbb\xbf\0 \t\r\n")
    if not start:
        return ": it is empty"
    for magic, kind in _OTHER_FILES.items():
        if start.lower().startswith(magic):
            return f", but {kind}"
    if (conflict := re.search(rb"^(<{7}|={7}|>{7})( |\r?$)", data, re.MULTILINE)) is not None:
        line = data.count(b"\n", 0, conflict.start()) + 1
        return f": line {line} is the mark of a merge conflict"
    if isinstance(error, UnicodeDecodeError):
        return f": its text is not in {error.encoding.upper()}"
    if not isinstance(error, json.JSONDecodeError):
        return ""
    if error.pos >= len(error.doc) or error.msg.startswith("Unterminated string"):
        return f": it breaks off in line {error.doc.count(chr(10)) + 1}"
    if error.msg == "Extra data":
        return f": it goes on behind its end, in line {error.lineno}"
    return f": it is broken in line {error.lineno}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
