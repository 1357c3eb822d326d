"""The table of where a submission's processor time goes."""

from __future__ import annotations

from rich.console import Console

from benchmarks.parts import PARTS, table


def test_parts_are_told_as_ratios_of_their_own_submissions_floor() -> None:
    slow = {"floor": 4.0, "student's processes": 6.0, "judge": 0.4, "recording": 0.2}
    fast = {name: seconds / 4 for name, seconds in slow.items()}
    console = Console(width=200)
    with console.capture() as shown:
        console.print(table([slow, fast, fast]))
    lines = [" ".join(line.split()) for line in shown.get().splitlines()]
    (judge,) = [line for line in lines if "judge" in line]
    assert "0.100 │ 0.100 │ 0.100 to 0.100" in judge
    for part in PARTS:
        assert any(part in line for line in lines)
    assert "1.500 to 1.500" in next(line for line in lines if "student's processes" in line)
