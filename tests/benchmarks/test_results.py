from dataclasses import replace

import pytest
from rich.table import Table

from benchmarks.assignments import Cost
from benchmarks.results import RATIOS, Class, Results, Round, results_console, rows, to_markdown

ROUND = Round(
    students=10,
    workers=2,
    fairmark=Class(wall=4.0, cpu=10.0),
    start=Class(wall=3.0, cpu=5.2),
    served=Class(wall=2.4, cpu=0.1),
    stock=Class(wall=40.0, cpu=44.0),
    stock_students=4,
    floor_cpu=0.4,
    floor_memory=32 * 2**20,
    stock_peak=800 * 2**20,
    fairmark_peak=1200 * 2**20,
    added_memory=40 * 2**20,
    otter=Class(wall=60.0, cpu=48.0),
)
SLOW = replace(ROUND, stock=Class(wall=80.0, cpu=44.0), fairmark=Class(wall=10.0, cpu=10.0))
RESULTS = Results((ROUND, SLOW, ROUND), exact=True)


def test_each_ratio_is_of_one_round() -> None:
    by_name = {ratio.name: ratio.of(ROUND) for ratio in RATIOS}
    assert by_name["stock nbgrader over fairmark, wall time"] == pytest.approx(25.0)
    assert by_name["stock nbgrader over fairmark, CPU time"] == pytest.approx(11.0)
    assert by_name["fairmark over the floor, wall time"] == pytest.approx(2.0)
    assert by_name["fairmark with a server over the floor, wall time"] == pytest.approx(1.2)
    assert by_name["otter run over fairmark, wall time"] == pytest.approx(37.5)
    assert by_name["otter run over fairmark, CPU time"] == pytest.approx(12.0)
    own = "beside the cells, fairmark over stock nbgrader, CPU time"
    assert by_name[own] == pytest.approx((0.6 - 0.4) / (11.0 - 0.4))
    start = "start of fairmark over a submission of stock nbgrader, CPU time"
    assert by_name[start] == pytest.approx((10.0 - 6.0) / 11.0)
    assert by_name["peak memory, fairmark over stock nbgrader"] == pytest.approx(1.5)
    added = "memory that a submission adds, over what its bare cells add"
    assert by_name[added] == pytest.approx(1.25)


def test_a_limit_holds_for_the_median() -> None:
    assert RESULTS.broken() == []
    slower = replace(ROUND, fairmark=Class(wall=12.0, cpu=10.0))
    broken = Results((ROUND, slower, slower), exact=True).broken()
    assert broken == [
        "stock nbgrader over fairmark, wall time",
        "fairmark over the floor, wall time",
    ]


def test_without_otter_nothing_is_told_of_it() -> None:
    without = Results((replace(ROUND, otter=None), ROUND), exact=True)
    assert "otter" not in to_markdown(without)
    assert "otter" in to_markdown(RESULTS)


def test_the_table_has_median_spread_and_limit() -> None:
    lines = to_markdown(RESULTS).splitlines()
    assert {line.count("|") for line in lines} == {5}
    assert "median of 3 rounds" in lines[0]
    assert rows(RESULTS)[0][1:] == ("25.0", "20.0 to 25.0", "at least 10")


def test_an_assignments_cost_is_told_in_parts() -> None:
    cost = Cost(all_cells=60.0, needed_cells=3.0, beyond=2.0, stock_beyond=5.0)
    assert cost.needed == pytest.approx(0.05)
    assert cost.whole == pytest.approx(5.0 / 62.0)
    assert cost.own == pytest.approx(0.4)


def test_a_table_in_a_file_is_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    wide = Table()
    for number in range(6):
        wide.add_column(f"column {number}", no_wrap=True)
    wide.add_row(*["0.03 (0.03 to 0.04)"] * 6)
    results_console().print(wide)
    assert capsys.readouterr().out.count("0.03 (0.03 to 0.04)") == 6
