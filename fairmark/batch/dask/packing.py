"""Reports as plain JSON, whole: with the cells and files that stored reports lack."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

from fairmark.harness.report import Report


def pack(report: Report) -> dict[str, Any]:
    """Return a report as JSON-able data."""
    return {
        "report": report.to_stored_json(),
        "cells": list(report.cells),
        "files": {name: b64encode(data).decode() for name, data in report.files.items()},
        "cpu_seconds": report.cpu_seconds,
    }


def unpack(data: dict[str, Any]) -> Report:
    """Read what :func:`pack` made."""
    return replace(
        Report.from_json(data["report"]),
        cells=tuple(data["cells"]),
        files={name: b64decode(text) for name, text in data["files"].items()},
        cpu_seconds=float(data["cpu_seconds"]),
    )
