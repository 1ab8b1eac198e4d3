"""Templates to download: the headings, an example that is never loaded, instructions, the present communes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kb.importing.cells import EXAMPLE
from kb.importing.columns import MOST_ROWS, Column
from kb.importing.guard import MOST_BYTES
from kb.importing.rows import ListKind
from kb.places import Gazetteer

ENTRY, HELP, LISTS = "Nhập", "Hướng dẫn", "Danh mục"
_HEAD = PatternFill("solid", fgColor="DCEBE8")
_LINE = Side(style="thin", color="B9C8C4")
_ADVICE = (
    f"Xóa dòng bắt đầu bằng “{EXAMPLE}” trước khi nhập; tệp còn dòng ấy thì dòng ấy bị từ chối.",
    "Cột có dấu * bắt buộc điền. Cột khác chưa biết thì để trống, không đoán.",
    "Mỗi dòng một nơi. Không gộp ô, không dùng công thức, không thêm trang khác có dữ liệu.",
    f"Tối đa {MOST_ROWS} dòng và {MOST_BYTES // (1024 * 1024)} MB một tệp.",
    "Ngày ghi theo ngày/tháng/năm.",
    "Chỉ ghi điều đã được công khai. Không ghi tên riêng của ai ở cột Người phụ trách.",
    "Nhập lại tệp cũ không làm gì thêm. Muốn sửa một nơi, giữ nguyên tên, sửa ô cần sửa, ghi ngày kiểm tra mới rồi nhập lại.",
)


def xlsx(kind: ListKind, gazetteer: Gazetteer) -> bytes:
    """The template as an Excel file: a sheet to fill in, instructions, and the lists to pick from."""
    book = Workbook()
    book.properties.creator, book.properties.title = "Tia Nắng", kind.title
    entry = book.active
    entry.title = ENTRY
    _entry(entry, kind.columns)
    _help(book.create_sheet(HELP), kind)
    _choices(entry, book.create_sheet(LISTS), kind.columns, gazetteer)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def comma_separated(kind: ListKind) -> bytes:
    """The same as CSV the way Vietnamese Excel opens it: semicolons, UTF-8 with its mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_heading(column) for column in kind.columns])
    writer.writerow([column.example for column in kind.columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _heading(column: Column) -> str:
    return f"{column.heading} *" if column.needed else column.heading


def _entry(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for at, column in enumerate(columns, 1):
        letter = get_column_letter(at)
        head = sheet.cell(row=1, column=at, value=_heading(column))
        head.font, head.fill = Font(bold=True), _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center")
        head.border = Border(bottom=_LINE)
        example = sheet.cell(row=2, column=at, value=column.example or None)
        example.font = Font(italic=True, color="7A7A7A")
        sheet.column_dimensions[letter].width = column.width
        if column.key == "phone":  # as text, so that Excel keeps the 0 in front
            for row in range(2, 502):
                sheet.cell(row=row, column=at).number_format = "@"
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "C2"


def _help(sheet: Worksheet, kind: ListKind) -> None:
    sheet.append([kind.title])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([kind.about])
    sheet.append([])
    for advice in _ADVICE:
        sheet.append([f"• {advice}"])
    sheet.append([])
    for column in kind.columns:
        sheet.append([_heading(column), column.help])
        sheet.cell(row=sheet.max_row, column=1).font = Font(bold=True)
        if column.choices:
            sheet.append(["", "Chọn: " + "; ".join(column.choices)])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 96


def _choices(sheet: Worksheet, lists: Worksheet, columns: Sequence[Column], gazetteer: Gazetteer) -> None:
    """Lists to pick from; something else is warned of and not forbidden, for old names are fine."""
    units = list(gazetteer.units_now)
    picks = [("commune", "Đơn vị hiện nay", units)]
    picks += [(column.key, f"Các loại: {column.heading}", list(column.choices)) for column in columns if column.choices]
    for place, (key, title, values) in enumerate(picks, 1):
        letter = get_column_letter(place)
        for row, value in enumerate([title, *values], 1):
            lists.cell(row=row, column=place, value=value)
        lists.column_dimensions[letter].width = 30
        at = next(n for n, column in enumerate(columns, 1) if column.key == key)
        pick = DataValidation(type="list", formula1=f"='{LISTS}'!${letter}$2:${letter}${len(values) + 1}", allow_blank=True)
        pick.errorStyle, pick.error = "warning", "Tên này không có trong danh mục. Vẫn giữ?"
        pick.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{MOST_ROWS + 1}")
        sheet.add_data_validation(pick)
    lists.cell(row=1, column=len(picks) + 2, value="Huyện cũ của đơn vị hiện nay")
    for row, unit in enumerate(units, 2):
        lists.cell(row=row, column=len(picks) + 2, value=f"{unit}: {', '.join(gazetteer.district_of(unit))}")
    lists.column_dimensions[get_column_letter(len(picks) + 2)].width = 40
