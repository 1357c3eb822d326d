"""A class on machines that share no file system: the same marks, and what becomes of a machine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from fairmark.course.course import Course
from fairmark.record.marks import read_marks
from tests.batch.dask.machines import ADDRESS, Cluster, objection
from tests.batch.dask.test_client import make_class
from tests.cli import FAIRMARK
from tests.tiny import RIGHT

WHY_NOT = objection()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"NOT TESTED: {WHY_NOT}")
WRONG = {**RIGHT, "mean": "def mean(x):\n    return x[0]"}
SLOW = {**RIGHT, "mean": "import time; time.sleep(0.5)\n" + RIGHT["mean"]}
CLASS = {"ada": RIGHT, "bob": WRONG, "cy": SLOW, "dee": WRONG, "eve": {}, "fay": RIGHT}
MARKS = {"ada": 5, "bob": 2, "cy": 5, "dee": 2, "eve": 0, "fay": 5}
SECONDS = 240


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first machine has its courses, and the others something else."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def cluster(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(home, tmp_path_factory.mktemp("logs"))
    try:
        for number in (2, 3):
            cluster.join(number)
        cluster.wait_for(2)
        yield cluster
    finally:
        cluster.end()


def make(home: Path, name: str, answers: Mapping[str, Mapping[str, str]] = CLASS) -> Course:
    return make_class(home / name, answers)


def autograde(cluster: Cluster, course: Course) -> subprocess.Popen[str]:
    call = [*FAIRMARK, "autograde", "--course", str(course.root), "--dask", ADDRESS]
    return cluster.first.start(call)


def marks(course: Course) -> dict[str, float]:
    return {one.id: one.marks["tiny"].score for one in read_marks(course).students if one.marks}


def finish(grading: subprocess.Popen[str], code: int = 0) -> str:
    out, _ = grading.communicate(timeout=SECONDS)
    assert grading.returncode == code, out
    return out


def test_course_and_hand_ins_travel(cluster: Cluster, home: Path) -> None:
    course = make(home, "course")
    for machine in cluster.others.values():
        assert machine.call("ls", course.root).returncode != 0
    out = finish(autograde(cluster, course))
    assert "6 submissions in" in out and "6 graded" in out
    assert marks(course) == MARKS
    assert (course.folder("autograded", "bob", "tiny") / "tiny.ipynb").is_file()
    for machine in cluster.others.values():  # and nothing of the class stays there
        left = machine.call("find", home / "dask", "-path", "*/handed-in-*")
        assert left.stdout == ""
    # A grader that is repaired here reaches them, too.
    grader = course.graders / "tiny" / "test_tiny.py"
    grader.write_text(grader.read_text().replace("6.0])), 3.0", "6.0])), 1.0"))
    finish(autograde(cluster, course))
    assert marks(course)["ada"] == 3.5


def test_a_slow_machine_changes_no_mark(cluster: Cluster, home: Path) -> None:
    course = make(home, "slow")
    with cluster.others[2].slowed():
        finish(autograde(cluster, course))
    assert marks(course) == MARKS


def test_a_machine_of_another_version(cluster: Cluster, home: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import fairmark\nfairmark.__version__ = '0.0.1'\n")
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    cluster.join(4, {"PYTHONPATH": f"{tmp_path}:{FAIRMARK[1].partition('=')[2]}"})
    cluster.wait_for(3)
    out = finish(autograde(cluster, make(home, "old")), 1)
    assert "the Dask worker tcp://10.99.0.4:" in out
    assert "has fairmark 0.0.1, and this is" in out
    cluster.leave(4)


def test_a_machine_that_is_lost(cluster: Cluster, home: Path) -> None:
    """Its plug is pulled while it grades; last, as it does not come back."""
    course = make(home, "lost", {f"s{number:02}": SLOW for number in range(14)})
    grading = autograde(cluster, course)
    end = time.monotonic() + SECONDS
    while len(list(course.folder("autograded").glob("*/tiny/tiny.ipynb"))) < 2:
        assert time.monotonic() < end
        assert grading.poll() is None, grading.communicate()[0]
        time.sleep(0.1)
    cluster.cut(3)
    finish(grading)
    assert marks(course) == {f"s{number:02}": 5 for number in range(14)}
