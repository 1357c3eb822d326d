"""Each attack of the corpus, handed in like any submission and graded in the real sandbox."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade, grade_handin
from fairmark.harness.render import question_html
from fairmark.harness.report import Report
from fairmark.record.autograded import graded_notebook
from fairmark.sandbox import CellRequest, Sandbox, make_sandbox
from tests.attacks.prey import (
    CANARY,
    SHOWN_AS,
    Attack,
    corpus,
    make_prey,
    secrets_of_the_machine,
)
from tests.processes import pid_of
from tests.sealed import SEALS, skip_where_impossible
from tests.tiny import RIGHT, answer

ATTACKS = {attack.name: attack for attack in corpus()}
LONGEST = 60.0
SCRIPTS = ("<script", "onerror", "javascript:", "application/javascript")


@pytest.fixture(scope="module")
def prey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assignment]:
    with secrets_of_the_machine():
        yield make_prey(tmp_path_factory.mktemp("prey") / "course").assignment("tiny")


@pytest.fixture(scope="module", params=SEALS)
def cage(request: pytest.FixtureRequest, prey: Assignment) -> Iterator[Sandbox]:
    """A sandbox that was started where there are secrets."""
    skip_where_impossible(request.param)
    with make_sandbox(prey.course.preload, prey.course.limits, request.param) as cage:
        yield cage


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack(prey: Assignment, cage: Sandbox, name: str) -> None:
    attack = ATTACKS[name]
    cage.wait_ready()
    warm, threads = psutil.Process(pid_of(cage)), threading.active_count()
    processes = warm.children(recursive=True)
    handin = attack.hand_in(prey, f"mallory-{name}-{cage.mode}")
    before, started = listing(prey.course.root), time.monotonic()
    report = grade_handin(handin, cage)

    assert time.monotonic() - started < LONGEST
    told = [(q.id, q.score, q.note, [t.message for t in q.tests]) for q in report.questions]
    assert report.score == attack.points, told
    assert attack.says in (report.error or "")
    assert_shown_to_students_safely(report, prey, attack)
    assert listing(prey.course.root) == before
    assert threading.active_count() == threads
    left = set(warm.children(recursive=True)) - set(processes)
    _, alive = psutil.wait_procs(list(left), timeout=10)
    assert not alive

    # The class goes on.
    assert grade(answer(prey, RIGHT), prey, cage).score == 5.0


def assert_shown_to_students_safely(report: Report, prey: Assignment, attack: Attack) -> None:
    shown = [question_html(question, "student") for question in report.questions]
    checks = {question.grade_cell for question in prey.questions}
    notebook = graded_notebook(report, prey)
    nbformat.validate(notebook)
    shown += [
        json.dumps(cell.get("outputs", []), allow_nan=False)
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") not in checks
    ]
    text = "".join(shown)
    for secret in (CANARY, *SHOWN_AS, *attack.leaks):
        assert secret not in text, text[max(text.index(secret) - 300, 0) :][:600]
    assert not [script for script in SCRIPTS if script in text]
    limits = prey.limits()
    assert len(text) < (limits.output_kib * 1024 + limits.display_mib * 2**20) * max(
        len(report.cells), 1
    )


def listing(root: Path) -> dict[str, str]:
    """What lies in a folder, by name."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            link = path.is_symlink() or path.is_dir()
            content = b"" if link else path.read_bytes()
            found[str(path)] = f"{path.lstat().st_mode} {hashlib.md5(content).hexdigest()}"
    return found


def test_each_attack_says_what_it_tries_and_what_must_happen() -> None:
    assert len(ATTACKS) >= 80
    for attack in ATTACKS.values():
        about = inspect.getdoc(attack.module) or ""
        assert about.startswith("Tries: "), attack.name
        assert "\n\nMust: " in about, attack.name
        assert CANARY not in Path(str(attack.module.__file__)).read_text(), attack.name


def test_the_table_of_attacks_is_whole(course_root: Path) -> None:
    text = (course_root / "docs" / "security.md").read_text("utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    named = {row[1].strip(" `"): [row[4].strip(), row[5].strip()] for row in rows if len(row) == 7}
    assert {name: what for name, what in named.items() if name in ATTACKS} == {
        key: ["nothing", "nothing"] for key in ATTACKS
    }


@pytest.mark.parametrize("name", ["read_files", "read_processes", "read_other_people"])
def test_what_protects_the_secrets_is_the_sandbox(prey: Assignment, name: str) -> None:
    """Without it the same attacks find the canaries."""
    with make_sandbox([], prey.course.limits, mode="none") as open_door:
        source = f"import os\nos.chdir({str(prey.course.folder('submitted', 'alice', 'tiny'))!r})\n"
        session = open_door.launch()
        outputs: list[object] = []
        session.run_cell(CellRequest(source + ATTACKS[name].module.CELL), outputs.append, 20)
        session.close()
    assert CANARY in str(outputs)
