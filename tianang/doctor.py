"""What is missing or wrong, each with what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
from sqlalchemy import func, select

from helpline import hotlines, keyring
from helpline.db import Database
from helpline.errors import HelplineError, StoreUnavailable
from helpline.settings import Settings
from helpline.spool import Spool
from helpline.tables import kb_entry, staff
from tianang.stock import Stock

CHECK_NUMBERS_AFTER = timedelta(days=90)  # safeguarding 38


@dataclass(frozen=True)
class Finding:
    """One thing looked at: right, or wrong with what to do."""

    what: str
    right: bool
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a start needs; nothing is changed."""
    yield from _models(settings)
    yield from _database(settings)
    yield from _processes(settings)
    yield from _channels(settings)
    yield from _numbers()
    yield from _clock(settings)


def _models(settings: Settings) -> Iterator[Finding]:
    stock = Stock.of(settings)
    yield Finding("model of the safety screen", stock.screen_fits(), "run `tianang train`; until then the rules screen alone")
    yield Finding("Rasa model for the present data", stock.rasa_fits(), "run `tianang train`")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        ring = keyring.load(settings)
    except HelplineError as error:
        yield Finding("secret key", False, str(error))
        return
    db = Database(settings.database, ring)
    try:
        current = db.schema_is_current()
        yield Finding("database schema", current, "run `tianang up` or `tianang kb load`, which bring it up to date")
        if not current:
            return
        with db.read() as tx:
            entries = tx.execute(
                select(func.count()).select_from(kb_entry).where(kb_entry.c.state == "published")
            ).scalar_one()
            people = tx.execute(select(func.count()).select_from(staff).where(staff.c.active.is_(True))).scalar_one()
        yield Finding("knowledge base", entries > 0, "run `tianang kb load`")
        yield Finding("somebody who can open the desk", people > 0, "run `tianang desk add-user LOGIN NAME --role admin`")
    except StoreUnavailable as error:
        yield Finding("database", False, f"{error}: look at TIANANG_DATABASE_URL and whether the server runs")
    finally:
        db.close()
    waiting = Spool(settings.spool_dir, ring).count()
    yield Finding("spool is empty", waiting == 0, f"{waiting} messages wait; the running gateway drains them")


def _processes(settings: Settings) -> Iterator[Finding]:
    gateway = f"http://{settings.gateway_host}:{settings.gateway_port}"
    for name, url in (
        ("gateway answers", f"{gateway}/healthz"),
        ("Rasa answers (asked through the gateway)", f"{gateway}/readyz"),
        ("desk answers", f"http://{settings.desk_host}:{settings.desk_port}/healthz"),
        ("action server answers", f"http://127.0.0.1:{settings.actions_port}/health"),
    ):
        try:
            response = httpx.get(url, timeout=2.0)
            right = response.status_code == 200 and ("readyz" not in url or response.json().get("brain") is True)
        except (httpx.HTTPError, ValueError):
            right = False
        yield Finding(name, right, "start with `tianang up`; logs stand in the var folder under log/")


def _channels(settings: Settings) -> Iterator[Finding]:
    yield Finding("Telegram is set up", bool(settings.telegram_token), "set TIANANG_TELEGRAM_TOKEN (README, first steps)")
    yield Finding("Zalo is set up", bool(settings.zalo_app_id), "set TIANANG_ZALO_APP_ID and its secrets (README, first steps)")
    if settings.zalo_app_id:
        yield Finding("public address for Zalo", bool(settings.public_url), "set TIANANG_PUBLIC_URL; Zalo has no polling")


def _numbers() -> Iterator[Finding]:
    edge = date.today() - CHECK_NUMBERS_AFTER
    old = [line.number for line in hotlines.load().values() if not line.do_not_use and line.last_checked < edge]
    yield Finding(
        "telephone numbers checked within 90 days", not old, f"call and check {', '.join(old)}; note the date in hotlines.yml"
    )


def _clock(settings: Settings) -> Iterator[Finding]:
    """Against the database server's own clock, where it has one."""
    if not settings.database.startswith("postgresql"):
        yield Finding("clock is later than the last release", date.today() >= date(2026, 11, 23), "set the machine's clock")
        return
    db = Database(settings.database, keyring.load(settings))
    try:
        with db.read() as tx:
            there = tx.execute(select(func.extract("epoch", func.now()))).scalar_one()
        yield Finding("clock agrees with the database's", abs(time.time() - float(there)) < 5, "set both clocks by NTP")
    except StoreUnavailable as error:
        yield Finding("clock agrees with the database's", False, f"database unavailable ({error})")
    finally:
        db.close()
