"""The database: engines, transactions, and the schema brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from helpline.errors import SettingError, StoreUnavailable
from helpline.keyring import Keyring

MIGRATIONS = Path(__file__).parent / "migrations"
POOL = 16  # connections kept; as many more may be open for a moment
LOCK_WAIT_S = 5.0  # how long SQLite waits for another writer


class Database:
    """One engine and its transactions. Safe to share between threads."""

    def __init__(self, url: str, keyring: Keyring) -> None:
        self.url = url
        self.engine = _engine(url, keyring)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that writes: all of it or nothing.

        ``durable=False`` spares SQLite's wait for the disk: a power cut (not a crash of ours) may take back the last
        of such transactions, in order. Only for what is done again by itself: claims, answers of Rasa, delivery marks.
        Raises `StoreUnavailable` when the database cannot be reached or stays locked; nothing was written then.
        """
        try:
            with self.engine.begin() as tx:
                if self.is_sqlite:
                    tx.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                    tx.exec_driver_sql("BEGIN IMMEDIATE")
                yield tx
        except (OperationalError, PoolTimeout) as error:
            raise StoreUnavailable(type(error).__name__) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable(type(error).__name__) from error
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises `StoreUnavailable` like `write`."""
        try:
            with self.engine.connect() as tx:
                yield tx
        except (OperationalError, PoolTimeout) as error:
            raise StoreUnavailable(type(error).__name__) from error

    def migrate(self) -> None:
        """Bring the schema up to date; a repeat changes nothing. Raises `StoreUnavailable` when it cannot be reached."""
        try:
            with self.engine.connect() as connection:
                alembic.command.upgrade(_alembic(connection), "head")
        except OperationalError as error:
            raise StoreUnavailable(type(error).__name__) from error

    def schema_is_current(self) -> bool:
        with self.read() as tx:
            present = MigrationContext.configure(tx).get_current_revision()
        return present == ScriptDirectory(str(MIGRATIONS)).get_current_head()

    def close(self) -> None:
        self.engine.dispose()


def _alembic(connection: Connection) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _engine(url: str, keyring: Keyring) -> Engine:
    if url.startswith("sqlite"):
        path = url.split("///", 1)[-1]
        if path and path != ":memory:":
            _make_folder(Path(path).parent)
        # SQLAlchemy 1.4 opens a file anew for every transaction; kept connections save 4 ms each
        engine = create_engine(
            url, future=True, hide_parameters=True, poolclass=QueuePool, pool_size=POOL, max_overflow=POOL, pool_timeout=LOCK_WAIT_S,
            connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        )  # fmt: skip
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        engine = create_engine(
            url, future=True, hide_parameters=True, pool_pre_ping=True, pool_timeout=LOCK_WAIT_S, connect_args={"connect_timeout": 3}
        )
    engine.dialect.keyring = keyring  # type: ignore[attr-defined]  # read by EncryptedText
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"TIANANG_DATABASE_URL: the folder {folder} cannot be made ({error.strerror})") from error


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by hand, so that writers queue instead of failing
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(LOCK_WAIT_S * 1000)}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
