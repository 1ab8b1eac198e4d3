"""The desk over a real database: people who sign in, senders who write, a clock moved by hand."""

from __future__ import annotations

import functools
import itertools
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import argon2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from desk import password
from desk import staff as people
from desk.app import build
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.intake import Intake, Receipt
from helpline.keyring import Keyring
from helpline.messages import Channel, InboundMessage, Kind
from helpline.settings import Settings
from helpline.tables import audit, case, conversation, outbound, staff
from tests.fakes.screen import WordScreen

PASSWORD = "một câu dễ nhớ"
CHILD_WORDS = "bố đánh con, con là Na ở ngõ 7"


@dataclass
class Person:
    """Somebody who is signed in, with a browser of their own."""

    id: int
    client: TestClient
    csrf: str

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, follow_redirects=False, **options)

    def post(self, path: str, *, script: bool = False, **form: Any) -> Any:
        headers = {"X-Desk": "1"} if script else {}
        return self.client.post(path, data={"csrf": self.csrf, **form}, headers=headers, follow_redirects=False)

    def reply(self, case_id: int, text: str, key: str | None = None) -> Any:
        return self.post(f"/case/{case_id}/reply", script=True, text=text, client_key=key or str(uuid.uuid4()))


@dataclass
class Office:
    """The desk and what surrounds it."""

    app: Starlette
    db: Database
    clock: MovableClock
    intake: Intake
    _ids: itertools.count = field(default_factory=lambda: itertools.count(1))  # type: ignore[type-arg]

    def write(self, text: str = CHILD_WORDS, user: str = "em", channel: Channel = Channel.WEB) -> Receipt:
        now = self.clock.now()
        number = f"m{next(self._ids)}"
        return self.intake.receive(InboundMessage(channel, number, user, text, Kind.TEXT, now, now))

    def open_case(self, text: str = CHILD_WORDS, user: str = "em", channel: Channel = Channel.WEB) -> int:
        receipt = self.write(text, user, channel)
        assert receipt.case_id is not None
        return receipt.case_id

    def hire(self, login: str, role: str = "counsellor", name: str | None = None, on_shift: bool = True) -> int:
        now = self.clock.now()
        with self.db.write() as tx:
            people.add_user(tx, now, login, name or login.capitalize(), role)
            staff_id = tx.execute(select(staff.c.id).where(staff.c.login == login)).scalar_one()
            tx.execute(
                staff.update()
                .where(staff.c.id == staff_id)
                .values(
                    password_hash=password.keep(PASSWORD),
                    must_change_password=False,
                    on_shift_since=now if on_shift else None,
                    last_seen_at=now,
                )
            )
        return int(staff_id)

    def browser(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False)

    def sign_in(self, login: str, password: str = PASSWORD) -> Person:
        client = self.browser()
        answer = client.post("/login", data={"login": login, "password": password}, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        page = client.get("/account").text
        with self.db.read() as tx:
            staff_id = tx.execute(select(staff.c.id).where(staff.c.login == login)).scalar_one()
        return Person(staff_id, client, token_of(page))

    def person(self, login: str, role: str = "counsellor", on_shift: bool = True) -> Person:
        self.hire(login, role, on_shift=on_shift)
        return self.sign_in(login)

    def case(self, case_id: int) -> Any:
        with self.db.read() as tx:
            return tx.execute(select(case).where(case.c.id == case_id)).one()

    def talk(self, case_id: int) -> Any:
        with self.db.read() as tx:
            return tx.execute(
                select(conversation).join(case, case.c.conversation_id == conversation.c.id).where(case.c.id == case_id)
            ).one()

    def outgoing(self, author: str | None = None) -> list[Any]:
        query = select(outbound).order_by(outbound.c.id)
        if author:
            query = query.where(outbound.c.author == author)
        with self.db.read() as tx:
            return list(tx.execute(query).all())

    def traces(self, action: str = "case.read") -> list[Any]:
        with self.db.read() as tx:
            return list(tx.execute(select(audit).where(audit.c.action == action).order_by(audit.c.id)).all())

    def pass_time(self, **delta: float) -> None:
        self.clock.move(timedelta(**delta))


def token_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, "a page without its token"
    return found[1]


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose; two hundred tests need not be."""
    quick = functools.partial(argon2.PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("desk.password.PasswordHasher", quick)


@pytest.fixture
def office(db: Database, clock: MovableClock, keyring: Keyring) -> Iterator[Office]:
    app = build(db, keyring, clock, Settings(), poll_s=0.01)
    yield Office(app, db, clock, Intake(db, keyring, WordScreen(), clock))
