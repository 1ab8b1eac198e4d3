"""What is missing or wrong, each with what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import httpx
from sqlalchemy import func, select

from helpline import keyring
from helpline.db import Database
from helpline.embeddings import open_encoder, open_screen
from helpline.errors import HelplineError, StoreUnavailable
from helpline.settings import Settings
from helpline.spool import Spool
from helpline.tables import kb_entry, staff
from kb import content, review, store
from kb.errors import ContentError
from safety.encoder import EncoderFailed
from tianang.stock import Stock


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
    yield Finding("sentence vectors of the screen", *_encoder(settings))
    yield Finding("Rasa model for the present data", stock.rasa_fits(), "run `tianang train`")


def _encoder(settings: Settings) -> tuple[bool, str]:
    """Whether the encoder that the settings name gives the vectors that the model was trained with."""
    if settings.encoder == "none":
        return True, ""
    try:
        encoder = open_encoder(settings)
        if encoder is not None:
            open_screen(settings).with_encoder(encoder)
            encoder.encode(["thử"])
    except (EncoderFailed, ValueError) as error:
        return False, f"{error}; until then the screen judges by rules and n-grams (TIANANG_ENCODER, `tianang train`)"
    return True, ""


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
            late = len(review.overdue(store.published(tx), date.today()))
            people = tx.execute(select(func.count()).select_from(staff).where(staff.c.active.is_(True))).scalar_one()
        yield Finding("knowledge base", entries > 0, "run `tianang kb load`")
        yield Finding("no entry is past its day of review", late == 0, f"{late} are; editors find them first at the desk, Kho kiến thức")
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
    """Safeguarding 38."""
    try:
        own = content.load().services
    except ContentError as error:
        own = None
        yield Finding("content can be read", False, f"{error.lines[0]} (`tianang kb validate` lists all)")
    old = [one.number or one.name for one in review.stale(date.today(), own)]
    yield Finding(
        "numbers and addresses checked within 90 days", not old, f"call and check {', '.join(old)}; note the date in hotlines.yml or services.yml"
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
