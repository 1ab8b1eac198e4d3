from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import (
    BARS,
    Cell,
    Round,
    all_met,
    compare,
    growth_over_rows,
    growth_over_turns,
    last_line,
    percentile,
    rounded,
    table,
    verdicts,
)

LATENCIES = st.lists(st.floats(0.1, 1e4), min_size=1, max_size=60)


@given(LATENCIES, st.floats(0.01, 1.0))
def test_a_percentile_is_the_smallest_value_that_covers_the_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    covered = sum(value <= found for value in values)
    assert found in values and covered >= math.ceil(share * len(values))
    assert sum(value < found for value in values) < math.ceil(share * len(values))


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.5)])
def test_a_percentile_of_nothing_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="value|share"):
        percentile(values, share)


def test_ratios_are_taken_within_a_round_not_between_rounds() -> None:
    def cell(ms: float) -> Cell:
        return Cell((ms, ms), 2 * ms / 1000)

    rounds = [Round({1: cell(20)}, {1: cell(10)}), Round({1: cell(200)}, {1: cell(100)}), Round({1: cell(30)}, {1: cell(10)})]
    values = compare(rounds, (1,))
    assert values["p50_ratio"] == 2.0 and values["throughput_ratio_1"] == pytest.approx(0.5)
    assert values["rounds"] == 3 and values["messages"] == 12 and values["failed_ours"] == 0


def test_growth_compares_late_turns_with_early_ones() -> None:
    turns = [10.0] * 100 + [30.0] * 100
    assert growth_over_turns([turns, turns]) == 3.0
    assert growth_over_rows([Cell((20.0,), 1)], [Cell((10.0,), 1)]) == 2.0


def test_a_missed_bar_and_an_unmeasured_one_are_told() -> None:
    values = {bar.name: bar.most for bar in BARS}
    assert all_met(values)
    values["p50_ratio"] = 1.51
    lines = verdicts({**values, "memory_mb": None})
    assert not all_met(values)
    assert lines[0].startswith("missed: p50_ratio") and lines[1].startswith("not measured: memory_mb")


def test_the_report_names_every_figure() -> None:
    values = rounded({"p50_ratio": 1.23456, "memory_mb": 1288.4, "growth_rows_ratio": None})
    assert values == {"p50_ratio": 1.23, "memory_mb": 1288, "growth_rows_ratio": None}
    assert last_line(values) == "p50_ratio=1.23 memory_mb=1288 growth_rows_ratio=null"
    page = table(values, "2026-11-23", "abc", "2 cores", "idle.")
    assert "| `p50_ratio` | 1.23 | 1.5 | met |" in page
