"""In a block of ``any_layout`` the same arrays arrive in other layouts, in turn."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairmark.harness.proxy import LocalTransport, Submission


def _seen(read_only: bool = True) -> list[tuple[bool, bool, bool, list[Any]]]:
    found = []

    def look(x: Any, y: Any = None) -> Any:
        found.append((x.flags.c_contiguous, x.flags.f_contiguous, x.flags.writeable, x.tolist()))
        return x

    submission = Submission(LocalTransport({"look": look}))
    x = np.arange(6.0).reshape(2, 3)
    for _ in range(4):
        with submission.any_layout(read_only=read_only):
            np.testing.assert_array_equal(submission.look(x), x)
    submission.look(x)
    return found


def test_the_layouts_change_from_call_to_call_and_not_the_values() -> None:
    found = _seen()
    assert [flags[:3] for flags in found] == [
        (False, True, True),
        (False, False, True),
        (True, False, False),
        (False, True, True),
        (True, False, True),  # outside of the block
    ]
    assert all(values == [[0, 1, 2], [3, 4, 5]] for *_, values in found)


def test_functions_that_change_an_array_for_a_while_get_none_that_is_read_only() -> None:
    assert all(writeable for _, _, writeable, _ in _seen(read_only=False))


def test_the_arguments_of_one_call_lie_differently() -> None:
    flags: list[tuple[bool, bool]] = []

    def look(*arrays: Any, named: Any) -> None:
        flags.extend((a.flags.f_contiguous, a.flags.writeable) for a in (*arrays, named))

    x = np.ones((2, 2))
    submission = Submission(LocalTransport({"look": look}))
    with submission.any_layout(), submission.inputs_unchanged():
        submission.look(x, x, named=x)
    assert flags == [(True, True), (False, True), (False, False)]


def test_what_is_no_array_stays_as_it_is() -> None:
    given = (1.5, [1, 2], np.array(3.0), np.zeros((0, 2)), "text")

    def look(*values: Any) -> list[str]:
        return [type(value).__name__ for value in values]

    submission = Submission(LocalTransport({"look": look}))
    with submission.any_layout():
        names = submission.look(*given)
    assert names == ["float", "list", "ndarray", "ndarray", "str"]
