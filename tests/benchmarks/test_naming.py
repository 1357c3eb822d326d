"""How the benchmark counts: what failed, what was named, and what no test noticed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.naming import Named, measured, table
from tests.verify.test_gate import course

ANSWERS = """
# %% double: squares-otherwise
def double(x):
    return x * x


# %% double: adds-three
def double(x):
    return x + x + 3 * np.ones(np.shape(x))


# %% double: no-mistake
def double(x):
    return x + x
"""


def test_a_table_counts_what_failed() -> None:
    found = [
        Named("q", "a", "answer", noticed=True, lesson="squares"),
        Named(
            "q",
            "b",
            "answer",
            noticed=True,
            message="The function should …, but it raised nothing.",
        ),
        Named("q", "c", "answer", noticed=False),
        Named("q", "d", "mutant", noticed=True, lesson="relation/sign"),
    ]
    line, every = table(found)
    assert "mutant 100%   1 of   1 (1 by relation; 0 more by the message)" in line
    assert "answer  50%   1 of   2 (0 by relation; 1 more by the message)" in line
    assert every.startswith("all")


def test_answers_are_told_of_recorded_mistakes_and_of_relations(tmp_path: Path) -> None:
    assignment = course(tmp_path)
    folder = tmp_path / "held-out"
    folder.mkdir()
    (folder / f"{assignment.name}.py").write_text(ANSWERS)
    found = {one.name: one for one in measured(assignment, folder, 2, "double:", workers=1)}
    assert found["squares-otherwise"].lesson == "squares"
    assert found["adds-three"].lesson == "relation/offset"
    assert not found["no-mistake"].noticed
    assert [one.kind for one in found.values()].count("mutant") <= 2
