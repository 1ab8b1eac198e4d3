"""A Zalo event into a message of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors.zalo import address
from helpline.messages import Channel, InboundMessage, Kind

KINDS = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "gif": Kind.IMAGE,
    "audio": Kind.VOICE,
    "sticker": Kind.STICKER,
    "location": Kind.LOCATION,
    "link": Kind.OTHER,
    "video": Kind.OTHER,
    "file": Kind.OTHER,
    "business_card": Kind.OTHER,
}
SOMEBODY_ELSES_NAME = "business_card"  # its text is the name of the person on the card: not kept


class Party(BaseModel):
    id: str


class Content(BaseModel):
    msg_id: str | None = None
    text: str | None = None
    conversation_id: str | None = None


class Event(BaseModel):
    """What we read of an event. Ids are strings beyond 2^53; ``timestamp`` is epoch milliseconds in a string."""

    event_name: str
    timestamp: str = ""
    sender: Party | None = None
    message: Content | None = None
    user_id: str | None = None


def parse(event: Mapping[str, Any], raw: bytes, now: datetime) -> InboundMessage | None:
    """The message in an event, or None where there is none for us.

    None: echoes of the OA's own messages (`oa_send_*`), follow and unfollow, receipts, reactions, groups, calls,
    templates, `user_withdraw` (see `withdrawn`), whatever is unreadable. A tapped button comes as plain text.
    A kind of user message that we do not know yet is taken with its text, if any. ``raw`` is the body, hashed into
    an id where Zalo gave none; ``now`` is aware UTC.
    """
    read = _read(event)
    if read is None or read.message is None or read.sender is None or not read.sender.id:
        return None
    origin, _, thing = read.event_name.partition("_send_")
    if origin not in ("user", "anonymous") or not thing or "group" in thing.split("_"):
        return None
    sender = read.sender.id
    nameless = origin == "anonymous"
    return InboundMessage(
        channel=Channel.ZALO,
        channel_message_id=(read.message.msg_id or "")[:100] or f"h{hashlib.sha256(raw).hexdigest()[:40]}",
        user=f"{address.ANONYMOUS}/{sender}" if nameless else sender,
        text="" if thing == SOMEBODY_ELSES_NAME else read.message.text or "",
        kind=KINDS.get(thing, Kind.OTHER),
        sent_at=_sent_at(read.timestamp, now),
        received_at=now,
        reply_to=address.anonymous(sender, read.message.conversation_id or "") if nameless else sender,
    )


def withdrawn(event: Mapping[str, Any]) -> str | None:
    """The user who takes back consent and whose data Zalo asks us to delete (`user_withdraw`), else None."""
    read = _read(event)
    return read.user_id if read and read.event_name == "user_withdraw" else None


def _read(event: Mapping[str, Any]) -> Event | None:
    try:
        return Event.parse_obj(event)
    except ValidationError:
        return None


def _sent_at(milliseconds: str, now: datetime) -> datetime:
    """When Zalo says it was written; now, where that cannot be (Zalo repeats for two hours, not for weeks)."""
    try:
        moment = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return moment if now - timedelta(days=7) < moment < now + timedelta(days=1) else now
