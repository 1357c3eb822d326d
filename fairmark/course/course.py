"""Courses and assignments, as the instructor's files define them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets.config import Config

from fairmark.course import versions
from fairmark.course.adopted import (
    Adopted,
    graders_folder,
    modules_naming,
    read_adopted,
    refuse_misplaced,
)
from fairmark.course.checkcalls import describes_checks, without_descriptions
from fairmark.course.checked import checked_by_cells
from fairmark.course.configuration import (
    CONFIG_FILE,
    cell_settings,
    configured_root,
    dask_resources,
    find_config,
    load_config,
    which_cells,
)
from fairmark.course.data import data_folders
from fairmark.course.handout import (
    ignored_patterns,
    modules_behind,
    modules_beside,
    modules_imported_by,
    read_handed_out,
)
from fairmark.course.inline import InlineChecks
from fairmark.course.left import why_left_to_nbgrader
from fairmark.course.limits import assignments_limits, courses_limits, with_nbgraders_timeout
from fairmark.course.questions import Question as Question
from fairmark.course.questions import questions_in
from fairmark.errors import FairmarkError
from fairmark.files import notebooks_in
from fairmark.sandbox import Limits, SharedFile, Visible

# Importing nbgrader or nbformat takes a second or two. Starting a sandbox needs neither, so it can
# warm up in that time.
if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory


@dataclass(frozen=True)
class Assignment:
    """One notebook of an assignment: its master, its questions and its graders.

    Most assignments have one notebook. Of several, each is graded by itself, by graders of its own
    or by its test cells.
    """

    name: str
    """nbgrader's name of the assignment, which its notebooks share."""
    course: Course
    source: Path
    """The instructor's notebook, with solutions."""

    @property
    def notebook(self) -> str:
        """nbgrader's name of the notebook."""
        return self.source.stem

    @functools.cached_property
    def notebooks(self) -> tuple[Assignment, ...]:
        """All notebooks of the assignment, this one among them, in nbgrader's order."""
        return tuple(replace(self, source=path) for path in notebooks_in(self.source.parent))

    @functools.cached_property
    def label(self) -> str:
        """The name to show: "ps1", or "ps1/problem1" if there are several notebooks."""
        return self.name if len(self.notebooks) == 1 else f"{self.name}/{self.notebook}"

    @property
    def has_graders(self) -> bool:
        """Whether there are graders: a folder, or check cells that describe their tests.

        Without any, the notebook's own test cells count.
        """
        return self.graders.is_dir() or describes_checks(self.source)

    @functools.cached_property
    def adopted(self) -> Adopted | None:
        """What is said of graders whose questions are test cells; None for other graders."""
        return read_adopted(self.graders)

    @property
    def asks_test_cells(self) -> bool:
        """Whether its questions are test cells: there are no graders, or adopted ones.

        Its notebooks are released as nbgrader makes them.
        """
        return not self.has_graders or self.adopted is not None

    @functools.cached_property
    def checked(self) -> dict[str, dict[str, frozenset[str]]]:
        """Which answers each test cell is about, with the names that they have to define."""
        return checked_by_cells(self.master, self.solved)

    @functools.cached_property
    def inline(self) -> InlineChecks:
        """The exercises whose check cells describe their tests."""
        return InlineChecks(self.source, self.solved, self.limits())

    @functools.cached_property
    def solved(self) -> NotebookNode:
        """The instructor's notebook as it is, with solutions; not to be changed."""
        return versions.solved(self.source)

    @functools.cached_property
    def master(self) -> NotebookNode:
        """The instructor's notebook with solutions replaced by stubs; not to be changed."""
        if self.asks_test_cells:  # nbgrader generates some of them
            return self.prepared
        stubs = versions.master(self.solved, self.source, self.course.config)
        return without_descriptions(stubs)

    @functools.cached_property
    def handed_out(self) -> NotebookNode:
        """The master as students get it, without hidden tests and mark schemes."""
        return versions.handed_out(self.master, self.source, self.course.config)

    @property
    def prepared(self) -> NotebookNode:
        """The notebook in the state in which nbgrader's generate_assignment saves its cells."""
        course = self.course
        return versions.prepared(self.source, self.name, course.directory, course.cell_files)

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions in the order of the notebook."""
        left = self.adopted.left if self.adopted is not None else ()
        found = questions_in(
            self.master, left if self.has_graders else None, named_by_tests=self.asks_test_cells
        )
        if self.adopted is not None:
            self.adopted.refuse_unknown({q.id for q in found if not q.manual})
        return found

    @functools.cached_property
    def imports(self) -> frozenset[str]:
        """The modules that the notebook imports, without fairmark and those beside it.

        What those beside it import counts, too: a plotting library is often imported there only.
        """
        own = {"fairmark", *modules_beside(self.source.parent)}
        own |= {name.partition(".")[0] for name in self.students_files}
        found = modules_imported_by(self.source) | modules_behind(self.source)
        return frozenset(name for name in found if name.partition(".")[0] not in own)

    @property
    def graders(self) -> Path:
        """The folder of the grader modules."""
        alone = len(notebooks_in(self.source.parent)) <= 1
        return graders_folder(self.course.graders, self.name, self.notebook, alone=alone)

    @property
    def grader_files(self) -> list[Path]:
        """The grader modules, sorted; raise FairmarkError when there is none.

        There may be none where check cells describe all tests, or all test cells are left.
        """
        files = sorted(self.graders.glob("test_*.py"))
        if not files and self.adopted is None and not self.inline.calls:
            raise FairmarkError(f"assignment {self.name} has no graders: {self.graders}/test_*.py")
        return files

    def require_graders(self) -> None:
        """Raise FairmarkError when there is a folder for graders, and none in it."""
        if self.has_graders:
            _ = self.grader_files

    def graders_of(self, question_id: str) -> list[Path]:
        """The grader modules that name this question; all of them when nothing does."""
        named = modules_naming(self.grader_files, question_id)
        return named or ([] if question_id in self.inline.questions else self.grader_files)

    def inline_checks(self) -> InlineChecks:
        """The same; raise FairmarkError where a grader module has tests of one of them, too."""
        for call in self.inline.calls:
            for path in modules_naming(self.grader_files, call.question):
                raise FairmarkError(
                    f"{self.source}: {call.label} describes tests, and {path} has tests of "
                    f"{call.question}, too: keep one of them"
                )
        return self.inline

    def limits(self, base: Limits | None = None) -> Limits:
        """The limits of a submission.

        They are ``base`` (default: the course's limits) with the changes that
        ``c.Fairmark.assignment_limits`` makes for this assignment. Where test cells give the marks,
        nbgrader's own time limit of a cell applies as well.
        """
        base = base or self.course.limits
        if self.asks_test_cells:
            base = with_nbgraders_timeout(self.course.config, base)
        return assignments_limits(self.course.config, self.name, base)

    @property
    def dask_resources(self) -> dict[str, float]:
        """The labels that a Dask worker must have to grade it; no mark depends on them."""
        return dask_resources(self.course.config, self.name)

    @property
    def students_files(self) -> frozenset[str]:
        """The relative names of the files beside the notebook that students may change.

        nbgrader's ``c.Autograde.exclude_overwriting`` names them: a student's own file counts.
        """
        named = dict(self.course.config.Autograde.get("exclude_overwriting", {}))
        return frozenset(map(str, named.get(self.name, ())))

    def extra_files(self) -> dict[str, bytes | SharedFile]:
        """Files that the instructor hands out beside the notebook, by relative name."""
        return dict(self._handed_out_files)

    @functools.cached_property
    def _handed_out_files(self) -> dict[str, bytes | SharedFile]:
        return read_handed_out(self.source.parent, self.name, self.course.ignored, self.limits())


@dataclass(frozen=True)
class Course:
    """A folder with an ``nbgrader_config.py``."""

    root: Path
    config: Config = field(default_factory=Config, compare=False, hash=False)

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """Return the course at or above ``start`` (default: the working folder).

        Where there is none, it is the one that Jupyter's own configuration names.
        """
        here = (start or Path.cwd()).resolve()
        if (folder := find_config(here)) is not None:
            return cls.load(folder)
        if (root := configured_root()) is not None:
            return cls.load(root)
        raise FairmarkError(f"no course here: no {CONFIG_FILE} at or above {here} (use --course)")

    @classmethod
    def load(cls, folder: Path) -> Course:
        """Return the course whose configuration lies in ``folder``; raise FairmarkError.

        The folder may do without a file where Jupyter's own configuration names it.
        """
        folder = folder.resolve()
        if (folder / CONFIG_FILE).is_file():
            config = load_config(folder)
            return cls(Path(config.CourseDirectory.root), config)
        if configured_root() != folder:
            raise FairmarkError(f"{folder} is no course: it has no {CONFIG_FILE}")
        config = load_config(None)
        config.CourseDirectory.root = str(folder)
        return cls(folder, config)

    @functools.cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's own view of the course."""
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config)

    @functools.cached_property
    def autograde(self) -> Autograde:
        """nbgrader's own command, whose settings say what the folders of graded work hold."""
        from nbgrader.converters import Autograde

        return Autograde(coursedir=self.directory, config=self.config)

    @property
    def graders(self) -> Path:
        """The folder with one folder of graders per assignment."""
        return self.root / "graders"

    @property
    def source(self) -> Path:
        """The folder with one folder of the instructor's files per assignment."""
        return self.root / str(self.config.CourseDirectory.get("source_directory", "source"))

    @property
    def cell_settings(self) -> str:
        """The settings of nbgrader that decide the cells of all notebooks, as a text."""
        return cell_settings(self.config)

    @property
    def cell_files(self) -> list[Path]:
        """The files that nbgrader makes cells from, in all notebooks: header, footer, autotests."""
        settings = self.config.IncludeHeaderFooter
        names = [settings.get("header"), settings.get("footer")]
        names.append(self.config.InstantiateTests.get("autotest_filename", "autotests.yml"))
        paths = [self.root / str(name) for name in names if name]
        return [path for path in paths if path.is_file()]

    def has_graders(self, name: str) -> bool:
        """Whether an assignment has graders: a folder, or check cells that describe their tests."""
        notebooks = notebooks_in(self.source / name)
        return (self.graders / name).is_dir() or any(map(describes_checks, notebooks))

    def folder(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """The folder of one step ("source", "release", "submitted", "autograded", "feedback")."""
        name = getattr(self.directory, f"{step}_directory")
        path = self.directory.format_path(name, student, assignment)
        return Path(self.root, path)

    def assignments(self) -> list[Assignment]:
        """All notebooks that fairmark grades: by graders, or by their own test cells."""
        left = self.left_to_nbgrader()
        folders = sorted({path.parent for path in self.source.glob("*/*.ipynb")})
        return [
            assignment
            for folder in folders
            if folder.name not in left
            for assignment in self.notebooks(folder.name)
        ]

    def left_to_nbgrader(self) -> dict[str, str]:
        """The other assignments by name, each with the reason why fairmark does not grade it."""
        folders = sorted({path.parent for path in self.source.glob("*/*.ipynb")})
        graded = [f for f in folders if self.has_graders(f.name) and len(notebooks_in(f)) == 1]
        reasons = {f.name: why_left_to_nbgrader(f) for f in folders if f not in graded}
        return {name: reason for name, reason in reasons.items() if reason}

    def notebooks(self, wanted: str) -> tuple[Assignment, ...]:
        """Return the notebooks of "ps1", or the one of "ps1/problem1".

        Raises FairmarkError, with the reason, where there is none.
        """
        name, _, notebook = wanted.partition("/")
        folder = self.source / name
        if not name or name.startswith(".") or not folder.is_dir():
            known = sorted(p.name for p in self.source.glob("*") if p.is_dir())
            raise FairmarkError(
                f"no assignment {wanted!r}; there are: {', '.join(known) or 'none'}"
            )
        paths = notebooks_in(folder)
        graded = self.has_graders(name)
        if graded and (len(paths) == 0 or (len(paths) > 1 and any(map(describes_checks, paths)))):
            raise FairmarkError(
                f"{folder} has {len(paths)} notebooks; with graders, in {self.graders / name} or "
                "in check cells, one is needed"
            )
        if len(paths) > 1:
            refuse_misplaced(self.graders, name, [path.stem for path in paths])
        if not (graded and len(paths) == 1) and (reason := why_left_to_nbgrader(folder)):
            raise FairmarkError(f"{name} is left to nbgrader: {reason}")
        found = Assignment(name, self, paths[0]).notebooks
        if notebook and all(one.notebook != notebook for one in found):
            known = sorted(one.notebook for one in found)
            raise FairmarkError(
                f"no notebook {notebook!r} in {name}; there are: {', '.join(known)}"
            )
        return tuple(one for one in found if notebook in ("", one.notebook))

    def assignment(self, wanted: str) -> Assignment:
        """Return the one notebook of "ps1", or that of "ps1/problem1"; raise FairmarkError."""
        notebooks = self.notebooks(wanted)
        if len(notebooks) != 1:
            raise FairmarkError(f"{wanted} has {len(notebooks)} notebooks; one is needed")
        return notebooks[0]

    @property
    def excluded_students(self) -> frozenset[str]:
        """The students whom ``c.CourseDirectory.student_id_exclude`` names."""
        named = str(self.config.CourseDirectory.get("student_id_exclude", ""))
        return frozenset(name.strip() for name in named.split(",") if name.strip())

    @property
    def limits(self) -> Limits:
        """The limits of a submission: ``c.Fairmark.limits`` in the configuration."""
        return courses_limits(self.config)

    @property
    def run_cells(self) -> str:
        """Which cells of a notebook are run: "all", or those "needed" to judge its questions."""
        return which_cells(self.config)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of files beside notebooks that do not count, as patterns."""
        return ignored_patterns(self.config)

    @functools.cached_property
    def data(self) -> tuple[Path, ...]:
        """The folders that ``c.Fairmark.data`` names; raise FairmarkError for one that is wrong."""
        return data_folders(self.config, self.root)

    def visible_for(self, assignments: Iterable[Assignment]) -> Visible:
        """What student code can read, of these assignments and of the machine."""
        assignments = list(assignments)
        files = [file for one in assignments for file in one.extra_files().values()]
        gpu = any(one.limits().gpu_memory_mib for one in assignments)
        return Visible(self.data, frozenset(f for f in files if isinstance(f, SharedFile)), gpu)

    @property
    def preload(self) -> list[str]:
        """The modules that the warm process imports for any assignment of this course."""
        return self.preload_for(self.assignments())

    def preload_for(self, assignments: Iterable[Assignment]) -> list[str]:
        """The modules that the warm process imports for these assignments.

        They are ``c.Fairmark.preload`` if that is set, else the imports of the assignments'
        notebooks. A process with fewer modules is forked faster.
        """
        wanted = self.config.Fairmark.get("preload")
        if wanted is not None:
            return list(wanted)
        return sorted(set().union(*(assignment.imports for assignment in assignments)))
