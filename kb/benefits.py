"""Social assistance: standard × coefficient. Every amount is an estimate that the commune confirms, and is said so."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
_HOW_MUCH = re.compile(r"bao nhieu|may trieu|may tram|muc (?:tro cap|huong|tien)|duoc (?:may|nhieu) tien|\bbn\b|tinh (?:tien|ra)")


@dataclass(frozen=True)
class Estimate:
    """What a group would get, in đồng a month: by the standard of Quảng Ninh, and by the national one."""

    group: Coefficient
    local_vnd: int
    national_vnd: int


class BenefitTable:
    """The standards in force and the coefficients. Raises `ContentError` where a current standard is not listed."""

    def __init__(self, benefits: Benefits) -> None:
        self._benefits = benefits
        standards = {standard.id: standard for standard in benefits.standards}
        missing = {benefits.current.national, benefits.current.quang_ninh_community} - set(standards)
        if missing:
            raise ContentError([f"benefits.yml: current: {', '.join(sorted(missing))}: no such standard"])
        self.national: Standard = standards[benefits.current.national]
        self.local: Standard = standards[benefits.current.quang_ninh_community]
        self._groups = {group.id: group for group in benefits.coefficients}

    def estimate(self, group_id: str) -> Estimate:
        """Standard × coefficient of a group of benefits.yml. Raises `KeyError` for an unknown one."""
        group = self._groups[group_id]
        return Estimate(group, round(self.local.vnd * group.coefficient), round(self.national.vnd * group.coefficient))

    def asked(self, text: str, age: float | None) -> Estimate | None:
        """The estimate that a question asks for: how much, for a group that is plain, with the age where it decides."""
        plain = normalise(text).plain
        if not _HOW_MUCH.search(plain):
            return None
        for pattern, ids in _GROUPS:
            if pattern.search(plain):
                fitting = [i for i in ids if i in self._groups and _fits(self._groups[i], age, len(ids) > 1)]
                return self.estimate(fitting[0]) if fitting else None
        return None

    def tell(self, estimate: Estimate) -> str:
        """The estimate in words: the amount first, then how it came about and that it is to be confirmed."""
        return " ".join(
            (
                say(
                    "benefit.estimate",
                    who=load()["benefit"]["who"].get(estimate.group.id, estimate.group.who),
                    local=money(estimate.local_vnd),
                    national=money(estimate.national_vnd),
                    coefficient=f"{estimate.group.coefficient:g}".replace(".", ","),
                    standard=money(self.local.vnd),
                    national_standard=money(self.national.vnd),
                ),
                say("benefit.said_with"),
            )
        )

    def citations(self, estimate: Estimate) -> tuple[Citation, ...]:
        """What an estimate rests on: the coefficient's article, both standards, who decides."""
        return (
            *estimate.group.citations,
            *self.national.citations,
            *self.local.citations,
            *(citation for citation in self._benefits.rule.citations if citation.source == "nd-147-2025"),
        )


def money(vnd: int) -> str:
    """1750000 as "1.750.000"."""
    return f"{vnd:,}".replace(",", ".")


def _fits(group: Coefficient, age: float | None, by_age: bool) -> bool:
    if not by_age:
        return True
    if age is None:
        return False
    return (group.age_min or 0) <= age and (group.age_max_exclusive is None or age < group.age_max_exclusive)
