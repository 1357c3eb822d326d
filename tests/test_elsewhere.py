"""A release away from its folder: in Google Colab, and as a single file that carries its checks."""

from __future__ import annotations

import base64
import copy
import functools
import io
import shutil
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.nbgrader.generate import generate_release, write_single_file
from fairmark.nbgrader.package import wheel_name
from fairmark.notebook import parse_notebook
from fairmark.sandbox import make_sandbox
from samples import build
from tests import colab, students

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's and nbconvert's own
ASSIGNMENT = "warm-up"
WRONG = "def scores(X, w):\n    return X @ w + 1"
ASKED = "import IPython, sys\nprint(IPython.__version__, 'sklearn' in sys.modules)"


class _Quiet(SimpleHTTPRequestHandler):
    def log_request(self, *_: object) -> None:
        """Print nothing."""

    def log_error(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def course(course_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """This course's first assignment, released below an address of this machine."""
    root = tmp_path_factory.mktemp("course")
    for name in (f"source/{ASSIGNMENT}", f"graders/{ASSIGNMENT}", "reference"):
        shutil.copytree(course_root / name, root / name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(root)))
    address = f"http://127.0.0.1:{server.server_address[1]}/release/"
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'x'\nc.Fairmark.colab = {address!r}\n"
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Course.load(root)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def assignment(course: Course) -> Assignment:
    return course.assignment(ASSIGNMENT)


@pytest.fixture(scope="module")
def release(assignment: Assignment) -> Path:
    return generate_release(assignment)


@pytest.fixture(scope="module")
def single(assignment: Assignment, release: Path) -> Path:
    return write_single_file(assignment, release)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colab.install(tmp_path_factory.mktemp("colab") / "installed")


@pytest.fixture
def runtime(installed: Path, tmp_path: Path) -> colab.Runtime:
    return colab.Runtime(installed, tmp_path / "runtime of Colab")


def answered(path: Path, course_root: Path) -> NotebookNode:
    """The notebook with right answers, but for a wrong one."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    students.answer(notebook, students.solutions(course_root, ASSIGNMENT) | {"scores": WRONG})
    notebook.cells.append(new_code_cell(ASKED))
    return notebook


def require_checked(notebook: NotebookNode) -> None:
    """All check cells have said what they have to say, under Colab's IPython."""
    assert students.text(notebook.cells[-1]).split()[0] == "7.34.0"
    for cell in students.check_cells(notebook):
        said = students.text(cell)
        if students.grade_id(cell) == "check_scores":
            assert "scores: 1 of 1 check failed." in said
            assert "What it looks like" in said or "Think about it" in said
        else:
            assert not students.failed(cell), said
            assert "passed" in said


def test_colab_by_the_address(release: Path, runtime: colab.Runtime, course_root: Path) -> None:
    before = runtime.installed()
    notebook = answered(release / f"{ASSIGNMENT}.ipynb", course_root)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.id == "fairmark-colab"
    assert "nbgrader" not in first.metadata
    students.run(notebook, runtime.content, runtime.variables, runtime.command)
    assert not students.failed(first), students.text(first)
    assert "asked for files" not in students.text(first)
    require_checked(notebook)
    after = runtime.installed()
    assert set(after.items()) - set(before.items()) == {
        ("fairmark", wheel_name().split("-")[1])
    }  # nothing of Colab's was replaced


def test_colab_by_an_upload(release: Path, runtime: colab.Runtime, course_root: Path) -> None:
    notebook = answered(release / f"{ASSIGNMENT}.ipynb", course_root)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = first.source.replace("/release", "/gone")
    shutil.copy(release.parent / wheel_name(), runtime.chosen)
    shutil.make_archive(str(runtime.chosen / ASSIGNMENT), "zip", release.parent, ASSIGNMENT)
    students.run(notebook, runtime.content, runtime.variables, runtime.command)
    assert not students.failed(first), students.text(first)
    assert "asked for files" in students.text(first)
    require_checked(notebook)


def test_colab_with_nothing_chosen(release: Path, runtime: colab.Runtime) -> None:
    notebook = students.read(release, ASSIGNMENT)
    (first,) = notebook.cells = [cell for cell in notebook.cells if cell.id == "fairmark-colab"]
    first.source = first.source.replace("/release", "/gone")
    students.run(notebook, runtime.content, runtime.variables, runtime.command)
    assert f"{wheel_name()} is missing: run this cell again" in students.text(first)


def test_a_single_file_needs_nothing_else(
    single: Path, runtime: colab.Runtime, course_root: Path
) -> None:
    notebook = answered(single, course_root)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.id == "fairmark-checks"
    assert "fairmark-colab" not in {cell.id for cell in notebook.cells}
    students.run(notebook, runtime.content, runtime.variables, runtime.command)
    assert not students.failed(first), students.text(first)
    require_checked(notebook)
    assert [path.name for path in runtime.content.iterdir()] == [f"{ASSIGNMENT}-checks"]
    assert "fairmark" not in runtime.installed()


def test_a_single_file_holds_what_students_may_see(
    single: Path, release: Path, assignment: Assignment
) -> None:
    text = single.read_text()
    (cell,) = [c for c in nbformat.read(single, as_version=4).cells if c.id == "fairmark-checks"]
    packed = cell.source.split('"""')[1]
    data = base64.b85decode("".join(packed.split()))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    beside = {name: text for name, text in files.items() if not name.startswith("fairmark/")}
    released = {p.name: p.read_bytes() for p in release.iterdir() if p.suffix != ".ipynb"}
    assert beside == released
    assert b"reference" not in released["checks.py"]
    engine = {name for name in files if name.startswith("fairmark/")}
    assert "fairmark/harness/templates/question.html" in engine
    assert not [n for n in engine if n.split("/")[1] in ("course", "grading", "sandbox", "verify")]
    assert write_single_file(assignment, release).read_text() == text


def test_marks_are_the_same_wherever_the_notebook_was(
    release: Path, single: Path, course: Course, assignment: Assignment, course_root: Path
) -> None:
    plain = build.read_release(course_root, ASSIGNMENT)
    kinds = [plain, *(nbformat.read(path, 4) for path in (release / "warm-up.ipynb", single))]
    assert len({str(kind["cells"]) for kind in map(dict, kinds)}) == 3
    class_ = build.students(ASSIGNMENT)
    assert len(class_) >= 3
    with make_sandbox(course.preload_for([assignment]), course.limits) as sandbox:
        for student in class_:
            marks = []
            for kind in kinds:
                handed_in = student.submission(copy.deepcopy(dict(kind)))
                report = grade(parse_notebook(handed_in, student.name), assignment, sandbox)
                marks.append(
                    [
                        (one.id, one.score, [(t.name, t.passed, t.message) for t in one.tests])
                        for one in report.questions
                    ]
                )
            assert marks[0] == marks[1] == marks[2], student.name
