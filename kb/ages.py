"""Ages in free text: "8 tuổi", "8t", "tám tuổi rưỡi", "20 tháng", "lớp 4", "sinh năm 2015", "2k12"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vietnamese.normal import NormalText, normalise

SCHOOL_START = 6  # years of age in the year of class 1, Luật Giáo dục 43/2019/QH14, Điều 28
_OLDEST = 115

_PLAIN_UNITS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9}
_NUMBER_WORD = (
    r"(?:(?:hai|ba|bon|nam|sau|bay|tam|chin) muoi(?: (?:mot|hai|ba|bon|tu|lam|nam|sau|bay|tam|chin))?|"
    r"muoi(?: (?:mot|hai|ba|bon|tu|lam|nam|sau|bay|tam|chin))?|mot|hai|ba|bon|nam|sau|bay|tam|chin)"
)
_NUMBER = rf"(?P<number>\d{{1,3}}|{_NUMBER_WORD})"
_LIMIT = re.compile(r"(?:\b(?:duoi|tren|tu|den|hon|it nhat|toi da|du|tron|ngoai)|-)\s*$")
_LIMIT_ACCENTED = re.compile(r"\b(?:tới|quá)\s*$")  # plain, they read as "tôi", "qua"
_NOT_YET = re.compile(r"(?:chua (?:du|tron|day|den)?|gan|sap|chuan bi|suyt)\s*$")
_YEARS = re.compile(rf"(?<![\d.,/-])\b{_NUMBER}(?P<half>[.,]5| ruoi)?\s?(?:tuoi|tui)\b(?P<half2> ruoi)?")
_YEARS_SHORT = re.compile(r"(?<![\d.,/-])\b(?P<number>\d{1,2})\s?t\b(?!\s?/)")
_MONTHS = re.compile(rf"(?<![\d.,/-])\b{_NUMBER} thang tuoi\b|\b(?:be|con|chau|em)(?: \w+){{0,2}} (?P<month>\d{{1,2}}) thang\b(?! (?:truoc|nay|roi|sau|mot|lan|luong|bi|co|an))")
_MONTHS_ALONE = re.compile(r"^(?:da |vang |duoc |be |con )*(?P<number>\d{1,2}) thang(?: a| roi)?$")
_ALONE = re.compile(r"^(?:da |vang |chau |con |em |be )*(?P<number>[1-9]\d?)(?: a)?$")
_CLASS = re.compile(r"\b(?:lop|khoi) (?P<number>1[0-2]|[1-9]|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)\b(?! (?:boi|hoc|nam|thang|buoi))")
_BORN = re.compile(r"\b(?:sinh(?: nam| ngay [\d/.-]+)?|sn|nam sinh|sinh nhat)\s?(?P<year>(?:19|20)\d\d)\b|\b2k(?P<short>\d{1,2})\b|\bk(?P<k>9\d)\b")


@dataclass(frozen=True)
class Age:
    """An age said of somebody. ``low`` and ``high`` in years, both possible; ``span``: half-open, of the typed text."""

    span: tuple[int, int]
    said: str
    low: float
    high: float

    @property
    def years(self) -> int:
        """Full years, the lower where it is a range ("lớp 4": 9)."""
        return int(self.low)


def find(text: str, year_now: int) -> list[Age]:
    """Every age in ``text``, in order. Limits ("dưới 16 tuổi", "từ 6 đến 15 tuổi") are rules, not ages, and left out.

    ``year_now``: the year by which "sinh năm 2015" is reckoned.
    """
    normal = normalise(text)
    found: list[Age] = []
    for match in _YEARS.finditer(normal.plain):
        number = _value(match["number"])
        before = normal.plain[: match.start()]
        half = 0.5 if match["half"] or match["half2"] else 0.0
        if number is None or not 0 < number <= _OLDEST:
            continue
        if _NOT_YET.search(before):
            found.append(_age(normal, match, number - 1, number - 1))
        elif not _is_limit(normal, match.start()):
            found.append(_age(normal, match, number + half, number + half))
    for match in _YEARS_SHORT.finditer(normal.plain):
        number = int(match["number"])
        if number and not _is_limit(normal, match.start()):
            found.append(_age(normal, match, number, number))
    for match in (*_MONTHS.finditer(normal.plain), *_MONTHS_ALONE.finditer(normal.plain)):
        number = _value(match.groupdict().get("month") or match["number"])
        if number:
            found.append(_age(normal, match, number / 12, number / 12))
    for match in _CLASS.finditer(normal.plain):
        grade = _value(match["number"])
        if grade:
            found.append(_age(normal, match, SCHOOL_START + grade - 1, SCHOOL_START + grade))
    for match in _BORN.finditer(normal.plain):
        year = int(match["year"]) if match["year"] else 1900 + int(match["k"]) if match["k"] else 2000 + int(match["short"])
        if year_now - _OLDEST <= year <= year_now:
            found.append(_age(normal, match, max(0, year_now - year - 1), year_now - year))
    if alone := _ALONE.match(normal.plain):
        found.append(_age(normal, alone, int(alone["number"]), int(alone["number"])))
    return _apart(sorted(found, key=lambda age: (age.span[0], -age.span[1])))


def _is_limit(normal: NormalText, at: int) -> bool:
    return bool(_LIMIT.search(normal.plain[:at]) or _LIMIT_ACCENTED.search(normal.text[:at]))


def _apart(ages: list[Age]) -> list[Age]:
    kept: list[Age] = []
    for age in ages:
        if not kept or age.span[0] >= kept[-1].span[1]:
            kept.append(age)
    return kept


def _age(normal: NormalText, match: re.Match[str], low: float, high: float) -> Age:
    span = normal.span(*match.span())
    return Age(span, normal.typed[slice(*span)], low, high)


def _value(words: str | None) -> int | None:
    if not words:
        return None
    if words.isdigit():
        return int(words)
    parts = words.split()
    if "muoi" in parts:
        at = parts.index("muoi")
        tens = _PLAIN_UNITS.get(parts[at - 1], 1) if at else 1
        return tens * 10 + (_PLAIN_UNITS.get(parts[at + 1], 0) if at + 1 < len(parts) else 0)
    return _PLAIN_UNITS.get(parts[0])
