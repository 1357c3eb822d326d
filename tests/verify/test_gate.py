"""The gate, on the tiny course: what it lets through, and what it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.verify.gate import Gate, Verification
from tests.tiny import GRADER, make_course

ALTERNATIVES = '''"""Right answers."""

# %% double: adds
def double(x):
    return np.add(x, x)


# %% double: nested-list
# A list comes back.
def double(x):
    return (np.asarray(x) * 2.0).tolist()


# %% mean: loop
def mean(x):
    total = 0.0
    for value in x:
        total += value
    return total / len(x)
'''
MISCONCEPTIONS = '''"""Wrong answers."""

# %% double: squares
# You have squared it.
def double(x):
    return np.asarray(x) ** 2


# %% mean: one-less
# You divide by one less
# than there are.
def mean(x):
    return sum(x) / (len(x) - 1)
'''


def course(root: Path, grader: str = GRADER, **files: str) -> Assignment:
    assignment = make_course(root).assignment("tiny")
    folder = assignment.graders
    (folder / "test_tiny.py").write_text(grader)
    (folder / "alternatives.py").write_text(files.get("alternatives", ALTERNATIVES))
    (folder / "misconceptions.py").write_text(files.get("misconceptions", MISCONCEPTIONS))
    if "equivalent" in files:
        (folder / "equivalent_mutants.toml").write_text(files["equivalent"])
    return assignment


def verified(assignment: Assignment, only: str = "") -> Verification:
    gate = Gate(assignment, workers=1, only=only)
    tried = len(list(gate.run()))
    return gate.verification(tried)


def test_good_graders_can_be_trusted(tmp_path: Path) -> None:
    assignment = course(tmp_path)
    first = verified(assignment)
    assert first.findings == []
    assert first.whole
    double, mean = first.rows
    assert (double.alternatives.good, double.alternatives.all) == (2, 2)
    assert mean.misconceptions.good == 1
    assert mean.mutants.good == mean.mutants.all > 2
    assert first.tried == len(Gate(assignment).cases)

    # what is known is not tried again; what has changed is
    assert verified(assignment).tried == 0
    path = assignment.graders / "misconceptions.py"
    path.write_text(path.read_text().replace("** 2", "** 3"))
    again = verified(assignment)
    assert again.tried == 1
    assert again.findings == []

    # the lessons know each mistake by its answers, and only in its own question
    lessons = again.lessons.by_question
    assert [one.sentence for one in lessons["mean"]] == ["You divide by one less than there are."]
    (squares,) = lessons["double"]
    assert squares.functions == ("double",)
    assert set(squares.failed) <= set(squares.seen)


@pytest.mark.parametrize(
    ("grader", "text"),
    [
        ("import nothing_of_that_name\n" + GRADER, "nothing_of_that_name"),
        (GRADER.replace('"mean"', '"maen"'), "no test is about mean"),
    ],
    ids=["import", "question"],
)
def test_a_broken_grader_is_told_once(tmp_path: Path, grader: str, text: str) -> None:
    found = verified(course(tmp_path, grader))
    assert any(text in finding.text for finding in found.findings)
    assert len(found.findings) <= 2  # whole notebooks run other tests than single answers
    mean = found.rows[1]
    assert mean.mutants.good == mean.misconceptions.good == mean.alternatives.good == 0


@pytest.mark.parametrize(
    ("grader", "case", "text"),
    [
        # a tolerance of 10 lets everything through
        (
            GRADER.replace("double(x))", "double(x), atol=10)").replace(", 6,", ", 6, atol=10,"),
            "double: squares",
            "a wrong answer gets full points",
        ),
        # a visible example only
        (
            GRADER.replace("assert_close(submission.mean(x), mean(x))", "pass"),
            "mean: one-less",
            "",
        ),
        # a test that refuses what the contract allows
        (
            GRADER.replace(
                "assert_close(submission.double(x), double(x))",
                "assert type(submission.double(x)) is np.ndarray",
            ),
            "double: nested-list",
            "a right answer loses points",
        ),
        # a test that depends on what was run before it
        (
            GRADER.replace(
                '        """double(3) is 6."""',
                '        """double(3) is 6."""\n        assert not SEEN',
            )
            .replace('        """A secret array."""', '        """A."""\n        SEEN.append(1)')
            .replace("\n\n\n@question", "\n\nSEEN = []\n\n\n@question", 1),
            "double: answer",
            "",
        ),
    ],
    ids=["weak", "visible-only", "over-strict", "order"],
)
def test_a_planted_fault_is_found(tmp_path: Path, grader: str, case: str, text: str) -> None:
    assert grader != GRADER
    findings = verified(course(tmp_path, grader)).findings
    found = [finding for finding in findings if text in finding.text]
    assert found
    if text:
        assert case in [finding.case for finding in found]


def test_mistakes_that_no_test_tells_apart(tmp_path: Path) -> None:
    twin = "\n\n# %% double: multiplies\n# You multiply.\ndef double(x):\n    return x * x\n"
    findings = verified(course(tmp_path, misconceptions=MISCONCEPTIONS + twin), "double").findings
    assert [(f.case, "no test tells it from squares" in f.text) for f in findings] == [
        ("double: multiplies", True)
    ]


def test_a_mistake_that_looks_different_in_each_run(tmp_path: Path) -> None:
    grader = GRADER.replace(
        '        """double(3) is 6."""',
        '        """double(3) is 6."""\n'
        "        clock = 'import time\\ndef now(): return time.perf_counter_ns() % 1000'\n"
        "        submission.define(clock)['now']()",
    )
    assert grader != GRADER
    findings = verified(course(tmp_path, grader), "double: squares").findings
    assert [f.case for f in findings] == ["double: squares"]
    assert "no student will be told of this mistake" in findings[0].text


def test_equivalent_mutants_are_listed_by_hand(tmp_path: Path) -> None:
    grader = GRADER.replace("    @hidden\n    def test_secret_long", "    @hidden\n    def skipped")
    entry = (
        '[[equivalent]]\nquestion = "mean"\nwas = "return sum(x) / len(x)"\n'
        'becomes = "return {}"\nreason = "for the sake of the test"\n'
    )
    weak = verified(course(tmp_path / "a", grader), "mean")
    survivors = [f for f in weak.findings if "no test notices" in f.text]
    changed = {f.where.split("+ return ")[1] for f in survivors}
    assert changed
    listed = "".join(entry.format(text) for text in changed)
    assert not [
        f
        for f in verified(course(tmp_path / "b", grader, equivalent=listed), "mean").findings
        if "no test notices" in f.text
    ]


def test_lists_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    entry = '[[equivalent]]\nquestion = "mean"\nwas = "a"\nbecomes = "b"\nreason = "none such"\n'
    with pytest.raises(FairmarkError, match="no mutant of mean"):
        Gate(course(tmp_path / "a", equivalent=entry))
    for number, (text, told) in enumerate(
        [
            ("# %% nothing: x\n# A.\ny = 1\n", "no exercise 'nothing'"),
            ("# %% mean: x\ny = 1\n", "says nothing to the student"),
            ("# %% mean x\ny = 1\n", "expected `# %% EXERCISE: NAME`"),
            ("# %% mean: x\n# A.\ny = (\n", "never closed"),
            ("# %% mean: x\n# A.\ny = 1\n# %% mean: x\n# A.\ny = 1\n", "there twice"),
        ]
    ):
        with pytest.raises(FairmarkError, match=told) as caught:
            Gate(course(tmp_path / str(number), misconceptions=text))
        assert "misconceptions.py:" in str(caught.value)
