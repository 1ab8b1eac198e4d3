"""Trusted addresses, shelters and offices that communes have confirmed, and those that are never recommended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kb.documents import day
from kb.places import PlaceMatch
from kb.rows import DoNotRefer, Service, Services
from kb.schema import Validity
from kb.wording import say
from vietnamese.normal import normalise

REFUGE = frozenset({"trusted_address", "shelter"})
LOOK_AGAIN_DAYS = 90  # a confirmed address older than this is not told as open


def at_place(services: Services | None, place: PlaceMatch, kinds: Iterable[str], today: date) -> list[Service]:
    """The confirmed services of a place's present units, looked at within the last 90 days."""
    if services is None:
        return []
    wanted = set(kinds)
    return [
        row
        for row in services.rows
        if row.kind in wanted
        and row.commune in place.now
        and row.validity is Validity.IN_FORCE
        and (today - row.last_checked).days <= LOOK_AGAIN_DAYS
    ]


def tell(rows: Iterable[Service], place_said: str) -> str:
    """Confirmed services in words, each with the day it was confirmed."""
    parts = [
        say(
            "address.confirmed_row",
            name=row.name,
            address=row.address,
            hours="".join(f", {one}" for one in (row.phone and f"điện thoại {row.phone}", row.hours) if one),
            day=day(row.last_checked),
        )
        for row in rows
    ]
    return say("address.confirmed", place=place_said, rows="; ".join(parts))


def warned_of(services: Services | None, text: str) -> DoNotRefer | None:
    """The place named in ``text`` that must never be recommended."""
    plain = normalise(text).plain
    return next((row for row in (services.do_not_refer if services else ()) if normalise(row.name).plain in plain), None)


def cite(row: Service) -> str:
    """Who confirmed a service, and when that was last looked at."""
    return f"{row.source}, {day(row.last_checked)}"
