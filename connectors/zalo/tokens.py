"""The two tokens of the Zalo OA. The refresh token works once: whoever loses its successor loses the channel."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool

from connectors import network, payload
from helpline.clock import Clock
from helpline.db import Database
from helpline.errors import ChannelMisconfigured, SendLater, StoreUnavailable
from helpline.settings import Settings
from helpline.tables import channel_token

log = logging.getLogger(__name__)

NAME = "zalo"  # row of the tokens in use
GIVEN = "zalo:given"  # row of the first tokens, as the settings gave them; others in the settings are new ones
LEASE = "zalo:lease"  # row of the one process that refreshes now, until its `expires_at`

LIFE_S = 90000  # 25 hours, where Zalo does not say
USED_OF_LIFE = 0.8  # refreshed after 20 of 25 hours
LEASE_S = 60  # far longer than the call may take
AFTER_REFUSAL = timedelta(minutes=10)  # between two tries of a refresh token that Zalo refused
AFTER_FAILURE = timedelta(minutes=1)  # between two tries to refresh ahead of need
SAVE_EVERY_S = 5.0


@dataclass(frozen=True)
class Pair:
    """Tokens as stored; ``renew_at`` is when they are refreshed, some hours before Zalo lets them run out."""

    access: str
    refresh: str
    renew_at: datetime
    version: int

    def __repr__(self) -> str:
        return f"Pair(version {self.version}, renew at {self.renew_at:%Y-%m-%dT%H:%M}Z)"


class ZaloTokens:
    """Hands out the access token and renews it.

    The pair lives in table `channel_token`; one process refreshes at a time, under a lease that is a row as well (no
    transaction stays open during the call); the new pair is committed before it is used. The refresh runs in a task
    of its own, so that a send that is given up does not tear it in two.
    """

    def __init__(self, settings: Settings, db: Database, clock: Clock, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._db = db
        self._clock = clock
        self._http = http
        self._adopted = False
        self._last: Pair | None = None
        self._task: asyncio.Task[str] | None = None
        self._unsaved: Pair | None = None
        self._saving: asyncio.Task[None] | None = None
        self._refused: tuple[int, datetime] | None = None  # version that Zalo refused, and when to ask again
        self._quiet_until: datetime | None = None  # no refresh ahead of need before then
        self._told = ""

    async def current(self) -> str:
        """The access token to use now. When it is old its refresh is started, and the old one, which still works for
        some hours, is handed out meanwhile: no message waits for it.

        While the database cannot be read it is the token seen last, so that the numbers can be sent then too. Raises
        `ChannelMisconfigured` where there is no token at all, and what `renew` raises where there is only a refresh
        token.
        """
        pair = self._unsaved or await self._read()
        if pair is None:
            raise ChannelMisconfigured("no Zalo token")
        if not pair.access:
            return await self.renew(pair.access)
        now = self._clock.now()
        if pair.renew_at <= now and (self._quiet_until is None or self._quiet_until <= now):
            self._start(pair.access)
        return pair.access

    async def renew(self, failed: str) -> str:
        """Another access token than ``failed``: the stored one if somebody renewed it already, else a new one.

        Raises `ChannelMisconfigured` when Zalo refuses the refresh token (logged once; an administrator of the OA
        has to consent again and put the new tokens into the settings), `SendLater` when Zalo does not answer, the
        database cannot be used or another process is at it.
        """
        try:
            token = await asyncio.shield(self._start(failed))
            if token == failed:  # what ran already was begun for an older token
                token = await asyncio.shield(self._start(failed))
        except StoreUnavailable as error:
            raise SendLater("database unavailable") from error
        return token

    async def settle(self) -> None:
        """Wait for a refresh that runs, and try once more to save what could not be saved."""
        if self._task is not None:
            await asyncio.wait([self._task])
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait([self._saving])
        if self._unsaved is not None and not await self._saved(self._unsaved):
            log.critical("Zalo tokens lost with this process: an administrator of the OA has to consent again")

    def _start(self, failed: str) -> asyncio.Task[str]:
        """The refresh that runs, or a new one."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._renew(failed), name="zalo tokens")
            self._task.add_done_callback(self._ended)
        return self._task

    def _ended(self, task: asyncio.Task[str]) -> None:
        failed = task.cancelled() or task.exception() is not None
        self._quiet_until = self._clock.now() + AFTER_FAILURE if failed else None

    async def _read(self) -> Pair | None:
        try:
            if not self._adopted:
                await run_in_threadpool(self._adopt)
                self._adopted = True
            self._last = await run_in_threadpool(self._stored)
        except StoreUnavailable:
            return self._last or self._of_settings()
        return self._last

    async def _renew(self, failed: str) -> str:
        if self._unsaved is not None and self._unsaved.access != failed:
            return self._unsaved.access
        pair = await run_in_threadpool(self._lease, failed)
        if pair.access != failed:
            return pair.access
        try:
            if self._refused and self._refused[0] == pair.version and self._clock.now() < self._refused[1]:
                raise ChannelMisconfigured("token: refused")
            fresh = await self._ask(pair)
            if not await self._saved(fresh):
                self._unsaved = fresh
                self._saving = asyncio.create_task(self._keep_saving(fresh), name="zalo tokens unsaved")
        finally:
            await run_in_threadpool(self._give_back)
        return fresh.access

    async def _ask(self, pair: Pair) -> Pair:
        """A new pair from Zalo. The old refresh token is used up afterwards."""
        try:
            response = await self._http.post(
                f"{self._settings.zalo_oauth.rstrip('/')}/v4/oa/access_token",
                headers={"secret_key": self._settings.zalo_app_secret.strip()},
                data={
                    "refresh_token": pair.refresh,
                    "app_id": self._settings.zalo_app_id,
                    "grant_type": "refresh_token",
                },
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._tell(f"Zalo tokens not refreshed ({type(error).__name__}); tried again")
            raise SendLater(f"token: {network.send_error(error).code}") from None
        try:
            body = payload.decode(response.content)
        except ValueError:
            body = None
        if response.status_code >= 500 or response.status_code == 429 or not isinstance(body, dict):
            self._tell(f"Zalo tokens not refreshed (HTTP {response.status_code}); tried again")
            raise SendLater(f"token: HTTP {response.status_code}")
        if not body.get("access_token"):
            code = _code(body)
            self._refused = (pair.version, self._clock.now() + AFTER_REFUSAL)
            self._tell(f"Zalo refused the refresh token ({code}): an administrator of the OA has to consent again")
            raise ChannelMisconfigured(f"token: {code}")
        self._told = ""
        return Pair(
            access=str(body["access_token"]),
            refresh=str(body.get("refresh_token") or pair.refresh),
            renew_at=self._clock.now() + timedelta(seconds=USED_OF_LIFE * _life(body)),
            version=pair.version + 1,
        )

    def _tell(self, line: str) -> None:
        if line != self._told:
            log.error(line)
        self._told = line

    async def _saved(self, pair: Pair) -> bool:
        """Commit a new pair; whether the database took it."""
        try:
            await run_in_threadpool(self._store, pair)
        except StoreUnavailable as error:
            log.critical("new Zalo tokens not saved (%s): do not stop this process before they are", error)
            return False
        return True

    async def _keep_saving(self, pair: Pair) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            if await self._saved(pair):
                log.warning("new Zalo tokens saved after all")
                self._unsaved = None
                return

    def _stored(self) -> Pair | None:
        with self._db.read() as tx:
            return _pair(_row(tx, NAME))

    def _of_settings(self) -> Pair | None:
        access, refresh = self._settings.zalo_access_token.strip(), self._settings.zalo_refresh_token.strip()
        if not access and not refresh:
            return None
        now = self._clock.now()
        return Pair(access, refresh, now + timedelta(seconds=USED_OF_LIFE * LIFE_S) if access else now, version=1)

    def _adopt(self) -> None:
        """Take the tokens of the settings where they are others than last time: the first ones, or after a new consent."""
        pair = self._of_settings()
        if pair is None:
            return
        try:
            with self._db.write() as tx:
                given = _pair(_row(tx, GIVEN, lock=True))
                if given and (given.access, given.refresh) == (pair.access, pair.refresh):
                    return
                present = _pair(_row(tx, NAME, lock=True))
                if present:
                    pair = replace(pair, version=present.version + 1)
                _write(tx, GIVEN, pair)
                _write(tx, NAME, pair)
        except IntegrityError:
            log.info("another process took the first Zalo tokens at the same moment")

    def _lease(self, failed: str) -> Pair:
        """The stored pair; if it still is the one that failed, this process alone may refresh it until `_give_back`."""
        with self._db.write() as tx:
            pair = _pair(_row(tx, NAME, lock=True))
            if pair is None:
                raise ChannelMisconfigured("no Zalo token")
            if pair.access != failed:
                return pair
            if not pair.refresh:
                raise ChannelMisconfigured("no Zalo refresh token")
            now = self._clock.now()
            lease = _pair(_row(tx, LEASE, lock=True))
            if lease and lease.renew_at > now:
                raise SendLater("token is being refreshed")
            _write(tx, LEASE, Pair("", "", now + timedelta(seconds=LEASE_S), pair.version))
            return pair

    def _give_back(self) -> None:
        try:
            with self._db.write() as tx:
                tx.execute(delete(channel_token).where(channel_token.c.channel == LEASE))
        except StoreUnavailable as error:
            log.warning("lease of the Zalo tokens not given back (%s); it runs out in %d s", error, LEASE_S)

    def _store(self, pair: Pair) -> None:
        """Replace the pair by its successor; newer ones, of a new consent, stay."""
        with self._db.write() as tx:
            present = _pair(_row(tx, NAME, lock=True))
            if present is None or present.version < pair.version:
                _write(tx, NAME, pair)


def _row(tx: Connection, name: str, lock: bool = False) -> Row | None:
    query = select(channel_token).where(channel_token.c.channel == name)
    return tx.execute(query.with_for_update() if lock else query).first()


def _pair(row: Row | None) -> Pair | None:
    return Pair(row.access_token, row.refresh_token, row.expires_at, row.version) if row else None


def _write(tx: Connection, name: str, pair: Pair) -> None:
    values = {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_at": pair.renew_at,
        "version": pair.version,
    }
    if not tx.execute(update(channel_token).where(channel_token.c.channel == name).values(**values)).rowcount:
        tx.execute(channel_token.insert().values(channel=name, **values))


def _code(body: dict[str, object]) -> str:
    code = body.get("error")
    return str(code) if isinstance(code, int) or (isinstance(code, str) and code.lstrip("-").isdigit()) else "no code"


def _life(body: dict[str, object]) -> int:
    """Seconds that a token lives; Zalo writes them as a string."""
    try:
        return max(60, int(str(body.get("expires_in", LIFE_S))))
    except ValueError:
        return LIFE_S
