"""One line of a list, cell by cell: what is right becomes a value, what is wrong a refusal that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from helpline import hotlines
from kb.content import Content
from kb.documents import day
from kb.importing.columns import RowRead
from kb.importing.tables import MOST_TEXT, Cell, strange
from kb.places import PlaceKind, PlaceMatch, spoken
from kb.services import name_key, warned_of
from kb.validate import dead_bodies

EXAMPLE = "VÍ DỤ"  # how the template's example row begins; it is never loaded

_DIGITS = re.compile(r"\D")
_PHONE_CHARS = re.compile(r"[\d\s.()+-]+")
_MOBILE = re.compile(r"0(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)\d{7}")
_LANDLINE = re.compile(r"02\d{9}")
_SERVICE_LINE = re.compile(r"1[89]00\d{4,6}")
PHONE_IN_TEXT = re.compile(r"(?<![\d/.,-])(?:1[89]00(?:[\s.-]?\d){4,6}|(?:\+84|0)(?:[\s.-]?\d){8,10})(?![\d/])")
_NUMBERS_IN_TEXT = re.compile(r"\d(?:[\s.-]?\d){6,}")
_DATE = re.compile(r"(?:ngày\s+)?(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_PERSON = re.compile(r"\b(?:ông|bà|anh|chị|cô|chú|bác|đ/c|đồng chí)\s+[A-ZĐÀ-Ỹ][\w]*", re.UNICODE)
_TYPED_UNIT = re.compile(r"^(?:phường|xã|thị trấn|đặc khu|p\.|x\.|tt\.?)\s*\S", re.IGNORECASE)
_OUTSIDE_UNIT = re.compile(r"^(?:tỉnh|thành phố|tp\.?)\s*\S", re.IGNORECASE)
_NOW_CALLED = re.compile(r"[()\[\];/]|\bnay(?: là| thuộc)?\b", re.IGNORECASE)
_ELSEWHERE = "Chỉ nhập nơi ở Quảng Ninh."


@dataclass(frozen=True)
class Refusal:
    """Why a line is not loaded: the line and column in the file, what is wrong, what to do."""

    line: int
    column: str
    wrong: str
    todo: str


@dataclass(frozen=True)
class Where:
    """A place as it is kept: a present unit, or a former district as a whole, or the province as a whole."""

    commune: str | None = None
    district: str | None = None


@dataclass(frozen=True)
class Rules:
    """What every line is held against; made once for a file."""

    content: Content
    today: date
    gone: re.Pattern[str]  # names of bodies that are no more
    forbidden: frozenset[str]  # numbers that must not be used, digits only
    general: frozenset[str]  # numbers that have their own home

    @classmethod
    def of(cls, content: Content, today: date) -> Rules:
        lines = hotlines.load().values()
        digits = {line.key: _DIGITS.sub("", line.number) for line in lines}
        never = frozenset(digits[line.key] for line in lines if line.do_not_use)
        return cls(content, today, dead_bodies(content), never, frozenset(digits.values()) - never)


@dataclass
class RowReader:
    """Reads the cells of one line and gathers what is wrong in it. One for each line."""

    row: RowRead
    headings: Mapping[str, str]
    rules: Rules
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, key: str, wrong: str, todo: str) -> None:
        self.refusals.append(Refusal(self.row.number, self.headings.get(key, ""), wrong, todo))

    @property
    def is_example(self) -> bool:
        """Whether it is the example of the template, left in the file."""
        return any(name_key(cell.text).startswith(name_key(EXAMPLE)) for cell in self.row.cells.values())

    def text(self, key: str, most: int, *, needed: bool = False, least: int = 1, phones: bool = False) -> str | None:
        """Plain words; None where there are none or they are refused. ``phones``: a telephone number may stand in them."""
        cell = self._readable(key, needed)
        if cell is None:
            return None
        said = cell.text.replace("\n", ", ")
        if cell.kind == "date":
            return self._no(key, "Excel đã đổi ô này thành ngày.", "Đặt định dạng ô là Văn bản (Text) rồi gõ lại.")
        if len(said) > most:
            return self._no(key, f"Dài {'hơn ' if len(said) > MOST_TEXT else ''}{min(len(said), MOST_TEXT)} chữ.", f"Rút gọn, tối đa {most} chữ.")
        if sum(char.isalnum() for char in said) < least:
            return self._no(key, f"“{said}” quá ngắn.", "Ghi rõ hơn, hoặc để trống nếu cột không bắt buộc.")
        if odd := strange(said):
            return self._no(key, f"Có chữ lạ “{odd}”, có lẽ sai bảng mã.", "Lưu lại dạng .xlsx hoặc CSV UTF-8 với phông Unicode.")
        if re.search(r"[<>{}]", said):
            return self._no(key, "Có dấu < > { }.", "Bỏ các dấu này.")
        return said if self._fit_to_say(key, said, phones) else None

    def _fit_to_say(self, key: str, said: str, phones: bool) -> bool:
        """What may never be told: forbidden numbers, places that are warned of, bodies that are no more."""
        for number in _NUMBERS_IN_TEXT.findall(said):
            if _DIGITS.sub("", number) in self.rules.forbidden:
                self.refuse(key, "Có số điện thoại in nhầm hoặc đã bỏ, không được dùng.", "Xóa số này.")
                return False
        if not phones and PHONE_IN_TEXT.search(said):
            self.refuse(key, "Có số điện thoại trong ô này.", "Chuyển số sang cột Điện thoại.")
            return False
        if warned := warned_of(self.rules.content.services, said):
            self.refuse(key, f"Tia Nắng không giới thiệu nơi này: {warned.why}.", "Xóa dòng này.")
            return False
        if gone := self.rules.gone.search(said.lower()):
            self.refuse(key, f"“{gone.group()}” nay không còn.", "Ghi tên cơ quan hiện nay.")
            return False
        return True

    def role(self, key: str, most: int) -> str | None:
        """A role ("cán bộ trẻ em"), never a person's name."""
        said = self.text(key, most)
        if said and _PERSON.search(said):
            return self._no(key, "Có tên riêng của một người.", "Ghi chức danh, ví dụ: cán bộ phụ trách trẻ em.")
        return said

    def phone(self, key: str) -> str | None:
        """A telephone number of this place, digits only. General lines have their own home and are refused here."""
        cell = self._readable(key, False)
        if cell is None:
            return None
        raw = cell.text
        if cell.kind == "date" or not _PHONE_CHARS.fullmatch(raw):
            return self._no(key, f"“{raw}” không phải một số điện thoại.", "Mỗi ô một số, chỉ chữ số và dấu cách, chấm, gạch.")
        digits = _DIGITS.sub("", raw)
        if raw.strip().startswith("+"):
            if not digits.startswith("84"):
                return self._no(key, "Là số nước ngoài.", "Ghi số trong nước, bắt đầu bằng 0.")
            digits = "0" + digits[2:].removeprefix("0")
        if digits in self.rules.forbidden:
            return self._no(key, "Số này in nhầm hoặc đã bỏ, không được dùng.", "Xóa số, hoặc ghi số đúng của nơi này.")
        if digits in self.rules.general:
            return self._no(key, "Là đường dây chung, Tia Nắng đã có.", "Để trống, hoặc ghi số của chính nơi này.")
        if cell.kind == "number" and len(digits) in (9, 10) and not digits.startswith(("0", "1")):
            return self._no(key, "Excel đã bỏ mất số 0 ở đầu.", "Đặt định dạng cột là Văn bản (Text) rồi gõ lại số.")
        if any(pattern.fullmatch(digits) for pattern in (_MOBILE, _LANDLINE, _SERVICE_LINE)):
            return digits
        return self._no(key, f"“{raw}” không đúng dạng số điện thoại.", "Di động 10 chữ số, máy bàn 11 chữ số kể cả mã vùng 02xx.")

    def day(self, key: str, *, needed: bool = False) -> date | None:
        """A day, written 23/11/2026 or as a date of Excel."""
        cell = self._readable(key, needed)
        if cell is None:
            return None
        match = _ISO.fullmatch(cell.text)
        parts = match.groups() if match else None
        if parts is None and cell.kind != "number" and (match := _DATE.fullmatch(cell.text)):
            parts = match.groups()[::-1]
        try:
            found = date(int(parts[0]), int(parts[1]), int(parts[2])) if parts else None
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year <= 2100:
            return self._no(key, f"“{cell.text}” không phải ngày.", "Ghi ngày/tháng/năm, ví dụ 05/6/2027.")
        return found

    def checked_on(self, key: str, most_days: int) -> date | None:
        """The day on which somebody last looked: not to come, and not too long ago to be told."""
        found = self.day(key, needed=True)
        if found and found > self.rules.today:
            return self._no(key, f"Ngày {day(found)} chưa tới.", "Ghi ngày đã kiểm tra.")
        if found and (self.rules.today - found).days > most_days:
            return self._no(key, f"Kiểm tra đã quá {most_days} ngày ({day(found)}).", "Kiểm tra lại nơi này rồi ghi ngày mới.")
        return found

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number between two bounds, both included."""
        cell = self._readable(key, False)
        if cell is None:
            return None
        match = re.fullmatch(r"(\d{1,6})(?:\s*(?:tuổi|chỗ|em|cháu|người))?", cell.text)
        if cell.kind not in ("text", "number") or not match or not low <= int(match[1]) <= high:
            return self._no(key, f"“{cell.text}” không phải số từ {low} đến {high}.", "Ghi một số nguyên.")
        return int(match[1])

    def choice(self, key: str, options: Mapping[str, Sequence[str]], *, needed: bool = False) -> str | None:
        """One of ``options`` (value → how it may be written; the first is how it is shown)."""
        cell = self._readable(key, needed)
        if cell is None:
            return None
        said = name_key(cell.text)
        found = next((value for value, names in options.items() if said in map(name_key, names)), None)
        if found is None:
            shown = "; ".join(names[0] for names in options.values())
            return self._no(key, f"“{cell.text[:60]}” không có trong danh sách.", f"Ghi một trong các giá trị: {shown}.")
        return found

    def where(self, key: str, district_key: str, *, wider: bool = False) -> Where | None:
        """The place of a line. ``wider``: a former district, or Quảng Ninh as a whole, is enough; else a commune is
        needed, and of one that was split the present unit."""
        cell = self._readable(key, needed=not wider)
        beside = self._readable(district_key, False)
        typed = ", ".join(one.text.replace("\n", " ") for one in (cell, beside) if one and one.text)
        if not typed or (cell is None and not wider):
            return None
        at = key if cell else district_key
        if cell and (cell.kind in ("date", "number") or strange(typed)):
            return self._no(at, f"“{typed[:60]}” không phải tên xã, phường.", "Ghi tên xã, phường, đặc khu hiện nay.")
        match = self._place(cell.text if cell else "", beside.text if beside else "")
        if match is None:
            return self._no(at, f"Không biết nơi tên “{typed[:60]}”.", "Ghi đúng tên xã, phường, đặc khu; tên cũ thì ghi kèm huyện cũ.")
        if match.kind is PlaceKind.OUTSIDE:
            return self._no(at, f"“{typed[:60]}” không thuộc Quảng Ninh.", _ELSEWHERE)
        if match.unit and match.kind is not PlaceKind.DISTRICT_OLD:
            return Where(commune=match.unit)
        if match.ambiguous:
            choices = "; ".join(choice.label for choice in match.ambiguous)
            return self._no(at, f"Có hơn một nơi tên “{typed[:60]}”: {choices}.", "Ghi thêm huyện cũ, hoặc tên đơn vị hiện nay.")
        if match.split:
            units = " hoặc ".join(spoken(unit) for unit in match.now)
            return self._no(at, f"{match.name} cũ nay chia về {units}.", "Ghi tên đơn vị hiện nay đúng với thôn, khu của nơi này.")
        if match.kind is PlaceKind.COMMUNE_OLD:
            return self._no(at, f"Chưa rõ {match.name} cũ nay thuộc đâu.", "Ghi tên đơn vị hiện nay.")
        if not wider:
            said = match.district or match.name
            return self._no(at, f"“{typed[:60]}” là tên {'huyện, thị xã, thành phố cũ' if match.district else 'cả tỉnh'}.", f"Ghi rõ xã, phường, đặc khu nào ở {said}.")
        return Where(district=match.district)

    def _place(self, commune: str, district: str) -> PlaceMatch | None:
        """The one place that two cells name together."""
        gazetteer = self.rules.content.gazetteer
        typed = ", ".join(one for one in (commune, district) if one)
        found = gazetteer.find(typed) or [one for one in (gazetteer.resolve(typed), gazetteer.resolve(commune)) if one]
        elsewhere = [one for one in found if one.kind is PlaceKind.OUTSIDE]
        if elsewhere:
            return elsewhere[0]
        named = [one for one in found if one.kind in (PlaceKind.COMMUNE_NOW, PlaceKind.COMMUNE_OLD)]
        if len(named) == 1 and len(named[0].now) > 1:
            parts = [gazetteer.resolve(part) for part in _NOW_CALLED.split(commune) if part.strip()]
            named += [one for one in parts if one and one.kind is PlaceKind.COMMUNE_NOW and one.name in named[0].now]
        if len(named) > 1:  # "Hà Khẩu (nay Việt Hưng)": right where they meet in one present unit
            meet = set(named[0].now).intersection(*(one.now for one in named[1:]))
            return next((one for one in named if meet == {one.unit}), None) if len(meet) == 1 else None
        if named:
            return named[0]
        return min(found, key=lambda one: list(PlaceKind).index(one.kind), default=None)

    def address_fits(self, key: str, address: str | None, where: Where | None) -> bool:
        """Whether an address names no other commune and no other province than its line does."""
        if not address:
            return True
        for match in self.rules.content.gazetteer.find(address):
            if match.kind is PlaceKind.OUTSIDE and _OUTSIDE_UNIT.match(match.said):
                self.refuse(key, f"Địa chỉ ghi “{match.said}”, ngoài Quảng Ninh.", _ELSEWHERE)
                return False
            if where is None or where.commune is None or not _TYPED_UNIT.match(match.said):
                continue
            communes = match.kind in (PlaceKind.COMMUNE_NOW, PlaceKind.COMMUNE_OLD)
            if communes and match.now and where.commune not in match.now:
                wrong = f"Địa chỉ ghi “{match.said}”, còn cột xã, phường là {spoken(where.commune)}."
                self.refuse(key, wrong, "Sửa cho khớp nhau.")
                return False
        return True

    def _readable(self, key: str, needed: bool) -> Cell | None:
        """The cell, where there is something in it that can be read at all."""
        cell = self.row.cell(key)
        if cell.kind == "formula":
            self.refuse(key, "Ô là công thức.", "Chép rồi dán lại dạng giá trị (Paste Values).")
        elif cell.kind == "error":
            self.refuse(key, f"Ô báo lỗi {cell.text}.", "Gõ lại nội dung.")
        elif cell.kind == "merged":
            self.refuse(key, "Ô nằm trong vùng gộp.", "Bỏ gộp ô (Unmerge Cells) rồi điền từng dòng.")
        elif cell.kind == "other":
            self.refuse(key, f"“{cell.text[:60]}” không phải chữ, số hay ngày.", "Đặt định dạng ô là Văn bản (Text) rồi gõ lại.")
        elif cell.empty:
            if needed:
                self.refuse(key, "Còn trống.", "Điền ô này.")
        else:
            return cell
        return None

    def _no(self, key: str, wrong: str, todo: str) -> Any:
        """Refuse, and give what stands for no value."""
        self.refuse(key, wrong, todo)

