"""The product's own content, read once for all tests of the knowledge base."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from kb import content as contents
from kb.answering import Answering
from kb.content import Content
from kb.search import Index, Reader
from kb.store import load_content


@pytest.fixture(scope="session")
def own() -> Content:
    return contents.read()


@pytest.fixture(scope="session")
def index(own: Content) -> Index:
    return Index(own.entries, Reader(own.gazetteer, 2026))


@pytest.fixture(scope="session")
def answering(own: Content, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """Answers from the product's own content, in a database of its own."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('kb') / 'own.db'}", keyring)
    database.migrate()
    clock = MovableClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    load_content(database, clock, own)
    yield Answering(database, clock, own)
    database.close()
