"""The changes of answers that an instructor has said are no mistakes, with the reasons.

They stand in ``equivalent_mutants.toml``, in the folder of an assignment's graders or, for its test
cells, of its proofs. ``fairmark verify --accept`` adds one. A mutant is known by its changed lines,
a generic answer by its name.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from fairmark.errors import FairmarkError
from fairmark.files import write_file

EQUIVALENT = "equivalent_mutants.toml"
_HEAD = "# Changes of the answers that are no mistakes: no test may notice them.\n"

Change = tuple[str, ...]
"""The question, and the lines that were and that they become; or the question and the name of a
generic answer."""


def read_equivalents(folder: Path) -> dict[Change, str]:
    """Return the reason for each change that is listed; raise FairmarkError for a damaged list."""
    path = folder / EQUIVALENT
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("equivalent", [])
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise FairmarkError(f"{path}: {error}") from None
    found = {}
    for entry in entries:
        keys = _keys(len(entry.keys() & {"answer"}))
        missing = {*keys, "reason"} - entry.keys()
        if missing:
            raise FairmarkError(f"{path}: an entry lacks {', '.join(sorted(missing))}: {entry}")
        found[tuple(str(entry[key]) for key in keys)] = str(entry["reason"])
    return found


def refuse_stale(folder: Path, stale: set[Change]) -> None:
    """Raise FairmarkError where the list has changes that are no longer made."""
    if not stale:
        return
    question, *change = min(stale)
    path = folder / EQUIVALENT
    if len(change) == 1:
        raise FairmarkError(f"{path}: no answer {change[0]!r} is (any longer) tried for {question}")
    was, becomes = change
    raise FairmarkError(
        f"{path}: no mutant of {question} (any longer) turns {was!r} into {becomes!r}"
    )


def add_equivalent(folder: Path, change: Change, reason: str) -> Path:
    """Add a change to the list, and return the list's path."""
    path = folder / EQUIVALENT
    before = path.read_text("utf-8") if path.is_file() else _HEAD
    pairs = [*zip(_keys(len(change) == 2), change, strict=True), ("reason", reason)]
    lines = [f"{key} = {_text(value)}" for key, value in pairs]
    text = f"{before.rstrip()}\n\n[[equivalent]]\n" + "\n".join(lines) + "\n"
    write_file(path, text, parents=True)
    return path


def _keys(is_answer: int) -> tuple[str, ...]:
    return ("question", "answer") if is_answer else ("question", "was", "becomes")


def _text(value: str) -> str:
    """A TOML string: what JSON escapes, TOML escapes in the same way."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
