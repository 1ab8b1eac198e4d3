"""From an empty folder to something that can run: database, knowledge base, models, first administrator."""

from __future__ import annotations

from dataclasses import dataclass

from desk.staff import ensure_first_admin
from helpline import keyring
from helpline.clock import SystemClock
from helpline.db import Database
from helpline.settings import Settings
from kb import content
from kb.store import load_content
from tianang.stock import Report, Stock, train


@dataclass(frozen=True)
class Prepared:
    db: Database
    stock: Stock
    first_admin: tuple[str, str] | None  # login and one-time password, only at the very first start


def prepare(settings: Settings, report: Report) -> Prepared:
    """Do what is missing, nothing twice. Raises `SettingError`, `StoreUnavailable`, `TrainingFailed`, or the
    knowledge base's own error, each with one clear line."""
    settings.var.mkdir(parents=True, exist_ok=True)
    ring = keyring.load(settings)
    db = Database(settings.database, ring)
    db.migrate()
    clock = SystemClock()
    loaded = load_content(db, clock, content.load())
    if loaded.changes:
        report(f"knowledge base: {loaded.changes} entries new or changed, {loaded.total} in all")
    stock = train(settings, report)
    with db.write() as tx:
        first_admin = ensure_first_admin(tx, clock.now())
    return Prepared(db, stock, first_admin)
