"""Assignments that only labelled Dask workers grade, as those that need a GPU; here on CPUs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from fairmark.batch.dask import worker
from fairmark.batch.dask.client import DaskBackend
from fairmark.course.configuration import CONFIG_FILE
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from tests.batch.dask.test_client import batch, make_class, start
from tests.tiny import RIGHT

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
LABELLED = (sys.executable, "-m", "distributed.cli.dask_worker", "--no-dashboard", "--no-nanny")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of one worker without a label."""
    with start(1) as cluster:
        yield cluster.scheduler_address


def make_labelled(root: Path, setting: str) -> Course:
    course = make_class(root, {f"s{n}": RIGHT for n in range(4)})
    with (course.root / CONFIG_FILE).open("a") as file:
        file.write(f"c.Fairmark.dask_resources = {setting}\n")
    return Course.load(course.root)


def fail_from_now_on() -> None:
    """Let a worker refuse all that comes, and nobody try it once more."""
    worker.courses.clear()
    worker._graders.popitem()[1].close()
    worker._NO_COURSE["died"] = False


def test_it_goes_to_the_workers_with_its_label(tmp_path: Path, address: str) -> None:
    course = make_labelled(tmp_path / "course", "{'tiny': {'GPU': 1}}")
    command = [*LABELLED, address, "--nthreads", "1", "--resources", "GPU=1"]
    with (
        Client(address, set_as_default=False) as other,
        subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as labelled,
    ):
        try:
            other.wait_for_workers(2, timeout=60)
            known = other.scheduler_info(n_workers=-1)["workers"]
            (plain,) = [name for name, found in known.items() if not found["resources"]]
            with DaskBackend(course, address) as cluster:
                cluster.warm_up(course.assignments())
                other.run(fail_from_now_on, workers=[plain])
                outcomes = list(batch(course).run(cluster))
        finally:
            labelled.terminate()
    assert [outcome.problem for outcome in outcomes] == [""] * 4
    assert {outcome.report.score for outcome in outcomes if outcome.report} == {5}


def test_nobody_has_the_label(tmp_path: Path, address: str) -> None:
    course = make_labelled(tmp_path / "course", "{'tiny': {'GPU': 2, 'big': 1}}")
    with DaskBackend(course, address) as cluster:
        cluster.warm_up(course.assignments())
        with pytest.raises(
            FairmarkError, match=r'has what tiny needs: .* --resources "GPU=2 big=1"'
        ):
            list(batch(course).run(cluster))


@pytest.mark.parametrize("wrong", ["['GPU']", "{'tiny': 'GPU'}", "{'tiny': {'GPU': 0}}"])
def test_what_is_no_label(tmp_path: Path, wrong: str) -> None:
    course = make_labelled(tmp_path / "course", wrong)
    with pytest.raises(FairmarkError, match="dask_resources names for each assignment"):
        _ = course.assignment("tiny").dask_resources
