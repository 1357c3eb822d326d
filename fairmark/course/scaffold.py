"""Writing the files of a new assignment: a small one that works, as a start."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fairmark.course.configuration import CONFIG_FILE
from fairmark.course.exercises import check_names, exercise_cells
from fairmark.errors import FairmarkError

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST = 100
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def new_course(root: Path) -> list[Path]:
    """Write the configuration of a new course; return the files, or raise FairmarkError."""
    path = root / CONFIG_FILE
    if path.exists():
        raise FairmarkError(f"{root} is a course already: it has a {CONFIG_FILE}")
    course = re.sub(r"[^\w-]", "-", root.resolve().name) or "course"
    _write({path: _filled("nbgrader_config.py.jinja", course=course)})
    return [path]


def new_assignment(root: Path, name: str, exercises: Sequence[str] = ()) -> list[Path]:
    """Write a small assignment that works into the course; return the files.

    With the names of exercises, it is one notebook whose check cells describe their tests. Without,
    it has one exercise, with a grader module, a reference and lists of answers.

    Raise FairmarkError, and write nothing, if a name is invalid or taken.
    """
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module) or len(name) > _LONGEST:
        raise FairmarkError(
            f"{name[:_LONGEST]!r} cannot name an assignment: use small letters, digits and single "
            "hyphens, such as linear-regression"
        )
    check_names(exercises, {"np", "check"}, name)
    notebook = json.loads((_TEMPLATES / "assignment.ipynb").read_text("utf-8"))
    title = notebook["cells"][0]
    title["source"] = [line.replace("{{ name }}", name) for line in title["source"]]
    graders, place = root / "graders" / name, root / "source" / name / f"{name}.ipynb"
    if exercises:
        made = [cell for exercise in exercises for cell in exercise_cells(exercise)]
        notebook["cells"] = [*notebook["cells"][:2], *made]
        _refuse_taken(place.parent, graders)
        _write({place: json.dumps(notebook, indent=1) + "\n"})
        return [place]
    files = {
        place: json.dumps(notebook, indent=1) + "\n",
        root / "reference" / f"{module}.py": _filled("reference.py.jinja", name=name),
        graders / f"test_{module}.py": _filled("test.py.jinja", name=name, module=module),
        graders / "alternatives.py": _filled("alternatives.py.jinja", name=name),
        graders / "misconceptions.py": _filled("misconceptions.py.jinja", name=name),
    }
    _refuse_taken(place.parent, graders, root / "reference" / f"{module}.py")
    package = root / "reference" / "__init__.py"
    if not package.exists():
        files[package] = '"""The reference: right answers, which students never get."""\n'
    _write(files)
    return list(files)


def _refuse_taken(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise FairmarkError(f"{path} exists already; nothing was written")


def _write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise FairmarkError(f"cannot write {path}: {error.strerror}") from None


def _filled(template: str, **values: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(template).render(values)
