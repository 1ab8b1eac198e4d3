"""The web chat put together for its tests: real intake, outbox and courier on a real database, a screen of a few words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.engine import Connection
from starlette.applications import Starlette

from connectors.courier import Courier
from connectors.metrics import Metrics
from connectors.reception import Reception
from connectors.web.client import WebClient
from connectors.web.door import WebDoor
from connectors.web.limits import Limits
from helpline import conversations, outbox
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.intake import Intake
from helpline.keyring import Keyring
from helpline.messages import Answer, Author, Channel
from helpline.spool import Spool
from helpline.tables import conversation
from safety.assessment import Assessment, Category, Level, Who


class WordScreen:
    """Urgent where somebody is beaten, a wish for a person where one is asked for, else nothing."""

    def assess(self, text: str, history: Sequence[str] = ()) -> Assessment:
        low = text.lower()
        if "đánh" in low or "danh con" in low:
            return Assessment(Level.URGENT, category=Category.PHYSICAL_ABUSE, who=Who.SELF_CHILD, score=0.97)
        if "gặp tư vấn viên" in low:
            return Assessment(Level.CONCERN, category=Category.COUNSELLOR_REQUEST, who=Who.UNKNOWN, score=0.9)
        return Assessment(Level.NONE)


class FailingDatabase(Database):
    """A real database that can be taken away and given back."""

    down = False

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        self._check()
        with super().write(durable=durable) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._check()
        with super().read() as tx:
            yield tx

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("taken away")


class Service:
    """``pauses`` collects the seconds by which replies were slowed; nobody waits for them.

    ``address`` is where it is served, once a test serves it.
    """

    address = ""

    def __init__(self, folder: Path, keyring: Keyring, clock: MovableClock, **door: Any) -> None:
        self.db = FailingDatabase(f"sqlite:///{folder / 'web.db'}", keyring)
        self.db.migrate()
        self.clock = clock
        self.keyring = keyring
        self.spool_folder = folder / "spool"
        self.metrics = Metrics()
        self.web = WebClient()
        clients = {Channel.WEB: self.web}
        self.intake = Intake(self.db, keyring, WordScreen(), clock)
        self.reception = Reception(
            self.intake, Spool(self.spool_folder, keyring), clients, clock, self.metrics, wake=lambda: None
        )
        self.courier = Courier(self.db, clients, clock, self.metrics)
        self.pauses: list[float] = []
        self.limits = door.pop("limits", None) or Limits()
        settings = {"hold_s": 0.2, "look_every_s": 0.02, "pause": self._pause} | door
        self.door = WebDoor(self.db, keyring, self.reception, self.web, clock, limits=self.limits, **settings)
        self.app = Starlette(routes=list(self.door.routes()))

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://tianang.test") as http:
            yield Page(http)

    async def deliver(self) -> None:
        """Let the courier carry out everything that may leave now."""
        while await self.courier.step():
            await self.courier.settle()

    def say(self, conversation_id: int, key: str, *answers: Answer, author: Author = Author.BOT) -> list[int]:
        with self.db.write() as tx:
            return outbox.put(tx, self.clock.now(), conversation_id, key, answers, author)

    def conversation(self) -> Any:
        """The only conversation there is."""
        with self.db.read() as tx:
            return tx.execute(select(conversation)).one()

    def mark(self, **columns: Any) -> None:
        with self.db.write() as tx:
            conversations.mark(tx, self.conversation().id, **columns)

    def rows(self, table: Any) -> list[Any]:
        with self.db.read() as tx:
            return list(tx.execute(select(table).order_by(table.c.id)).all())


class Page:
    """One open page: what the script in the browser calls."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = ""

    async def open(self) -> dict[str, str]:
        response = await self.http.post("/chat/session")
        assert response.status_code == 200
        self.token = response.json()["token"]
        return dict(response.json())

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def send(self, message_id: str, text: str, **more: Any) -> httpx.Response:
        body = {"id": message_id, "text": text, **more}
        return await self.http.post("/chat/messages", json=body, headers=self.headers)

    async def news(self, after: int = 0) -> dict[str, Any]:
        response = await self.http.get("/chat/updates", params={"after": after}, headers=self.headers)
        assert response.status_code == 200
        return dict(response.json())

    async def leave(self, **more: Any) -> httpx.Response:
        return await self.http.post("/chat/leave", json={"token": self.token, **more})
