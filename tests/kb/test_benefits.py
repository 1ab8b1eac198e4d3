from __future__ import annotations

from datetime import date

import pytest

from kb.benefits import BenefitTable, money
from kb.citations import all_written
from kb.content import Content
from kb.errors import ContentError

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def table(own: Content) -> BenefitTable:
    assert own.benefits is not None
    return BenefitTable(own.benefits)


def test_the_amounts_in_the_file_are_standard_times_coefficient(own: Content, table: BenefitTable) -> None:
    assert own.benefits is not None
    for group in own.benefits.coefficients:
        estimate = table.estimate(group.id, TODAY)
        assert estimate is not None
        assert (estimate.national_vnd, estimate.local_vnd) == (group.national_540k_vnd, group.quang_ninh_700k_vnd)


@pytest.mark.parametrize(
    ("text", "age", "local"),
    [
        ("cháu 3 tuổi mồ côi cả cha mẹ được bao nhiêu tiền", 3, 1_750_000),
        ("mo coi 10 tuoi duoc may trieu", 10, 1_050_000),
        ("trẻ khuyết tật nặng được bao nhiêu một tháng", None, 1_400_000),
        ("tre khuyet tat dac biet nang duoc bao nhieu", None, 1_750_000),
        ("mẹ đơn thân nghèo được bao nhiêu mỗi con", None, 700_000),
    ],
)
def test_a_plain_group_is_reckoned(table: BenefitTable, text: str, age: float | None, local: int) -> None:
    (estimate,) = table.asked(text, age, TODAY)
    assert estimate.local_vnd == local


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("mồ côi nộp hồ sơ ở đâu", 3),
        ("trợ cấp bao nhiêu", 3),
        ("mồ côi 40 tuổi được bao nhiêu", 40),
        ("năm 2030 trẻ mồ côi được bao nhiêu", 3),  # nobody knows yet
        ("năm 2019 trẻ mồ côi được bao nhiêu", 3),  # before the first standard that is listed
    ],
)
def test_nothing_is_reckoned_where_it_is_not_plain(table: BenefitTable, text: str, age: float | None) -> None:
    assert table.asked(text, age, TODAY) == []


def test_where_the_age_decides_and_is_not_told_every_age_gets_its_amount(table: BenefitTable) -> None:
    told = table.tell(table.asked("trẻ bị bỏ rơi mỗi tháng được bao nhiêu", None, TODAY))
    assert told.startswith("Mỗi tháng khoảng: 1.750.000 đồng cho trẻ không có nguồn nuôi dưỡng, dưới 4 tuổi (hệ số 2,5); 1.050.000")
    assert "700.000 đồng (mức chuẩn của Quảng Ninh từ 01/10/2024) × hệ số" in told and "tạm tính, UBND cấp xã xác nhận" in told


@pytest.mark.parametrize(
    ("day", "local", "national"),
    [
        (date(2021, 12, 31), 450_000, 360_000),
        (date(2024, 6, 30), 500_000, 360_000),
        (date(2024, 7, 1), 500_000, 500_000),
        (date(2024, 10, 1), 700_000, 500_000),
        (date(2026, 7, 1), 700_000, 540_000),
    ],
)
def test_the_standard_is_the_one_in_force_on_the_day(table: BenefitTable, day: date, local: int, national: int) -> None:
    estimate = table.estimate("poor-single-parent-per-child", day)
    assert estimate is not None and (estimate.local_vnd, estimate.national_vnd) == (local, national)


def test_a_year_that_has_passed_is_reckoned_by_its_last_day(table: BenefitTable) -> None:
    (estimate,) = table.asked("năm 2023 mẹ đơn thân nghèo được bao nhiêu mỗi con", None, TODAY)
    assert estimate.local_vnd == 500_000


def test_an_estimate_says_that_it_is_one_and_names_both_decrees(table: BenefitTable, own: Content) -> None:
    for group_id in table.groups:
        estimate = table.estimate(group_id, TODAY)
        assert estimate is not None
        told = table.tell([estimate])
        assert "tạm tính, UBND cấp xã xác nhận" in told
        assert "20/2021/NĐ-CP" in told and "335/2026/NĐ-CP" in told
        cited = all_written(table.citations([estimate]), own.sources)
        assert any("20/2021" in one for one in cited) and any("335/2026" in one for one in cited)


def test_content_without_a_standard_of_today_stops_the_start(own: Content) -> None:
    assert own.benefits is not None
    ended = own.benefits.copy(update={"standards": tuple(one for one in own.benefits.standards if one.until is not None)})
    with pytest.raises(ContentError, match="national"):
        BenefitTable(ended)


def test_money_is_written_with_points() -> None:
    assert [money(700_000), money(1_750_000)] == ["700.000", "1.750.000"]
