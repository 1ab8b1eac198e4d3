"""Social assistance: standard × coefficient. Every amount is an estimate that the commune confirms, and is said so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb.documents import day
from kb.errors import ContentError
from kb.rows import Benefits, Coefficient, Standard
from kb.schema import Citation
from kb.wording import load, say
from vietnamese.normal import normalise

# Which words of a question point to which group of benefits.yml; the first that fits, age deciding between two.
_GROUPS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\bhiv\b|\baids\b"), ("hiv-poor-under-4", "hiv-poor-4-to-16")),
    (
        re.compile(r"khuyet tat (?:dac biet nang|rat nang)|dac biet nang"),
        ("child-extremely-severe-disability",),
    ),
    (re.compile(r"khuyet tat (?:muc do )?nang|khuyet tat nang"), ("child-severe-disability",)),
    (
        re.compile(r"nhan nuoi|nuoi ho|nuoi chau|ong ba nuoi|nuoi duong chau"),
        ("foster-under-4", "foster-4-to-16"),
    ),
    (
        re.compile(r"(?:con|van|dang) (?:di )?hoc.{0,20}(?:mo coi|dang huong)|(?:mo coi|dang huong).{0,40}(?:hoc nghe|dai hoc|cao dang)"),
        ("continuing-study-16-22",),
    ),
    (
        re.compile(r"mo coi|bo roi|khong noi nuong tua|khong nguon nuoi duong|mat ca (?:bo|cha)|khong con (?:bo|cha) me"),
        ("no-caregiver-under-4", "no-caregiver-4-to-16", "continuing-study-16-22"),
    ),
    (re.compile(r"don than|nuoi con (?:mot|1) minh|single mom|me don"), ("poor-single-parent-per-child",)),
)
_NATIONAL, _LOCAL = ("national", "any"), ("quang_ninh", "community")
_YEAR = re.compile(r"\bnam (?P<year>20\d\d)\b")
_HOW_MUCH = re.compile(r"bao nhieu|may trieu|may tram|muc (?:tro cap|huong|tien)|duoc (?:may|nhieu) tien|\bbn\b|tinh (?:tien|ra)")


@dataclass(frozen=True)
class Estimate:
    """What a group would get, in đồng a month: by the standard of Quảng Ninh, and by the national one."""

    group: Coefficient
    local: Standard
    national: Standard

    @property
    def local_vnd(self) -> int:
        return round(self.local.vnd * self.group.coefficient)

    @property
    def national_vnd(self) -> int:
        return round(self.national.vnd * self.group.coefficient)


class BenefitTable:
    """Standards with their time, and coefficients. Raises `ContentError` where no standard is open-ended."""

    def __init__(self, benefits: Benefits) -> None:
        self._benefits = benefits
        for scope, place in (_NATIONAL, _LOCAL):
            if not any(one.until is None for one in self._of(scope, place)):
                raise ContentError([f"benefits.yml: standards: none of {scope} ({place}) is in force without end"])
        self.groups = {group.id: group for group in benefits.coefficients}

    def estimate(self, group_id: str, on: date) -> Estimate | None:
        """Standard × coefficient by the standards of a day; None for a day of which a standard is not known.

        Raises `KeyError` for a group that benefits.yml does not list.
        """
        group = self.groups[group_id]
        local, national = self._in_force(_LOCAL, on), self._in_force(_NATIONAL, on)
        return Estimate(group, local, national) if local and national else None

    def asked(self, text: str, age: float | None, today: date) -> list[Estimate]:
        """The estimates that a question asks for: how much, for a group that is plain.

        Where the age decides and is not told, the amount of every age. Of a year that has passed, the standards of its
        last day; of a year to come, nothing, since nobody knows.
        """
        plain = normalise(text).plain
        if not _HOW_MUCH.search(plain):
            return []
        on = _day(plain, today)
        for pattern, ids in _GROUPS:
            if on and pattern.search(plain):
                fitting = [i for i in ids if i in self.groups and (len(ids) == 1 or age is None or _fits(self.groups[i], age))]
                return [one for one in (self.estimate(i, on) for i in fitting) if one]
        return []

    def tell(self, estimates: Sequence[Estimate]) -> str:
        """Estimates of one day in words: the amounts first, how they came about, and that they are to be confirmed."""
        first = estimates[0]
        sums: dict[str, object] = {
            "local_standard": money(first.local.vnd),
            "since": day(first.local.since),
            "national_standard": money(first.national.vnd),
        }
        if len(estimates) == 1:
            told = say("benefit.estimate", None, **self._parts(first), **sums)
        else:
            rows = "; ".join(say("benefit.row", None, **self._parts(one)) for one in estimates)
            told = say("benefit.estimates", None, rows=rows, **sums)
        return f"{told} {say('benefit.said_with')}"

    @staticmethod
    def _parts(one: Estimate) -> dict[str, object]:
        return {
            "who": load()["benefit"]["who"].get(one.group.id, one.group.who),
            "local": money(one.local_vnd),
            "national": money(one.national_vnd),
            "coefficient": f"{one.group.coefficient:g}".replace(".", ","),
        }

    def citations(self, estimates: Sequence[Estimate]) -> tuple[Citation, ...]:
        """What estimates rest on: the coefficients' articles, both standards, who decides."""
        first = estimates[0]
        return (
            *(citation for one in estimates for citation in one.group.citations),
            *first.national.citations,
            *first.local.citations,
            *(citation for citation in self._benefits.rule.citations if citation.source == "nd-147-2025"),
        )

    def _of(self, scope: str, place: str) -> list[Standard]:
        return [one for one in self._benefits.standards if (one.scope, one.place) == (scope, place)]

    def _in_force(self, kind: tuple[str, str], on: date) -> Standard | None:
        fitting = (one for one in self._of(*kind) if one.since <= on and (one.until is None or on <= one.until))
        return next(fitting, None)


def money(vnd: int) -> str:
    """1750000 as "1.750.000"."""
    return f"{vnd:,}".replace(",", ".")


def _fits(group: Coefficient, age: float) -> bool:
    return (group.age_min or 0) <= age and (group.age_max_exclusive is None or age < group.age_max_exclusive)


def _day(plain: str, today: date) -> date | None:
    """The day whose standards are asked for: today's, or the last one of a year that is named and over."""
    year = _YEAR.search(plain)
    if year is None or int(year["year"]) == today.year:
        return today
    return date(int(year["year"]), 12, 31) if int(year["year"]) < today.year else None
