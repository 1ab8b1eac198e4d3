from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline import cases, inbox, outbox
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.intake import Intake, Receipt
from helpline.keyring import Keyring
from helpline.messages import Answer, Channel, InboundMessage, Kind, OutgoingMessage
from helpline.outbox import Said
from helpline.tables import conversation, staff
from tests.fakes.screen import WordScreen


@dataclass
class Line:
    """The line between senders and counsellors, driven by hand: write, answer, deliver, take."""

    db: Database
    clock: MovableClock
    intake: Intake
    screen: WordScreen
    _ids: itertools.count = field(default_factory=lambda: itertools.count(1))  # type: ignore[type-arg]

    def write(self, text: str, user: str = "em", message_id: str | None = None, kind: Kind = Kind.TEXT, payload: str = "") -> Receipt:
        now = self.clock.now()
        number = message_id or f"m{next(self._ids)}"
        return self.intake.receive(InboundMessage(Channel.WEB, number, user, text, kind, now, now, payload=payload))

    def think(self, *answers: Answer) -> int:
        """Rasa answers every turn that is due with the same answers."""
        with self.db.write() as tx:
            turns = inbox.claim(tx, self.clock.now())
        for turn in turns:
            with self.db.write() as tx:
                inbox.answer(tx, self.clock.now(), turn, answers or [Answer(text="thông tin")])
        return len(turns)

    def deliver(self) -> list[OutgoingMessage]:
        gone: list[OutgoingMessage] = []
        while True:
            with self.db.write() as tx:
                leaving = outbox.claim(tx, self.clock.now())
            if not leaving:
                return gone
            with self.db.write() as tx:
                for outgoing in leaving:
                    outbox.mark_sent(tx, self.clock.now(), outgoing, None)
            gone += leaving

    def read(self, user: str = "em") -> list[Said]:
        with self.db.read() as tx:
            return outbox.delivered(tx, self.conversation(user))

    def conversation(self, user: str = "em") -> int:
        with self.db.read() as tx:
            rows = tx.execute(select(conversation.c.id, conversation.c.address)).all()
        return next(row.id for row in rows if row.address == user)

    def counsellor(self, name: str = "Lan", on_shift: bool = True, role: str = "counsellor") -> int:
        now = self.clock.now()
        with self.db.write() as tx:
            result = tx.execute(
                staff.insert().values(
                    login=name.lower(),
                    name=name,
                    role=role,
                    password_hash="-",
                    created_at=now,
                    on_shift_since=now if on_shift else None,
                    last_seen_at=now if on_shift else None,
                )
            )
        return int(result.inserted_primary_key[0])

    def take(self, receipt: Receipt, staff_id: int) -> int:
        assert receipt.case_id is not None
        with self.db.write() as tx:
            cases.take(tx, self.clock.now(), receipt.case_id, staff_id)
        return receipt.case_id

    def pass_time(self, **delta: float) -> None:
        self.clock.move(timedelta(**delta))


@pytest.fixture
def line(db: Database, clock: MovableClock, keyring: Keyring) -> Line:
    screen = WordScreen()
    return Line(db, clock, Intake(db, keyring, screen, clock), screen)


@pytest.fixture
def texts() -> Callable[[list[Said]], list[str]]:
    return lambda said: [one.answer.text for one in said]
