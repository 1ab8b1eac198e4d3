"""A Telegram update into a message of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update, User
from telegram.constants import ChatType

from helpline.messages import Channel, InboundMessage, Kind

GREETING = "xin chào"
START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<rest>.*))?", re.DOTALL)
DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, OSError)
PLAIN = ("message_id", "date", "edit_date", "chat", "from", "text", "caption")  # enough to hear somebody


def parse(update: Mapping[str, Any], now: datetime) -> InboundMessage | None:
    """The message in an update, or None where there is none for us.

    None: groups and channels, other bots, blocking and unblocking (`my_chat_member`), service messages, edits without
    words (a moving location), whatever we do not know. ``now`` is aware UTC. The message id is made of what stays
    the same when Telegram delivers again, and holds no user id; the date is in it because the counting of updates
    starts at random after a quiet week. A tap carries its `callback_query_id` in ``extra``.
    """
    if not isinstance(update.get("update_id"), int):
        return None
    for shape in (update, _plain(update)):
        try:
            return _read(Update.de_json(dict(shape), None), now)
        except UNREADABLE:  # something new in it that the library does not know: again, with who, where and words only
            continue
    return None


def _read(update: Update, now: datetime) -> InboundMessage | None:
    if update.callback_query:
        return _tap(update.callback_query, now)
    if update.edited_message:
        return _edit(update.update_id, update.edited_message, now)
    if update.message:
        return _message(update.update_id, update.message, now)
    return None


def _plain(update: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {"update_id": update.get("update_id")}
    for name in ("message", "edited_message"):
        message = update.get(name)
        if isinstance(message, dict):
            plain[name] = {key: message[key] for key in PLAIN if key in message}
    return plain


def _message(update_id: int, message: Message, now: datetime) -> InboundMessage | None:
    text = _said(message)
    kind = Kind.TEXT if message.text else _kind(message)
    if kind is None:
        return None
    return _inbound(f"u{update_id}.{int(message.date.timestamp())}", message, _opening(text), kind, message.date, now)


def _edit(update_id: int, message: Message, now: datetime) -> InboundMessage | None:
    text = _said(message)
    if not text:
        return None
    edited = message.edit_date or message.date
    return _inbound(f"u{update_id}.{int(edited.timestamp())}", message, text, Kind.EDIT, edited, now)


def _said(message: Message) -> str:
    return str(message.text or message.caption or "")


def _inbound(
    own_id: str, message: Message, text: str, kind: Kind, sent_at: datetime, now: datetime
) -> InboundMessage | None:
    if message.chat.type != ChatType.PRIVATE or not _is_person(message.from_user):
        return None
    assert message.from_user is not None
    return InboundMessage(
        channel=Channel.TELEGRAM,
        channel_message_id=own_id,
        user=str(message.from_user.id),
        text=text,
        kind=kind,
        sent_at=sent_at,
        received_at=now,
        reply_to=str(message.chat.id),
    )


def _kind(message: Message) -> Kind | None:
    """What a message without text is; None for service messages."""
    if message.location or message.venue:
        return Kind.LOCATION
    if message.sticker:
        return Kind.STICKER
    if message.photo:
        return Kind.IMAGE
    if message.voice or message.audio:
        return Kind.VOICE
    return Kind.OTHER if message.effective_attachment or message.caption else None


def _opening(text: str) -> str:
    """`/start`, also with a deep link's code behind it, is a greeting; words behind it are what is said."""
    match = START.fullmatch(text)
    if match is None:
        return text
    rest = (match["rest"] or "").strip()
    return rest if rest and not DEEP_LINK.fullmatch(rest) else GREETING


def _is_person(user: User | None) -> bool:
    return user is not None and not user.is_bot and isinstance(user.id, int)


def _tap(query: CallbackQuery, now: datetime) -> InboundMessage | None:
    """A tapped button. Its title is the text, for the case that the message it stood under is forgotten by then."""
    if not _is_person(query.from_user) or not isinstance(query.data, str):
        return None
    if query.message and query.message.chat.type != ChatType.PRIVATE:
        return None
    return InboundMessage(
        channel=Channel.TELEGRAM,
        channel_message_id=f"q{query.id}",
        user=str(query.from_user.id),
        text=_title(query),
        kind=Kind.BUTTON,
        sent_at=now,
        received_at=now,
        reply_to=str(query.message.chat.id if query.message else query.from_user.id),
        payload=query.data,
        extra={"callback_query_id": query.id},
    )


def _title(query: CallbackQuery) -> str:
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    if not isinstance(markup, InlineKeyboardMarkup):
        return ""
    titles = (button.text for row in markup.inline_keyboard for button in row if button.callback_data == query.data)
    return str(next(titles, None) or "")
