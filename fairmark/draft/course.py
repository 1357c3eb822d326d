"""From an assignment of a course to the files of its drafted graders."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fairmark.batch.local import forbid_threads
from fairmark.course.adopted import ADOPTED, left_text
from fairmark.course.course import Assignment
from fairmark.draft.engine import Draft, draft_all
from fairmark.draft.questions import asked_by, questions_of
from fairmark.draft.record import record
from fairmark.draft.references import PACKAGE, PACKAGE_TEXT, solutions_module, solutions_source
from fairmark.draft.scratch import (
    broken_cells,
    misplaced,
    names_asked,
    scratch,
    tested_by,
    without_tests,
)
from fairmark.errors import FairmarkError
from fairmark.files import write_file
from fairmark.sandbox import make_sandbox


@dataclass
class Drafting:
    """The drafts of one notebook."""

    assignment: Assignment
    exercises: list[str]
    """Those that are drafted, in the notebook's order."""
    drafts: list[Draft] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    """What is wrong with cells of the notebook, each in a line; the rest is drafted."""

    def run(
        self, workers: int | None = None, on_wait: Callable[[], None] | None = None
    ) -> Generator[str]:
        """Draft; yield what is done: "" for the notebook's run, and then each exercise."""
        forbid_threads()
        with scratch(self.assignment) as copy:
            course = copy.course
            preload = sorted(course.preload_for([copy]))
            visible = course.visible_for([copy])
            with make_sandbox(preload, course.limits, visible=visible) as sandbox:
                sandbox.wait_ready()
                asked = names_asked(self.assignment, copy)
                recording = record(copy, sandbox, asked)
                yield ""
                broken = broken_cells(copy, recording.failed)
                self._note(broken)
                bare = without_tests(copy, asked, recording.failed)
                good = [name for name in self.exercises if name not in broken]
                for draft in draft_all(
                    bare, recording.calls, asked, good, sandbox, workers, on_wait
                ):
                    self.drafts.append(draft)
                    yield draft.question
        self.drafts.sort(key=lambda draft: self.exercises.index(draft.question))

    def _note(self, broken: Mapping[str, str]) -> None:
        """Note what is wrong with cells; an answer that fails by itself has no draft."""
        self.doubts += misplaced(self.assignment)
        for name, why in broken.items():
            if name in self.exercises:
                self.drafts.append(Draft(name, left=(f"the solution fails: {why}",)))
            else:
                place = name if name.startswith("cell ") else f"cell {name}"
                self.doubts.append(
                    f"{self.assignment.source.name}, {place}, fails, and is left out: {why}"
                )

    @property
    def files(self) -> dict[Path, str]:
        """The files to be laid down, by their paths from the course's folder."""
        folder = Path("graders", self.assignment.name)
        if len(self.assignment.notebooks) > 1:
            folder /= self.assignment.notebook
        tests = questions_of(self.assignment)
        own = all([*tests[draft.question]] == [draft.question] for draft in self.drafts)
        kept = {cell for cells in self.kept.values() for cell in cells}
        found: dict[Path, str] = {}
        for draft in self.drafts:
            asked = {c: names for c, names in tests[draft.question].items() if c not in kept}
            if draft.text and asked:
                name = re.sub(r"\W", "_", draft.question)
                path = folder / (f"test_{name}.py" if own else f"test_drafted_{name}.py")
                found[path] = draft.text if own else asked_by(draft, asked)
        solutions = [name for draft in self.drafts for name in draft.solutions]
        if solutions:
            path = Path(solutions_module(self.assignment).replace(".", "/") + ".py")
            if not (self.assignment.course.root / PACKAGE).exists():
                found[PACKAGE] = PACKAGE_TEXT
            found[path] = solutions_source(self.assignment, solutions)
        if found and not own and not (self.assignment.course.root / folder / ADOPTED).exists():
            found[folder / ADOPTED] = self._left(tests)
        return found

    @property
    def kept(self) -> dict[str, list[str]]:
        """The test cells about a drafted answer that the course's ``adopted.toml`` leaves alone."""
        adopted = self.assignment.adopted
        left = adopted.left if adopted is not None else {}
        tests = questions_of(self.assignment)
        found = {
            draft.question: [cell for cell in tests[draft.question] if cell in left]
            for draft in self.drafts
            if draft.text
        }
        return {question: cells for question, cells in found.items() if cells}

    def _left(self, tests: Mapping[str, Collection[str]]) -> str:
        """The text of ``adopted.toml``: the test cells that no draft is about stay as they are."""
        drafted = {test for draft in self.drafts if draft.text for test in tests[draft.question]}
        reasons = {
            test: "; ".join(draft.left)
            for draft in self.drafts
            for test in tests[draft.question]
            if test not in drafted
        }
        every = dict.fromkeys(test for cells in tests.values() for test in cells)
        why = "no draft was asked for"
        return left_text({t: reasons.get(t, why) for t in every if t not in drafted})


def drafting(assignment: Assignment, wanted: Sequence[str] = ()) -> Drafting:
    """Begin the drafts of an assignment, or of some of its exercises; raise FairmarkError."""
    known = list(tested_by(assignment))
    if not known:
        raise FairmarkError(
            f"{assignment.source}: no answer is tested, so there is nothing to draft"
        )
    for name in wanted:
        if name not in known:
            raise FairmarkError(
                f"{assignment.label} has no exercise {name!r}; there are: {', '.join(known)}"
            )
    return Drafting(assignment, [name for name in known if not wanted or name in wanted])


def lay_down(root: Path, files: dict[Path, str], *, force: bool = False) -> list[Path]:
    """Write files below a folder; raise FairmarkError, and write none, where one is there."""
    paths = {root / path: text for path, text in files.items()}
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise FairmarkError(
            f"{there[0]} is there already; nothing was written (--force overwrites what was drafted"
            f" before{f', here {len(there)} files' if len(there) > 1 else ''})"
        )
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text.encode())
    return list(paths)


def refuse_doubled(assignment: Assignment, exercises: Sequence[str]) -> None:
    """Raise FairmarkError where graders have tests of an exercise that are to be drafted."""
    own = {name: f"test_{re.sub(r'[^A-Za-z0-9_]', '_', name)}.py" for name in exercises}
    for path in sorted(assignment.graders.rglob("test_*.py")):
        text = path.read_text("utf-8")
        for name in exercises:
            mark = rf"question\(\s*['\"]{re.escape(name)}['\"]\s*\)"
            if re.search(mark, text) and path.name != own[name]:
                raise FairmarkError(
                    f"{path} has tests of {name} already; nothing was written: draft others, or "
                    "look at the draft with --into FOLDER"
                )
