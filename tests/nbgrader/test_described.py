"""Check cells that describe their tests, through nbgrader: released, handed in, graded."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.nbgrader.generate import FinishRelease, generate_release, release_is_stale
from fairmark.verify.gate import Gate
from fairmark.verify.keys import Keys
from tests.described import EXERCISES, make_described
from tests.nbgrader.classroom import nbgrader, rows
from tests.tiny import answer

SUM = {
    "total": (
        "def total(x):\n    return np.sum(x**3)",
        'check("total", example=(np.array([1.0, 2.0, 3.0]),), hint="All of them?",\n'
        "      random=lambda rng: (rng.normal(size=7),))",
    )
}


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def proven(tmp_path: Path) -> Assignment:
    assignment = make_described(tmp_path, SUM)
    gate = Gate(assignment, workers=1)
    found = gate.verification(len(list(gate.run())))
    assert found.findings == []
    from fairmark.course.proof import why_unverified, write_record

    write_record(assignment, [], found.visible, found.lessons)
    assert why_unverified(assignment) == ""
    return assignment


def test_what_students_get_and_what_they_get_for_it(proven: Assignment) -> None:
    folder = generate_release(proven)
    first = everything(folder)
    assert set(first) == {"k-means.ipynb", "checks.py"}
    assert release_is_stale(proven) == []
    api = nbgrader(proven.course)
    made = api.generate_assignment("k-means", force=True)
    assert made["success"], made
    assert everything(folder) == first
    text = b"".join(first.values()).decode()
    for secret in ("random=", "lambda", "x**3", "np.sum", "rng", "@hidden", "CASES"):
        assert secret not in text
    assert "total([1, 2, 3]) gives 36. Hidden checks: 5 random inputs" in text
    cells = nbformat.reads(first["k-means.ipynb"].decode(), 4).cells
    assert cells[3].source == 'from fairmark import check\ncheck("total")'

    replayed = "def total(x):\n    return 36.0 if len(x) == 3 else 0.0"
    changing = "def total(x):\n    x **= 3\n    return x.sum()"
    for student, text in (
        ("right", "def total(x):\n    return sum(v**3 for v in x)"),
        ("wrong", "def total(x):\n    return np.sum(x**2)"),
        ("replays", replayed),
        ("changes", changing),
    ):
        folder = proven.course.folder("submitted", student, "k-means")
        folder.mkdir(parents=True)
        nbformat.write(answer(proven, {"total": text}), folder / "k-means.ipynb")
        done = api.autograde("k-means", student)
        assert done["success"], done
    found = rows(proven.course)
    marks = {row[0]: row[2] for row in found["grade"]}
    assert marks == {"right": 8.0, "wrong": 0.0, "replays": 1.0, "changes": 5.0}
    saved = {row[0]: row[3] for row in found["source"]}
    assert saved["check_total"] == 'check("total")'


def test_a_changed_check_cell_needs_a_new_proof(proven: Assignment) -> None:
    from fairmark.course.proof import why_unverified

    text = proven.source.read_text()
    proven.source.write_text(text.replace("size=7", "size=9"))
    again = Course.load(proven.course.root).assignment("k-means")
    assert "have changed since they were verified" in why_unverified(again)
    before, after = (
        {case: keys.key(case) for case in Gate(one).cases}
        for one, keys in ((proven, Keys(proven)), (again, Keys(again)))
    )
    assert before
    assert [case.title for case, key in before.items() if after.get(case) == key] == []


def test_a_course_that_lists_nbgraders_steps_itself_leaks_nothing(tmp_path: Path) -> None:
    assignment = make_described(tmp_path, EXERCISES)
    listed = (
        "\nc.GenerateAssignment.preprocessors.remove('fairmark.nbgrader.generate.HideChecks')\n"
    )
    config = tmp_path / "nbgrader_config.py"
    config.write_text(config.read_text() + listed)
    assignment = Course.load(tmp_path).assignment("k-means")
    release = generate_release(assignment)
    assert "random" not in (release / "k-means.ipynb").read_text().replace("random inputs", "")
    shutil.rmtree(release)
    finish = FinishRelease(parent=None)
    with pytest.raises(
        FairmarkError, match=r"cell 4 \(check_assign\) of the release still describes"
    ):
        finish.preprocess(nbformat.read(assignment.source, 4), {})
