from __future__ import annotations

import pytest

from kb.benefits import BenefitTable, money
from kb.citations import all_written
from kb.content import Content
from kb.errors import ContentError


@pytest.fixture(scope="module")
def table(own: Content) -> BenefitTable:
    assert own.benefits is not None
    return BenefitTable(own.benefits)


def test_the_amounts_in_the_file_are_standard_times_coefficient(own: Content, table: BenefitTable) -> None:
    assert own.benefits is not None
    for group in own.benefits.coefficients:
        estimate = table.estimate(group.id)
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
    estimate = table.asked(text, age)
    assert estimate is not None and estimate.local_vnd == local


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("trẻ mồ côi được bao nhiêu", None),  # the age decides, and is not known
        ("mồ côi nộp hồ sơ ở đâu", 3),
        ("trợ cấp bao nhiêu", 3),
        ("mồ côi 40 tuổi được bao nhiêu", None),
    ],
)
def test_nothing_is_reckoned_where_it_is_not_plain(table: BenefitTable, text: str, age: float | None) -> None:
    assert table.asked(text, age) is None


def test_an_estimate_says_that_it_is_one_and_names_both_decrees(table: BenefitTable, own: Content) -> None:
    for group_id in table._groups:
        told = table.tell(table.estimate(group_id))
        assert "tạm tính, UBND cấp xã xác nhận" in told
        assert "20/2021/NĐ-CP" in told and "335/2026/NĐ-CP" in told
        cited = all_written(table.citations(table.estimate(group_id)), own.sources)
        assert any("20/2021" in one for one in cited) and any("335/2026" in one for one in cited)


def test_a_standard_that_is_not_listed_stops_the_start(own: Content) -> None:
    assert own.benefits is not None
    wrong = own.benefits.copy(update={"current": own.benefits.current.copy(update={"national": "national-1999"})})
    with pytest.raises(ContentError, match="national-1999"):
        BenefitTable(wrong)


def test_money_is_written_with_points() -> None:
    assert [money(700_000), money(1_750_000)] == ["700.000", "1.750.000"]
