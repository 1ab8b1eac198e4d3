"""Every cell held against the rules: what is taken, what is refused, and that the refusal says what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from helpline import hotlines
from kb.content import Content
from kb.importing.cells import Refusal, RowReader, Rules
from kb.importing.columns import RowRead
from kb.importing.rows import ListKind, NewRow
from kb.importing.services import SERVICES
from kb.importing.swim import SWIM_CLASSES
from kb.importing.tables import Cell
from tests.kb.files import CLASS, HEADINGS, PLACE, SWIM_HEADINGS

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def rules(own: Content) -> Rules:
    return Rules.of(own, TODAY)


def line(rules: Rules, values: dict[str, Any], kind: ListKind = SERVICES) -> tuple[NewRow | None, list[Refusal]]:
    cells = {key: value if isinstance(value, Cell) else Cell(str(value)) for key, value in values.items() if value}
    headings = HEADINGS if kind is SERVICES else SWIM_HEADINGS
    reader = RowReader(RowRead(7, cells), headings, rules)
    return kind.read(reader), reader.refusals


def refused(rules: Rules, of: ListKind = SERVICES, /, **changes: Any) -> list[tuple[str, str]]:
    row, refusals = line(rules, {**(PLACE if of is SERVICES else CLASS), **changes}, of)
    assert row is None and refusals
    assert all(one.line == 7 and one.wrong and one.todo.endswith((".", "…")) for one in refusals)
    return [(one.column, one.wrong) for one in refusals]


def taken(rules: Rules, of: ListKind = SERVICES, /, **changes: Any) -> NewRow:
    row, refusals = line(rules, {**(PLACE if of is SERVICES else CLASS), **changes}, of)
    assert refusals == [] and row is not None
    return row


def test_a_right_line_becomes_a_row(rules: Rules) -> None:
    row = taken(rules)
    assert (row.kind, row.commune, row.phone, row.last_checked) == ("trusted_address", "Phường Hà Tu", "0912345678", date(2026, 11, 20))
    assert row.scope == "commune" and row.district is None and row.details == {}


@pytest.mark.parametrize("key", ["kind", "name", "commune", "address", "source", "last_checked"])
def test_what_is_needed_may_not_be_empty(rules: Rules, key: str) -> None:
    assert (HEADINGS[key], "Còn trống.") in refused(rules, **{key: ""})


# places


@pytest.mark.parametrize(
    ("typed", "district", "unit"),
    [
        ("Hà Tu", "", "Phường Hà Tu"),
        ("phuong ha tu", "", "Phường Hà Tu"),
        ("P. Hà Tu, TP Hạ Long, tỉnh Quảng Ninh", "", "Phường Hà Tu"),
        ("Phường Cẩm Tây", "", "Phường Cẩm Phả"),
        ("xã Húc Động", "huyện Bình Liêu", "Xã Bình Liêu"),
        ("Thanh Sơn", "Ba Chẽ", "Xã Ba Chẽ"),
        ("Phường Hạ Long", "", "Phường Hạ Long"),
        ("Cô Tô", "", "Đặc khu Cô Tô"),
        ("Hà Khẩu (nay Việt Hưng)", "", "Phường Việt Hưng"),
        ("Hà Khẩu cũ, nay là phường Tuần Châu", "", "Phường Tuần Châu"),
        ("Phường Bình Dương", "", "Phường An Sinh"),
    ],
)
def test_old_names_lead_to_todays_unit(rules: Rules, own: Content, typed: str, district: str, unit: str) -> None:
    row = taken(rules, commune=typed, district=district, address="Thôn 1")
    assert row.commune in own.gazetteer.units_now
    if unit != "Phường An Sinh":
        assert row.commune == unit


@pytest.mark.parametrize(
    ("typed", "district", "words"),
    [
        ("Hà Khẩu", "", "nay chia về phường Tuần Châu hoặc phường Việt Hưng"),
        ("Uông Bí", "", "là tên huyện, thị xã, thành phố cũ"),
        ("", "Uông Bí", "Còn trống"),
        ("Quảng Ninh", "", "là tên cả tỉnh"),
        ("Thanh Sơn", "", "Có hơn một nơi tên “Thanh Sơn”: Phường Thanh Sơn, Uông Bí; Xã Thanh Sơn, Ba Chẽ"),
        ("Hải Phòng", "", "không thuộc Quảng Ninh"),
        ("Phường Hồng Bàng, Hải Phòng", "", "không thuộc Quảng Ninh"),
        ("xã Quảng Điền", "", "Chưa rõ"),
        ("Xã Không Có Thật", "", "Không biết nơi tên"),
        ("12345", "", "Không biết nơi tên"),
        ("Phường Hà Tu và phường Bãi Cháy", "", "Không biết nơi tên"),
    ],
)
def test_a_place_that_is_not_one_commune_is_refused(rules: Rules, typed: str, district: str, words: str) -> None:
    ((column, wrong),) = refused(rules, commune=typed, district=district, address="Thôn 1")
    assert column == HEADINGS["commune"] and words in wrong


def test_a_wider_reach_needs_no_commune(rules: Rules) -> None:
    wide = taken(rules, kind="Nhà tạm lánh", scope="huyện cũ", commune="", district="Uông Bí", address="")
    assert (wide.commune, wide.district, wide.scope) == (None, "Uông Bí", "district")
    both = taken(rules, kind="Nhà tạm lánh", scope="huyện cũ", commune="Phường Vàng Danh", district="TP Uông Bí", address="")
    assert (both.commune, both.district) == ("Phường Vàng Danh", "Uông Bí")
    whole = taken(rules, kind="Nhà tạm lánh", scope="cả Quảng Ninh", commune="", address="")
    assert (whole.commune, whole.district, whole.scope) == (None, None, "province")
    assert refused(rules, kind="Nhà tạm lánh", scope="huyện cũ", commune="Phường Hà Tu")[0][0] == HEADINGS["district"]


@pytest.mark.parametrize("address", ["Khu 3, phường Bãi Cháy", "xã Ba Chẽ"])
def test_an_address_of_another_commune_is_refused(rules: Rules, address: str) -> None:
    ((column, wrong),) = refused(rules, address=address)
    assert column == HEADINGS["address"] and "còn cột xã, phường là phường Hà Tu" in wrong


def test_an_address_elsewhere_is_refused(rules: Rules) -> None:
    assert "ngoài Quảng Ninh" in refused(rules, address="12 Lê Lợi, TP Hải Phòng")[0][1]


@pytest.mark.parametrize("address", ["Số 115 đường Trần Phú", "Tổ 5 khu Vĩnh Trung", "Khu 3 Hà Tu, TP Hạ Long", "12 Lê Lợi", "Phường Hà Tu (cũ)"])
def test_streets_and_house_numbers_are_no_other_commune(rules: Rules, address: str) -> None:
    assert taken(rules, address=address).address == address


# numbers


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0912345678", "0912345678"),
        ("091.234.5678", "0912345678"),
        ("(0203) 3.812.345", "02033812345"),
        ("+84 912 345 678", "0912345678"),
        ("+84 (0)203 3812345", "02033812345"),
        ("024 3812 3456", "02438123456"),
        ("1800 5999", "18005999"),
        (Cell("18005999", "number"), "18005999"),
    ],
)
def test_a_number_is_kept_as_digits(rules: Rules, typed: Any, kept: str) -> None:
    assert taken(rules, phone=typed).phone == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("091234567", "không đúng dạng"),
        ("09123456789", "không đúng dạng"),
        ("0112345678", "không đúng dạng"),
        ("3812345", "không đúng dạng"),
        ("0912345678; 0912345679", "không phải một số"),
        ("gọi 0912345678", "không phải một số"),
        ("+1 202 555 0100", "nước ngoài"),
        (Cell("912345678", "number"), "Excel đã bỏ mất số 0"),
        (Cell("2026-11-20", "date"), "không phải một số"),
        ("19001769", "không được dùng"),
        ("1900 1769", "không được dùng"),
        ("111", "đường dây chung"),
        ("18001769", "đường dây chung"),
    ],
)
def test_a_number_that_may_not_stand_is_refused(rules: Rules, typed: Any, words: str) -> None:
    ((column, wrong),) = refused(rules, phone=typed)
    assert column == HEADINGS["phone"] and words in wrong


def test_every_number_that_must_not_be_used_is_refused_in_every_cell(rules: Rules) -> None:
    for one in hotlines.load().values():
        if one.do_not_use:
            for key in ("name", "address", "hours", "source", "for_whom"):
                assert any("không được dùng" in wrong for _, wrong in refused(rules, **{key: f"abc {one.number} xyz"})), one.key


def test_a_number_in_another_cell_is_sent_to_its_own(rules: Rules) -> None:
    for text in ("Khu 3, ĐT 0912 345 678", "Khu 3 (0203.3812345)"):
        assert "Có số điện thoại" in refused(rules, address=text)[0][1]
    assert taken(rules, hours="từ 7h30 đến 17h00, 24/7").hours


# dates, kinds, words


@pytest.mark.parametrize("typed", ["20/11/2026", "20-11-2026", "20.11.2026", "ngày 20/11/2026", Cell("2026-11-20", "date"), "2026-11-20"])
def test_days_are_read_as_they_are_written_here(rules: Rules, typed: Any) -> None:
    assert taken(rules, last_checked=typed).last_checked == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("key", "typed", "words"),
    [
        ("last_checked", "24/11/2026", "chưa tới"),
        ("last_checked", "24/08/2026", "đã quá 90 ngày"),
        ("last_checked", "11/20/2026", "không phải ngày"),
        ("last_checked", "31/11/2026", "không phải ngày"),
        ("last_checked", "hôm qua", "không phải ngày"),
        ("last_checked", Cell("46345", "number"), "không phải ngày"),
        ("valid_to", "22/11/2026", "Đã hết hạn"),
        ("valid_to", "1/1/1900", "không phải ngày"),
    ],
)
def test_days_that_cannot_be(rules: Rules, key: str, typed: Any, words: str) -> None:
    assert any(column == HEADINGS[key] and words in wrong for column, wrong in refused(rules, **{key: typed}))


def test_a_span_of_validity(rules: Rules) -> None:
    row = taken(rules, valid_from="1/12/2026", valid_to="31/12/2026")
    assert (row.valid_from, row.valid_to) == (date(2026, 12, 1), date(2026, 12, 31))
    assert taken(rules, valid_to="23/11/2026").valid_to == TODAY
    assert "đứng trước" in refused(rules, valid_from="31/12/2026", valid_to="1/12/2026")[0][1]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("địa chỉ tin cậy", "trusted_address"), ("DIA CHI TIN CAY", "trusted_address"), ("điểm tạm lánh", "shelter"), ("CLB", "model_club"), ("UBND phường", "commune_office"), ("đầu mối", "contact_point")],
)
def test_kinds_as_people_write_them(rules: Rules, typed: str, kind: str) -> None:
    assert taken(rules, kind=typed).kind == kind


def test_an_unknown_kind_names_the_known_ones(rules: Rules) -> None:
    row, (fault,) = line(rules, {**PLACE, "kind": "quán cà phê"})
    assert row is None and "Địa chỉ tin cậy; Nhà tạm lánh" in fault.todo


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": Cell("=A1", "formula")}, "công thức"),
        ({"name": Cell("#REF!", "error")}, "báo lỗi #REF!"),
        ({"name": Cell("Nhà văn hóa", "merged")}, "vùng gộp"),
        ({"name": Cell("7:30", "other")}, "không phải chữ"),
        ({"name": Cell("2026-11-20", "date")}, "đổi ô này thành ngày"),
        ({"name": "a" * 161}, "Dài 161 chữ"),
        ({"name": "!"}, "quá ngắn"),
        ({"name": "Nhà {child_line}"}, "dấu < > { }"),
        ({"name": "Nhà <day>"}, "dấu < > { }"),
        ({"name": "NhÃ  vÄn hÃ³a"}, "chữ lạ"),
        ({"name": "Trung tâm Công tác xã hội Hải Hà"}, "không giới thiệu"),
        ({"source": "Phòng LĐ-TB&XH huyện Ba Chẽ"}, "nay không còn"),
        ({"source": "UBND thị xã Quảng Yên"}, "nay không còn"),
        ({"contact_role": "bà Nguyễn Thị Lan"}, "tên riêng"),
        ({"address": "", "kind": "nhà tạm lánh", "phone": ""}, "Chưa có địa chỉ và cũng chưa có số"),
    ],
)
def test_what_may_never_be_told(rules: Rules, changes: dict[str, Any], words: str) -> None:
    assert any(words in wrong for _, wrong in refused(rules, **changes))


def test_a_shelter_may_keep_its_address_to_itself(rules: Rules) -> None:
    assert taken(rules, kind="nhà tạm lánh", address="").address is None


def test_all_that_is_wrong_is_told_at_once(rules: Rules) -> None:
    columns = [column for column, _ in refused(rules, kind="x", commune="y", phone="z", source="", last_checked="w")]
    assert columns == [HEADINGS[key] for key in ("kind", "commune", "phone", "source", "last_checked")]


def test_the_example_of_the_template_is_known(rules: Rules) -> None:
    assert RowReader(RowRead(2, {"name": Cell("Ví dụ : Nhà văn hóa")}), HEADINGS, rules).is_example
    assert not RowReader(RowRead(2, {"name": Cell("Nhà văn hóa")}), HEADINGS, rules).is_example


def test_the_same_place_is_known_again(rules: Rules) -> None:
    one, other = taken(rules), taken(rules, name="NHÀ VĂN HÓA, KHU 3", phone="", commune="Hà Tu")
    assert one.identity == other.identity and one.digest != other.digest
    assert taken(rules).digest == one.digest
    assert taken(rules, commune="Phường Bãi Cháy", address="Khu 1").identity != one.identity


# swim classes


def test_a_right_class_becomes_a_row(rules: Rules) -> None:
    row = taken(rules, SWIM_CLASSES, schedule="Sáng thứ 2, 4, 6")
    assert (row.kind, row.commune, row.valid_to, row.hours) == ("swim_class", "Phường Hà Tu", date(2026, 12, 20), "Sáng thứ 2, 4, 6")
    assert row.details == {
        "organiser": "UBND phường Hà Tu", "place": "Bể bơi trường Hà Tu", "starts": "2026-12-01", "age_min": 6,
        "age_max_exclusive": 16, "free": True, "enrol": "Đăng ký tại UBND phường",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"ends": "22/11/2026", "starts": "01/11/2026"}, "ends", "đã kết thúc"),
        ({"ends": "30/11/2026"}, "ends", "đứng trước ngày khai giảng"),
        ({"ends": ""}, "ends", "Còn trống"),
        ({"age_below": "6"}, "age_below", "phải lớn hơn"),
        ({"age_min": "sáu"}, "age_min", "không phải số"),
        ({"age_min": "2"}, "age_min", "không phải số từ 3"),
        ({"free": "tùy"}, "free", "không có trong danh sách"),
        ({"commune": "Uông Bí"}, "commune", "cũ"),
    ],
)
def test_a_class_that_cannot_be(rules: Rules, changes: dict[str, Any], key: str, words: str) -> None:
    assert any(column == SWIM_HEADINGS[key] and words in wrong for column, wrong in refused(rules, SWIM_CLASSES, **changes))
