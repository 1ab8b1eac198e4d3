"""A hundred thousand old messages and as many old answers, as a service of some months has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import Answer, Author, BrainState, Channel, Kind, OutState, Voice
from helpline.tables import conversation, message, outbound
from safety.assessment import Assessment, Level

PER_CONVERSATION = 50
BATCH = 5000
YOUNGEST, OLDEST = timedelta(days=1), timedelta(days=80)  # within the retention, or they would be deleted at the start


def fill(db: Database, keyring: Keyring, texts: Sequence[str], rows: int) -> None:
    """Add ``rows`` answered messages with their delivered answers, in batches; a repeat adds as many again."""
    now = datetime.now(UTC)
    with db.read() as tx:
        first_conversation = tx.execute(select(func.coalesce(func.max(conversation.c.id), 0))).scalar_one() + 1
        first_message = tx.execute(select(func.coalesce(func.max(message.c.id), 0))).scalar_one() + 1
    conversations = -(-rows // PER_CONVERSATION)
    ages = [OLDEST - (OLDEST - YOUNGEST) * number / conversations for number in range(conversations)]
    with db.write() as tx:
        tx.execute(
            conversation.insert(),
            [
                _conversation(first_conversation + number, keyring, now - age)
                for number, age in enumerate(ages)
            ],
        )
    for start in range(0, rows, BATCH):
        messages, answers = [], []
        for number in range(start, min(start + BATCH, rows)):
            owner, turn = divmod(number, PER_CONVERSATION)
            at = now - ages[owner] + timedelta(minutes=turn)
            common = {"id": first_message + number, "conversation": first_conversation + owner, "turn": turn, "at": at}
            messages.append(_message(texts[number % len(texts)], **common))
            answers.append(_answer(texts[number % len(texts)], **common))
        with db.write() as tx:
            tx.execute(message.insert(), messages)
            tx.execute(outbound.insert(), answers)


def _conversation(id: int, keyring: Keyring, at: datetime) -> dict[str, Any]:
    user = str(10_000_000 + id)
    return {
        "id": id,
        "channel": Channel.TELEGRAM.value,
        "user_key": keyring.pseudonym(Channel.TELEGRAM.value, user),
        "address": user,
        "voice": Voice.BOT.value,
        "created_at": at,
        "last_inbound_at": at + timedelta(minutes=PER_CONVERSATION),
        "noticed_at": at,
    }


def _message(text: str, id: int, conversation: int, turn: int, at: datetime) -> dict[str, Any]:
    return {
        "id": id,
        "conversation_id": conversation,
        "channel": Channel.TELEGRAM.value,
        "channel_message_id": f"old:{id}",
        "kind": Kind.TEXT.value,
        "text": text,
        "sent_at": at,
        "received_at": at,
        "level": Level.NONE.value,
        "assessment": NOTHING,
        "brain_state": BrainState.DONE.value,
        "brain_attempts": 1,
    }


def _answer(text: str, id: int, conversation: int, turn: int, at: datetime) -> dict[str, Any]:
    return {
        "conversation_id": conversation,
        "message_id": id,
        "turn_key": f"rasa:{id}",
        "part": 0,
        "author": Author.BOT.value,
        "place": turn + 1,
        "body": Answer(text=f"{text}\n" * 4).to_dict(),
        "state": OutState.SENT.value,
        "attempts": 1,
        "created_at": at,
        "not_before": at,
        "sent_at": at + timedelta(seconds=1),
        "sent_seq": turn + 1,
        "channel_message_id": str(id),
    }


NOTHING = Assessment(level=Level.NONE).to_dict()
