"""``check("question")``: a student runs the visible tests of one question in his own kernel.

This module is imported with the package, so it imports nothing that takes time.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.guest import GRADING

_RELEASED = "checks.py"
_COURSE = "nbgrader_config.py"


class _OneLine(Exception):
    """An error that a notebook shows as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class CheckFailed(_OneLine):
    """Not every check of a question passed."""


class CheckError(_OneLine, FairmarkError):
    """The checks could not be run."""


def check(question_id: str, **exercise: Any) -> None:
    """Check the answer to one question, and show what passed and what did not.

    Raise CheckFailed when a check fails, so that the cell counts as failed. While a notebook is
    graded it does nothing: the judge has its own tests, and the rest of the cell is to be run.

    Instructors describe an exercise's tests in their own notebook by keywords: ``example=(x, y)``
    (or ``examples=[…]``) with ``gives=…``, ``random=lambda rng: (…)``, and, where wanted,
    ``hidden=``, ``hint=``, ``tolerance=`` and ``function=``. Students do not get them.
    """
    if os.environ.get(GRADING):
        return
    from fairmark.selfcheck.session import check_question

    try:
        if exercise:
            sources, folder, home = _described(question_id, exercise)
        else:
            sources, folder, home = _find_sources(_folders())
        shown = check_question(question_id, sources, folder, home, _namespace())
    except FairmarkError as error:
        raise CheckError(str(error)) from None
    except KeyboardInterrupt:  # without the long way through pytest in the traceback
        raise KeyboardInterrupt("The check was interrupted.") from None
    _display(shown.html, shown.text)
    if shown.failure:
        raise CheckFailed(shown.failure)


def _described(question_id: str, keywords: dict[str, Any]) -> tuple[dict[str, str], Path, Path]:
    """The module with the visible tests that an instructor's check cell describes.

    Its hidden tests are tried here on the solution, too, with inputs that no grading uses.
    """
    from fairmark.inline.examine import examine
    from fairmark.inline.exercise import Exercise
    from fairmark.inline.write import full_module, visible_module
    from fairmark.selfcheck.exercises import about_source, written

    folder = _folders()[0]
    if (folder / _RELEASED).is_file():
        raise FairmarkError(f"Here, the call is check({question_id!r}).")
    exercise = Exercise.written(question_id, keywords)
    solution = _namespace().get(exercise.function)
    if isinstance(solution, type) or not callable(solution):
        raise FairmarkError(f"{exercise.function} is no function: run its solution cell first.")
    described = [(exercise, examine(exercise, solution, "a notebook's kernel"))]
    about = about_source(folder, {"all": full_module(described)})
    return {_RELEASED: visible_module(described) + written(about)}, folder, folder


def _folders() -> list[Path]:
    """Where the notebook may lie: first where its kernel was started, then where it works now."""
    found = []
    shell = _shell()
    visited = (
        shell.user_ns.get("_dh") if shell else None
    )  # IPython's list; the student may change it
    if isinstance(visited, list) and visited and isinstance(visited[0], (str, Path)):
        found.append(Path(visited[0]))
    with contextlib.suppress(FileNotFoundError):  # it may be deleted
        found.append(Path.cwd())
    return list(dict.fromkeys(found))


def _find_sources(folders: Sequence[Path]) -> tuple[dict[str, str], Path, Path]:
    """The modules with the tests, the folder that they lie in, and the one of the notebook.

    Students have them beside the notebook. In an instructor's ``source/`` folder they come
    straight from the graders, less what is hidden: there one sees what students will see. A
    notebook that carries its checks has laid them into a folder of their own.
    """
    from fairmark.selfcheck import carried

    if (place := carried.folder) is not None and (place / _RELEASED).is_file():
        home = folders[0] if folders else place
        return {_RELEASED: (place / _RELEASED).read_text("utf-8")}, place, home
    for folder in folders:
        released = folder / _RELEASED
        if released.is_file():
            return {_RELEASED: released.read_text("utf-8")}, folder, folder
        root = next((root for root in folder.parents if (root / _COURSE).is_file()), None)
        if root is not None:
            graders = root / "graders" / folder.name
            found = {path.name: path.read_text("utf-8") for path in graders.glob("test_*.py")}
            if found:
                return found, graders, folder
    places = " and in ".join(map(str, folders)) or "the working folder, which is deleted"
    raise FairmarkError(
        f"There are no checks here: {_RELEASED} is missing in {places}. It comes with the "
        "assignment; keep the notebook in the same folder. Where a notebook brings its checks, run "
        "its first code cell."
    )


def _shell() -> Any:
    """The running IPython, if there is one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _namespace() -> dict[str, Any]:
    """The names that the student has defined."""
    shell = _shell()
    namespace: dict[str, Any] = shell.user_ns if shell else vars(sys.modules["__main__"])
    return namespace


def _display(html: str, text: str) -> None:
    if _shell() is None:
        sys.stdout.write(text + "\n")
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)


def _watch_cells() -> None:
    """Note from now on which cells run, so that a cell that was edited since is noticed."""
    shell = _shell()
    if shell is not None and not os.environ.get(GRADING):
        from fairmark.selfcheck.history import watch

        watch(shell)


_watch_cells()
