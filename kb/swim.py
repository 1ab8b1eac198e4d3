"""The free swim class of the letter of 2024: who it was for, by age, circumstance and place; never a plain yes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb import services
from kb.ages import Age
from kb.documents import day
from kb.places import Gazetteer, PlaceMatch, spoken
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
_ENROL = re.compile(r"^đăng ký(?: học)?:?\s+", re.IGNORECASE)  # said before it anyway
TOLD = {"commune": 3, "district": 2, "province": 2}  # classes in one bubble
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


@dataclass(frozen=True)
class NearClasses:
    """The announced classes nearest to a place: of its commune, else of its former district, else of the province."""

    rows: tuple[SwimClass, ...] = ()
    level: str = ""  # commune, district, province
    district: str | None = None


def is_open(row: SwimClass, today: date) -> bool:
    """Whether a class may be told today: in force, not over; one without an end was looked at within 90 days."""
    if row.validity is not Validity.IN_FORCE:
        return False
    return row.ends >= today if row.ends else (today - row.last_checked).days <= services.LOOK_AGAIN_DAYS


def open_classes(swim: Swim, place: PlaceMatch | None, today: date) -> list[SwimClass]:
    """The classes that a commune has announced and that are not over, at a place; none where no place is named."""
    units = set(place.now) if place else set()
    return [row for row in swim.classes if row.commune in units and is_open(row, today)]


def near(swim: Swim | None, gazetteer: Gazetteer, place: PlaceMatch, today: date) -> NearClasses:
    """The announced classes nearest to a place, those that begin first in front."""
    open_now = [row for row in (swim.classes if swim else ()) if is_open(row, today)]
    for step in services.steps(gazetteer, place):
        found = [row for row in open_now if row.commune in step.units]
        if found:
            found.sort(key=lambda row: (row.starts or date.max, row.name))
            home = next(iter(sorted(step.districts)), None) if step.level == "district" else None
            return NearClasses(tuple(found), step.level, home)
    return NearClasses()


def tell_open(rows: Sequence[SwimClass], most: int = TOLD["commune"]) -> str:
    """Announced classes in a sentence; empty where there is none."""
    return say("swim.open", rows=_rows(rows, most)) if rows else ""


def tell_farther(found: NearClasses) -> str:
    """Classes of the former district or the province in a sentence; empty where there is none or they are of the place."""
    if not found.rows or found.level == "commune":
        return ""
    rows = _rows(found.rows, TOLD[found.level])
    return say(f"swim.near_{found.level}", district=found.district or "", rows=rows)


def _rows(rows: Sequence[SwimClass], most: int) -> str:
    parts = []
    for row in rows[:most]:
        details = [
            row.name,
            row.place,
            spoken(row.commune),
            row.schedule,
            f"khai giảng {day(row.starts)}" if row.starts else None,
            f"đến {day(row.ends)}" if row.ends else None,
            _ages(row),
            None if row.free is None else "miễn phí" if row.free else "có thu phí",
            row.for_whom,
        ]
        enrol = ", ".join(one for one in (_ENROL.sub("", row.enrol or ""), row.phone and f"điện thoại {row.phone}") if one)
        told = ", ".join(one for one in details if one)
        notes = [f"đăng ký: {enrol}"] if enrol else []
        parts.append(f"{told} ({'; '.join([*notes, f'kiểm tra ngày {day(row.last_checked)}'])})")
    more = say("address.and_more", count=len(rows) - most) if len(rows) > most else ""
    return "; ".join(parts) + more


def _ages(row: SwimClass) -> str | None:
    if row.age_min is not None and row.age_max_exclusive is not None:
        return f"từ {row.age_min} đến dưới {row.age_max_exclusive} tuổi"
    return f"từ {row.age_min} tuổi" if row.age_min is not None else None


def cite(row: SwimClass) -> str:
    """Who announced a class, and when that was last looked at."""
    return f"{row.source}, {day(row.last_checked)}"


def programme(swim: Swim | None) -> SwimProgramme | None:
    return swim.programmes[0] if swim and swim.programmes else None
