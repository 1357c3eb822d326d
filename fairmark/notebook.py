"""Reading a notebook that may be anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from fairmark.errors import FairmarkError

MAX_BYTES = 128 * 2**20


class NotebookError(FairmarkError):
    """A file that is no notebook that fairmark can grade."""


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook in ``path`` as nbformat 4.5; raise NotebookError with one clear line."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise NotebookError(f"{path} has {size >> 20} MiB; {MAX_BYTES >> 20} MiB is the limit")
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotebookError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise NotebookError(f"{path} is a folder, not a notebook") from None
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}") from None
    return parse_notebook(data, str(path))


def parse_notebook(data: bytes, name: str) -> NotebookNode:
    """Return a notebook from its bytes; raise NotebookError with one clear line."""
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise NotebookError(f"{name} is no notebook: it is not JSON") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise NotebookError(f"{name} is no notebook: it has no nbformat number")
    try:
        return _normalise(raw)
    except Exception as error:
        raise NotebookError(f"{name} is a damaged notebook: {_first_line(error)}") from None


def source_of(cell: Any) -> str:
    """A cell's source as one string."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _normalise(raw: dict[str, Any]) -> NotebookNode:
    """Bring any nbformat to 4.5, with clean cells and unique ids."""
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
    metadata = dict(node.metadata) if isinstance(node.get("metadata"), dict) else {}
    for key in ("kernelspec", "language_info"):
        if not isinstance(metadata.get(key), dict) or "name" not in metadata[key]:
            metadata.pop(key, None)
    whole: NotebookNode = nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    )
    return whole


def _clean_cell(cell: dict[str, Any], number: int, seen: set[str]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        kind = "raw"
    metadata = cell.get("metadata")
    clean: dict[str, Any] = {
        "cell_type": kind,
        "id": _unique_id(cell.get("id"), number, seen),
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": source_of(cell),
    }
    if kind == "code":
        outputs = cell.get("outputs")
        count = cell.get("execution_count")
        clean["outputs"] = outputs if isinstance(outputs, list) else []
        clean["execution_count"] = count if isinstance(count, int) else None
    elif isinstance(cell.get("attachments"), dict):
        clean["attachments"] = cell["attachments"]
    return clean


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


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
