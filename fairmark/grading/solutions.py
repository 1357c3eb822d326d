"""The instructor's own answers in this process, for graders that compare with them."""

from __future__ import annotations

import contextlib
import functools
import io
from pathlib import Path
from types import SimpleNamespace

from fairmark.course.answers import asked_names, solution_source
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError


def solution_of(assignment: Assignment, question: str) -> SimpleNamespace:
    """Return the instructor's answer to a question: what it binds, as attributes.

    Only what it needs of the notebook is run, once. Raises FairmarkError where that fails.
    """
    source = solution_source(assignment, question)
    names = asked_names(assignment, question)
    found = _run(source, assignment.source)
    return SimpleNamespace(**{name: found[name] for name in names if name in found})


@functools.lru_cache(maxsize=128)
def _run(source: str, notebook: Path) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "solution"}
    try:
        with contextlib.chdir(notebook.parent), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, str(notebook), "exec"), namespace)
    except Exception as error:
        raise FairmarkError(
            f"{notebook}: the solution cannot be run to compare with: {type(error).__name__}: "
            f"{error}"
        ) from None
    return namespace
