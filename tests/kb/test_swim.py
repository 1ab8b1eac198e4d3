from __future__ import annotations

from datetime import date

import pytest

from kb import swim
from kb.ages import Age
from kb.content import Content
from kb.rows import Swim, SwimClass, SwimProgramme
from kb.schema import Audience


@pytest.fixture(scope="module")
def programme(own: Content) -> SwimProgramme:
    found = swim.programme(own.swim)
    assert found is not None
    return found


def age(low: float, high: float | None = None) -> Age:
    return Age((0, 0), "", low, low if high is None else high)


@pytest.mark.parametrize(
    ("years", "fits"),
    [
        (age(5), False),
        (age(5.5), False),
        (age(6), True),
        (age(8), True),
        (age(15), True),
        (age(15, 16), None),
        (age(5, 6), None),
        (age(16), False),
        (age(20 / 12), False),
    ],
)
def test_the_ages_of_the_letter(programme: SwimProgramme, years: Age, fits: bool | None) -> None:
    assert swim.eligibility(programme, years).fits is fits


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("con em 8 tuổi hộ nghèo", ("hộ nghèo",)),
        ("nha em can ngheo", ("hộ cận nghèo",)),
        ("trẻ dân tộc Dao ở xã vùng cao", ("dân tộc thiểu số", "xã miền núi")),
        ("không thuộc hộ nghèo thì có được học không", ()),
        ("nhà khá giả", ()),
        ("ở xã đảo", ("hải đảo",)),
        ("cháu mồ côi", ("hoàn cảnh đặc biệt",)),
    ],
)
def test_the_circumstances_of_the_letter(text: str, groups: tuple[str, ...]) -> None:
    assert swim.circumstances(text, None) == groups


def test_an_island_counts_by_its_place(own: Content) -> None:
    assert swim.circumstances("bé 8 tuổi", own.gazetteer.best("ở Cô Tô")) == ("hải đảo",)
    assert swim.circumstances("bé 8 tuổi", own.gazetteer.best("Bãi Cháy")) == ()


@pytest.mark.parametrize("years", [age(5), age(8), age(15, 16), age(16)])
@pytest.mark.parametrize("groups", [(), ("hộ nghèo",)])
@pytest.mark.parametrize("audience", [Audience.CHILD, Audience.ADULT])
def test_never_a_plain_yes(programme: SwimProgramme, years: Age, groups: tuple[str, ...], audience: Audience) -> None:
    told = f"{swim.tell(programme, years, groups, audience)} {swim.decides(None, audience)}"
    assert "hướng dẫn 2024" in told and "từ 6 đến dưới 16" in told
    assert "UBND" in told
    assert not told.lower().startswith(("có", "được", "vâng"))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("bé 8 tuổi có được học bơi miễn phí không", True),
        ("be 5 tuoi hoc boi duoc chua", True),
        ("16 tuổi còn được học không", True),
        ("lớp bơi cho bé 8 tuổi đăng ký ở đâu", False),
        ("lịch học bơi", False),
    ],
)
def test_who_may_is_told_from_where_and_when(text: str, asks: bool) -> None:
    assert swim.asks_who(text) is asks


@pytest.mark.parametrize(
    ("years", "words"), [(age(8), "8 tuổi"), (age(5.5), "5 tuổi rưỡi"), (age(20 / 12), "20 tháng"), (age(9, 10), "khoảng 9-10 tuổi")]
)
def test_an_age_in_words(years: Age, words: str) -> None:
    assert swim.age_words(years) == words


def announced(**changes: object) -> SwimClass:
    fields = {
        "id": "ha-tu-2027",
        "name": "Lớp bơi hè",
        "organiser": "UBND phường Hà Tu",
        "place": "bể bơi trường Hà Tu",
        "commune": "Phường Hà Tu",
        "starts": date(2027, 6, 5),
        "ends": date(2027, 7, 20),
        "enrol": "UBND phường",
        "source": "UBND phường Hà Tu",
        "last_checked": date(2027, 5, 20),
        "validity": "in_force",
    }
    return SwimClass.parse_obj({**fields, **changes})


def test_an_announced_class_is_told_at_its_place_until_it_is_over(own: Content) -> None:
    listed = Swim(programmes=(), seen_since=(), classes=(announced(), announced(id="b", validity="unconfirmed")))
    here, there = own.gazetteer.best("phường Hà Tu"), own.gazetteer.best("Bãi Cháy")
    (row,) = swim.open_classes(listed, here, date(2027, 6, 1))
    assert swim.tell_open([row]) == (
        "Lớp đã được địa phương báo: Lớp bơi hè, bể bơi trường Hà Tu, phường Hà Tu, khai giảng 05/6/2027, đến 20/7/2027"
        " (đăng ký: UBND phường; kiểm tra ngày 20/5/2027)."
    )
    assert swim.cite(row) == "UBND phường Hà Tu, 20/5/2027"
    assert swim.open_classes(listed, there, date(2027, 6, 1)) == []
    assert swim.open_classes(listed, here, date(2027, 7, 21)) == []
    assert swim.open_classes(listed, None, date(2027, 6, 1)) == []
    assert swim.tell_open([]) == ""
