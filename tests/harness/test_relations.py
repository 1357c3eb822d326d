"""What wrong answers have to do with the right ones, as the student is told."""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairmark.harness.comparison import Comparison, Comparisons, note_comparison, noting
from fairmark.harness.plugin import Grading, run_graders
from fairmark.harness.proxy import LocalTransport, Submission
from fairmark.harness.relations import RELATIONS, relation_of

RNG = np.random.default_rng(5)
ARRAYS = [RNG.normal(size=shape) for shape in ((5,), (3, 4), (2, 3), (6,))]


def told(
    wrong: Callable[[Any], Any],
    right: Callable[[Any], Any] = lambda x: 2 * x - 1,
    inputs: Any = ARRAYS,
) -> str:
    """The name of the relation that is told of a function."""
    made = [
        Comparison(
            "f", "the answer", np.asarray(right(x), float), np.asarray(wrong(x), float), (x,)
        )
        for x in map(np.asarray, inputs)
    ]
    failing = next(one for one in made if one.failed)
    return relation_of(made, failing)[0].removeprefix("relation/")


def right(x: Any) -> Any:
    return 2 * x - 1


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (lambda x: x, "argument-handed-back"),
        (lambda x: 7.0, "always-the-same"),
        (lambda x: -right(x), "sign"),
        (lambda x: right(x)[..., None], "other-shape"),
        (lambda x: right(x)[1:], "one-item"),
        (lambda x: right(x)[:-1], "one-item"),
        (lambda x: np.flip(right(x), -1), "reversed"),
        (lambda x: np.roll(right(x), 1, -1), "shifted"),
        (lambda x: np.roll(right(x), 2, -1), "other-places"),
        (lambda x: 3 * right(x), "factor"),
        (lambda x: right(x) / np.log(2), "factor"),
        (lambda x: right(x) / x.shape[0], "size-as-factor"),
        (lambda x: right(x) / np.linalg.norm(x), "factor-of-each-call"),
        (lambda x: right(x) + 2, "offset"),
        (lambda x: np.abs(right(x)), "sign-lost"),
        (lambda x: np.maximum(right(x), 0), "negative-to-zero"),
        (lambda x: np.trunc(right(x)), "cut-off"),
        (lambda x: np.round(right(x)), "rounded"),
        (lambda x: 1 - right(x), "complement"),
        (lambda x: right(x) ** 2, "squared"),
        (lambda x: np.tanh(right(x)), "activated"),
        (lambda x: right(x) * (1 + 1e-5 * np.sin(x)), "nearly-right"),
        (lambda x: right(x) + np.inf, "not-finite"),
        (lambda x: np.where(x < 0, 5 * x**3, right(x)), "only-there"),
        (lambda x: np.sin(right(x)) + x**2, ""),
    ],
)
def test_a_relation_is_named(wrong: Callable[[Any], Any], name: str) -> None:
    """Whatever the sizes of the arrays are."""
    inputs = [x for x in ARRAYS if x.ndim == 1] if name in {"one-item"} else ARRAYS
    assert told(wrong, right, inputs) == name


def test_a_transpose_a_column_and_a_step() -> None:
    """What needs matrices, and what goes from the argument."""
    matrices = [RNG.normal(size=shape) for shape in ((3, 3), (2, 4), (5, 2))]
    assert told(lambda x: right(x).T, inputs=matrices) == "transposed"

    def first_column(x: Any) -> Any:
        return np.column_stack([np.zeros(len(x)), right(x)[:, 1:]])

    assert told(first_column, inputs=matrices) == "one-place"
    rows = lambda x: right(x) / np.abs(x).sum(axis=1, keepdims=True)  # noqa: E731
    assert told(rows, inputs=matrices) == "factor-of-each-row"
    assert told(lambda x: x - 0.1 * x**2, lambda x: x + 0.1 * x**2) == "step"
    assert told(lambda x: x**2, lambda x: x**2 + x) == "summand"


def test_it_holds_in_all_comparisons_and_in_two_that_failed() -> None:
    """One call proves nothing, and one that does not fit refutes it."""
    x, y, z = ARRAYS[0], ARRAYS[1], ARRAYS[2]

    def compared(*pairs: tuple[Any, Any], function: str = "f") -> list[Comparison]:
        return [Comparison(function, "the answer", wanted, got, ()) for got, wanted in pairs]

    one = compared((-x, x))
    assert relation_of(one, one[0]) == ("", "")
    two = compared((-x, x), (-y, y))
    assert relation_of(two, two[0])[0] == "relation/sign"
    with_zeros = [*two, *compared((np.zeros(3), np.zeros(3)))]
    assert relation_of(with_zeros, two[0])[0] == "relation/sign"
    refuted = [*two, *compared((z, z))]
    assert relation_of(refuted, two[0]) == ("", "")
    elsewhere = [*two, *compared((z, z), function="g")]
    assert relation_of(elsewhere, two[0])[0] == "relation/sign"


def test_every_relation_has_an_example() -> None:
    """Each kind is found above, in its place among the others."""
    known = {relation.name for relation in RELATIONS}
    assert len(known) >= 25
    for number in (0.5, 2.0, 9.0):  # single numbers are related as well
        assert told(lambda x: 1 / right(x), inputs=[number + 1, number + 2]) == "reciprocal"
        assert told(lambda x: np.sqrt(right(x)), inputs=[number + 1, number + 2]) == "root"
    assert told(lambda x: np.clip(right(x), 0, 1)) == "held-in-a-range"
    assert told(lambda x: np.exp(right(x))) == "exponential"
    positive = [np.abs(x) + 1 for x in ARRAYS]
    assert told(lambda x: np.log(right(x)), inputs=positive) == "logarithm"
    columns = [RNG.normal(size=shape) for shape in ((3, 4), (2, 5))]
    per_column = lambda x: right(x) * np.arange(2, 2 + x.shape[1])  # noqa: E731
    assert told(per_column, inputs=columns) == "factor-of-each-column"

    def softmax(x: Any) -> Any:
        powers = np.exp(x)
        return powers / powers.sum(axis=-1, keepdims=True)

    assert told(lambda x: softmax(right(x))) == "softmax-too-often"


def test_only_numbers_are_noted() -> None:
    """Texts, objects, irregular lists and very large arrays are passed over."""
    made = Comparisons()
    with noting(made):
        for value in ("text", None, {"a": 1}, [[1], [1, 2]], object(), np.zeros(5000), [object()]):
            note_comparison(value, value, "the answer")
        note_comparison([1, 2], (1, 3), "the answer")
        note_comparison(10**400, 1, "the answer")
    note_comparison(1, 2, "the answer")  # no test is running
    assert [one.failed for one in made.kept] == [True]


MODULE = textwrap.dedent(
    """
    import numpy as np
    from fairmark.testing import assert_close, hidden, question

    @question("step")
    class TestStep:
        def test_one(self, submission):
            assert_close(submission.step([1.0, 2.0], 0.5), [0.5, 1.5])

        def test_two(self, submission):
            assert_close(submission.step([3.0, -2.0], 0.1), [2.9, -2.1])

        @hidden
        def test_three(self, submission):
            assert_close(submission.step([0.0, 4.0], 1.0), [-1.0, 3.0])
    """
)


def results(tmp_path: Path, answer: Callable[..., Any], module: str = MODULE) -> list[str | None]:
    """What is told of each test."""
    path = tmp_path / f"test_step_{zlib.crc32(module.encode())}.py"
    path.write_text(module)

    @contextmanager
    def opened(question: str) -> Any:
        yield Submission(LocalTransport({"step": answer}))

    grading = Grading(opened)
    run_graders([path], tmp_path, grading)
    assert grading.broken == []
    return [test.lesson for test in grading.results["step"]]


def test_a_student_reads_it(tmp_path: Path) -> None:
    """In each test that failed; right answers and errors have none."""
    told = results(tmp_path, lambda w, lr: [value + lr for value in w])
    assert told == ["The step from the first argument goes the wrong way: its sign is turned."] * 3
    assert results(tmp_path, lambda w, lr: [value - lr for value in w]) == ["", "", ""]
    assert results(tmp_path, lambda w, lr: 1 / 0)[0] != told[0]


def test_hidden_tests_do_not_speak_in_visible_ones(tmp_path: Path) -> None:
    """What is told of a visible test, visible tests alone have shown."""
    module = MODULE.replace("def test_two", "@hidden\n    def test_two")
    told = results(tmp_path, lambda w, lr: [value + lr for value in w], module)
    assert [bool(text) for text in told] == [False, True, True]


def test_a_calls_arguments_say_nothing_of_a_variable(tmp_path: Path) -> None:
    """What is compared after a call need not be its result."""
    module = MODULE.replace("submission.step(", "other(submission, ").replace(
        '@question("step")',
        "def other(submission, *given):\n"
        "    submission.step(*given)\n"
        "    return np.array(given[0])\n\n\n"
        '@question("step")',
    )
    assert "What comes back" not in str(results(tmp_path, lambda w, lr: w, module))
    assert "What comes back" in str(results(tmp_path, lambda w, lr: w))
