"""The shift: who could take a case at this moment. The only place that knows these queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from desk.errors import StaffRefused
from helpline import audit
from helpline.presence import AWAY_AFTER, TAKERS
from helpline.tables import case
from helpline.tables import staff as table

STALE = timedelta(hours=1)  # a shift that nobody ended is over when its person was away that long


@dataclass(frozen=True)
class Colleague:
    """Somebody on shift with the desk open, and how many cases they hold."""

    id: int
    name: str
    role: str
    holds: int
    on_shift_since: datetime
    last_seen_at: datetime


def start(tx: Connection, now: datetime, staff_id: int) -> bool:
    """Put somebody on shift; False when they were on shift already (nothing changes then)."""
    result = tx.execute(
        update(table)
        .where(table.c.id == staff_id, table.c.on_shift_since.is_(None))
        .values(on_shift_since=now, last_seen_at=now)
    )
    if result.rowcount:
        audit.record(tx, now, f"staff:{staff_id}", "shift.start", "staff", staff_id)
    return bool(result.rowcount)


def end(tx: Connection, now: datetime, staff_id: int) -> None:
    """Take somebody off shift. Raises `StaffRefused` while they hold a case: nobody is left alone in a chat."""
    still = len(held(tx, staff_id))
    if still:
        raise StaffRefused(
            f"Bạn còn giữ {still} trường hợp. Hãy kết thúc, chuyển người khác hoặc trả về hàng chờ trước khi hết ca."
        )
    result = tx.execute(
        update(table).where(table.c.id == staff_id, table.c.on_shift_since.is_not(None)).values(on_shift_since=None)
    )
    if result.rowcount:
        audit.record(tx, now, f"staff:{staff_id}", "shift.end", "staff", staff_id)


def seen(tx: Connection, now: datetime, staff_id: int) -> None:
    """The page of this person is open at this moment."""
    tx.execute(update(table).where(table.c.id == staff_id).values(last_seen_at=now))


def there(tx: Connection, now: datetime, *, but: int | None = None) -> list[Colleague]:
    """Who could take a case at this moment, the same rule as `helpline.presence`; without the person ``but``."""
    holds = (
        select(func.count())
        .where(case.c.owner_id == table.c.id, case.c.state == "taken")
        .scalar_subquery()
    )
    rows = tx.execute(
        select(table, holds.label("holds"))
        .where(
            table.c.active.is_(True),
            table.c.role.in_(TAKERS),
            table.c.on_shift_since.is_not(None),
            table.c.last_seen_at >= now - AWAY_AFTER,
            table.c.id != but,  # with None: IS NOT NULL, everybody
        )
        .order_by(table.c.name, table.c.id)
    ).all()
    return [
        Colleague(row.id, row.name, row.role, row.holds, row.on_shift_since, row.last_seen_at) for row in rows
    ]


def held(tx: Connection, staff_id: int) -> list[int]:
    """The cases that somebody holds."""
    return list(tx.execute(select(case.c.id).where(case.c.owner_id == staff_id, case.c.state == "taken")).scalars())
