"""The one knowledge base of the action server, opened at the first question."""

from __future__ import annotations

from functools import lru_cache

from helpline import keyring, settings
from helpline.clock import SystemClock
from helpline.db import Database
from kb.answering import Answering

_given: Answering | None = None


def use(answering: Answering) -> None:
    """Have the actions of this process ask this knowledge base (`tianang ask`, tests)."""
    global _given
    _given = answering


def answering() -> Answering:
    return _given or _opened()


@lru_cache(maxsize=1)
def _opened() -> Answering:
    own = settings.read()
    return Answering(Database(own.database, keyring.load(own)), SystemClock())
