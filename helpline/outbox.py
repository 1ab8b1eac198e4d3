"""What is to be said: rows that a courier claims, sends and marks. The only place that knows their queries.

Within a conversation messages leave one by one, in the order of their ``place``. A first response is placed before
what the bot still has to say, but never before a notice or a counsellor's words, so that the sender always knows
who speaks. A message of author bot is dropped, not sent, while a counsellor speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from helpline.messages import Answer, Author, Channel, OutgoingMessage, OutState, Voice
from helpline.retry import Decision
from helpline.tables import conversation, outbound

LEASE = timedelta(seconds=30)  # longer than any platform call may take (15 s)


@dataclass(frozen=True)
class Said:
    """One outgoing message as a reader of the conversation sees it."""

    id: int
    author: Author
    answer: Answer
    state: OutState
    created_at: datetime
    sent_at: datetime | None
    sent_seq: int | None
    turn_key: str
    staff_id: int | None
    error: str | None


def put(
    tx: Connection,
    now: datetime,
    conversation_id: int,
    turn_key: str,
    answers: Sequence[Answer],
    author: Author,
    *,
    message_id: int | None = None,
    staff_id: int | None = None,
    urgent: bool = False,
) -> list[int]:
    """Add the parts of one turn; a turn that is there already is left as it is (a repeat says nothing twice).

    Returns the ids of the rows that were added, empty for a repeat.
    """
    ids: list[int] = []
    place = tx.execute(
        select(func.coalesce(func.max(outbound.c.place), 0)).where(outbound.c.conversation_id == conversation_id)
    ).scalar_one()
    for part, answer in enumerate(answers):
        try:
            with tx.begin_nested():
                result = tx.execute(
                    outbound.insert().values(
                        conversation_id=conversation_id,
                        message_id=message_id,
                        staff_id=staff_id,
                        turn_key=turn_key,
                        part=part,
                        author=author.value,
                        urgent=urgent,
                        place=place + 1 + part,
                        body=answer.to_dict(),
                        state=OutState.WAITING.value,
                        created_at=now,
                        not_before=now,
                    )
                )
        except IntegrityError:
            continue
        ids.append(result.inserted_primary_key[0])
    if urgent and ids:
        _put_behind(tx, conversation_id, ids[0], place + 1 + len(answers))
    return ids


def _put_behind(tx: Connection, conversation_id: int, urgent_id: int, place: int) -> None:
    """Move what the bot still has to say, back to the last word of anybody else, behind a first response."""
    waiting = tx.execute(
        select(outbound.c.id, outbound.c.author, outbound.c.urgent)
        .where(
            outbound.c.conversation_id == conversation_id,
            outbound.c.state == OutState.WAITING.value,
            outbound.c.id != urgent_id,
        )
        .order_by(outbound.c.place.desc())
    ).all()
    moved: list[int] = []
    for row in waiting:
        if row.author != Author.BOT.value or row.urgent:
            break
        moved.append(row.id)
    for step, row_id in enumerate(reversed(moved)):
        tx.execute(update(outbound).where(outbound.c.id == row_id).values(place=place + step))


def claim(tx: Connection, now: datetime, most: int = 16) -> list[OutgoingMessage]:
    """Take up to ``most`` messages that may leave now, at most one a conversation, under a lease of `LEASE`.

    A row whose lease ran out (its courier died) is taken again. Rows of author bot in a conversation where a
    counsellor speaks are dropped here.
    """
    _recover(tx, now)
    _drop_unspoken(tx)
    earlier = outbound.alias()
    blocked = exists().where(
        and_(
            earlier.c.conversation_id == outbound.c.conversation_id,
            or_(
                earlier.c.state == OutState.SENDING.value,
                and_(earlier.c.state == OutState.WAITING.value, earlier.c.place < outbound.c.place),
            ),
        )
    )
    ready = (
        select(outbound, conversation.c.channel, conversation.c.address)
        .join(conversation, conversation.c.id == outbound.c.conversation_id)
        .where(outbound.c.state == OutState.WAITING.value, outbound.c.not_before <= now, ~blocked)
        .order_by(outbound.c.urgent.desc(), outbound.c.id)
        .limit(most)
        .with_for_update(of=conversation, skip_locked=True)
    )
    claimed = []
    for row in tx.execute(ready).all():
        taken = tx.execute(
            update(outbound)
            .where(outbound.c.id == row.id, outbound.c.state == OutState.WAITING.value)
            .values(state=OutState.SENDING.value, attempts=outbound.c.attempts + 1, lease_until=now + LEASE)
        )
        if taken.rowcount == 0:  # another courier had it between our look and our lock
            continue
        claimed.append(_outgoing(row))
    return claimed


def _recover(tx: Connection, now: datetime) -> None:
    tx.execute(
        update(outbound)
        .where(outbound.c.state == OutState.SENDING.value, outbound.c.lease_until < now)
        .values(state=OutState.WAITING.value, lease_until=None)
    )


def _drop_unspoken(tx: Connection) -> None:
    held = select(conversation.c.id).where(conversation.c.voice == Voice.COUNSELLOR.value)
    tx.execute(
        update(outbound)
        .where(
            outbound.c.state == OutState.WAITING.value,
            outbound.c.author == Author.BOT.value,
            outbound.c.conversation_id.in_(held),
        )
        .values(state=OutState.DROPPED.value)
    )


def drop_waiting(tx: Connection, conversation_id: int, author: Author, turn_prefix: str = "") -> int:
    """Drop what one author still has waiting in a conversation; returns how many."""
    result = tx.execute(
        update(outbound)
        .where(
            outbound.c.conversation_id == conversation_id,
            outbound.c.state == OutState.WAITING.value,
            outbound.c.author == author.value,
            outbound.c.turn_key.like(turn_prefix + "%"),
        )
        .values(state=OutState.DROPPED.value)
    )
    return int(result.rowcount)


def mark_sent(tx: Connection, now: datetime, outgoing: OutgoingMessage, channel_message_id: str | None) -> None:
    """Record a delivery; its ``sent_seq`` follows those of the conversation (which leave one by one)."""
    other = outbound.alias()
    last = select(func.coalesce(func.max(other.c.sent_seq), 0)).where(
        other.c.conversation_id == outgoing.conversation_id
    )
    tx.execute(
        update(outbound)
        .where(outbound.c.id == outgoing.id)
        .values(
            state=OutState.SENT.value,
            sent_at=now,
            sent_seq=last.scalar_subquery() + 1,
            lease_until=None,
            channel_message_id=channel_message_id,
            error=None,
        )
    )


def mark_failed(
    tx: Connection, now: datetime, outgoing_id: int, decision: Decision, code: str, *, uncertain: bool = False
) -> None:
    """Put a message back for a later try, or mark it as refused for good; ``code`` is the platform's own.

    ``uncertain``: this try may have arrived, which counts against another one.
    """
    tx.execute(
        update(outbound)
        .where(outbound.c.id == outgoing_id)
        .values(
            state=decision.state.value,
            not_before=now + timedelta(seconds=decision.delay_s),
            lease_until=None,
            uncertain=outbound.c.uncertain + int(uncertain),
            error=code[:128],
        )
    )


def said(tx: Connection, conversation_id: int) -> list[Said]:
    """All outgoing messages of a conversation, whatever became of them, in the order in which they were written."""
    query = select(outbound).where(outbound.c.conversation_id == conversation_id).order_by(outbound.c.id)
    return [_said(row) for row in tx.execute(query).all()]


def delivered(tx: Connection, conversation_id: int, after: int = 0) -> list[Said]:
    """What was delivered with a ``sent_seq`` above ``after``, in the order of delivery; what a sender has read."""
    query = (
        select(outbound)
        .where(outbound.c.conversation_id == conversation_id, outbound.c.sent_seq > after)
        .order_by(outbound.c.sent_seq)
    )
    return [_said(row) for row in tx.execute(query).all()]


def anything_due(tx: Connection, now: datetime) -> bool:
    """Whether a claim might find something; a cheap look before a writing transaction."""
    due = or_(
        and_(outbound.c.state == OutState.WAITING.value, outbound.c.not_before <= now),
        and_(outbound.c.state == OutState.SENDING.value, outbound.c.lease_until < now),
    )
    return tx.execute(select(outbound.c.id).where(due).limit(1)).first() is not None


def waiting_count(tx: Connection) -> int:
    return int(
        tx.execute(
            select(func.count()).select_from(outbound).where(outbound.c.state == OutState.WAITING.value)
        ).scalar_one()
    )


def _said(row: Row) -> Said:
    return Said(
        id=row.id,
        author=Author(row.author),
        answer=Answer.from_dict(row.body),
        state=OutState(row.state),
        created_at=row.created_at,
        sent_at=row.sent_at,
        sent_seq=row.sent_seq,
        turn_key=row.turn_key,
        staff_id=row.staff_id,
        error=row.error,
    )


def _outgoing(row: Row) -> OutgoingMessage:
    return OutgoingMessage(
        id=row.id,
        conversation_id=row.conversation_id,
        channel=Channel(row.channel),
        address=row.address,
        author=Author(row.author),
        answer=Answer.from_dict(row.body),
        attempts=row.attempts + 1,
        turn_key=row.turn_key,
        part=row.part,
        uncertain=row.uncertain,
    )
