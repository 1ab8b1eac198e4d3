"""Cases: what waits for a counsellor, who has it, and how it ends. At most one open case a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection, Row

from helpline import audit, conversations, outbox
from helpline.errors import CaseClosed, CaseTaken, NotOwner
from helpline.messages import Answer, Author, BrainState, Voice
from helpline.tables import case, conversation, message, staff
from helpline.wording import say
from safety.assessment import Assessment, Level

DUE = {Level.URGENT: timedelta(minutes=2), Level.CONCERN: timedelta(minutes=15)}  # desk.md; safeguarding 21
URGENT_FIRST: Any = sql_case((case.c.level == Level.URGENT.value, 0), else_=1)


@dataclass(frozen=True)
class CaseChange:
    """What a message did to the case of its conversation."""

    case_id: int
    opened: bool
    raised: bool
    state: str


def open_of(tx: Connection, conversation_id: int) -> Row | None:
    """The open case of a conversation, or None."""
    return tx.execute(
        select(case).where(case.c.conversation_id == conversation_id, case.c.state != "closed")
    ).first()


def get(tx: Connection, case_id: int) -> Row:
    """One case, locked together with its conversation. Raises `LookupError` when there is none.

    The conversation is locked first, as the intake does it, so that the two never wait for each other in a circle.
    """
    conversation_id = tx.execute(select(case.c.conversation_id).where(case.c.id == case_id)).scalar()
    if conversation_id is None:
        raise LookupError("no such case")
    conversations.lock(tx, conversation_id)
    return tx.execute(select(case).where(case.c.id == case_id).with_for_update()).one()


def open_or_raise(
    tx: Connection, now: datetime, conversation_id: int, message_id: int, assessment: Assessment
) -> CaseChange:
    """Open a case for a risk text, or raise the open one to a higher level; never lowers, never opens a second.

    The caller holds the lock of the conversation.
    """
    reason = {"message_id": message_id, "assessment": assessment.to_dict()}
    present = open_of(tx, conversation_id)
    if present is None:
        result = tx.execute(
            case.insert().values(
                conversation_id=conversation_id,
                message_id=message_id,
                state="waiting",
                level=assessment.level.value,
                category=assessment.category.value if assessment.category else "distress",
                who=assessment.who.value if assessment.who else "unknown",
                reason=[reason],
                opened_at=now,
                waiting_since=now,
                due_at=now + DUE[assessment.level],
            )
        )
        case_id = result.inserted_primary_key[0]
        audit.record(tx, now, "gateway", "case.open", "case", case_id, level=assessment.level.value)
        return CaseChange(case_id, opened=True, raised=False, state="waiting")

    raised = assessment.level is Level.URGENT and present.level != Level.URGENT.value
    values: dict[str, Any] = {"reason": [*present.reason, reason][-20:], "version": case.c.version + 1}
    if raised:
        values |= {
            "level": assessment.level.value,
            "category": assessment.category.value if assessment.category else present.category,
            "who": assessment.who.value if assessment.who else present.who,
            "due_at": now + DUE[assessment.level],
            "alarm_stage": 0,
        }
        audit.record(tx, now, "gateway", "case.raise", "case", present.id, level=assessment.level.value)
    tx.execute(update(case).where(case.c.id == present.id).values(**values))
    return CaseChange(present.id, opened=False, raised=raised, state=present.state)


def queue(tx: Connection) -> list[Row]:
    """Open cases, urgent first, then by how long they have waited; with the owner's name and the channel."""
    return list(
        tx.execute(
            select(case, staff.c.name.label("owner_name"), conversation.c.channel)
            .join(conversation, conversation.c.id == case.c.conversation_id)
            .outerjoin(staff, staff.c.id == case.c.owner_id)
            .where(case.c.state != "closed")
            .order_by(case.c.state != "waiting", URGENT_FIRST, case.c.waiting_since, case.c.id)
        ).all()
    )


def place_in_queue(tx: Connection, case_id: int) -> int:
    """The place of a waiting case in the queue, from 1; 0 when it does not wait."""
    waiting = [row.id for row in queue(tx) if row.state == "waiting"]
    return waiting.index(case_id) + 1 if case_id in waiting else 0


def waiting_count(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(case).where(case.c.state == "waiting")).scalar_one())


def take(tx: Connection, now: datetime, case_id: int, staff_id: int) -> None:
    """Make somebody the owner of a waiting case. From here on the bot is silent in its conversation.

    Taking one's own case again changes nothing. Raises `CaseTaken` (with who has it) or `CaseClosed`.
    """
    row = get(tx, case_id)
    if row.state == "closed":
        raise CaseClosed("case is closed")
    if row.state == "taken":
        if row.owner_id == staff_id:
            return
        raise CaseTaken(_name(tx, row.owner_id))
    _set(tx, case_id, state="taken", owner_id=staff_id, taken_at=now, owner_active_at=now, alarm_stage=0)
    conversations.give_voice(tx, row.conversation_id, Voice.COUNSELLOR)
    outbox.drop_waiting(tx, row.conversation_id, Author.BOT)
    outbox.drop_waiting(tx, row.conversation_id, Author.SYSTEM, "wait:")
    tx.execute(
        update(message)
        .where(
            message.c.conversation_id == row.conversation_id,
            message.c.brain_state.in_((BrainState.WAITING.value, BrainState.WORKING.value)),
        )
        .values(brain_state=BrainState.SKIPPED.value)
    )
    _notify(tx, now, row, "joined")
    audit.record(tx, now, f"staff:{staff_id}", "case.take", "case", case_id)


def take_next(tx: Connection, now: datetime, staff_id: int) -> int | None:
    """Take the most urgent waiting case; returns its id, or None when nobody waits (or others were quicker)."""
    for row in queue(tx):
        if row.state != "waiting":
            continue
        try:
            take(tx, now, row.id, staff_id)
        except (CaseTaken, CaseClosed):
            continue
        return int(row.id)
    return None


def write(tx: Connection, now: datetime, case_id: int, staff_id: int, text: str, client_key: str) -> int | None:
    """Put the owner's words into the outbox; ``client_key`` (a uuid of the page) makes a repeat say nothing twice.

    Returns the id of the outgoing message, None for a repeat. Raises `NotOwner` for anybody but the owner.
    """
    row = _owned(tx, case_id, staff_id)
    ids = outbox.put(
        tx,
        now,
        row.conversation_id,
        f"counsellor:{client_key}",
        [Answer(text=text)],
        Author.COUNSELLOR,
        staff_id=staff_id,
    )
    if not ids:
        return None
    tx.execute(update(case).where(case.c.id == case_id).values(owner_active_at=now))
    audit.record(tx, now, f"staff:{staff_id}", "case.write", "case", case_id, length=len(text))
    return ids[0]


def close(tx: Connection, now: datetime, case_id: int, staff_id: int, outcome: str, note: str = "") -> None:
    """End a case: the bot speaks again, in a new session. Raises `NotOwner`, `CaseClosed`."""
    row = _owned(tx, case_id, staff_id)
    _set(tx, case_id, state="closed", closed_at=now, outcome=outcome, note=note or None)
    conversations.give_voice(tx, row.conversation_id, Voice.BOT, new_session=True)
    _notify(tx, now, row, "ended")
    audit.record(tx, now, f"staff:{staff_id}", "case.close", "case", case_id, outcome=outcome)


def withdraw(tx: Connection, now: datetime, conversation_id: int) -> bool:
    """Close a waiting case that is only a wish for a person, taken back by the sender. A disclosure stays open."""
    row = open_of(tx, conversation_id)
    if row is None or row.state != "waiting" or row.category != "counsellor_request":
        return False
    _set(tx, row.id, state="closed", closed_at=now, outcome="withdrawn")
    outbox.drop_waiting(tx, conversation_id, Author.SYSTEM, "wait:")
    audit.record(tx, now, "gateway", "case.withdraw", "case", row.id)
    return True


def back_to_queue(tx: Connection, now: datetime, case_id: int, actor: str, notice: str) -> None:
    """Give a taken case back, on top of its level; ``notice`` names the line that the sender reads once.

    The sender is told, and the bot speaks again until somebody takes the case.
    """
    row = get(tx, case_id)
    if row.state != "taken":
        raise CaseClosed("case is not taken")
    _set(tx, case_id, state="waiting", owner_id=None, due_at=now, alarm_stage=0, waiting_since=row.opened_at)
    conversations.give_voice(tx, row.conversation_id, Voice.BOT)
    _notify(tx, now, row, notice)
    audit.record(tx, now, actor, "case.back", "case", case_id, notice=notice)


def release(tx: Connection, now: datetime, case_id: int, staff_id: int) -> None:
    """The owner gives its case back to the queue. Raises `NotOwner`."""
    _owned(tx, case_id, staff_id)
    back_to_queue(tx, now, case_id, f"staff:{staff_id}", "released")


def transfer(tx: Connection, now: datetime, case_id: int, staff_id: int, to_staff_id: int) -> None:
    """The owner hands its case to a colleague, without a gap in who speaks. Raises `NotOwner`."""
    row = _owned(tx, case_id, staff_id)
    _set(tx, case_id, owner_id=to_staff_id, owner_active_at=now)
    _notify(tx, now, row, "transferred")
    audit.record(tx, now, f"staff:{staff_id}", "case.transfer", "case", case_id, to=to_staff_id)


def _owned(tx: Connection, case_id: int, staff_id: int) -> Row:
    row = get(tx, case_id)
    if row.state == "closed":
        raise CaseClosed("case is closed")
    if row.state != "taken" or row.owner_id != staff_id:
        raise NotOwner("only the owner writes")
    return row


def _set(tx: Connection, case_id: int, **values: Any) -> None:
    tx.execute(update(case).where(case.c.id == case_id).values(version=case.c.version + 1, **values))


def _notify(tx: Connection, now: datetime, row: Row, kind: str) -> None:
    key = f"notice:{row.id}:{row.version}:{kind}"
    outbox.put(tx, now, row.conversation_id, key, [Answer(text=say(f"notices.{kind}"))], Author.SYSTEM)


def _name(tx: Connection, staff_id: int | None) -> str:
    return tx.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar() or "?"
