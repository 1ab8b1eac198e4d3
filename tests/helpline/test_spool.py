from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpline.clock import MovableClock
from helpline.keyring import Keyring
from helpline.messages import Channel, InboundMessage, Kind
from helpline.spool import Spool


@pytest.fixture
def spool(tmp_path: Path, keyring: Keyring) -> Spool:
    return Spool(tmp_path / "spool", keyring)


def message(clock: MovableClock, number: str = "1", text: str = "bố đánh con") -> InboundMessage:
    now = clock.now()
    return InboundMessage(Channel.TELEGRAM, number, "42", text, Kind.TEXT, now, now, reply_to="42")


def test_s19_what_is_kept_comes_back_whole_and_in_order(spool: Spool, clock: MovableClock) -> None:
    kept = []
    for number in range(12):
        kept.append(message(clock, str(number), f"tin {number}"))
        spool.keep(kept[-1], False)
        clock.move(timedelta(milliseconds=1))
    assert [one.message for one in spool.waiting()] == kept


def test_the_same_message_is_one_file_and_remembers_that_it_was_answered(spool: Spool, clock: MovableClock) -> None:
    spool.keep(message(clock), True)
    spool.keep(message(clock), False)
    (one,) = spool.waiting()
    assert one.first_said and spool.count() == 1


def test_words_are_not_readable_in_the_file(spool: Spool, clock: MovableClock) -> None:
    assert "đánh".encode() not in spool.keep(message(clock), False).read_bytes()


def test_a_broken_file_stops_nothing(spool: Spool, clock: MovableClock, caplog: pytest.LogCaptureFixture) -> None:
    path = spool.keep(message(clock, "1"), False)
    (path.parent / "00000000T000000.0-broken.msg").write_text("not a token")
    assert [one.message.channel_message_id for one in spool.waiting()] == ["1"]
    assert "broken" in caplog.text
