from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, func, select

from helpline import cases, inbox, outbox
from helpline.clock import SystemClock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.intake import Intake
from helpline.keyring import Keyring
from helpline.messages import Answer, Channel, InboundMessage, Kind
from helpline.tables import case, message, metadata, outbound, staff
from tests.fakes.screen import WordScreen

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres")


def fresh_postgres() -> str:
    """A new empty database on the test server, or a skip that says why."""
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    name = f"tianang_test_{os.getpid()}"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}"')
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    except Exception as error:  # noqa: BLE001  # whatever keeps the server away, the test cannot run
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {type(error).__name__}")
    finally:
        engine.dispose()
    return POSTGRES.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, keyring: Keyring) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 't.db'}" if request.param == "sqlite" else fresh_postgres()
    db = Database(url, keyring)
    db.migrate()
    yield db
    db.close()


def write(intake: Intake, number: str, text: str, user: str = "em") -> int:
    now = datetime.now(UTC)
    return intake.receive(InboundMessage(Channel.WEB, number, user, text, Kind.TEXT, now, now)).message_id


def test_the_migrations_make_just_the_tables_of_the_program(store: Database) -> None:
    with store.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [d for d in difference if d[0] != "modify_default"] == []
    assert store.schema_is_current()
    store.migrate()


def test_a_message_that_arrives_eight_times_at_once_is_kept_once(store: Database, keyring: Keyring) -> None:
    intake = Intake(store, keyring, WordScreen(), SystemClock())
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: write(intake, "same", "bố đánh con"), range(8)))
    with store.read() as tx:
        counts = [tx.execute(select(func.count()).select_from(t)).scalar_one() for t in (message, case, outbound)]
    assert len(set(ids)) == 1 and counts == [1, 1, 1]


def test_many_workers_claim_each_row_once_and_keep_the_order(store: Database, keyring: Keyring) -> None:
    intake = Intake(store, keyring, WordScreen(), SystemClock())
    for number in range(24):
        write(intake, str(number), f"câu {number}", user=f"u{number % 4}")
    thought: list[tuple[int, int]] = []

    def work(_: int) -> None:
        while True:
            with store.write() as tx:
                turns = inbox.claim(tx, datetime.now(UTC), 2)
            if not turns:
                with store.read() as tx:
                    if inbox.waiting_count(tx) == 0:
                        return
                continue
            for turn in turns:
                thought.append((turn.conversation_id, turn.message_id))
                with store.write() as tx:
                    inbox.answer(tx, datetime.now(UTC), turn, [Answer(text="ừ")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(thought) == len(set(thought)) == 24
    for conversation_id in {c for c, _ in thought}:
        mine = [m for c, m in thought if c == conversation_id]
        assert mine == sorted(mine)
    with store.write() as tx:
        first = outbox.claim(tx, datetime.now(UTC), 100)
    assert len(first) == 4, "one a conversation"


def test_of_many_counsellors_one_takes_the_case(store: Database, keyring: Keyring) -> None:
    intake = Intake(store, keyring, WordScreen(), SystemClock())
    write(intake, "1", "bố đánh con")
    now = datetime.now(UTC)
    with store.write() as tx:
        people = [
            int(
                tx.execute(
                    staff.insert().values(login=f"l{n}", name=f"N{n}", role="counsellor", password_hash="-", created_at=now)
                ).inserted_primary_key[0]
            )
            for n in range(6)
        ]

    def attempt(person: int) -> int | None:
        with store.write() as tx:
            return cases.take_next(tx, datetime.now(UTC), person)

    with ThreadPoolExecutor(6) as pool:
        taken = [case_id for case_id in pool.map(attempt, people) if case_id is not None]
    assert len(taken) == 1


def test_an_absent_server_is_said_to_be_unavailable(keyring: Keyring) -> None:
    db = Database("postgresql+psycopg2://postgres@127.0.0.1:1/none", keyring)
    with pytest.raises(StoreUnavailable):
        with db.write():
            raise AssertionError("there is nothing to write to")
    with pytest.raises(StoreUnavailable):
        db.migrate()


def test_a_locked_database_is_said_to_be_unavailable(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.db.LOCK_WAIT_S", 0.2)
    db = Database(f"sqlite:///{tmp_path / 't.db'}", keyring)
    db.migrate()
    holder = Database(f"sqlite:///{tmp_path / 't.db'}", keyring)
    with holder.write():
        with pytest.raises(StoreUnavailable):
            with db.write():
                raise AssertionError("the other one holds it")
