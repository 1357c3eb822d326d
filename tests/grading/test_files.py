"""Files beside a notebook: what was handed out, what was handed in, and other notebooks."""

from __future__ import annotations

import copy
import hashlib
import pickle
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.batch.batch import Batch
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade, grade_handin
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook, find_handins
from fairmark.record.autograded import write_autograded
from fairmark.sandbox import Sandbox, make_sandbox
from tests.classic import RIGHT, make_classic_course, make_pair_course

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
KILOBYTE = 1024


@contextmanager
def _sandbox(course: Course) -> Iterator[Sandbox]:
    visible = course.visible_for(course.assignments())
    with make_sandbox(["nbformat"], course.limits, visible=visible) as sandbox:
        yield sandbox


def _ask(assignment: Assignment, cell: str, *, first: str = "") -> None:
    """Let the instructor's notebook begin with a cell, and its first test cell ask for it."""
    notebook = nbformat.read(assignment.source, as_version=4)
    notebook.cells.insert(0, new_code_cell(cell, id="begin"))
    for found in notebook.cells:
        if first and found.id == "test-square":
            found.source = first
    nbformat.write(notebook, assignment.source)


def _hand_in(assignment: Assignment, student: str, answers: dict[str, str] = RIGHT) -> Path:
    notebook = copy.deepcopy(assignment.handed_out)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    folder = assignment.course.folder("submitted", student, assignment.name)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / assignment.source.name)
    return folder


def _solved(assignment: Assignment, sandbox: Sandbox) -> Report:
    return grade(copy.deepcopy(assignment.solved), assignment, sandbox)


def test_large_files_and_those_behind_them(tmp_path: Path) -> None:
    make_classic_course(tmp_path)
    course = Course.load(tmp_path)
    assignment = course.assignment("classic")
    folder = assignment.source.parent
    (folder / "data.bin").write_bytes(b"\1" * 70_000_000)
    (folder / "labels.txt").write_text("a b c")
    _ask(
        assignment,
        "import os\nfound = os.path.getsize('data.bin'), open('labels.txt').read()",
        first="assert found == (70_000_000, 'a b c')",
    )
    course = Course.load(tmp_path)
    assignment = course.assignment("classic")
    for student in ("ada", "bob"):
        _hand_in(assignment, student)
    with LocalBackend(course, workers=2) as backend:
        backend.warm_up([assignment])
        batch = Batch(course, find_handins(course, [assignment]))
        with closing(batch.run(backend)) as outcomes:
            reports = [outcome.report for outcome in outcomes]
    assert [report.score for report in reports if report is not None] == [8, 8]


def test_what_was_handed_in_and_is_too_large_is_said(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    course.config.Fairmark.limits = {"disk_mib": 1, "file_mib": 1}
    _ask(course.assignment("classic"), "", first="assert open('b.txt').read() == 'mine'")
    assignment = course.assignment("classic")
    folder = _hand_in(assignment, "ada")
    (folder / "a.bin").write_bytes(b"\1" * 700 * KILOBYTE)
    (folder / "b.txt").write_text("mine")
    (folder / "c.log").write_text("mine")
    handin = SubmittedNotebook("ada", assignment, folder)
    with _sandbox(course) as sandbox:
        report = grade_handin(handin, sandbox)
        assert report.question("test_square").score == 2
        (repair,) = report.repairs
        assert repair.text.endswith("were left out: a.bin (0.7 MiB).")
        course.config.CourseDirectory.ignore = ["a.bin", "b.txt"]
        report = grade_handin(handin, sandbox)
    assert (report.repairs, report.question("test_square").score) == ((), 0)


@pytest.mark.parametrize("raised", [False, True])
def test_large_weights_are_handed_in_where_the_course_lets_them(
    tmp_path: Path, raised: bool
) -> None:
    course = make_classic_course(tmp_path)
    raise_to = {"handed_in_mib": 90, "file_mib": 90, "disk_mib": 200, "memory_mib": 1024}
    course.config.Fairmark.limits = raise_to if raised else {}
    weights = random.Random(0).randbytes(70_000_000)
    digest = hashlib.sha256(weights).hexdigest()
    asked = "import hashlib\nfound = hashlib.sha256(open('a.safetensors', 'rb').read()).hexdigest()"
    _ask(course.assignment("classic"), asked, first=f"assert found == {digest!r}")
    assignment = course.assignment("classic")
    folder = _hand_in(assignment, "ada")
    (folder / "a.safetensors").write_bytes(weights)
    with _sandbox(course) as sandbox:
        report = grade_handin(SubmittedNotebook("ada", assignment, folder), sandbox)
    assert report.question("test_square").score == (2 if raised else 0)
    assert [repair.kind for repair in report.repairs] == ([] if raised else ["files-left-out"])


def test_a_named_folder_can_be_read_and_another_one_is_told_of(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "labels.txt").write_text("a b c")
    reads = f"labels = open('{data}/labels.txt').read()"
    for config, score, unseen in (
        ("", 0, (f"{data}/labels.txt",)),
        (f"c.Fairmark.data = ['{data}']", 2, ()),
    ):
        course = make_classic_course(tmp_path / f"course{score}", config)
        _ask(course.assignment("classic"), reads, first="assert labels == 'a b c'")
        course = Course.load(course.root)
        with _sandbox(course) as sandbox:
            report = _solved(course.assignment("classic"), sandbox)
        assert report.question("test_square").score == score
        assert report.unseen == unseen
        assert Report.from_json(report.to_stored_json()).unseen == unseen
        assert "unseen" not in report.to_json()  # which a student may be shown


def test_what_nobody_has_is_not_told_of(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    _ask(course.assignment("classic"), "open('/nowhere/at/all')")
    with _sandbox(course) as sandbox:
        assert _solved(Course.load(tmp_path).assignment("classic"), sandbox).unseen == ()


def test_another_notebook_that_was_handed_out(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    _ask(course.assignment("classic"), "%run common.ipynb", first="assert TWO == 2")
    notebook = new_notebook(cells=[new_code_cell("TWO = 2", id="two")])
    nbformat.write(notebook, course.source / "classic/common.ipynb")
    course = Course.load(tmp_path)
    classic, common = course.notebooks("classic")
    folder = _hand_in(classic, "ada")
    assert [h.assignment.notebook for h in find_handins(course, [classic, common])] == ["classic"]
    notebook.cells[0].source = "TWO = 3"
    nbformat.write(notebook, folder / "common.ipynb")
    with _sandbox(course) as sandbox:
        assert _solved(classic, sandbox).question("test_square").score == 2
        report = grade_handin(SubmittedNotebook("ada", classic, folder), sandbox)
        assert report.question("test_square").score == 2  # the instructor's has no answer in it
        other = grade_handin(SubmittedNotebook("ada", common, folder), sandbox)
    assert (other.error, other.max_score) == (None, 0)


def test_a_notebook_that_reads_its_own_file(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    hidden = "### BEGIN HIDDEN TESTS\nassert 'hidden ' + 'word' not in text  # hidden word\n"
    _ask(
        course.assignment("classic"),
        "text = open('classic.ipynb').read()",
        first=f"assert 'of one ' + 'student' in text\n{hidden}### END HIDDEN TESTS",
    )
    course = Course.load(tmp_path)
    classic = course.assignment("classic")
    _hand_in(classic, "ada", RIGHT | {"essay": "The words of one student."})
    _hand_in(classic, "ben")
    with _sandbox(course) as sandbox:
        reports = [grade_handin(handin, sandbox) for handin in find_handins(course, [classic])]
    assert [report.question("test_square").score for report in reports] == [2, 0]
    assert "classic.ipynb" not in reports[0].files


def test_a_file_where_the_instructor_has_a_folder_and_the_other_way_round(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    asked = "assert open('data/x.txt').read() + open('y').read() == 'xy'"
    _ask(course.assignment("classic"), "two = 2", first=asked)
    given = course.source / "classic"
    (given / "data").mkdir()
    (given / "data/x.txt").write_text("x")
    (given / "y").write_text("y")
    course = Course.load(tmp_path)
    classic = course.assignment("classic")
    folder = _hand_in(classic, "ada")
    (folder / "data").write_text("no folder")
    (folder / "y").mkdir()
    (folder / "y/z.txt").write_text("no file")
    with _sandbox(course) as sandbox:
        report = grade_handin(SubmittedNotebook("ada", classic, folder), sandbox)
    assert report.question("test_square").score == 2
    autograded = write_autograded(classic, report, "ada").parent
    assert (autograded / "data/x.txt").read_text() + (autograded / "y").read_text() == "xy"


def test_a_file_larger_than_the_disk_is_not_copied(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    classic = course.assignment("classic")
    folder = _hand_in(classic, "ada")
    with (folder / "sparse.bin").open("wb") as file:
        file.truncate(2**42)
    (folder / "own.txt").write_text("own")
    with _sandbox(course) as sandbox:
        report = grade_handin(SubmittedNotebook("ada", classic, folder), sandbox)
    assert "sparse.bin" in str(report.repairs)
    autograded = write_autograded(classic, report, "ada").parent
    assert {path.name for path in autograded.iterdir()} == {"classic.ipynb", "own.txt"}


def test_students_answers_in_another_notebook_count_and_no_solution_is_shown(
    tmp_path: Path,
) -> None:
    course = make_pair_course(tmp_path)
    _ask(
        course.assignment("classic/second"),
        "import json\ntext = open('first.ipynb').read()",
        first="assert 'my own' in text",
    )
    course = Course.load(tmp_path)
    first, second = course.notebooks("classic")
    folder = _hand_in(second, "ada")
    handin = SubmittedNotebook("ada", second, folder)
    before = handin.fingerprint("")
    with _sandbox(course) as sandbox:
        told = grade_handin(handin, sandbox)
        assert told.question("test_square").score == 0
        _hand_in(first, "ada", {**RIGHT, "square": "def square(x):\n    return x ** 2  # my own"})
        assert grade_handin(handin, sandbox).question("test_square").score == 2
        changed = handin.fingerprint("")
        assert changed != before
        _hand_in(first, "ada", {})
        assert handin.fingerprint("") not in (before, changed)
        shown = new_notebook(cells=[*second.solved.cells, new_code_cell("print(text)")])
        report = grade(shown, second, sandbox)
    printed = str(report.cells[-1]["outputs"])
    assert "NotImplementedError" in printed
    assert "x * x" not in printed and "secret_number" not in printed


def test_weights_that_lie_cost_what_reads_them_and_reach_nothing(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path / "course")
    out = tmp_path / "out"
    pickled = pickle.dumps(_RunsWhenUnpickled(f"import os; os.mkdir({str(out)!r})"))
    pickle.loads(pickled)
    out.rmdir()  # so it would have worked here
    reading = (
        "import pickle\n"
        "def read(name, kind):\n"
        "    try:\n"
        "        with open(name, 'rb') as file:\n"
        "            if kind == 'pickle':\n"
        "                return pickle.load(file)\n"
        "            return file.read(int.from_bytes(file.read(8), 'little'))\n"
        "    except Exception as error:\n"
        "        return type(error).__name__\n"
        "found = read('a.safetensors', 'header'), read('b.safetensors', 'pickle')\n"
        "found += (read('c.safetensors', 'header'),)"
    )
    expected = ("MemoryError", "FileNotFoundError", "FileNotFoundError")
    _ask(course.assignment("classic"), reading, first=f"assert found == {expected!r}, found")
    assignment = course.assignment("classic")
    folder = _hand_in(assignment, "ada")
    (folder / "a.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")
    (folder / "b.safetensors").write_bytes(pickled)
    (folder / "c.safetensors").symlink_to(assignment.source)
    with _sandbox(course) as sandbox:
        report = grade_handin(SubmittedNotebook("ada", assignment, folder), sandbox)
    assert report.score == 8, report.questions
    assert not out.exists()


class _RunsWhenUnpickled:
    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (self.code,)
