from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import ages


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("8 tuổi", 8, 8),
        ("be 8 tuoi o cam pha", 8, 8),
        ("8t", 8, 8),
        ("e 13t o tien yen", 13, 13),
        ("tám tuổi", 8, 8),
        ("mười bốn tuổi", 14, 14),
        ("hai mươi lăm tuổi", 25, 25),
        ("17 tủi", 17, 17),
        ("bé 3 tuổi rưỡi", 3.5, 3.5),
        ("be 5 tuoi ruoi", 5.5, 5.5),
        ("5,5 tuổi", 5.5, 5.5),
        ("con chưa đủ 6 tuổi", 5, 5),
        ("lớp 4", 9, 10),
        ("em hoc lop 8", 13, 14),
        ("lớp ba", 8, 9),
        ("sinh năm 2015", 10, 11),
        ("sn 2015", 10, 11),
        ("2k12", 13, 14),
        ("bé 8 tháng tuổi", 8 / 12, 8 / 12),
        ("20 tháng", 20 / 12, 20 / 12),
        ("15", 15, 15),
        ("Dạ 9 ạ", 9, 9),
        ("mẹ tôi 78 tuổi", 78, 78),
    ],
)
def test_an_age_is_found(text: str, low: float, high: float) -> None:
    (age,) = ages.find(text, 2026)
    assert (age.low, age.high) == (pytest.approx(low), pytest.approx(high))


def test_several_ages_come_in_order() -> None:
    assert [age.years for age in ages.find("con lớn 9 tuổi, con út 5 tuoi", 2026)] == [9, 5]


@pytest.mark.parametrize(
    "text",
    [
        "trẻ dưới 16 tuổi",
        "từ 6 đến 15 tuổi",
        "trên 18 tuổi",
        "đủ 16 tuổi",
        "3 tháng nữa",
        "8 tấn",
        "113",
        "111 gọi được không",
        "lớp bơi",
        "kế hoạch năm 2015",
        "nghị định 56/2017",
        "ngày 8/5",
        "999 tuổi",
        "",
    ],
)
def test_limits_and_other_numbers_are_no_age(text: str) -> None:
    assert ages.find(text, 2026) == []


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="8 15tuổituoilớp4sinhnăm2015,.-kháng", max_size=40) | st.text(max_size=60))
def test_ages_lie_in_the_typed_text(text: str) -> None:
    for age in ages.find(text, 2026):
        assert age.said == text[slice(*age.span)]
        assert 0 <= age.low <= age.high <= 115
