"""Everything that was said in a conversation, both ways and in order, as a counsellor reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.schema import Table

from helpline.messages import Answer, Author, OutState
from helpline.tables import message, outbound

SHOWN = 200  # bubbles of each side on an ordinary page; the whole is one click away


@dataclass(frozen=True)
class Bubble:
    """One message. ``id`` (m… came in, o… went out) is stable, so that a page can be brought up to date in place."""

    id: str
    came_in: bool
    author: str  # sender, bot, system, counsellor
    name: str | None  # of the counsellor
    at: datetime
    text: Markup
    kind: str
    cut: bool
    level: str
    buttons: tuple[str, ...]
    state: OutState | None
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True)
class Transcript:
    bubbles: list[Bubble]
    hidden: int  # older messages that this page leaves out


def load(tx: Connection, conversation_id: int, names: dict[int, str], *, whole: bool = False) -> Transcript:
    """The messages of a conversation, oldest first; the latest `SHOWN` of each side unless ``whole``."""
    first_in, hidden_in = _edge(tx, message, conversation_id, whole)
    first_out, hidden_out = _edge(tx, outbound, conversation_id, whole)
    rows = tx.execute(
        select(message)
        .where(message.c.conversation_id == conversation_id, message.c.id >= first_in)
        .order_by(message.c.id)
    ).all()
    bubbles = [_came_in(row) for row in rows]
    rows = tx.execute(
        select(outbound)
        .where(outbound.c.conversation_id == conversation_id, outbound.c.id >= first_out)
        .order_by(outbound.c.id)
    ).all()
    bubbles += [_went_out(row, names) for row in rows]
    bubbles.sort(key=lambda bubble: (bubble.at, not bubble.came_in, int(bubble.id[1:])))
    return Transcript(bubbles, hidden_in + hidden_out)


def pulse(tx: Connection, conversation_id: int) -> str:
    """A mark that changes whenever the transcript does. No words."""
    last = tx.execute(
        select(func.max(message.c.id), func.count()).where(message.c.conversation_id == conversation_id)
    ).one()
    states = tx.execute(
        select(outbound.c.state, func.count(), func.max(outbound.c.id))
        .where(outbound.c.conversation_id == conversation_id)
        .group_by(outbound.c.state)
        .order_by(outbound.c.state)
    ).all()
    return ".".join(str(part) for row in (last, *states) for part in row)


def marked(text: str, evidence: list[dict[str, Any]]) -> Markup:
    """The text with the words that the screen saw as present marked. A span that does not fit the text is left out."""
    spans = sorted(
        (piece["start"], piece["end"])
        for piece in evidence
        if piece["status"] == "present" and piece["text"] and text[piece["start"] : piece["end"]] == piece["text"]
    )
    out, at = Markup(), 0
    for start, end in spans:
        if end <= at:
            continue
        start = max(start, at)
        out += escape(text[at:start]) + Markup("<mark>") + escape(text[start:end]) + Markup("</mark>")
        at = end
    return out + escape(text[at:])


def _edge(tx: Connection, table: Table, conversation_id: int, whole: bool) -> tuple[int, int]:
    """The lowest id to show, and how many lie below it."""
    if whole:
        return 0, 0
    edge = tx.execute(
        select(table.c.id)
        .where(table.c.conversation_id == conversation_id)
        .order_by(table.c.id.desc())
        .offset(SHOWN - 1)
        .limit(1)
    ).scalar()
    if edge is None:
        return 0, 0
    below = select(func.count()).where(table.c.conversation_id == conversation_id, table.c.id < edge)
    return edge, tx.execute(below).scalar_one()


def _came_in(row: Row) -> Bubble:
    return Bubble(
        id=f"m{row.id}",
        came_in=True,
        author="sender",
        name=None,
        at=row.received_at,
        text=marked(row.text, row.assessment["evidence"]),
        kind=row.kind,
        cut=row.cut,
        level=row.level,
        buttons=(),
        state=None,
        sent_at=None,
        error=None,
    )


def _went_out(row: Row, names: dict[int, str]) -> Bubble:
    answer = Answer.from_dict(row.body)
    return Bubble(
        id=f"o{row.id}",
        came_in=False,
        author=row.author,
        name=names.get(row.staff_id) if row.author == Author.COUNSELLOR.value else None,
        at=row.created_at,
        text=escape(answer.text),
        kind="text",
        cut=False,
        level="none",
        buttons=tuple(button.title for button in answer.buttons),
        state=OutState(row.state),
        sent_at=row.sent_at,
        error=row.error,
    )
