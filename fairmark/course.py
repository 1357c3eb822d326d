"""Where a course lies, and what an assignment asks: read from the instructor's files only."""

from __future__ import annotations

import ast
import copy
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from fairmark.cellcode import names_defined
from fairmark.errors import FairmarkError
from fairmark.sandbox.limits import Limits

# Importing nbgrader or nbformat takes a second or two. What a command needs to start its sandbox
# does without, so that the sandbox warms up meanwhile.
if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.coursedir import CourseDirectory

    from fairmark.diagnose import Lessons

CONFIG_FILE = "nbgrader_config.py"
CHECK_PREFIX = "check_"


@dataclass(frozen=True)
class Question:
    """One exercise of an assignment."""

    id: str
    """The grade_id of the cell that the student writes in."""
    points: float
    manual: bool
    """Marked by hand."""
    grade_cell: str
    """The grade_id of the cell that carries the points."""


@dataclass(frozen=True)
class Assignment:
    """One assignment: its master notebook, its questions and its graders."""

    name: str
    course: Course
    source: Path
    """The instructor's notebook, with solutions."""

    @functools.cached_property
    def solved(self) -> NotebookNode:
        """The instructor's notebook as it is, with solutions; not to be changed."""
        from fairmark.notebook import read_notebook

        return read_notebook(self.source)

    @property
    def has_graders(self) -> bool:
        """Whether there is a folder of graders; without one, its own test cells mark it."""
        return self.graders.is_dir()

    @functools.cached_property
    def master(self) -> NotebookNode:
        """The instructor's notebook with solutions replaced by stubs; not to be changed."""
        if not self.has_graders:
            # Its test cells are what nbgrader makes of them: tests can be generated.
            from fairmark.nbgrader.structure import prepared

            return prepared(self)
        from nbgrader.preprocessors import ClearSolutions

        notebook = copy.deepcopy(self.solved)
        resources: dict[str, Any] = {"metadata": {"path": str(self.source.parent)}}
        try:
            cleared: NotebookNode
            cleared, _ = ClearSolutions(config=self.course.config).preprocess(notebook, resources)
        except RuntimeError as error:
            raise FairmarkError(f"{self.source}: {error}") from None
        return cleared

    @functools.cached_property
    def handed_out(self) -> NotebookNode:
        """The master as students get it: without hidden tests and mark schemes."""
        from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

        notebook = copy.deepcopy(self.master)
        for step in (ClearHiddenTests, ClearMarkScheme):
            try:
                notebook, _ = step(config=self.course.config).preprocess(notebook, {})
            except RuntimeError as error:
                raise FairmarkError(f"{self.source}: {error}") from None
        return notebook

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions in the order of the notebook."""
        found = []
        for cell in self.master.cells:
            mark = cell.metadata.get("nbgrader", {})
            if not mark.get("grade") and not mark.get("task"):
                continue
            grade_id, manual = mark["grade_id"], bool(mark.get("solution") or mark.get("task"))
            named = manual or not self.has_graders
            question_id = grade_id if named else grade_id.removeprefix(CHECK_PREFIX)
            found.append(Question(question_id, float(mark["points"]), manual, grade_id))
        return tuple(found)

    @functools.cached_property
    def imports(self) -> frozenset[str]:
        """The modules that the instructor's notebook imports, fairmark itself aside."""
        try:
            cells = json.loads(self.source.read_bytes())["cells"]
        except (OSError, ValueError, KeyError, TypeError):
            return frozenset()  # what is wrong with it is told by whoever reads it next
        found: set[str] = set()
        for cell in cells:
            if cell.get("cell_type") == "code":
                found |= imported_modules("".join(cell.get("source", "")))
        return frozenset(name for name in found if name.partition(".")[0] != "fairmark")

    @property
    def graders(self) -> Path:
        """The folder of the grader modules."""
        return self.course.graders / self.name

    @property
    def grader_files(self) -> list[Path]:
        """The grader modules, sorted; raise FairmarkError when there is none."""
        files = sorted(self.graders.glob("test_*.py"))
        if not files:
            raise FairmarkError(f"assignment {self.name} has no graders: {self.graders}/test_*.py")
        return files

    @functools.cached_property
    def lessons(self) -> Lessons:
        """What the assignment's known mistakes do in its tests; nothing if not proven."""
        from fairmark.verified import lessons_of

        return lessons_of(self)

    def graders_of(self, question_id: str) -> list[Path]:
        """The grader modules that name this question; all of them when none does."""
        files = self.grader_files
        mark = re.compile(rf"question\(\s*['\"]{re.escape(question_id)}['\"]\s*\)")
        return [path for path in files if mark.search(path.read_text("utf-8"))] or files

    @property
    def fingerprint(self) -> str:
        """A hash of everything of the instructor's that can change a mark."""
        digest = hashlib.sha256()
        folders = [self.source.parent, self.graders, self.course.root / "reference"]
        for path in sorted(_files(folders)):
            digest.update(str(path.relative_to(self.course.root)).encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def limits(self, base: Limits | None = None) -> Limits:
        """What a submission may use.

        It is ``base`` (default: the course's limits), but for the limits that
        ``c.Fairmark.assignment_limits`` sets for this assignment. Where test cells mark it,
        nbgrader's own ``c.Execute.timeout`` is heeded too.
        """
        base = base or self.course.limits
        wanted = dict(self.course.config.Fairmark.get("assignment_limits", {})).get(self.name, {})
        if not self.has_graders and "timeout" in self.course.config.Execute:
            text = str(self.course.config.Execute.timeout)
            seconds = base.submission_seconds if text == "None" else float(text)
            wanted = {"cell_seconds": seconds, **wanted}
        return _limits(f"assignment_limits[{self.name!r}]", wanted, base)

    def extra_files(self) -> dict[str, bytes]:
        """Files that the instructor hands out beside the notebook, by relative name."""
        return read_folder(self.source.parent)


@dataclass(frozen=True)
class Course:
    """A folder with an ``nbgrader_config.py``."""

    root: Path
    config: Config = field(default_factory=Config, compare=False, hash=False)

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """Return the course at or above ``start`` (default: the working folder)."""
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / CONFIG_FILE).is_file():
                return cls.load(folder)
        raise FairmarkError(f"no course here: no {CONFIG_FILE} at or above {here} (use --course)")

    @classmethod
    def load(cls, root: Path) -> Course:
        """Return the course in ``root``."""
        root = root.resolve()
        if not (root / CONFIG_FILE).is_file():
            raise FairmarkError(f"{root} is no course: it has no {CONFIG_FILE}")
        try:
            config = PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
        except Exception as error:
            raise FairmarkError(f"{root / CONFIG_FILE}: {error}") from None
        config.CourseDirectory.root = str(root)
        return cls(root, config)

    @functools.cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's own view of the course."""
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config)

    @property
    def graders(self) -> Path:
        """The folder with one folder of graders per assignment."""
        return self.root / "graders"

    @property
    def source(self) -> Path:
        """The folder with one folder of the instructor's files per assignment."""
        return self.root / str(self.config.CourseDirectory.get("source_directory", "source"))

    def folder(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """The folder of one step ("source", "release", "submitted", "autograded", "feedback")."""
        name = getattr(self.directory, f"{step}_directory")
        path = self.directory.format_path(name, student, assignment)
        return Path(self.root, path)

    def assignments(self) -> list[Assignment]:
        """All assignments that fairmark grades: by their graders, or by their own test cells."""
        folders = sorted({path.parent for path in self.source.glob("*/*.ipynb")})
        return [
            self.assignment(folder.name)
            for folder in folders
            if (self.graders / folder.name).is_dir() or is_for_test_cells(folder)
        ]

    def assignment(self, name: str) -> Assignment:
        """Return one assignment; raise FairmarkError that lists those there are."""
        folder = self.source / name
        if not name or "/" in name or name.startswith(".") or not folder.is_dir():
            known = sorted(p.name for p in self.source.glob("*") if p.is_dir())
            raise FairmarkError(f"no assignment {name!r}; there are: {', '.join(known) or 'none'}")
        notebooks = sorted(folder.glob("*.ipynb"))
        if len(notebooks) != 1:
            raise FairmarkError(
                f"{folder} has {len(notebooks)} notebooks; one is needed "
                "(`nbgrader autograde` grades the others as it did before)"
            )
        return Assignment(name, self, notebooks[0])

    @property
    def limits(self) -> Limits:
        """The limits of a submission: ``c.Fairmark.limits`` in the configuration."""
        return _limits("limits", self.config.Fairmark.get("limits", {}), Limits())

    @property
    def preload(self) -> list[str]:
        """The modules that the warm process imports for any assignment of this course."""
        return self.preload_for(self.assignments())

    def preload_for(self, assignments: Iterable[Assignment]) -> list[str]:
        """The modules that the warm process imports for these assignments.

        They are ``c.Fairmark.preload`` where that is set, else what the assignments' notebooks
        import. A process without what it does not need is forked in less time.
        """
        wanted = self.config.Fairmark.get("preload")
        if wanted is not None:
            return list(wanted)
        return sorted(set().union(*(assignment.imports for assignment in assignments)))


def is_for_test_cells(folder: Path) -> bool:
    """Whether a folder in source/ holds what can be graded by its own test cells in the sandbox.

    That is one notebook in Python. Others are left to nbgrader and its kernels.
    """
    paths = sorted(folder.glob("*.ipynb"))
    if len(paths) != 1:
        return False
    try:
        kernel = json.loads(paths[0].read_bytes()).get("metadata", {}).get("kernelspec") or {}
    except (OSError, ValueError, AttributeError):
        return False
    language = kernel.get("language") or kernel.get("name") or "python"
    return str(language).startswith("python")


def match_assignment(course: Course, notebook: NotebookNode, path: Path) -> Assignment:
    """Return the assignment that a loose notebook belongs to; raise FairmarkError."""
    assignments = course.assignments()
    best = max(assignments, key=lambda a: kinship(notebook, a), default=None)
    if best is not None and kinship(notebook, best) > 0:
        return best
    for name in (path.stem, path.parent.name):
        for assignment in assignments:
            if assignment.name == name:
                return assignment
    raise FairmarkError(f"{path} is no notebook of an assignment of this course (use --assignment)")


def kinship(notebook: NotebookNode, assignment: Assignment) -> int:
    """How many cells the notebook shares with the assignment, by grade_id or source.

    Where all marks are lost, what the cells define counts, and their ids.
    """
    cells = [*assignment.master.cells, *assignment.handed_out.cells]
    known = set().union(*map(_marks, cells))
    found = sum(bool(_marks(cell) & known) for cell in notebook.cells)
    if found or any(_grade_id(cell) for cell in notebook.cells):
        return found
    marked = [cell for cell in assignment.master.cells if _grade_id(cell)]
    answers = [c for c in marked if c.cell_type == "code" and c.metadata.nbgrader.get("solution")]
    names = frozenset[str]().union(*(names_defined(cell.source) for cell in answers))
    ids = {cell.id for cell in marked}
    return sum(
        bool({cell.id, cell.metadata.get("id")} & ids)
        or (cell.cell_type == "code" and bool(names_defined(cell.source) & names))
        for cell in notebook.cells
    )


def read_folder(folder: Path, limit: int = 64 * 2**20) -> dict[str, bytes]:
    """Return the plain files in a folder that are no notebooks; links are never followed."""
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(_files([folder])):
        if path.suffix == ".ipynb" or path.name == "timestamp.txt":
            continue
        total += path.stat().st_size
        if total > limit:
            break
        files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def imported_modules(source: str) -> set[str]:
    """Return the modules that a cell's code imports, wherever in it."""
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def _limits(trait: str, wanted: Mapping[str, Any], base: Limits) -> Limits:
    try:
        return replace(base, **wanted)
    except TypeError as error:
        raise FairmarkError(f"{CONFIG_FILE}: c.Fairmark.{trait}: {error}") from None


def _grade_id(cell: Any) -> str:
    """The name that a cell's mark says, if it says one."""
    mark = cell.metadata.get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else ""


def _marks(cell: Any) -> set[str]:
    """What makes a cell recognisable."""
    marks = set()
    if name := _grade_id(cell):
        marks.add("grade:" + name)
    source = str(cell.source).strip()
    if len(source) > 40:
        marks.add("source:" + source)
    return marks


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
            if not hidden and not path.is_symlink() and path.is_file():
                yield path
