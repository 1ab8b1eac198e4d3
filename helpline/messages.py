"""The values that travel: what arrived, what is answered, what goes out. Free of any channel's own shapes."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class Channel(str, enum.Enum):
    WEB = "web"
    TELEGRAM = "telegram"
    ZALO = "zalo"


class Kind(str, enum.Enum):
    TEXT = "text"
    BUTTON = "button"
    STICKER = "sticker"
    IMAGE = "image"
    VOICE = "voice"
    LOCATION = "location"
    EDIT = "edit"
    OTHER = "other"


class Voice(str, enum.Enum):
    """Who speaks to the sender in a conversation."""

    BOT = "bot"
    COUNSELLOR = "counsellor"


class Author(str, enum.Enum):
    """Whose words an outgoing message holds. ``SYSTEM``: notices (joined, left, ended) and timed lines."""

    BOT = "bot"
    COUNSELLOR = "counsellor"
    SYSTEM = "system"


class OutState(str, enum.Enum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


class BrainState(str, enum.Enum):
    """Where a kept message stands on its way through Rasa."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    SKIPPED = "skipped"  # a counsellor speaks, or nothing for Rasa to read
    MISSED = "missed"  # Rasa was silent for too long; logged for review


@dataclass(frozen=True)
class InboundMessage:
    """One message as it came from a channel.

    ``user`` is the channel's own id of the sender, ``reply_to`` what the channel needs to reach it (the chat id).
    ``text`` is NFC-free: as typed. ``sent_at`` and ``received_at`` are aware UTC.
    """

    channel: Channel
    channel_message_id: str
    user: str
    text: str
    kind: Kind
    sent_at: datetime
    received_at: datetime
    reply_to: str = ""
    payload: str = ""  # of a button
    extra: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:  # never the words or the sender in a log
        return f"InboundMessage({self.channel.value}, {self.kind.value}, {len(self.text)} code points)"


@dataclass(frozen=True)
class Button:
    """``title`` is read by the person; ``payload`` comes back as the text of the tap."""

    title: str
    payload: str = ""

    @property
    def value(self) -> str:
        return self.payload or self.title


@dataclass(frozen=True)
class Answer:
    """One bubble: text, buttons under it, and what it rests on.

    ``citations`` are whole strings as the contract writes them. ``topic``, ``intent`` and ``confidence`` say how it
    was understood; they are not shown to the sender.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    citations: tuple[str, ...] = ()
    topic: str | None = None
    intent: str | None = None
    confidence: float | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "buttons": [{"title": b.title, "payload": b.payload} for b in self.buttons],
            "citations": list(self.citations),
            "topic": self.topic,
            "intent": self.intent,
            "confidence": self.confidence,
            "extra": self.extra,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Answer:
        return cls(
            text=str(data.get("text") or ""),
            buttons=tuple(Button(str(b["title"]), str(b.get("payload") or "")) for b in data.get("buttons") or ()),
            citations=tuple(str(c) for c in data.get("citations") or ()),
            topic=data.get("topic"),
            intent=data.get("intent"),
            confidence=data.get("confidence"),
            extra=dict(data.get("extra") or {}),
        )


@dataclass(frozen=True)
class OutgoingMessage:
    """One row of the outbox as the courier sees it. ``address`` is the channel's own chat id."""

    id: int
    conversation_id: int
    channel: Channel
    address: str
    author: Author
    answer: Answer
    attempts: int
    turn_key: str
    part: int
    uncertain: int = 0  # earlier tries that may have arrived

    def __repr__(self) -> str:
        return f"OutgoingMessage({self.id}, {self.channel.value}, {self.author.value}, attempt {self.attempts})"
