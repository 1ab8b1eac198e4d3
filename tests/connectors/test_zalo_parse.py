"""This event in, this message out."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.zalo.address import recipient
from connectors.zalo.parse import parse, withdrawn
from helpline.errors import SendRefused
from helpline.messages import Channel

FOLDER = Path(__file__).parents[1] / "payloads" / "zalo"
FILES = sorted(FOLDER.glob("*.json"))
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text())["in"])


def test_there_are_payloads() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_payload(path: Path) -> None:
    case = json.loads(path.read_text())
    message = parse(case["in"], json.dumps(case["in"]).encode(), NOW)
    if case["out"] is None:
        assert message is None
        return
    assert message is not None
    assert message.channel is Channel.ZALO
    assert message.received_at == NOW
    assert message.sent_at.utcoffset() == timedelta(0)
    own_id = message.channel_message_id
    assert {
        "channel_message_id": "h*" if own_id.startswith("h") else own_id,
        "user": message.user,
        "reply_to": message.reply_to,
        "text": message.text,
        "kind": message.kind.value,
        "sent_at": message.sent_at.isoformat(),
        "payload": message.payload,
    } == case["out"]


def test_without_an_id_the_body_is_the_id() -> None:
    event = load("user_send_text_without_id")
    first, again, other = parse(event, b"a", NOW), parse(event, b"a", NOW + timedelta(hours=1)), parse(event, b"b", NOW)
    assert first and again and other
    assert first.channel_message_id == again.channel_message_id != other.channel_message_id
    assert len(first.channel_message_id) == 41


@pytest.mark.parametrize("name", ["msg_id", "conversation_id", "attachments", "quote_msg_id"])
def test_nothing_beside_the_words_is_needed_to_hear_them(name: str) -> None:
    event = load("anonymous_send_text")
    event["message"][name] = None
    message = parse(event, b"raw", NOW)
    assert message is not None and message.text == "Em không muốn để lộ tên ạ"


def test_withdrawal_names_its_user_and_nothing_else_does() -> None:
    named = {path.stem: withdrawn(json.loads(path.read_text())["in"]) for path in FILES}
    assert {name: user for name, user in named.items() if user} == {"user_withdraw": "246845883529197922"}


def test_anonymous_sender_is_reached_by_both_ids() -> None:
    message = parse(load("anonymous_send_text"), b"", NOW)
    assert message is not None
    assert recipient(message.reply_to) == {"anonymous_id": "7702461234567", "conversation_id": "c-5f1/2"}
    assert recipient("246845883529197922") == {"user_id": "246845883529197922"}


def test_anonymous_sender_without_a_conversation_is_kept_but_not_reached() -> None:
    event = load("anonymous_send_text")
    del event["message"]["conversation_id"]
    message = parse(event, b"", NOW)
    assert message is not None and message.text == "Em không muốn để lộ tên ạ"
    with pytest.raises(SendRefused):
        recipient(message.reply_to)


WRONG = (None, 7, -1, 10**30, "x", "", [], [1], {}, {"id": "x"}, True, 1.5)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_event_breaks_the_parser(path: Path) -> None:
    """Each part of each payload, replaced by each wrong thing."""
    good = json.loads(path.read_text())["in"]
    for number in range(sum(1 for _ in _places(good))):
        for wrong in WRONG:
            event = copy.deepcopy(good)
            holder, key = list(_places(event))[number]
            holder[key] = wrong
            message = parse(event, b"raw", NOW)
            assert message is None or (isinstance(message.text, str) and message.user)
            assert message is None or len(message.channel_message_id) <= 128
            assert withdrawn(event) is None or isinstance(withdrawn(event), str)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)
