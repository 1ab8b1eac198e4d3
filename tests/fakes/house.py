"""What stands behind a channel's door: a real database, the real intake and reception, a screen that knows a few words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.engine import Row

from connectors.channel import ChannelClient
from connectors.metrics import Metrics
from connectors.reception import Reception
from helpline.clock import Clock
from helpline.db import Database
from helpline.intake import Intake
from helpline.keyring import Keyring
from helpline.messages import Channel
from helpline.spool import Spool
from helpline.tables import message
from tests.fakes.screen import WordScreen


class House:
    def __init__(
        self,
        db: Database,
        keyring: Keyring,
        clock: Clock,
        folder: Path,
        clients: Mapping[Channel, ChannelClient] | None = None,
    ) -> None:
        self.db = db
        self.keyring = keyring
        self.clock = clock
        self.folder = folder / "spool"
        self.metrics = Metrics()
        self.spool = Spool(self.folder, keyring)
        self.reception = Reception(
            Intake(db, keyring, WordScreen(), clock), self.spool, clients or {}, clock, self.metrics, lambda: None
        )

    def kept(self) -> list[Row]:
        with self.db.read() as tx:
            return tx.execute(select(message).order_by(message.c.id)).all()

    def break_database(self) -> None:
        with self.db.write() as tx:
            tx.exec_driver_sql("ALTER TABLE conversation RENAME TO conversation_away")

    def mend_database(self) -> None:
        with self.db.write() as tx:
            tx.exec_driver_sql("ALTER TABLE conversation_away RENAME TO conversation")

    def break_spool(self) -> None:
        """A file stands where the folder would: nothing can be written. What was spooled is moved away."""
        if self.folder.exists():
            self.folder.rename(self.folder.with_name("spool_away"))
        self.folder.write_text("")

    def mend_spool(self) -> None:
        self.folder.unlink()


def count(counter: Counter, *labels: str) -> float:
    """What a counter stands at."""
    return float((counter.labels(*labels) if labels else counter)._value.get())
