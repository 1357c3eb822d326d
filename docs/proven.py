"""Writes the tables of docs/proven.md anew, from what ``fairmark verify`` has noted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proven.md"
TITLES = {
    "alternatives": "alternatives",
    "misconceptions": "misconceptions",
    "generic": "generic wrong answers",
    "mutants": "mutants noticed",
    "equivalent": "equivalent",
}
"""By the names in the record, the titles of the table's columns."""


def proven(name: str) -> list[dict[str, Any]]:
    """What was proven of an assignment's exercises."""
    record = json.loads((ROOT / "graders" / name / "verified.json").read_text("utf-8"))
    rows: list[dict[str, Any]] = record["proven"]
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """One assignment's table; an exercise whose graders are thin is called so."""
    lines = [
        f"| exercise | {' | '.join(TITLES.values())} |",
        f"| --- | {' | '.join('---:' for _ in TITLES)} |",
    ]
    for row in rows:
        thin = f" (thin: {', '.join(row['thin'])})" if row["thin"] else ""
        numbers = " | ".join(str(row[column]) for column in TITLES)
        lines.append(f"| `{row['question']}`{thin} | {numbers} |")
    return "\n".join(lines)


DRAFTS = ROOT / "docs" / "drafts.json"
"""What ``python -m benchmarks.drafts --write`` has measured."""


def drafts() -> str:
    """The table of drafted graders."""
    rows: dict[str, dict[str, Any]] = json.loads(DRAFTS.read_text("utf-8"))
    lines = [
        "| assignment | exercises drafted | tests | mutants noticed | alternatives accepted | "
        "misconceptions noticed | CPU seconds |",
        f"| --- | {' | '.join('---:' for _ in range(6))} |",
    ]
    lines += [
        f"| {name} | {row['drafted']} of {row['exercises']} | {row['tests']} | "
        f"{row['killed']} of {row['mutants']} ({_share(row['killed'], row['mutants'])}) | "
        f"{row['accepted']} of {row['alternatives']} | "
        f"{row['noticed']} of {row['misconceptions']} | {row['seconds']:.0f} |"
        for name, row in rows.items()
    ]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    """A share in whole per cent: 100 only where nothing is missing."""
    return f"{min(round(100 * part / whole), 100 if part == whole else 99)}%"


def page(text: str) -> str:
    """The page with the tables, and the sums, as they have to be now."""
    sums = dict.fromkeys(TITLES, 0)
    for name in re.findall(r"^## (\S+)$", text, re.MULTILINE):
        rows = proven(name)
        for column in sums:
            sums[column] += sum(row[column] for row in rows)
        text = re.sub(
            rf"^## {name}\n\n(\|.*\n)+", f"## {name}\n\n{table(rows)}\n", text, flags=re.MULTILINE
        )
    if DRAFTS.exists():
        found = drafts()
        head = re.escape(found.splitlines()[0])
        text = re.sub(rf"^{head}\n(\|.*\n)+", f"{found}\n", text, flags=re.MULTILINE)
    said = ", ".join(f"{sums[column]} {title}" for column, title in TITLES.items())
    return re.sub(r"^In all: .*$", f"In all: {said}.", text, flags=re.MULTILINE)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")
