"""What people asked and nothing answered: masked, put together by likeness, and what editors made of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from helpline import hotlines
from helpline.tables import kb_miss
from kb.search import Likeness, Query, Reader
from vietnamese.accents import has_accents

ALIKE = 0.47  # likeness from which two questions are one; set by hand on 31 questions of 14 meanings, 1 wrong pair of 26
HALF_LIFE = timedelta(days=14)  # after which an asking weighs half: new and often asked comes first
MOST = 5_000  # newest misses that are read at once
MOST_KEYS = 2_000  # different questions that are compared with one another; older ones stand alone

_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_NUMBER = re.compile(r"(?<!\w)(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\d)|\d{6,}")
_HOUSE = re.compile(r"\b(số nhà|ngõ|ngách|hẻm|so nha|ngo|ngach|hem)\s+\d+[a-zA-Z]?(?:/\d+)*\b", re.IGNORECASE)
_CAPITAL = r"[A-ZĐÀ-ỸÁẠẢÃÂẤẦẨẪẬĂẮẰẲẴẶ][^\W\d_]*"
_SELF = r"(?i:em|con|cháu|chau|mình|minh|tôi|toi|tớ|bé|be|nó|bạn ấy|ban ay)"
_CALLED = re.compile(  # "tên là …", "em tên …": whatever follows; "tên …", "em là …", "cô …": a capital only
    rf"\b((?i:tên|ten)(?: {_SELF})? (?i:là|la) |{_SELF} (?i:tên|ten) (?i:là |la )?)"
    rf"((?:{_CAPITAL}(?: {_CAPITAL})*)|[^\W\d_]+)"
    rf"|\b((?i:tên|ten) |{_SELF} (?i:là|la) |(?:bé|cháu|cô|chú|bác|thầy|ông|bà|anh|chị|be|chau|thay) )"
    rf"({_CAPITAL}(?: {_CAPITAL}){{0,3}})"
)
_NO_NAME = frozenset(
    {
        "gì", "gi", "ai", "nào", "nao", "sao", "là", "la", "của", "cua", "xã", "xa", "phường", "phuong", "trường", "truong",
        "lớp", "lop", "văn", "van", "đường", "duong", "mới", "moi",
    }
)  # fmt: skip


class Handled(StrEnum):
    DRAFTED = "drafted"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Miss:
    """One question that nothing answered, masked. ``offered``: ids of the entries that were shown instead."""

    id: int
    at: datetime
    text: str
    topic: str | None
    offered: tuple[str, ...]
    handled: Handled | None = None
    entry_id: str | None = None


@dataclass(frozen=True)
class Group:
    """Questions that ask the same. ``open``: those that no editor has dealt with, the newest first; ``handled``: the others."""

    open: tuple[Miss, ...]
    handled: tuple[Miss, ...] = ()

    @property
    def seed(self) -> int:
        """The number of its oldest open question: names the group while new ones come in."""
        return min(miss.id for miss in self.open)

    @property
    def last_at(self) -> datetime:
        return self.open[0].at

    @property
    def questions(self) -> tuple[str, ...]:
        """The different wordings, the most frequent first, then those with nothing masked, with accents, the newest."""
        counts = Counter(miss.text for miss in self.open)
        return tuple(sorted(counts, key=lambda text: (-counts[text], is_masked(text), not has_accents(text))))

    @property
    def offered(self) -> tuple[str, ...]:
        """What was shown instead, the most frequent first."""
        return _by_count(entry_id for miss in self.open for entry_id in miss.offered)

    @property
    def topic(self) -> str | None:
        """What understanding took it for, most of the time."""
        found = _by_count(miss.topic for miss in self.open if miss.topic)
        return found[0] if found else None

    @property
    def dismissed(self) -> int:
        return sum(miss.handled is Handled.DISMISSED for miss in self.handled)

    @property
    def drafted(self) -> tuple[str, ...]:
        """Ids of entries that were written for such questions before."""
        return _by_count(miss.entry_id for miss in self.handled if miss.entry_id)

    def weight(self, now: datetime) -> float:
        """How much it is asked now: each asking counts half after `HALF_LIFE`."""
        return float(sum(0.5 ** ((now - miss.at) / HALF_LIFE) for miss in self.open))


def mask(text: str) -> str:
    """The text without addresses of the net, telephone and identity numbers, house numbers, and names that are told as
    such. The public lines stay. Masking twice is once."""
    public = {re.sub(r"\D", "", line.number) for line in hotlines.load().values()}
    text = _LINK.sub("[đường dẫn]", text)
    text = _EMAIL.sub("[thư điện tử]", text)
    text = _NUMBER.sub(lambda m: m[0] if re.sub(r"\D", "", m[0]) in public else "[số]", text)
    text = _HOUSE.sub(r"\1 [số]", text)
    return _CALLED.sub(_without_name, text)


def is_masked(text: str) -> bool:
    """Whether something in the text was masked."""
    return any(mark in text for mark in ("[số]", "[tên]", "[thư điện tử]", "[đường dẫn]"))


def keep(tx: Connection, now: datetime, text: str, topic: str | None, score: float | None, offered: Sequence[str]) -> None:
    """Keep a question that nothing answered, masked and without who asked. A repeat is kept again: it counts."""
    tx.execute(insert(kb_miss).values(at=now, text=mask(text), topic=topic, score=score, answered_with=list(offered)))


def load(tx: Connection) -> list[Miss]:
    """The newest `MOST` questions that nothing answered, the newest first, masked once more: older ones were kept as typed."""
    rows = tx.execute(select(kb_miss).order_by(kb_miss.c.id.desc()).limit(MOST)).all()
    return [
        Miss(
            row.id,
            row.at,
            " ".join(mask(row.text).split()),
            row.topic,
            tuple(row.answered_with or ()),
            Handled(row.handled_as) if row.handled_as else None,
            row.entry_id,
        )
        for row in rows
    ]


def grouped(misses: Iterable[Miss], reader: Reader, now: datetime) -> list[Group]:
    """The questions put together by likeness, new and often asked first; groups that are wholly dealt with left out.

    Two typings of one question (accents, politeness) are always together; others join the group whose first question is
    at least `ALIKE` to theirs, the first being the one asked most.
    """
    together: dict[str, list[Miss]] = {}
    for miss in misses:
        together.setdefault(reader.read(miss.text).key, []).append(miss)
    keys = sorted(together, key=lambda key: (-len(together[key]), -together[key][0].id))
    members = _joined(keys, [reader.read(together[key][0].text) for key in keys[:MOST_KEYS]])
    groups = []
    for numbers in members:
        found = sorted((miss for number in numbers for miss in together[keys[number]]), key=lambda miss: -miss.id)
        left = tuple(miss for miss in found if miss.handled is None)
        if left:
            groups.append(Group(left, tuple(miss for miss in found if miss.handled is not None)))
    return sorted(groups, key=lambda group: (-group.weight(now), -group.seed))


def find(groups: Iterable[Group], seed: int) -> Group | None:
    """The group in which the question of this number is still open."""
    return next((group for group in groups if any(miss.id == seed for miss in group.open)), None)


def handle(tx: Connection, ids: Iterable[int], what: Handled, by: str, now: datetime, entry_id: str | None = None) -> int:
    """Note what an editor made of questions; gives how many were still open. A repeat changes nothing."""
    done = tx.execute(
        update(kb_miss)
        .where(kb_miss.c.id.in_(list(ids)), kb_miss.c.handled_at.is_(None))
        .values(handled_at=now, handled_by=by, handled_as=what.value, entry_id=entry_id)
    )
    return int(done.rowcount)


def _joined(keys: Sequence[str], queries: Sequence[Query]) -> list[list[int]]:
    """Numbers of keys, group by group. ``queries`` are those of the first keys; a key without one stands alone."""
    likeness = Likeness(queries)
    leaders: list[int] = []
    groups: dict[int, list[int]] = {}
    for number, query in enumerate(queries):
        like = likeness.of(query)[leaders]
        if leaders and like.max() >= ALIKE:
            groups[leaders[int(like.argmax())]].append(number)
        else:
            leaders.append(number)
            groups[number] = [number]
    return [*groups.values(), *([number] for number in range(len(queries), len(keys)))]


def _by_count(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(text for text, _ in Counter(text for text in texts if text).most_common())


def _without_name(match: re.Match[str]) -> str:
    before, name = (match[1], match[2]) if match[1] else (match[3], match[4])
    return match[0] if name.split()[0].casefold() in _NO_NAME else f"{before}[tên]"
