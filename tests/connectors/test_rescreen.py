"""Messages that were judged with a part of the screen missing are judged again when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.gateway import Gateway
from helpline import cases, conversations
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.intake import Intake
from helpline.keyring import Keyring
from helpline.messages import Channel, InboundMessage, Kind, Voice
from helpline.settings import Settings
from helpline.tables import outbound
from safety.assessment import Assessment, Level
from tests.fakes.screen import WordScreen


class HalfDeaf(WordScreen):
    """Without its encoder, "mưa" says nothing to it; with it, that it is urgent."""

    def __init__(self, hears: bool = False) -> None:
        super().__init__()
        self.hears = hears

    def assess(self, text: str, history: Sequence[str] = ()) -> Assessment:
        said = super().assess(text.replace("mưa", "đánh") if self.hears else text, history)
        return replace(said, version="whole" if self.hears else "half")

    def knows_more(self, than: Assessment) -> bool:
        return self.hears and than.version != "whole"


@pytest.fixture
def gateway(tmp_path: Path, db: Database, clock: MovableClock, keyring: Keyring) -> Gateway:
    return Gateway(Settings(var=tmp_path), db, keyring, HalfDeaf(), clock, warm=lambda: HalfDeaf(hears=True))


def say(gateway: Gateway, clock: MovableClock, text: str, number: int = 1, user: str = "an") -> int:
    now = clock.now()
    return gateway.intake.receive(InboundMessage(Channel.WEB, f"m{number}", user, text, Kind.TEXT, now, now)).message_id


def turns(gateway: Gateway) -> list[str]:
    with gateway.db.read() as tx:
        return [row.turn_key for row in tx.execute(select(outbound.c.turn_key))]


def open_case(gateway: Gateway) -> tuple[str, int] | None:
    with gateway.db.read() as tx:
        row = cases.open_of(tx, 1)
        return (row.level, row.message_id) if row else None


def test_a_cry_that_was_not_heard_is_heard_once_the_encoder_is_there(gateway: Gateway, clock: MovableClock) -> None:
    number = say(gateway, clock, "trời mưa trong nhà")
    assert open_case(gateway) is None
    assert asyncio.run(gateway._listen_again()) == 0
    assert open_case(gateway) == ("urgent", number)
    assert turns(gateway) == [f"first:{number}"]


def test_it_is_judged_again_only_once(gateway: Gateway, clock: MovableClock) -> None:
    say(gateway, clock, "trời mưa")
    say(gateway, clock, "chào", 2, "binh")
    gateway._listen_again_now()
    assert gateway.intake.judge_again() == 0
    assert b"tianang_judged_again_total 2.0" in gateway.metrics.page()


def test_what_is_older_than_half_an_hour_is_left(gateway: Gateway, clock: MovableClock) -> None:
    say(gateway, clock, "trời mưa")
    clock.move(timedelta(minutes=31))
    gateway._listen_again_now()
    assert open_case(gateway) is None


def test_a_message_never_falls(gateway: Gateway, clock: MovableClock) -> None:
    number = say(gateway, clock, "con buồn")
    gateway.intake.screen = type("Calm", (HalfDeaf,), {"assess": lambda self, text, history=(): replace(WordScreen().assess("chào"), version="whole")})(hears=True)
    assert gateway.intake.judge_again() == 1
    assert open_case(gateway) == ("concern", number)


def test_a_person_who_speaks_is_not_talked_over(gateway: Gateway, clock: MovableClock) -> None:
    number = say(gateway, clock, "trời mưa")
    with gateway.db.write() as tx:
        conversations.give_voice(tx, 1, Voice.COUNSELLOR)
    gateway._listen_again_now()
    assert open_case(gateway) == ("urgent", number)
    assert turns(gateway) == []


def test_an_encoder_that_does_not_come_is_asked_for_again(gateway: Gateway, clock: MovableClock) -> None:
    gateway.warm = lambda: gateway.screen
    gateway._listen_again_now()
    assert gateway.warm is not None
    say(gateway, clock, "trời mưa")
    gateway._listen_again_now()
    assert open_case(gateway) is None
    gateway.warm = lambda: HalfDeaf(hears=True)
    gateway._listen_again_now()
    assert gateway.warm is None
    found = open_case(gateway)
    assert found is not None and found[0] == Level.URGENT.value


def test_a_screen_that_still_fails_is_not_asked_for_all(gateway: Gateway, clock: MovableClock) -> None:
    class Failing(HalfDeaf):
        asked = 0

        def assess(self, text: str, history: Sequence[str] = ()) -> Assessment:
            Failing.asked += 1
            return replace(super().assess(text, history), version="failed")

    for number in range(5):
        say(gateway, clock, "trời mưa", number)
    gateway.intake = Intake(gateway.db, gateway.keyring, Failing(hears=True), clock)
    assert gateway.intake.judge_again() == 0
    assert Failing.asked == 1
