"""The queue as a counsellor sees it: who waits, why and how long, what is mine, what colleagues hold."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection, Row

from desk.staff import Staff
from helpline import cases
from helpline.messages import Author
from helpline.tables import case, message, outbound
from safety.assessment import Level

MOST_WORDS = 4


@dataclass(frozen=True)
class Line:
    """One open case in the list. ``words`` are the sender's own and stand only where they help to choose."""

    id: int
    state: str
    level: str
    category: str
    who: str
    channel: str
    since: datetime  # since when somebody waits: for a counsellor, or for the owner's answer
    unanswered: bool  # the sender wrote, and the owner has not answered yet
    words: tuple[str, ...]
    alarm_stage: int
    owner_name: str | None


@dataclass(frozen=True)
class Queue:
    waiting: list[Line]
    mine: list[Line]
    others: list[Line]

    @property
    def urgent(self) -> int:
        return sum(line.level == Level.URGENT.value for line in self.waiting)


def load(tx: Connection, staff: Staff) -> Queue:
    """The open cases, urgent first and then by how long they wait, in three groups for this person."""
    silent = unanswered(tx)
    waiting, mine, others = [], [], []
    for row in cases.queue(tx):
        if row.state == "waiting":
            waiting.append(_line(row, row.waiting_since, words=evidence_words(row.reason)))
        elif row.owner_id == staff.id:
            mine.append(_line(row, silent.get(row.id), words=evidence_words(row.reason)))
        else:
            others.append(_line(row, silent.get(row.id)))
    return Queue(waiting, mine, others)


def unanswered(tx: Connection) -> dict[int, datetime]:
    """Taken cases whose sender waits for an answer of the owner: case id to the first message left unanswered."""
    answered = (
        select(func.max(outbound.c.created_at))
        .where(
            outbound.c.conversation_id == case.c.conversation_id,
            outbound.c.author == Author.COUNSELLOR.value,
            outbound.c.created_at >= case.c.opened_at,
        )
        .scalar_subquery()
    )
    rows = tx.execute(
        select(case.c.id, func.min(message.c.received_at).label("since"))
        .join(message, message.c.conversation_id == case.c.conversation_id)
        .where(
            case.c.state == "taken",
            message.c.received_at >= case.c.opened_at,
            or_(answered.is_(None), message.c.received_at > answered),
        )
        .group_by(case.c.id)
    ).all()
    return {row.id: row.since for row in rows}


def evidence_words(reason: list[dict[str, Any]]) -> tuple[str, ...]:
    """The words that opened or raised a case, newest reason first, each once."""
    found: dict[str, None] = {}
    for entry in reversed(reason):
        for piece in entry["assessment"]["evidence"]:
            if piece["text"] and piece["status"] == "present":
                found.setdefault(" ".join(piece["text"].split()).lower())
    return tuple(found)[:MOST_WORDS]


def pulse(tx: Connection, staff: Staff) -> dict[str, Any]:
    """What the stream tells: counts for the alarm, and a mark that changes whenever the list does. No words."""
    silent = unanswered(tx)
    rows = tx.execute(
        select(case.c.id, case.c.state, case.c.level, case.c.owner_id, case.c.version, case.c.alarm_stage)
        .where(case.c.state != "closed")
        .order_by(case.c.id)
    ).all()
    waiting = [row for row in rows if row.state == "waiting"]
    mine = [row for row in rows if row.owner_id == staff.id]
    parts = [f"{row.id}.{row.version}.{row.alarm_stage}.{int(row.id in silent)}" for row in rows]
    return {
        "waiting": len(waiting),
        "urgent": sum(row.level == Level.URGENT.value for row in waiting),
        "mine": len(mine),
        "unanswered": sum(row.id in silent for row in mine),
        "on_shift": staff.on_shift_since is not None,
        "mark": hashlib.sha256("-".join(parts).encode()).hexdigest()[:16],
    }


def _line(row: Row, since: datetime | None, words: tuple[str, ...] = ()) -> Line:
    return Line(
        id=row.id,
        state=row.state,
        level=row.level,
        category=row.category,
        who=row.who,
        channel=row.channel,
        since=since or row.taken_at or row.waiting_since,
        unanswered=since is not None and row.state == "taken",
        words=words,
        alarm_stage=row.alarm_stage,
        owner_name=row.owner_name,
    )
