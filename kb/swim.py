"""The free swim class of the letter of 2024: who it was for, by age, circumstance and place; never a plain yes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb.ages import Age
from kb.documents import day
from kb.places import PlaceMatch, spoken
from kb.rows import Swim, SwimClass, SwimProgramme
from kb.schema import Audience, Validity
from kb.wording import say
from vietnamese.normal import normalise

# Circumstances of the letter, as people say them; the words on the right are said back.
_GROUPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"can ngheo"), "hộ cận nghèo"),
    (re.compile(r"(?<!can )(?<!khong )(?<!khong thuoc dien )(?:ho|nha) ngheo|(?:ho|nha|dien|thuoc) (?:em |chau |minh )?ngheo"), "hộ nghèo"),
    (re.compile(r"muc song trung binh"), "hộ có mức sống trung bình"),
    (re.compile(r"(?:hoan canh|gia dinh|nha)(?: em| chau| con| minh)? kho khan"), "hoàn cảnh khó khăn"),
    (re.compile(r"hoan canh dac biet|mo coi|bo roi|khuyet tat|tu ky"), "hoàn cảnh đặc biệt"),
    (re.compile(r"dan toc|\bdao (?:thanh|lo gang)|nguoi (?:dao|tay|san (?:chi|diu|chay)|hoa|nung|muong)\b|dtts"), "dân tộc thiểu số"),
    (re.compile(r"mien nui|vung (?:cao|nui)|xa nui"), "xã miền núi"),
    (re.compile(r"hai dao|xa dao|ngoai dao|tren dao|o dao"), "hải đảo"),
    (re.compile(r"bien gioi"), "xã biên giới"),
)
_NOT = re.compile(r"khong (?:phai |thuoc )?(?:dien |ho |nha )?(?:ngheo|can ngheo)|khong (?:kho khan|ngheo)|nha kha gia|binh thuong")
_MAY_I = re.compile(
    r"(?:co )?(?:duoc|du tuoi|du dieu kien|hoc noi|thuoc dien).{0,60}(?:khong|chua|ko)\b|co duoc|co nhan|nhan (?:khong|chau|be)|"
    r"du tuoi|may tuoi|qua tuoi|con duoc"
)
_ISLANDS = ("Đặc khu Cô Tô", "Đặc khu Vân Đồn")  # island districts until 2025, special zones since


@dataclass(frozen=True)
class Eligibility:
    """What the letter says of a child. ``fits``: True, False, or None at the edge of an age that is only roughly known."""

    fits: bool | None
    too_young: bool
    groups: tuple[str, ...]


def asks_who(text: str) -> bool:
    """Whether a question is "may this child take part", beside where, when or how."""
    return bool(_MAY_I.search(normalise(text).plain))


def circumstances(text: str, place: PlaceMatch | None) -> tuple[str, ...]:
    """The groups of the letter that a text or a place names."""
    plain = normalise(text).plain
    spared = _NOT.sub(" ", plain)
    groups = [said for pattern, said in _GROUPS if pattern.search(spared)]
    if place and place.unit in _ISLANDS and "hải đảo" not in groups:
        groups.append("hải đảo")
    return tuple(groups)


def eligibility(programme: SwimProgramme, age: Age, groups: Sequence[str] = ()) -> Eligibility:
    """What the letter says for an age, which may be known only roughly ("lớp 4": 9 to 10)."""
    young, old = age.high < programme.age_min, age.low >= programme.age_max_exclusive
    inside = age.low >= programme.age_min and age.high < programme.age_max_exclusive
    return Eligibility(True if inside else False if young or old else None, young, tuple(groups))


def age_sentence(programme: SwimProgramme, age: Age, audience: Audience) -> str:
    """Whether an age is within the class's, in one sentence."""
    found = eligibility(programme, age)
    key = {None: "edge", True: "fits", False: "young" if found.too_young else "old"}[found.fits]
    who = "Em" if audience is Audience.CHILD else "Bé" if age.low < 12 else "Cháu"
    return say(f"swim.{key}", who=f"{who} {age_words(age)}", min=programme.age_min, max=programme.age_max_exclusive)


def age_words(age: Age) -> str:
    """An age inside a sentence: "8 tuổi", "8 tuổi rưỡi", "20 tháng", "khoảng 9-10 tuổi"."""
    if age.low != age.high:
        return f"khoảng {age.low:g}-{age.high:g} tuổi"
    if age.low < 3 and age.low != int(age.low):
        return f"{round(age.low * 12)} tháng"
    return f"{int(age.low)} tuổi" + (" rưỡi" if age.low != int(age.low) else "")


def tell(programme: SwimProgramme, age: Age, groups: Sequence[str], audience: Audience) -> str:
    """Who the class was for, with regard to this child; that the commune decides is for the caller to add."""
    first = age_sentence(programme, age, audience)
    if eligibility(programme, age).fits is False:
        return f"{first} {say('swim.other_ways')}"
    if groups:
        child = audience is Audience.CHILD
        return f"{first} {say('swim.group_fits_child' if child else 'swim.group_fits', groups=', '.join(groups))}"
    return f"{first} {say('swim.group_ask')}"


def decides(place: PlaceMatch | None, audience: Audience) -> str:
    """Who answers today."""
    suffix = "_child" if audience is Audience.CHILD else ""
    if place and place.unit:
        return say(f"swim.decides{suffix}", unit=spoken(place.unit))
    return say(f"swim.decides_any{suffix}")


def open_classes(swim: Swim, place: PlaceMatch | None, today: date) -> list[SwimClass]:
    """The classes that a commune has announced and that are not over, at a place; none where no place is named."""
    units = set(place.now) if place else set()
    return [
        row
        for row in swim.classes
        if row.validity is Validity.IN_FORCE and row.commune in units and (row.ends is None or row.ends >= today)
    ]


def tell_open(rows: Sequence[SwimClass]) -> str:
    """Announced classes in a sentence; empty where there is none."""
    if not rows:
        return ""
    parts = []
    for row in rows:
        details = [row.name, row.place, spoken(row.commune), row.schedule, f"khai giảng {day(row.starts)}" if row.starts else None]
        parts.append(", ".join(one for one in details if one) + (f" (đăng ký: {row.enrol})" if row.enrol else ""))
    return say("swim.open", rows="; ".join(parts))


def cite(row: SwimClass) -> str:
    """Who announced a class, and when that was last looked at."""
    return f"{row.source}, {day(row.last_checked)}"


def programme(swim: Swim | None) -> SwimProgramme | None:
    return swim.programmes[0] if swim and swim.programmes else None
