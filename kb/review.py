"""What somebody must look at again: entries whose day has passed, numbers and addresses that nobody checked for 90 days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpline import hotlines
from helpline.hotlines import Hotline
from kb.rows import Services
from kb.schema import Entry, Validity
from kb.services import LOOK_AGAIN_DAYS

CHECK_AFTER = timedelta(days=LOOK_AGAIN_DAYS)  # safeguarding 38


@dataclass(frozen=True)
class Stale:
    """A number or an address that is told to people though nobody has checked it lately."""

    name: str
    number: str | None  # to call; None where only an address is known
    commune: str | None  # None: a line, not an address
    last_checked: date

    def days(self, today: date) -> int:
        """How long ago it was checked."""
        return (today - self.last_checked).days


def is_overdue(entry: Entry, today: date) -> bool:
    """Whether the day on which an entry was to be looked at again has passed."""
    return entry.review_by < today


def overdue(entries: Iterable[Entry], today: date) -> list[Entry]:
    """The entries whose day has passed, the longest overdue first."""
    return sorted((one for one in entries if is_overdue(one, today)), key=lambda one: (one.review_by, one.id))


def stale(today: date, services: Services | None = None, lines: Iterable[Hotline] | None = None) -> list[Stale]:
    """The telephone lines in use, and with ``services`` the confirmed addresses, last checked more than 90 days before
    ``today``; lines first, then the oldest. ``lines``: the product's own unless given."""
    edge = today - CHECK_AFTER
    used = hotlines.load().values() if lines is None else lines
    found = [Stale(line.name, line.number, None, line.last_checked) for line in used if not line.do_not_use]
    found += [
        Stale(row.name, row.phone, row.commune, row.last_checked)
        for row in (services.rows if services else ())
        if row.validity is Validity.IN_FORCE
    ]
    return sorted((one for one in found if one.last_checked < edge), key=lambda one: (one.commune is not None, one.last_checked, one.name))
