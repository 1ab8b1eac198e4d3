"""Places that help, by place: confirmed addresses, shelters, offices, clubs, and those that are never recommended.

Rows come from reviewed content and from lists that editors import (`kb.importing`). "Near" is the commune, then its
former district, then the province. What has run out, or that nobody has looked at for 90 days, is not told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import Connection, Row

from helpline.clock import local
from helpline.tables import kb_service
from kb.documents import day
from kb.places import Gazetteer, PlaceKind, PlaceMatch, spoken
from kb.rows import DoNotRefer, Service, Services, Swim, SwimClass
from kb.schema import Validity
from kb.wording import say
from vietnamese.accents import strip_accents
from vietnamese.normal import normalise

KINDS = {  # what may be listed, and what editors call it
    "trusted_address": "Địa chỉ tin cậy",
    "shelter": "Nhà tạm lánh",
    "social_work_office": "Văn phòng công tác xã hội",
    "commune_office": "UBND xã, phường, đặc khu",
    "model_club": "Mô hình, câu lạc bộ",
    "contact_point": "Đầu mối liên hệ",
}
SWIM = "swim_class"
REFUGE = frozenset({"trusted_address", "shelter"})
CLUBS = frozenset({"model_club"})
CONTACTS = frozenset({"commune_office", "contact_point", "social_work_office"})
LOOK_AGAIN_DAYS = 90  # a confirmed address older than this is not told as open
TOLD = {"commune": 4, "district": 3, "province": 2}  # rows in one bubble

IN_FORCE, REPLACED, WITHDRAWN = "in_force", "replaced", "withdrawn"


@dataclass(frozen=True)
class Reach:
    """One step of "near": the present units that count, and the former districts whose common services count."""

    level: str  # commune, district, province
    units: frozenset[str]
    districts: frozenset[str]


@dataclass(frozen=True)
class Near:
    """What there is nearest to a place: rows of one step, or none. ``district``: the former one, where it is that step."""

    rows: tuple[Service, ...] = ()
    level: str = ""
    district: str | None = None


@dataclass(frozen=True)
class Kept:
    """A row as editors see it. ``stale``: nobody has looked for 90 days; ``over``: its time has run out."""

    id: int
    kind: str
    scope: str
    commune: str | None
    district: str | None
    name: str
    address: str | None
    phone: str | None
    hours: str | None
    valid_to: date | None
    source: str
    last_checked: date
    author: str
    batch_id: int
    stale: bool
    over: bool


# reading


def steps(gazetteer: Gazetteer, place: PlaceMatch) -> list[Reach]:
    """Commune, former district, province: each wider than the one before. Outside Quảng Ninh there is none."""
    if place.kind is PlaceKind.OUTSIDE:
        return []
    units = frozenset(place.now)
    homes: set[str] = set()
    if place.district:
        homes.add(place.district)
    elif place.kind is PlaceKind.COMMUNE_NOW:
        homes.update(gazetteer.district_of(place.name))
    districts = frozenset(homes)
    known = [gazetteer.districts[home] for home in sorted(districts) if home in gazetteer.districts]
    around = frozenset(unit for home in known for unit in home.now)
    own = districts if place.kind is PlaceKind.DISTRICT_OLD else frozenset()
    reach = [Reach("commune", units, own), Reach("district", units | around, districts)] if units else []
    return [*reach, Reach("province", frozenset(gazetteer.units_now), frozenset(gazetteer.districts))]


def near(
    services: Services | None, gazetteer: Gazetteer, place: PlaceMatch, kinds: Iterable[str], today: date
) -> Near:
    """The confirmed services nearest to a place; of the widest step those that serve the whole province come first."""
    wanted = set(kinds)
    open_rows = [row for row in (services.rows if services else ()) if row.kind in wanted and is_open(row, today)]
    for step in steps(gazetteer, place):
        found = [row for row in open_rows if _within(row, step)]
        if found:
            found.sort(key=lambda row: (step.level == "province" and row.scope != "province", -row.last_checked.toordinal(), row.name))
            return Near(tuple(found), step.level, _district(step) if step.level == "district" else None)
    return Near()


def at_place(services: Services | None, place: PlaceMatch, kinds: Iterable[str], today: date) -> list[Service]:
    """The confirmed services of a place's present units, looked at within the last 90 days."""
    wanted = set(kinds)
    return [
        row
        for row in (services.rows if services else ())
        if row.kind in wanted and row.commune in place.now and is_open(row, today)
    ]


def is_open(row: Service, today: date) -> bool:
    """Whether a row may be told today: in force, within its time, looked at within 90 days."""
    return (
        row.validity is Validity.IN_FORCE
        and (row.valid_from is None or row.valid_from <= today)
        and (row.valid_to is None or row.valid_to >= today)
        and (today - row.last_checked).days <= LOOK_AGAIN_DAYS
    )


def _within(row: Service, step: Reach) -> bool:
    if step.level == "province":
        return True
    return row.commune in step.units or (row.scope == "district" and row.district in step.districts)


def _district(step: Reach) -> str | None:
    return next(iter(sorted(step.districts)), None)


# telling


def tell(rows: Iterable[Service], place_said: str) -> str:
    """Confirmed services of a place in words, each with the day it was looked at."""
    return say("address.confirmed", place=place_said, rows=in_words(rows))


def tell_farther(found: Near) -> str:
    """Services of the former district or the province in words; empty where there is none or they are of the place."""
    if not found.rows or found.level == "commune":
        return ""
    return say(f"address.near_{found.level}", district=found.district or "", rows=in_words(found.rows, found.level))


def tell_contacts(rows: Sequence[Service], place_said: str) -> str:
    """Whom to ask at a commune, in words; empty where nobody is listed."""
    return say("address.contact", place=place_said, rows=in_words(rows)) if rows else ""


def in_words(rows: Iterable[Service], level: str = "commune") -> str:
    """Services one after the other, as many as a bubble holds, and how many more there are."""
    rows = list(rows)
    most = TOLD[level]
    told = "; ".join(_row(row, level) for row in rows[:most])
    return told + (say("address.and_more", count=len(rows) - most) if len(rows) > most else "")


def _row(row: Service, level: str) -> str:
    where = [row.address] if row.address else []
    if row.commune and level != "commune" and name_key(row.commune) not in name_key(row.address or ""):
        where.append(spoken(row.commune))
    others = (
        row.phone and f"điện thoại {row.phone}",
        row.contact_role and f"gặp {row.contact_role}",
        row.hours,
        row.for_whom and f"dành cho {row.for_whom}",
    )
    details = "".join(f", {one}" for one in (*where, *others) if one)
    return say("address.confirmed_row", name=row.name, details=details, day=day(row.last_checked))


def name_key(text: str) -> str:
    """A name for comparing: no accents, no capitals, no marks, one space between words."""
    plain = strip_accents(unicodedata.normalize("NFC", text)).lower()
    return " ".join(re.findall(r"\w+", plain))


def warned_of(services: Services | None, text: str) -> DoNotRefer | None:
    """The place named in ``text`` that must never be recommended."""
    plain = normalise(text).plain
    return next((row for row in (services.do_not_refer if services else ()) if normalise(row.name).plain in plain), None)


def cite(row: Service) -> str:
    """Who confirmed a service, and when that was last looked at."""
    return f"{row.source}, {day(row.last_checked)}"


# the database


def merged(services: Services | None, rows: Sequence[Service]) -> Services | None:
    """Reviewed content with the imported rows beside it."""
    if not rows:
        return services
    if services is None:
        return Services(rows=tuple(rows), asked_in_2024=(), do_not_refer=())
    return services.copy(update={"rows": (*services.rows, *rows)})


def merged_swim(swim: Swim | None, rows: Sequence[SwimClass]) -> Swim | None:
    """The same for swim classes."""
    if not rows:
        return swim
    if swim is None:
        return Swim(programmes=(), seen_since=(), classes=tuple(rows))
    return swim.copy(update={"classes": (*swim.classes, *rows)})


def listed(tx: Connection) -> tuple[list[Service], list[SwimClass]]:
    """All imported rows in force, those that have run out included: whoever tells them asks `is_open` for the day."""
    rows = tx.execute(select(kb_service).where(kb_service.c.state == IN_FORCE).order_by(kb_service.c.id)).all()
    return [_service(row) for row in rows if row.kind != SWIM], [_swim_class(row) for row in rows if row.kind == SWIM]


def kept(tx: Connection, now: datetime) -> list[Kept]:
    """All imported rows in force for the editors' page, those to look at first."""
    today = local(now).date()
    rows = tx.execute(select(kb_service).where(kb_service.c.state == IN_FORCE)).all()
    found = [_kept(row, today) for row in rows]
    return sorted(found, key=lambda one: (not (one.stale or one.over), one.last_checked, one.kind, one.name))


def stale(tx: Connection, now: datetime, ahead: timedelta = timedelta(0)) -> list[Kept]:
    """The imported rows that nobody has looked at for 90 days (or will not have ``ahead`` from now), the oldest first.

    They are not told any more until a list with a newer day is imported. What has run out is left out: there is
    nothing to look at again.
    """
    bar = local(now + ahead).date() - timedelta(days=LOOK_AGAIN_DAYS)
    today = local(now).date()
    query = select(kb_service).where(kb_service.c.state == IN_FORCE, kb_service.c.last_checked < bar)
    rows = tx.execute(query.order_by(kb_service.c.last_checked, kb_service.c.id)).all()
    return [one for one in (replace(_kept(row, today), stale=True) for row in rows) if not one.over]


def withdraw(tx: Connection, now: datetime, row_id: int, actor: str) -> bool:
    """Take one row out of the answers at once. False when it is not in force (any more): a repeat changes nothing.

    The caller counts up the revision and leaves the trace.
    """
    done = tx.execute(
        update(kb_service)
        .where(kb_service.c.id == row_id, kb_service.c.state == IN_FORCE)
        .values(state=WITHDRAWN, withdrawn_at=now, withdrawn_by=actor)
    )
    return bool(done.rowcount)


def _kept(row: Row, today: date) -> Kept:
    return Kept(
        id=row.id,
        kind=row.kind,
        scope=row.scope,
        commune=row.commune,
        district=row.district,
        name=row.name,
        address=row.address,
        phone=row.phone,
        hours=row.hours,
        valid_to=row.valid_to,
        source=row.source,
        last_checked=row.last_checked,
        author=row.author,
        batch_id=row.batch_id,
        stale=(today - row.last_checked).days > LOOK_AGAIN_DAYS,
        over=row.valid_to is not None and row.valid_to < today,
    )


def _service(row: Row) -> Service:
    return Service(
        id=f"import-{row.id}",
        kind=row.kind,
        name=row.name,
        commune=row.commune,
        scope=row.scope,
        district=row.district,
        address=row.address,
        phone=row.phone,
        hours=row.hours,
        contact_role=row.details.get("contact_role"),
        for_whom=row.details.get("for_whom"),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
        last_checked=row.last_checked,
        validity=Validity.IN_FORCE,
    )


def _swim_class(row: Row) -> SwimClass:
    return SwimClass(
        id=f"import-{row.id}",
        name=row.name,
        commune=row.commune,
        address=row.address,
        phone=row.phone,
        schedule=row.hours,
        ends=row.valid_to,
        source=row.source,
        last_checked=row.last_checked,
        validity=Validity.IN_FORCE,
        **row.details,
    )
