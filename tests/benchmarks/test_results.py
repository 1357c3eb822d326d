import pytest

from benchmarks.results import Class, Results, Scaling, to_markdown

RESULTS = Results(
    students=10,
    workers=2,
    stock=Class(wall=100.0, cpu=110.0),
    stock_peak=800 * 2**20,
    fairmark=Class(wall=5.0, cpu=10.0),
    fairmark_peak=1200 * 2**20,
    start=Class(wall=3.0, cpu=5.2),
    floor_cpu=0.4,
    added_memory=50 * 2**20,
    exact=True,
)


def test_own_cpu_is_what_is_left_of_a_further_submission() -> None:
    assert RESULTS.own_cpu_running == pytest.approx((10.0 - 5.2) / 8 - 0.4)
    assert RESULTS.start_cpu == pytest.approx(4.0)
    assert RESULTS.own_cpu == pytest.approx(0.6)


def test_markdown_has_four_columns_and_the_ratios() -> None:
    lines = to_markdown(RESULTS).splitlines()
    assert {line.count("|") for line in lines} == {5}
    assert "20.0 times faster" in lines[2]


def test_scaling_leaves_the_start_out() -> None:
    few, many = Class(wall=9.0, cpu=11.0), Class(wall=54.0, cpu=101.0)
    scaling = Scaling(2, 20, 200, Class(wall=4.5, cpu=2.0), few, many)
    assert scaling.change("cpu") == pytest.approx(0.0)
    assert scaling.change("wall") == pytest.approx(0.0)
    assert scaling.change("cpu", with_start=True) < 0
