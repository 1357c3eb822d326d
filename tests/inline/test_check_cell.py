"""A check cell that describes its tests, run by its instructor."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark import check
from fairmark.check import CheckError
from fairmark.inline.exercise import Exercise
from fairmark.inline.write import literal
from tests.described import ASSIGN, EXERCISES, SETUP, make_described
from tests.test_check import error, run_cells, shown

CALL = EXERCISES["assign"][1]


def test_it_shows_what_students_will_see(tmp_path: Path) -> None:
    folder = make_described(tmp_path).source.parent
    wrong = CALL.replace("[0, 0, 1, 1]", "[0, 0, 1, 0]")
    unsteady = ASSIGN.replace("axis=1)", "axis=1) + np.random.randint(9)")
    _, _, good, bad, missing, typo, chance, _ = run_cells(
        folder,
        SETUP,
        ASSIGN,
        CALL,
        wrong,
        CALL.replace("assign", "asign"),
        CALL.replace("example", "exmaple"),
        f"{unsteady}\n{CALL}",
        "assert not [f for f in __import__('os').listdir() if f != 'k-means.ipynb']",
    )
    assert "assign([[0, 0], [0, 1], [4, 4], [5, 4]], [[0, 0], [4, 4]]) gives" in shown(good)
    assert "Hidden checks: 5 random inputs, unchanged arguments" in shown(good)
    assert "5 further checks follow when you hand in" in shown(good)
    assert error(good) == []
    assert error(bad) == [
        "gives is not what the solution of assign gives for the example: 1 of 4 values of it is "
        "wrong; the first is at [3]: expected 1, got 0"
    ]
    assert error(missing) == ["asign is no function: run its solution cell first."]
    assert "there is no exmaple=; there are: example, examples" in error(typo)[0]
    assert "the solution of assign is not deterministic" in error(chance)[0]


def test_a_student_gets_the_short_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "k-means"
    folder.mkdir()
    (folder / "checks.py").write_text(make_described(tmp_path / "course").inline.visible())
    monkeypatch.chdir(folder)
    with pytest.raises(CheckError, match=r"Here, the call is check\('assign'\)."):
        check("assign", example=(1,), random=lambda rng: (2,))
    _, right, wrong = run_cells(
        folder, SETUP, f"{ASSIGN}\ncheck('assign')", "def assign(X, C): X[0] = 1\ncheck('assign')"
    )
    assert error(right) == []
    assert "unchanged arguments, repeated calls, transposed, sliced and" in shown(right)
    assert "The function changed the array that it was given." in shown(wrong)


@pytest.mark.parametrize(
    "value",
    [1, -2.5, "a'\n", None, True, [1, [2.0]], (1,), {"a": (1, 2)}, b"x", float("inf"), 1 + 2j],
)
def test_data_is_written_as_source(value: object) -> None:
    import numpy as np

    assert eval(literal(value), {"np": np}) == value


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8", "bool", "complex64"])
def test_arrays_are_written_as_source(dtype: str) -> None:
    import numpy as np

    for value in (np.ones((2, 3), dtype), np.zeros((0, 2), dtype), np.array(1, dtype)):
        again = eval(literal(value), {"np": np})
        assert (again.dtype, again.shape) == (value.dtype, value.shape)
        np.testing.assert_array_equal(again, value)
    scalar = np.dtype(dtype).type(1)
    assert type(eval(literal(scalar), {"np": np})) is type(scalar)
    assert eval(literal([np.array([np.nan, 1])]), {"np": np})[0][1] == 1


def test_tensors_are_written_as_source() -> None:
    torch = pytest.importorskip("torch")
    value = torch.tensor([1.5, 2.0], dtype=torch.float32)
    assert torch.equal(eval(literal(value), {"torch": torch}), value)


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"hidden": 0}, "hidden must be a number from 1 to 100"),
        ({"hidden": True}, "hidden must be a number"),
        ({"tolerance": -1}, "tolerance must be a number"),
        ({"hint": 3}, "hint must be a text"),
        ({"random": 3}, "random must be a function"),
        ({"examples": [(1,)]}, r"it needs example=\(…\) with"),
        ({"example": None, "examples": [(1,)], "gives": 3}, r"it needs example"),
    ],
)
def test_keywords_that_cannot_be_meant(keywords: dict[str, object], told: str) -> None:
    from fairmark.errors import FairmarkError

    with pytest.raises(FairmarkError, match=told):
        Exercise.written("f", {"example": (1,), "random": lambda rng: (2,), **keywords})
