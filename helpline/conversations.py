"""Conversations: who writes from where, and who speaks to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from helpline.messages import Channel, Voice
from helpline.tables import conversation, message


def find(tx: Connection, channel: Channel, user_key: str) -> Row | None:
    return tx.execute(
        select(conversation).where(conversation.c.channel == channel.value, conversation.c.user_key == user_key)
    ).first()


def ensure(tx: Connection, now: datetime, channel: Channel, user_key: str, address: str) -> Row:
    """The conversation of a sender on a channel, made where there is none; locked for this transaction."""
    present = find(tx, channel, user_key)
    if present is None:
        try:
            with tx.begin_nested():
                tx.execute(
                    conversation.insert().values(
                        channel=channel.value,
                        user_key=user_key,
                        address=address,
                        voice=Voice.BOT.value,
                        created_at=now,
                    )
                )
        except IntegrityError:
            pass  # the sender's other message, arriving at the same time, made it
        present = find(tx, channel, user_key)
        assert present is not None
    return lock(tx, present.id)


def lock(tx: Connection, conversation_id: int) -> Row:
    """The conversation, locked against others until this transaction ends."""
    return tx.execute(select(conversation).where(conversation.c.id == conversation_id).with_for_update()).one()


def give_voice(tx: Connection, conversation_id: int, voice: Voice, *, new_session: bool = False) -> None:
    values: dict[str, Any] = {"voice": voice.value}
    if new_session:
        values["brain_epoch"] = conversation.c.brain_epoch + 1
    tx.execute(update(conversation).where(conversation.c.id == conversation_id).values(**values))


def mark(tx: Connection, conversation_id: int, **columns: Any) -> None:
    tx.execute(update(conversation).where(conversation.c.id == conversation_id).values(**columns))


def recent_texts(
    tx: Connection, conversation_id: int, since: datetime, most: int = 4, before: int | None = None
) -> list[str]:
    """Up to ``most`` texts that the sender wrote since ``since``, oldest first; what the screen's history rule reads.

    ``before``: only those that came before the message of this number.
    """
    wanted = select(message.c.text).where(
        message.c.conversation_id == conversation_id, message.c.received_at >= since, message.c.text != ""
    )
    if before is not None:
        wanted = wanted.where(message.c.id < before)
    rows = tx.execute(wanted.order_by(message.c.id.desc()).limit(most)).all()
    return [row.text for row in reversed(rows) if row.text]
