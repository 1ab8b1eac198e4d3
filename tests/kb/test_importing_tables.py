"""Lists out of files: encodings, separators, sheets, and files that are not what they say."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kb.importing import columns, guard, tables, templates
from kb.importing.batches import LISTS
from kb.importing.columns import Table
from kb.importing.errors import FileRefused
from kb.importing.services import SERVICES
from tests.kb.files import HEADINGS, PLACE, comma, grid, member, saved, with_member, word, xlsx


def table(data: bytes) -> Table:
    return columns.table(tables.read(data, columns.counter(SERVICES.columns)), SERVICES.columns)


def names(data: bytes) -> list[str]:
    return [row.cell("name").text for row in table(data).rows]


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        table(data)
    return str(refused.value)


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_whatever_excel_writes_is_read(encoding: str, separator: str) -> None:
    (row,) = table(comma(grid(PLACE), separator, encoding)).rows
    assert row.cell("name").text == "Nhà văn hóa khu 3" and row.cell("address").text == "Khu 3, phường Hà Tu"
    assert row.number == 2


def test_windows_1258_is_read_and_put_together() -> None:
    data = comma(grid(PLACE), ";").decode()
    loose = "".join(
        char if char in "âăđêôơưÂĂĐÊÔƠƯ" else unicodedata.normalize("NFD", char)
        for char in unicodedata.normalize("NFC", data)
    )
    coded = _cp1258(loose)
    assert names(coded) == ["Nhà văn hóa khu 3"]


def _cp1258(text: str) -> bytes:
    """Windows-1258 as Windows writes it: a letter with its shape, then the tone as a mark of its own."""
    out = bytearray()
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", char)
        base = unicodedata.normalize("NFC", parts[0] + "".join(p for p in parts[1:] if p in "\u0302\u0306\u031b"))
        out += (base + "".join(p for p in parts[1:] if p not in "\u0302\u0306\u031b")).encode("cp1258")
    return bytes(out)


def test_the_line_that_names_the_separator_is_no_line_of_the_list() -> None:
    read = table(b"sep=;\r\n" + comma(grid(PLACE), ";"))
    assert [row.number for row in read.rows] == [3]


def test_titles_above_and_empty_lines_between_do_not_disturb() -> None:
    read = table(comma([["DANH SÁCH"], [], *grid(PLACE), [], ["", " "], *grid({**PLACE, "name": "B1"})[1:]]))
    assert [(row.number, row.cell("name").text) for row in read.rows] == [(4, "Nhà văn hóa khu 3"), (7, "B1")]


def test_headings_are_known_without_accents_in_any_order_and_unknown_ones_are_told() -> None:
    read = table(b"STT;ten;SO DIEN THOAI;Loai;xa/phuong;Ghi chu;ngay kiem tra;nguon (ai xac nhan)\r\n1;A1;;UBND;Ha Tu;x;1/11/2026;UBND\r\n2;;;;;;;\r\n")
    assert read.ignored == ("Ghi chu",) and len(read.rows) == 1
    assert read.rows[0].cell("commune").text == "Ha Tu"


def test_no_heading_is_claimed_by_two_columns() -> None:
    for kind in LISTS.values():
        seen: dict[str, str] = {}
        for column in kind.columns:
            for name in {columns.heading_key(one) for one in (column.heading, *column.variants)}:
                assert seen.setdefault(name, column.key) == column.key, name


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Tệp trống"),
        (b"a,b,c\r\n1,2,3\r\n", "Không thấy dòng tiêu đề"),
        (comma([["Loại", "Tên", "Địa chỉ"], ["x", "y", "z"]]), "Thiếu cột: Nguồn xác nhận, Ngày kiểm tra"),
        (comma([[*HEADINGS.values(), "Số điện thoại"], ["x"]]), "Có hai cột cùng là “Điện thoại”"),
        (comma(grid()), "chưa có dòng nào"),
        (comma(grid(PLACE)) + b'"khong dong ngoac', "dấu ngoặc kép"),
        (guard.OLD_OFFICE + b"x" * 100, "đời cũ"),
        (b"%PDF-1.4 x", "PDF"),
        (b"PK\x03\x04 nothing", "hỏng"),
        (b"x" * (guard.MOST_BYTES + 1), "lớn hơn 5 MB"),
        (b"\xff\xfe\x00", "bảng mã"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_too_many_lines() -> None:
    line = comma(grid(PLACE)[1:])
    assert "5001 dòng, tối đa 5000" in refusal(comma(grid()) + line * 5001)
    assert "dài hơn 20000 dòng" in refusal(comma(grid()) + b"\r\n" * 20_001)


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Nhà văn hóa khu 3, tổ 5 – số 12/4 “Ánh Dương”", None),
        ("ĐẶC KHU CÔ TÔ; Ư Ơ Ỵ ỵ ỹ", None),
        ("Có mở cửa không? Có.", None),
        ("NhÃ  vÄn hÃ³a", "Ä"),
        ("Nhµ v¨n hãa", "µ"),
        ("Nhaø vaên hoùa", "ø"),
        ("Nhà v?n hóa", "v?n"),
        ("nhà 文化", "文"),
    ],
)
def test_letters_that_no_vietnamese_text_has_show_a_wrong_encoding(text: str, odd: str | None) -> None:
    assert tables.strange(text) == odd


def test_a_text_is_cleaned_once_and_for_all() -> None:
    assert tables.clean(" Nha\u0300\u200b\u00a0 va\u0306n\r\n\r\n hoá ") == "Nhà văn\nhoá"
    assert tables.clean(tables.clean("a\u00ad  b")) == "a b"


# XLSX


def test_an_excel_file_keeps_what_its_cells_are() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["N2"] = datetime(2026, 11, 20)
        sheet["G2"] = 912345678
        sheet["H2"] = "=1+1"
        sheet["I2"] = "#REF!"
        sheet["I2"].data_type = "e"
        sheet["J2"] = True

    row = table(xlsx(grid(PLACE), change)).rows[0]
    assert [(row.cell(key).text, row.cell(key).kind) for key in ("last_checked", "phone", "hours", "contact_role", "for_whom")] == [
        (date(2026, 11, 20).isoformat(), "date"),
        ("912345678", "number"),
        ("=1+1", "formula"),
        ("#REF!", "error"),
        ("có", "text"),
    ]


def test_cells_that_were_merged_are_known_on_every_line() -> None:
    data = xlsx(grid(PLACE, {**PLACE, "name": "B1"}), lambda sheet: sheet.merge_cells("C2:C3"))
    assert [row.cell("commune").kind for row in table(data).rows] == ["merged", "merged"]
    assert [row.cell("name").kind for row in table(data).rows] == ["text", "text"]


def test_the_sheet_with_the_list_is_found_and_two_are_refused() -> None:
    book = Workbook()
    book.active.append(["Ghi chú"])
    for name in ("Danh sách", "Khác"):
        sheet = book.create_sheet(name)
        for row in grid(PLACE):
            sheet.append(row)
    assert "2 trang cùng có dữ liệu (“Danh sách”, “Khác”)" in refusal(saved(book))
    book["Khác"].sheet_state = "hidden"
    assert table(saved(book)).sheet == "Danh sách"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: with_member(data, "xl/bomb.bin", b"\0" * (guard.MOST_UNPACKED + 1)), "quá lớn"),
        (lambda data: with_member(data, "xl/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "khai báo lạ"),
        (lambda data: with_member(data, "xl/x.xml", "<a/>".encode("utf-16")), "khai báo lạ"),
        (lambda data: with_member(data, "xl/worksheets/sheet1.xml", b"<c>" * (guard.MOST_CELLS + 1)), "hơn 200000 ô"),
        (lambda data: _merged(data, b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "ô gộp quá lớn"),
        (lambda data: _merged(data, b'<mergeCells><mergeCell ref="&#65;1:XFD1048576"/></mergeCells>'), "ô gộp quá lớn"),
        (lambda data: with_member(data, "xl/worksheets/sheet1.xml", b"<worksheet"), "Không mở được"),
        (lambda data: data[: len(data) // 2], "hỏng"),
        (lambda data: word("Điều 1. Không phải danh sách"), "không đúng loại"),
    ],
)
def test_what_a_zip_file_hides_is_found_before_it_is_opened(change: Callable[[bytes], bytes], words: str) -> None:
    assert words in refusal(change(xlsx(grid(PLACE))))


def _merged(data: bytes, ranges: bytes) -> bytes:
    sheet = member(data, "xl/worksheets/sheet1.xml")
    return with_member(data, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", b"</sheetData>" + ranges))


def test_formats_far_below_the_list_are_told() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["A30000"] = " "

    assert "tới dòng 30000" in refusal(xlsx(grid(PLACE), change))


# templates


@pytest.mark.parametrize("kind", list(LISTS.values()), ids=list(LISTS))
def test_a_template_is_read_back_with_all_its_columns(kind, own) -> None:  # type: ignore[no-untyped-def]
    for data in (templates.xlsx(kind, own.gazetteer), templates.comma_separated(kind)):
        read = columns.table(tables.read(data, columns.counter(kind.columns)), kind.columns)
        assert set(read.headings) == {column.key for column in kind.columns} and read.ignored == ()
        assert len(read.rows) == 1 and read.rows[0].cell("name").text.startswith("VÍ DỤ")
