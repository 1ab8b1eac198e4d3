"""Forgetting: messages go after the days of the settings, unless their case is still open (safeguarding 32, 33)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.engine import Connection

from helpline import audit
from helpline.tables import case, conversation, kb_miss, message, outbound

DELETE_ON_REQUEST = timedelta(days=2)  # a request is carried out within two working days


def forget(tx: Connection, now: datetime, days: int) -> int:
    """Delete what is older than ``days`` in conversations without an open case; returns how many messages went.

    A conversation whose sender asked for it goes whole, at once, unless a case is open; closed cases lose their
    words with the messages that they point to, the counts of the statistics stay.
    """
    edge = now - timedelta(days=days)
    open_case = exists().where((case.c.conversation_id == conversation.c.id) & (case.c.state != "closed"))
    asked = select(conversation.c.id).where(conversation.c.delete_asked_at.is_not(None), ~open_case)
    free = select(conversation.c.id).where(~open_case)
    gone = 0
    for table, moment in ((message, message.c.received_at), (outbound, outbound.c.created_at)):
        result = tx.execute(
            delete(table).where(
                or_(
                    table.c.conversation_id.in_(asked),
                    (moment < edge) & table.c.conversation_id.in_(free),
                )
            )
        )
        gone += int(result.rowcount) if table is message else 0
    tx.execute(
        case.update()
        .where(case.c.state == "closed", or_(case.c.closed_at < edge, case.c.conversation_id.in_(asked)))
        .values(reason=[], note=None)
    )
    tx.execute(delete(kb_miss).where(kb_miss.c.at < edge))
    if gone:
        audit.record(tx, now, "system", "messages.forget", "message", "-", count=gone)
    return gone
