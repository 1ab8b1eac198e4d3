"""This update in, this message out."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.telegram.parse import parse
from helpline.messages import Channel

FOLDER = Path(__file__).parents[1] / "payloads" / "telegram"
FILES = sorted(FOLDER.glob("*.json"))
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text())["in"])


def test_there_are_payloads() -> None:
    assert len(FILES) > 25


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_payload(path: Path) -> None:
    case = json.loads(path.read_text())
    message = parse(case["in"], NOW)
    if case["out"] is None:
        assert message is None
        return
    assert message is not None
    assert message.channel is Channel.TELEGRAM
    assert message.received_at == NOW
    assert message.sent_at.utcoffset() == timedelta(0)
    assert {
        "channel_message_id": message.channel_message_id,
        "user": message.user,
        "reply_to": message.reply_to,
        "text": message.text,
        "kind": message.kind.value,
        "sent_at": message.sent_at.isoformat(),
        "payload": message.payload,
    } == case["out"]


def test_tap_carries_what_its_acknowledgement_needs() -> None:
    message = parse(load("tap"), NOW)
    assert message is not None
    assert message.extra == {"callback_query_id": "4382bfdwdsb323b2d9"}


@pytest.mark.parametrize("name", ["text", "tap", "edited"])
def test_id_is_the_same_on_redelivery_and_names_no_user(name: str) -> None:
    first, second = parse(load(name), NOW), parse(load(name), NOW + timedelta(hours=3))
    assert first is not None and second is not None
    assert first.channel_message_id == second.channel_message_id
    assert first.user not in first.channel_message_id


def test_ids_differ_where_telegram_counts_anew() -> None:
    later = load("text")
    later["message"]["date"] += 8 * 86400
    first, second = parse(load("text"), NOW), parse(later, NOW)
    assert first is not None and second is not None
    assert first.channel_message_id != second.channel_message_id


def test_an_edit_is_another_message_than_what_it_edits() -> None:
    first, second = parse(load("text"), NOW), parse(load("edited"), NOW)
    assert first is not None and second is not None
    assert first.channel_message_id != second.channel_message_id


WRONG = (None, 7, -1, 10**30, "x", "", [], [1], {}, {"id": "x"}, True, 1.5)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_update_breaks_the_parser(path: Path) -> None:
    """Each part of each payload, replaced by each wrong thing."""
    good = json.loads(path.read_text())["in"]
    for number in range(sum(1 for _ in _places(good))):
        for wrong in WRONG:
            update = copy.deepcopy(good)
            holder, key = list(_places(update))[number]
            holder[key] = wrong
            message = parse(update, NOW)
            assert message is None or (isinstance(message.text, str) and message.user)
            assert message is None or len(message.channel_message_id) <= 128


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)
