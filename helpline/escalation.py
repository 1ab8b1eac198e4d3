"""The clock behind the queue: nobody waits unheard, no owner stays silent unseen (safeguarding 20 to 25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.engine import Connection, Row

from helpline import audit, cases, hotlines, outbox, presence
from helpline.messages import Answer, Author
from helpline.tables import case, message, outbound
from helpline.wording import find, say
from safety.assessment import Level

STAGES = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))  # next counsellors, supervisor, phone list
WAIT_EVERY = timedelta(minutes=3)
OWNER_SILENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Escalated:
    """A case that reached a new stage of alarm: 1 next counsellors, 2 supervisor, 3 phone list."""

    case_id: int
    stage: int


def tick(tx: Connection, now: datetime) -> list[Escalated]:
    """Do what is due at this moment; running it twice at the same moment does nothing twice."""
    _return_silent(tx, now)
    escalated = []
    place = 0
    for row in cases.queue(tx):
        if row.state != "waiting":
            continue
        place += 1
        _comfort(tx, now, row, place)
        stage = _stage(row, now)
        if stage > row.alarm_stage:
            tx.execute(update(case).where(case.c.id == row.id).values(alarm_stage=stage))
            audit.record(tx, now, "system", "case.escalate", "case", row.id, stage=stage)
            escalated.append(Escalated(row.id, stage))
    return escalated


def _stage(row: Row, now: datetime) -> int:
    if row.level != Level.URGENT.value:
        return 0
    return sum(now - row.waiting_since >= after for after in STAGES)


def _comfort(tx: Connection, now: datetime, row: Row, place: int) -> None:
    """Every three minutes one line to the waiting sender: place, honest wait, another route, a calming step."""
    due = int((now - row.waiting_since) / WAIT_EVERY)
    if due <= row.wait_lines:
        return
    if presence.on_shift_count(tx, now):
        lines = find("waiting")
        text = hotlines.fill(lines[(due - 1) % len(lines)].replace("{place}", str(place)))
    elif row.wait_lines == 0:
        text = say("waiting_nobody")  # once; a night of such lines helps nobody
    else:
        tx.execute(update(case).where(case.c.id == row.id).values(wait_lines=due))
        return
    outbox.drop_waiting(tx, row.conversation_id, Author.SYSTEM, f"wait:{row.id}:")
    outbox.put(tx, now, row.conversation_id, f"wait:{row.id}:{row.version}:{due}", [Answer(text=text)], Author.SYSTEM)
    tx.execute(update(case).where(case.c.id == row.id).values(wait_lines=due))


def _return_silent(tx: Connection, now: datetime) -> None:
    """Give back cases whose owner has left the sender without an answer for five minutes.

    Counted from the first message since the counsellor's last words, or from the moment this owner got the case:
    a sender who writes again and again does not put it off, nor does an owner who takes a case and never writes.
    """
    last_reply = (
        select(func.max(outbound.c.created_at))
        .where(outbound.c.conversation_id == case.c.conversation_id, outbound.c.author == Author.COUNSELLOR.value)
        .correlate(case)
        .scalar_subquery()
    )
    unanswered_since = (
        select(func.min(message.c.received_at))
        .where(
            message.c.conversation_id == case.c.conversation_id,
            or_(last_reply.is_(None), message.c.received_at > last_reply),
        )
        .correlate(case)
        .scalar_subquery()
    )
    edge = now - OWNER_SILENT
    silent = tx.execute(
        select(case.c.id).where(case.c.state == "taken", case.c.owner_active_at < edge, unanswered_since < edge)
    ).all()
    for row in silent:
        cases.back_to_queue(tx, now, row.id, "system", "owner_silent")
