from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.content import Content
from kb.places import Gazetteer, PlaceKind, split_type, spoken
from tests.kb.small import gazetteer as small
from vietnamese import strip_accents

NOW, OLD, DISTRICT, PROVINCE, OUTSIDE = PlaceKind


@pytest.fixture(scope="module")
def places(own: Content) -> Gazetteer:
    return own.gazetteer


TABLE: list[tuple[str, PlaceKind, str, tuple[str, ...] | None]] = [
    ("Q.Yên", DISTRICT, "Thị xã Quảng Yên", None),
    ("q.yên", DISTRICT, "Thị xã Quảng Yên", None),
    ("phường Hà Khẩu", OLD, "Phường Hà Khẩu", ("Phường Tuần Châu", "Phường Việt Hưng")),
    ("phuong ha khau", OLD, "Phường Hà Khẩu", ("Phường Tuần Châu", "Phường Việt Hưng")),
    ("Hà Khẩu (H.Long)", OLD, "Phường Hà Khẩu", ("Phường Tuần Châu", "Phường Việt Hưng")),
    ("xã Húc Động", OLD, "Xã Húc Động", ("Xã Bình Liêu",)),
    ("thị trấn Cô Tô", OLD, "Thị trấn Cô Tô", ("Đặc khu Cô Tô",)),
    ("c.phả", DISTRICT, "Thành phố Cẩm Phả", None),
    ("cam pha", DISTRICT, "Thành phố Cẩm Phả", None),
    ("Cẩm Phả", DISTRICT, "Thành phố Cẩm Phả", None),
    ("phường Cẩm Phả", NOW, "Phường Cẩm Phả", ("Phường Cẩm Phả",)),
    ("tp hạ long", DISTRICT, "Thành phố Hạ Long", None),
    ("phường Hạ Long", NOW, "Phường Hạ Long", ("Phường Hạ Long",)),
    ("xã Hạ Long", OLD, "Xã Hạ Long", ("Đặc khu Vân Đồn",)),
    ("TX. Quảng Yên", DISTRICT, "Thị xã Quảng Yên", None),
    ("tx Đông Triều", DISTRICT, "Thành phố Đông Triều", None),
    ("huyen dam ha", DISTRICT, "Huyện Đầm Hà", None),
    ("xã Đầm Hà", NOW, "Xã Đầm Hà", ("Xã Đầm Hà",)),
    ("thị trấn Đầm Hà", OLD, "Thị trấn Đầm Hà", ("Xã Đầm Hà",)),
    ("Vân Đồn", NOW, "Đặc khu Vân Đồn", ("Đặc khu Vân Đồn",)),
    ("huyện Vân Đồn", DISTRICT, "Huyện Vân Đồn", ("Đặc khu Vân Đồn",)),
    ("o co to", NOW, "Đặc khu Cô Tô", ("Đặc khu Cô Tô",)),
    ("mong cai 2", NOW, "Phường Móng Cái 2", ("Phường Móng Cái 2",)),
    ("Móng Cái", DISTRICT, "Thành phố Móng Cái", None),
    ("p. bãi cháy", NOW, "Phường Bãi Cháy", ("Phường Bãi Cháy",)),
    ("p.Quang Hanh", NOW, "Phường Quang Hanh", ("Phường Quang Hanh",)),
    ("hòn gai", NOW, "Phường Hồng Gai", ("Phường Hồng Gai",)),
    ("phường Hải Hoà", OLD, "Phường Hải Hòa", ("Phường Móng Cái 1",)),
    ("xã Hải Hòa", NOW, "Xã Hải Hòa", ("Xã Hải Hòa",)),
    ("xã Đông Ngũ", NOW, "Xã Đông Ngũ", ("Xã Đông Ngũ",)),
    ("xã Đông Ngũ cũ", OLD, "Xã Đông Ngũ", ("Xã Tiên Yên", "Xã Đông Ngũ")),
    ("Thanh Sơn, Ba Chẽ", OLD, "Xã Thanh Sơn", ("Xã Ba Chẽ",)),
    ("phường Thanh Sơn", OLD, "Phường Thanh Sơn", ("Phường Uông Bí",)),
    ("xã Thanh Sơn huyện Ba Chẽ", OLD, "Xã Thanh Sơn", ("Xã Ba Chẽ",)),
    ("xã Bắc Sơn Móng Cái", OLD, "Xã Bắc Sơn", ("Xã Hải Sơn",)),
    ("xã Lương Minh, Ba Chẽ", NOW, "Xã Lương Minh", ("Xã Lương Minh",)),
    ("xã Quảng Điền", OLD, "Xã Quảng Điền", ()),
    ("em ở hải hà", DISTRICT, "Huyện Hải Hà", None),
    ("ở H. Hà", DISTRICT, "Huyện Hải Hà", None),
    ("vdon", NOW, "Đặc khu Vân Đồn", ("Đặc khu Vân Đồn",)),
    ("campha", DISTRICT, "Thành phố Cẩm Phả", None),
    ("HL", DISTRICT, "Thành phố Hạ Long", None),
    ("tỉnh quảng ninh", PROVINCE, "Quảng Ninh", ()),
    ("QN", PROVINCE, "Quảng Ninh", ()),
    ("em ở Hải Phòng", OUTSIDE, "Hải Phòng", ()),
    ("tỉnh Hòa Bình", OUTSIDE, "Hòa Bình", ()),
    ("tp hcm", OUTSIDE, "Hồ Chí Minh", ()),
]


@pytest.mark.parametrize(("text", "kind", "name", "now"), TABLE, ids=[row[0] for row in TABLE])
def test_a_place_is_known_by_what_people_write(
    places: Gazetteer, text: str, kind: PlaceKind, name: str, now: tuple[str, ...] | None
) -> None:
    (match,) = places.find(text)
    assert (match.kind, match.name) == (kind, name)
    assert not match.ambiguous
    if now is not None:
        assert match.now == now


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Thanh Sơn", ["Phường Thanh Sơn, Uông Bí", "Xã Thanh Sơn, Ba Chẽ"]),
        ("em ở thanh sơn", ["Phường Thanh Sơn, Uông Bí", "Xã Thanh Sơn, Ba Chẽ"]),
        ("o bac son", ["Phường Bắc Sơn, Uông Bí", "Xã Bắc Sơn, Móng Cái"]),
        ("Hải Hòa", ["Xã Hải Hòa", "Phường Hải Hòa, Móng Cái"]),
        ("phường Móng Cái", ["Phường Móng Cái 1", "Phường Móng Cái 2", "Phường Móng Cái 3"]),
        ("em ở Hòa Bình", ["Xã Hòa Bình, Hạ Long", "tỉnh Hòa Bình"]),
    ],
)
def test_a_name_of_several_places_gives_the_choices(places: Gazetteer, text: str, labels: list[str]) -> None:
    (match,) = places.find(text)
    assert [choice.label for choice in match.ambiguous] == labels
    assert match.unit is None


@pytest.mark.parametrize(
    "text",
    [
        "bạn Hải Hà lớp em bị ngã",
        "cô Hải Hà dạy văn",
        "em tên là Hà An",
        "em sắp về. Hải Hà là bạn em",
        "an sinh xã hội là gì",
        "hỏi về an sinh xã hội",
        "của ông bà",
        "quà của ông",
        "vo ngai noi voi chong",
        "1 tuan chau an 3 bua",
        "cảm động quá",
        "cam dong qua",
        "ba che do an cho con",
        "co to khai khong",
        "hoà bình thế giới",
        "trường THCS Trần Phú",
        "đường Trần Hưng Đạo",
        "đại đoàn kết",
        "bằng cả tấm lòng",
        "thôn Đồng Tâm",
        "Trung tâm Công tác xã hội Hải Hà",
        "gửi lại cháu với",
        "gui lai chau voi",
        "tính cháu hai hoa với bạn",
        "",
        "???",
    ],
)
def test_ordinary_words_and_persons_are_no_place(places: Gazetteer, text: str) -> None:
    assert places.find(text) == []


def test_far_from_a_place_is_not_its_commune(places: Gazetteer) -> None:
    (match,) = places.find("nhà em xa Cẩm Phả lắm")
    assert (match.kind, match.said) == (DISTRICT, "Cẩm Phả")


def test_the_word_old_belongs_to_the_name_it_follows(places: Gazetteer) -> None:
    (match,) = places.find("mảng trẻ em của phường Tuần Châu, người cũ nghỉ hưu")
    assert match.kind is NOW


def test_several_places_come_in_order(places: Gazetteer) -> None:
    names = [match.name for match in places.find("từ Hà Nội về Cẩm Phả rồi sang phường Bãi Cháy")]
    assert names == ["Hà Nội", "Thành phố Cẩm Phả", "Phường Bãi Cháy"]


def test_a_split_commune_has_no_certain_unit(places: Gazetteer) -> None:
    match = places.resolve("Hà Khẩu")
    assert match is not None and match.split and match.unit is None


def test_every_present_unit_is_found_by_its_own_name(own: Content) -> None:
    assert own.places is not None
    for row in own.places.units_now:
        for written in (row.name, row.name.lower(), strip_accents(row.name).lower()):
            (match,) = own.gazetteer.find(written)
            assert (match.kind, match.now) == (NOW, (row.name,)), written


def test_every_old_commune_leads_to_its_present_units(own: Content) -> None:
    assert own.places is not None
    for district in own.places.district_units_before_2025_07_01:
        for commune in district.communes:
            match = own.gazetteer.best(f"{commune.old} cũ, {district.name}")
            assert match is not None and match.now == commune.now, commune.old


def test_every_choice_sent_back_is_understood(own: Content) -> None:
    assert own.places is not None
    bare = {split_type(c.old)[1] for d in own.places.district_units_before_2025_07_01 for c in d.communes}
    asked = 0
    for name in sorted(bare):
        match = own.gazetteer.resolve(name)
        for choice in match.ambiguous if match else ():
            asked += 1
            again = own.gazetteer.best(choice.said)
            assert again is not None and again.now == choice.now and not again.ambiguous, choice
    assert asked >= 6


@pytest.mark.parametrize(("unit", "said"), [("Phường Hà Tu", "phường Hà Tu"), ("Đặc khu Cô Tô", "đặc khu Cô Tô"), ("Cẩm Phả", "Cẩm Phả")])
def test_a_unit_inside_a_sentence(unit: str, said: str) -> None:
    assert spoken(unit) == said


SMALL = small()
_WORDS = st.sampled_from(
    ["em", "ở", "o", "phường", "xã", "tp", "Hạ", "Long", "hạ", "long", "Thanh", "Sơn", "thanh", "son", "Hà", "Khẩu", "ha", "khau", "Uông", "Bí", ",", ".", "cũ", "Ba", "Chẽ", "bạn", "8", "tuổi", "ạ", "😀", "H.Long", "hoà"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_WORDS, max_size=12).map(" ".join) | st.text(max_size=80))
def test_spans_are_of_the_typed_text_and_do_not_overlap(text: str) -> None:
    end = 0
    for match in SMALL.find(text):
        assert match.said == text[slice(*match.span)] and match.said
        assert match.span[0] >= end
        end = match.span[1]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_resolving_never_fails(text: str) -> None:
    match = SMALL.resolve(text)
    assert match is None or match.name
