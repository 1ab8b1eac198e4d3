"""How the web chat slows who is too fast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web import limits
from connectors.web.limits import LONGEST_PAUSE_S, Allowance, AtOnce, network_of


class Hand:
    """A clock hand that a test turns."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_burst_is_free_and_then_time_is_owed() -> None:
    hand = Hand()
    allowance = Allowance(3, 2.0, hand)
    assert [allowance.spend("a") for _ in range(5)] == [0.0, 0.0, 0.0, 2.0, 4.0]
    assert allowance.spend("b") == 0.0
    hand.at += 4.0
    assert allowance.spend("a") == 2.0
    hand.at += 60.0
    assert [allowance.spend("a") for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]


def test_a_flood_of_an_hour_ago_is_forgiven_soon() -> None:
    hand = Hand()
    allowance = Allowance(3, 2.0, hand)
    for _ in range(1000):
        allowance.spend("a")
    hand.at += LONGEST_PAUSE_S + 2.0
    assert allowance.spend("a") == 0.0


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 9), st.floats(0.1, 5))
def test_nobody_owes_more_than_the_longest_pause(steps: list[float], burst: int, every_s: float) -> None:
    hand = Hand()
    allowance = Allowance(burst, every_s, hand)
    for step in steps:
        hand.at += step
        assert 0.0 <= allowance.spend("a") <= LONGEST_PAUSE_S + 1e-6


def test_table_of_keys_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 100)
    hand = Hand()
    allowance = Allowance(1, 2.0, hand)
    for n in range(1000):
        allowance.spend(f"key {n}")
    assert len(allowance._paid_at) <= 100
    assert allowance.spend("key 999") > 0  # the newest are still known


def test_at_once_counts_what_runs_now() -> None:
    sends = AtOnce(2)
    with sends.enter("a") as first, sends.enter("a") as second, sends.enter("a") as third, sends.enter("b") as other:
        assert (first, second, third, other) == (True, True, False, True)
    with sends.enter("a") as again:
        assert again
    assert not sends._inside


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("113.160.0.1", "113.160.0.1"),
        ("2001:ee0:4001:1:a::1", "2001:ee0:4001:1::/64"),
        ("2001:ee0:4001:1:b::2", "2001:ee0:4001:1::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(host: str, network: str) -> None:
    assert network_of(host) == network
