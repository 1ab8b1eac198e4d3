"""Headings: which column holds what, written in many ways, with or without accents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kb.importing.errors import FileRefused
from kb.importing.tables import HEAD, MOST_COLUMNS, MOST_LINES, Cell, Grid
from kb.services import name_key

MOST_ROWS = 5000
LEAST_HEADINGS = 3  # of a line that is taken for the headings
_NUMBERING = frozenset({"stt", "tt", "so thu tu", "so tt"})  # a column of its own that says nothing


@dataclass(frozen=True)
class Column:
    """A column of a list. ``help`` and ``example`` stand in the template; ``needed``: no cell of it may be empty."""

    key: str
    heading: str
    variants: tuple[str, ...]
    needed: bool
    help: str
    example: str
    width: int = 22
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowRead:
    """One line of a list: its number in the file, and its cells by column."""

    number: int
    cells: dict[str, Cell]

    def cell(self, key: str) -> Cell:
        return self.cells.get(key, Cell())


@dataclass(frozen=True)
class Table:
    """A list as it was read. ``headings``: as typed, by column; ``ignored``: those that nobody knows, not read."""

    sheet: str
    headings: dict[str, str]
    ignored: tuple[str, ...]
    rows: tuple[RowRead, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "headings": self.headings,
            "ignored": list(self.ignored),
            "rows": [[row.number, {key: [cell.text, cell.kind] for key, cell in row.cells.items()}] for row in self.rows],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Table:
        rows = tuple(RowRead(number, {key: Cell(*cell) for key, cell in cells.items()}) for number, cells in kept["rows"])
        return cls(kept["sheet"], kept["headings"], tuple(kept["ignored"]), rows)


def heading_key(text: str) -> str:
    """A heading for comparing: no accents, no star, nothing in brackets."""
    return name_key(re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text))


def recognise(columns: Sequence[Column], texts: Sequence[str]) -> dict[str, list[int]]:
    """Which columns stand where among texts, by key; a heading that is there twice has two places."""
    known = {heading_key(name): column.key for column in columns for name in (column.heading, *column.variants)}
    found: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        key = known.get(heading_key(text)) if text else None
        if key is not None:
            found.setdefault(key, []).append(at)
    return found


def counter(columns: Sequence[Column]) -> Any:
    """How many different columns a line of texts names; see `tables.read`."""
    return lambda texts: len(recognise(columns, texts))


def table(grids: Sequence[Grid], columns: Sequence[Column]) -> Table:
    """The one list of a file: its headings and every line under them that is not empty. Raises `FileRefused` when there
    is none or more than one, when a needed heading is missing or one is there twice, when it is too long."""
    found = [(grid, line) for grid in grids if (line := _heading_line(grid, columns)) is not None]
    tables = [_under(grid, line, columns) for grid, line in found]
    full = [one for one in tables if one.rows]
    if len(full) > 1:
        names = ", ".join(f"“{one.sheet}”" for one in full)
        raise FileRefused(f"Tệp có {len(full)} trang cùng có dữ liệu ({names}). Bạn gộp vào một trang, hoặc để mỗi trang một tệp.")
    if not tables:
        wanted = ", ".join(column.heading for column in columns if column.needed)
        raise FileRefused(
            f"Không thấy dòng tiêu đề. Dòng đầu cần có các cột: {wanted}. Bạn tải mẫu về, chép dữ liệu vào rồi thử lại."
        )
    if not full:
        raise FileRefused("Dưới dòng tiêu đề chưa có dòng nào.")
    return full[0]


def _heading_line(grid: Grid, columns: Sequence[Column]) -> int | None:
    best, at = LEAST_HEADINGS - 1, None
    for line in grid.lines(1, HEAD, MOST_COLUMNS):
        count = len(recognise(columns, [cell.text for cell in line.cells]))
        if count > best:
            best, at = count, line.number
    return at


def _under(grid: Grid, at: int, columns: Sequence[Column]) -> Table:
    typed = [cell.text.replace("\n", " ").rstrip(" *") for cell in grid.lines(at, at, MOST_COLUMNS)[0].cells]
    found = recognise(columns, typed)
    twice = [typed[places[0]] for places in found.values() if len(places) > 1]
    if twice:
        raise FileRefused(f"Có hai cột cùng là “{twice[0]}”. Bạn giữ lại một cột.")
    missing = [column.heading for column in columns if column.needed and column.key not in found]
    if missing:
        raise FileRefused(f"Thiếu cột: {', '.join(missing)}. Bạn thêm cột với đúng tên đó (không cần dấu), hoặc dùng mẫu.")
    if grid.last > MOST_LINES:
        raise FileRefused(f"Trang có nội dung hoặc định dạng tới dòng {grid.last}. Bạn xóa hẳn các dòng thừa ở dưới rồi lưu lại.")
    places = {key: where[0] for key, where in found.items()}
    ignored = [text for n, text in enumerate(typed) if text and n not in places.values() and heading_key(text) not in _NUMBERING]
    rows = []
    for line in grid.lines(at + 1, grid.last, max(places.values()) + 1):
        cells = {key: line.cells[n] for key, n in places.items() if n < len(line.cells) and line.cells[n] != Cell()}
        if any(not cell.empty for cell in cells.values()):
            rows.append(RowRead(line.number, cells))
    if len(rows) > MOST_ROWS:
        raise FileRefused(f"Danh sách có {len(rows)} dòng, tối đa {MOST_ROWS} dòng một tệp. Bạn chia thành nhiều tệp.")
    return Table(grid.name, {key: typed[n] for key, n in places.items()}, tuple(ignored), tuple(rows))
