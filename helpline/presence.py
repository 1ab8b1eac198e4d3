"""Which counsellors are there: on shift, and seen lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from helpline.tables import staff

AWAY_AFTER = timedelta(minutes=2)  # the desk's page reports every 20 s while it is open
TAKERS = ("counsellor", "supervisor", "admin")


def on_shift_count(tx: Connection, now: datetime) -> int:
    """How many people could take a case at this moment: on shift and with the desk open."""
    there = and_(
        staff.c.active.is_(True),
        staff.c.role.in_(TAKERS),
        staff.c.on_shift_since.is_not(None),
        staff.c.last_seen_at >= now - AWAY_AFTER,
    )
    return int(tx.execute(select(func.count()).select_from(staff).where(there)).scalar_one())
