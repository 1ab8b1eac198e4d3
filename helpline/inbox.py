"""Kept messages on their way through Rasa: claimed one a conversation, in order. The only place that knows these queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.engine import Connection

from helpline import audit, cases, conversations, first_response, outbox
from helpline.messages import Answer, Author, BrainState, Channel, Kind, Voice
from helpline.tables import conversation, message
from helpline.wording import say
from safety.assessment import Assessment, Level

LEASE = timedelta(seconds=30)
FRESH = timedelta(minutes=10)  # older messages are not answered when Rasa is back; they are logged as missed
RETRY = (2, 4, 8, 15, 30, 60)  # seconds after the n-th silence


@dataclass(frozen=True)
class Turn:
    """One message for Rasa. ``session`` is the pseudonymous sender id that Rasa sees."""

    message_id: int
    conversation_id: int
    session: str
    channel: Channel
    text: str
    kind: Kind
    assessment: Assessment
    attempts: int
    received_at: datetime
    case_open: bool
    check_said: bool

    def __repr__(self) -> str:
        return f"Turn(message {self.message_id}, attempt {self.attempts})"


def claim(tx: Connection, now: datetime, most: int = 8) -> list[Turn]:
    """Take up to ``most`` waiting messages, at most one a conversation, under a lease of `LEASE`."""
    tx.execute(
        update(message)
        .where(message.c.brain_state == BrainState.WORKING.value, message.c.brain_lease_until < now)
        .values(brain_state=BrainState.WAITING.value)
    )
    earlier = message.alias()
    blocked = exists().where(
        and_(
            earlier.c.conversation_id == message.c.conversation_id,
            or_(
                earlier.c.brain_state == BrainState.WORKING.value,
                and_(earlier.c.brain_state == BrainState.WAITING.value, earlier.c.id < message.c.id),
            ),
        )
    )
    ready = (
        select(message, conversation.c.brain_epoch, conversation.c.check_said_at, conversation.c.user_key)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(
            message.c.brain_state == BrainState.WAITING.value,
            or_(message.c.brain_not_before.is_(None), message.c.brain_not_before <= now),
            conversation.c.voice == Voice.BOT.value,
            ~blocked,
        )
        .order_by(message.c.id)
        .limit(most)
        .with_for_update(of=conversation, skip_locked=True)
    )
    turns = []
    for row in tx.execute(ready).all():
        taken = tx.execute(
            update(message)
            .where(message.c.id == row.id, message.c.brain_state == BrainState.WAITING.value)
            .values(
                brain_state=BrainState.WORKING.value,
                brain_attempts=message.c.brain_attempts + 1,
                brain_lease_until=now + LEASE,
            )
        )
        if taken.rowcount == 0:  # another worker had it between our look and our lock
            continue
        turns.append(
            Turn(
                message_id=row.id,
                conversation_id=row.conversation_id,
                session=f"{row.user_key}-{row.brain_epoch}",
                channel=Channel(row.channel),
                text=row.text,
                kind=Kind(row.kind),
                assessment=Assessment.from_dict(row.assessment),
                attempts=row.brain_attempts + 1,
                received_at=row.received_at,
                case_open=cases.open_of(tx, row.conversation_id) is not None,
                check_said=row.check_said_at is not None,
            )
        )
    return turns


def anything_due(tx: Connection, now: datetime) -> bool:
    """Whether a claim might find something; a cheap look before a writing transaction."""
    due = or_(
        and_(
            message.c.brain_state == BrainState.WAITING.value,
            or_(message.c.brain_not_before.is_(None), message.c.brain_not_before <= now),
        ),
        and_(message.c.brain_state == BrainState.WORKING.value, message.c.brain_lease_until < now),
    )
    return tx.execute(select(message.c.id).where(due).limit(1)).first() is not None


def answer(tx: Connection, now: datetime, turn: Turn, answers: Sequence[Answer]) -> bool:
    """Put Rasa's answers into the outbox, and the soft check with them where it is due.

    Nothing is said (and False returned) when a counsellor has spoken meanwhile, or when the turn was done by
    another worker after this one's lease ran out.
    """
    row = conversations.lock(tx, turn.conversation_id)
    if not _still_working(tx, turn):
        return False
    parts = [_carry_out(tx, now, turn, part) for part in answers if part.text]
    if soft_check_is_due(turn, row.check_said_at is not None):
        parts = with_soft_check(parts)
        conversations.mark(tx, turn.conversation_id, check_said_at=now)
    outbox.put(
        tx, now, turn.conversation_id, f"rasa:{turn.message_id}", parts, Author.BOT, message_id=turn.message_id
    )
    _finish(tx, turn, BrainState.DONE)
    return True


def _carry_out(tx: Connection, now: datetime, turn: Turn, part: Answer) -> Answer:
    """Do what an answer stands for: a taken-back wish for a person leaves the queue, a wish to be deleted is kept."""
    effect = part.extra.get("effect")
    if effect == "withdraw" and cases.withdraw(tx, now, turn.conversation_id):
        return replace(part, text=str(part.extra.get("else_text") or part.text))
    if effect == "delete":
        conversations.mark(tx, turn.conversation_id, delete_asked_at=now)
        audit.record(tx, now, "gateway", "delete.ask", "conversation", turn.conversation_id)
    return part


def soft_check_is_due(turn: Turn, said_before: bool) -> bool:
    """Contract, section 1: with level none and check, unless a case is open or it was said in this conversation."""
    return turn.assessment.level is Level.NONE and turn.assessment.check and not turn.case_open and not said_before


def with_soft_check(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with the gentle sentence behind the last one."""
    check = first_response.soft_check()
    if not answers:
        return [check]
    last = answers[-1]
    joined = replace(
        last,
        text=f"{last.text}\n\n{check.text}",
        buttons=last.buttons + check.buttons,
        extra={**last.extra, **check.extra},
    )
    return [*answers[:-1], joined]


def silent(tx: Connection, now: datetime, turn: Turn) -> None:
    """Rasa did not answer: say one kind line with the numbers, once a message, and try again later.

    A message with a first response needs no such line. One that is older than `FRESH`, or behind which a newer one
    waits, is given up as missed.
    """
    conversations.lock(tx, turn.conversation_id)
    if not _still_working(tx, turn):
        return
    newer = tx.execute(
        select(func.count())
        .select_from(message)
        .where(message.c.conversation_id == turn.conversation_id, message.c.id > turn.message_id)
    ).scalar_one()
    if turn.assessment.level is Level.NONE:
        key = f"silent:{turn.message_id}"
        outbox.put(tx, now, turn.conversation_id, key, [Answer(text=say("brain_silent"))], Author.BOT)
    if newer or now - turn.received_at > FRESH:
        _finish(tx, turn, BrainState.MISSED)
        return
    delay = RETRY[min(turn.attempts, len(RETRY)) - 1]
    tx.execute(
        update(message)
        .where(message.c.id == turn.message_id)
        .values(
            brain_state=BrainState.WAITING.value,
            brain_not_before=now + timedelta(seconds=delay),
            brain_lease_until=None,
        )
    )


def _still_working(tx: Connection, turn: Turn) -> bool:
    """Whether the turn is still to be done: a counsellor who takes the case ends it (`cases.take`)."""
    state = tx.execute(select(message.c.brain_state).where(message.c.id == turn.message_id)).scalar()
    return state == BrainState.WORKING.value


def _finish(tx: Connection, turn: Turn, state: BrainState) -> None:
    tx.execute(
        update(message)
        .where(message.c.id == turn.message_id)
        .values(brain_state=state.value, brain_lease_until=None)
    )


def waiting_count(tx: Connection) -> int:
    return int(
        tx.execute(
            select(func.count()).select_from(message).where(message.c.brain_state == BrainState.WAITING.value)
        ).scalar_one()
    )
