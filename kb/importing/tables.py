"""A list out of a file: XLSX, or CSV in whatever encoding and with whatever separator Excel wrote it.

Cells keep what they were (a date, a number, a formula, part of a merged cell), so that the checks can say what is wrong.
Line numbers are those that the editor sees in Excel.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from kb.importing import guard
from kb.importing.errors import FileRefused

MOST_LINES = 20_000  # of a sheet, empty ones included
MOST_COLUMNS = 60
MOST_TEXT = 1000  # code points of a cell; longer ones are refused, so no more is kept
HEAD = 30  # lines among which the headings are looked for

_SEPARATORS = (";", ",", "\t", "|")
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]|\?[^\W\d_]")
_SPACES = re.compile(r"[^\S\n]+")
_GONE = dict.fromkeys([*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_VIETNAMESE = frozenset(
    letter
    for base in "aăâeêioôơuưyđ"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    if len(letter := unicodedata.normalize("NFC", base + tone)) == 1
)
_MARKS = frozenset("–—‘’“”…•·°²³½§©®€₫«»×→−ª")


@dataclass(frozen=True)
class Cell:
    """One cell. ``kind``: text, number, date (``text`` is then 2026-11-23), formula, error, merged, other."""

    text: str = ""
    kind: str = "text"

    @property
    def empty(self) -> bool:
        return not self.text and self.kind in ("text", "merged")


@dataclass(frozen=True)
class Line:
    number: int
    cells: tuple[Cell, ...]

    @property
    def empty(self) -> bool:
        return all(cell.empty for cell in self.cells)


@dataclass(frozen=True)
class Grid:
    """One sheet. ``lines(first, last, width)`` gives the lines of a span, both ends included."""

    name: str
    last: int
    lines: Callable[[int, int, int], list[Line]]


def read(data: bytes, recognise: Callable[[Sequence[str]], int]) -> list[Grid]:
    """The sheets of a file, told by its first bytes and not by its name. Raises `FileRefused`.

    ``recognise`` counts the headings that it knows among texts; by it the separator of a CSV is found.
    """
    guard.size(data)
    if data.startswith(guard.ZIP):
        return _xlsx(data)
    if data.startswith(guard.OLD_OFFICE):
        raise FileRefused("Đây là tệp Excel đời cũ (.xls) hoặc có mật khẩu. Bạn bỏ mật khẩu, lưu lại dạng .xlsx.")
    if data.startswith(guard.PDF):
        raise FileRefused("Đây là tệp PDF. Danh sách cần ở dạng Excel (.xlsx) hoặc CSV; văn bản thì nhập ở mục Văn bản.")
    return [_csv(decode(data), recognise)]


def clean(text: str) -> str:
    """One form for each letter, no characters that cannot be seen, no doubled spaces."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_GONE)
    return "\n".join(line for one in text.split("\n") if (line := _SPACES.sub(" ", one).strip()))


def strange(text: str) -> str | None:
    """The first character that no Vietnamese text has: a sign that the encoding was misread. None where all is well."""
    for char in text:
        if char.isascii() or char.lower() in _VIETNAMESE or char in _MARKS:
            continue
        return char
    lost = _LOST.search(text)
    return lost.group() if lost else None


def decode(data: bytes) -> str:
    """The text of a CSV or a document: UTF-8 and UTF-16 with or without their mark, else Windows-1258.

    Raises `FileRefused` when it is none of them.
    """
    try:
        for mark, encoding in (
            (b"\xef\xbb\xbf", "utf-8-sig"),
            (b"\xff\xfe\x00\x00", "utf-32"),
            (b"\x00\x00\xfe\xff", "utf-32"),
            (b"\xff\xfe", "utf-16"),
            (b"\xfe\xff", "utf-16"),
        ):
            if data.startswith(mark):
                return data.decode(encoding)
        if b"\x00" in data:
            even, odd = data[0::2].count(0), data[1::2].count(0)
            return data.decode("utf-16-le" if odd > even else "utf-16-be")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise FileRefused("Không đọc được bảng mã của tệp. Bạn lưu lại dạng CSV UTF-8 hoặc .xlsx.") from error


# CSV


def _csv(text: str, recognise: Callable[[Sequence[str]], int]) -> Grid:
    lines: list[list[str]] = []
    told = re.match(r"sep=(.)\r?\n", text)  # Excel's own line that names the separator
    separators: Sequence[str] = (told[1],) if told else _SEPARATORS
    best = (-1, -1)
    for separator in separators:
        head = list(_records(text[:200_000], separator, HEAD, strict=False))
        found = max(((recognise(cells), len(cells)) for cells in head), default=(0, 0))
        if found > best:
            best, chosen = found, separator
    lines = list(_records(text, chosen, MOST_LINES + 1, strict=True))
    if len(lines) > MOST_LINES:
        raise FileRefused(f"Tệp dài hơn {MOST_LINES} dòng. Bạn chia thành nhiều tệp.")
    if told:
        lines[0] = []

    def span(first: int, last: int, width: int) -> list[Line]:
        return [
            Line(number, tuple(Cell(clean(cell)[: MOST_TEXT + 1], _csv_kind(cell)) for cell in lines[number - 1][:width]))
            for number in range(first, min(last, len(lines)) + 1)
        ]

    return Grid("", len(lines), span)


def _csv_kind(cell: str) -> str:
    """What Excel would take for a formula is one here too: such a cell must not travel on into other files."""
    first = cell.lstrip()[:1]
    if first in ("=", "@") or (first in ("+", "-") and not re.match(r"\s*[+-]\s?\(?\d", cell)):
        return "formula" if len(cell.strip()) > 1 else "text"
    return "text"


def _records(text: str, separator: str, most: int, strict: bool) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    try:
        for number, cells in enumerate(reader, 1):
            if number > most:
                return
            yield cells
    except csv.Error as error:
        if strict:
            raise FileRefused(
                f"Dòng {reader.line_num}: dấu ngoặc kép chưa đóng hoặc ô quá dài. Bạn lưu lại bằng Excel rồi thử lại."
            ) from error


# XLSX


def _xlsx(data: bytes) -> list[Grid]:
    guard.zipped(data, "xl/workbook.xml")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        raise FileRefused("Không mở được tệp Excel này. Bạn mở bằng Excel, lưu lại dạng .xlsx rồi thử lại.") from error
    if not sheets:
        raise FileRefused("Tệp Excel không có trang nào để đọc.")
    return [_grid(sheet) for sheet in sheets]


def _grid(sheet: Worksheet) -> Grid:
    merged = [(r.min_row, r.max_row, r.min_col, r.max_col) for r in sheet.merged_cells.ranges]

    def span(first: int, last: int, width: int) -> list[Line]:
        near = [one for one in merged if one[0] <= last and one[1] >= first]
        lines = []
        rows = sheet.iter_rows(min_row=first, max_row=min(last, sheet.max_row), max_col=min(width, MOST_COLUMNS))
        for number, row in enumerate(rows, first):
            here = [one for one in near if one[0] <= number <= one[1]]
            cells = []
            for at, cell in enumerate(row, 1):
                read = _cell(cell)
                if any(left <= at <= right for _, _, left, right in here):
                    read = Cell(read.text, "merged")
                cells.append(read)
            lines.append(Line(number, tuple(cells)))
        return lines

    return Grid(sheet.title, sheet.max_row, span)


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, getattr(cell, "data_type", "s")
    if value is None:
        return Cell()
    if kind == "f":
        return Cell(str(value)[:MOST_TEXT] if isinstance(value, str) else "=", "formula")
    if kind == "e":
        return Cell(str(value)[:MOST_TEXT], "error")
    if isinstance(value, datetime | date):
        return Cell((value.date() if isinstance(value, datetime) else value).isoformat(), "date")
    if isinstance(value, bool):
        return Cell("có" if value else "không")
    if isinstance(value, int | float):
        return Cell(str(int(value)) if float(value).is_integer() else repr(value), "number")
    if isinstance(value, time):
        return Cell(value.strftime("%H:%M"), "other")
    if not isinstance(value, str):
        return Cell(str(value)[:MOST_TEXT], "other")
    text = clean(value)[: MOST_TEXT + 1]
    return Cell(text, "formula" if _csv_kind(value) == "formula" else "text")
