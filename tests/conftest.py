"""What tests of every package share: a clock that is moved by hand, a real database in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring, new_secret

# What has to pass before anything lands draws the same examples each time; a run by hand goes on searching.
settings.register_profile("gate", derandomize=True, deadline=None)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring(new_secret())


@pytest.fixture
def db(tmp_path: Path, keyring: Keyring) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'tianang.db'}", keyring)
    database.migrate()
    yield database
    database.close()
