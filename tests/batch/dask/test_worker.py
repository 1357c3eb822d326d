"""What a Dask worker calls, without Dask: threads ask, and a process of its own answers."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import fairmark
from fairmark.batch.dask import worker
from fairmark.batch.dask.handin import digest_of, pack_folder
from fairmark.batch.dask.packing import unpack
from fairmark.course.course import Assignment
from fairmark.intake.handins import SubmittedNotebook, fingerprint_base
from tests.marked import hand_in
from tests.tiny import make_course


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path / "course").assignment("tiny")


@pytest.fixture
def settings(tiny: Assignment) -> Iterator[str]:
    text = settings_for(tiny)
    yield text
    worker.release(text)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assignment, str]]:
    """A course and a process that grades for it, for tests that leave one that works."""
    tiny = make_course(tmp_path_factory.mktemp("shared") / "course").assignment("tiny")
    text = settings_for(tiny)
    yield tiny, text
    worker.release(text)


def settings_for(tiny: Assignment) -> str:
    worker.courses[tiny.course.root.parent.name] = str(tiny.course.root)
    known = {
        "run": tiny.course.root.parent.name,
        "course": tiny.course.root.parent.name,
        "assignments": ["tiny"],
        "sandbox": "bubblewrap",
    }
    return json.dumps(known)


def request_for(handin: SubmittedNotebook) -> str:
    entries = pack_folder(handin.folder)
    return json.dumps(
        {
            "student": handin.student,
            "assignment": "tiny",
            "folder": handin.folder.name,
            "name": handin.name,
            "entries": entries,
            "digest": digest_of(entries),
        }
    )


def asked(word: str, settings: str, request: str = "") -> dict[str, Any]:
    answer = json.loads(worker.ask(word, settings, request))
    assert isinstance(answer, dict)
    return answer


def pid(settings: str) -> int:
    return worker._graders[settings]._process.pid


def test_survey(shared: tuple[Assignment, str]) -> None:
    tiny, settings = shared
    found = asked("survey", settings)
    assert found == {"version": fairmark.__version__, "bases": {"tiny": fingerprint_base(tiny)}}


def test_threads_share_one_process(shared: tuple[Assignment, str]) -> None:
    tiny, settings = shared
    requests = [request_for(hand_in(tiny, student)) for student in ("ada", "bob", "\udcffeve")]
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda r: asked("grade", settings, r), requests))
    assert [unpack(answer).score for answer in answers] == [5, 5, 5]
    assert all(answer["warnings"] == [] for answer in answers)
    assert len([key for key in worker._graders if key == settings]) == 1


def test_a_hand_in_that_changes_on_its_way(shared: tuple[Assignment, str]) -> None:
    tiny, settings = shared
    request = json.loads(request_for(hand_in(tiny, "cy")))
    request["entries"].append(["more.py", "file", ""])
    answer = asked("grade", settings, json.dumps(request))
    assert "it has changed on its way to" in answer["failed"]
    assert not answer["died"]


def test_nothing_of_a_hand_in_stays(shared: tuple[Assignment, str]) -> None:
    tiny, settings = shared
    before = sorted(tiny.course.root.parent.iterdir())
    assert unpack(asked("grade", settings, request_for(hand_in(tiny, "ivy")))).score == 5
    assert sorted(tiny.course.root.parent.iterdir()) == before


def test_a_worker_that_the_course_has_not_reached(settings: str) -> None:
    other = json.dumps({**json.loads(settings), "course": "another"})
    answer = asked("grade", other)
    assert "has not reached the machine" in answer["failed"]
    assert answer["died"]  # so that another one is asked


def test_a_dead_process_is_replaced(shared: tuple[Assignment, str]) -> None:
    tiny, settings = shared
    request = request_for(hand_in(tiny, "gil"))
    asked("survey", settings)
    first = pid(settings)
    os.kill(first, signal.SIGSTOP)  # so that the request is on its way when it dies
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(asked, "grade", settings, request)
        while not waiting.running():
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(first, signal.SIGKILL)
        assert waiting.result()["died"]
    assert unpack(asked("grade", settings, request)).score == 5
    assert pid(settings) != first


def test_a_dead_sandbox_is_replaced(shared: tuple[Assignment, str]) -> None:
    tiny, settings = shared
    request = request_for(hand_in(tiny, "hal"))
    assert unpack(asked("grade", settings, request)).score == 5
    children = Path(f"/proc/{pid(settings)}/task/{pid(settings)}/children").read_text().split()
    sandboxes = [p for p in children if b"bwrap" in Path(f"/proc/{p}/cmdline").read_bytes()]
    assert len(sandboxes) == 1
    os.kill(int(sandboxes[0]), signal.SIGKILL)
    status = Path(f"/proc/{sandboxes[0]}/stat")
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] not in "ZX":
        time.sleep(0.01)
    assert unpack(asked("grade", settings, request)).score == 5


def test_no_process_stays(tiny: Assignment, settings: str) -> None:
    asked("survey", settings)
    process = worker._graders[settings]._process
    worker.release(settings)
    process.wait(10)
    # A task that comes behind the end of its run starts nothing.
    assert asked("grade", settings, request_for(hand_in(tiny, "ada")))["died"]
    assert settings not in worker._graders


def test_a_machine_that_cannot_grade(
    tiny: Assignment, settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = asked("survey", settings)
    assert "apt-get install bubblewrap" in found["fatal"]
    assert asked("grade", settings, request_for(hand_in(tiny, "ada"))) == found


def test_no_such_course(tiny: Assignment, settings: str, tmp_path: Path) -> None:
    worker.courses["nowhere"] = str(tmp_path / "nowhere")
    other = json.dumps({**json.loads(settings), "course": "nowhere"})
    try:
        assert "nowhere is no course" in asked("survey", other)["fatal"]
    finally:
        worker.release(other)
