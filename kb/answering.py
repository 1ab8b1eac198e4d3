"""A question in, answers out. Everything said comes from the entries and lists of the knowledge base."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.clock import Clock
from helpline.db import Database
from helpline.messages import Answer


@dataclass(frozen=True)
class Question:
    """What is asked, and what is known of it. All but the text may be missing.

    ``text`` is as typed (of a tapped button: its value). ``topic`` is one of the contract's information topics as
    understanding predicted it, with its ``confidence`` from 0 to 1; for a short reply ("ở Uông Bí", "8 tuổi") it is
    the topic that the conversation is on. ``place`` is a place's name in any spelling (a slot's value), used when
    the text names none; ``age`` is in years, used in the same way. ``audience`` is ``child``, ``adult`` or
    ``official``; None: told from the text. ``previous_entry_id`` is ``Answer.extra["entry_id"]`` of the answer
    before; "xem thêm" goes on from it.
    """

    text: str
    topic: str | None = None
    confidence: float = 0.0
    place: str | None = None
    age: int | None = None
    audience: str | None = None
    previous_entry_id: str | None = None


class Answering:
    """Answers from the published entries. One for the process; safe to call from several threads."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def answer(self, question: Question) -> list[Answer]:
        """One or two bubbles, the fact that was asked for in the first one; never an empty list.

        Each answer has whole citation strings (none where no fact is stated), its ``topic``, and in ``extra``:
        ``entry_id`` (give it back as ``previous_entry_id``), ``found`` (False: nothing known, nearest questions
        are offered and the miss is kept for the editors), ``asks`` (``place`` or ``age`` where the next message
        is wanted as that), ``score``. Raises `StoreUnavailable` when the entries can neither be read nor were
        read before.
        """
        raise NotImplementedError

    def more(self, entry_id: str, audience: str | None = None) -> list[Answer]:
        """The longer part of an entry, and what stands near it as buttons. The same as asking "xem thêm"."""
        raise NotImplementedError
