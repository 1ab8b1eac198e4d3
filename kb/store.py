"""Entries in the database: versions, the load of reviewed content, and which entries are in force.

An entry has versions 1, 2, …; at most one is published. Content (reviewed in git) and the desk (editors) both add
versions. The revision counts every change, so that readers know when to load again.
"""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, Row

from helpline.clock import Clock
from helpline.db import Database
from helpline.tables import kb_entry, kb_miss, kb_revision
from kb.content import Content
from kb.schema import Entry

CONTENT_AUTHOR = "content"


class State(str, enum.Enum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    RETIRED = "retired"


class Origin(str, enum.Enum):
    CONTENT = "content"
    DESK = "desk"


@dataclass(frozen=True)
class Version:
    """One version of an entry as it is kept. ``created_at`` is aware UTC."""

    entry: Entry
    version: int
    state: State
    origin: Origin
    author: str
    created_at: datetime


@dataclass(frozen=True)
class LoadReport:
    """What a load did, by entry id. ``standing``: an editor's version is in force and differs from content."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    unchanged: int = 0
    revision: int = field(default=0)

    @property
    def total(self) -> int:
        """Entries of content, whatever became of them."""
        return self.unchanged + len(self.added) + len(self.changed) + len(self.standing)

    @property
    def changes(self) -> int:
        return len(self.added) + len(self.changed) + len(self.retired)


def load_content(db: Database, clock: Clock, content: Content) -> LoadReport:
    """Bring the published entries in line with ``content``; a repeat changes nothing.

    A new version only where the text differs from the last; entries gone from content are retired; what an editor
    published, retired or wrote is left as it is. Raises `StoreUnavailable`; nothing was written then.
    """
    now = clock.now()
    added: list[str] = []
    changed: list[str] = []
    standing: list[str] = []
    with db.write() as tx:
        revision(tx, lock=True)
        newest = {row.entry_id: row for row in tx.execute(_newest_settled())}
        tops = select(kb_entry.c.entry_id, func.max(kb_entry.c.version).label("version")).group_by(kb_entry.c.entry_id)
        top = {row.entry_id: int(row.version) for row in tx.execute(tops)}
        for entry in content.entries:
            row, digest = newest.get(entry.id), digest_of(entry)
            same = row is not None and row.digest == digest and row.state == State.PUBLISHED.value
            if same:
                continue
            if row is not None and row.origin == Origin.DESK.value:
                standing.append(entry.id)
                continue
            (changed if row is not None else added).append(entry.id)
            _retire(tx, entry.id)
            _add(tx, entry, top.get(entry.id, 0) + 1, State.PUBLISHED, Origin.CONTENT, CONTENT_AUTHOR, now)
        wanted = {entry.id for entry in content.entries}
        gone = sorted(
            row.entry_id
            for row in newest.values()
            if row.state == State.PUBLISHED.value and row.origin == Origin.CONTENT.value and row.entry_id not in wanted
        )
        for entry_id in gone:
            _retire(tx, entry_id)
        count = len(added) + len(changed) + len(gone)
        number = count_up(tx) if count else revision(tx)
    unchanged = len(content.entries) - len(added) - len(changed) - len(standing)
    return LoadReport(tuple(added), tuple(changed), tuple(gone), tuple(standing), unchanged, number)


def published(tx: Connection) -> list[Entry]:
    """The entries in force, by id."""
    rows = tx.execute(
        select(kb_entry.c.body).where(kb_entry.c.state == State.PUBLISHED.value).order_by(kb_entry.c.entry_id)
    )
    return [Entry.parse_obj(row.body) for row in rows]


def versions(tx: Connection, entry_id: str) -> list[Version]:
    """All versions of an entry, the newest first."""
    rows = tx.execute(select(kb_entry).where(kb_entry.c.entry_id == entry_id).order_by(kb_entry.c.version.desc()))
    return [_version(row) for row in rows]


def by_editors(tx: Connection) -> list[Version]:
    """The editors' versions in force: what an export writes back into content."""
    rows = tx.execute(
        select(kb_entry)
        .where(kb_entry.c.state == State.PUBLISHED.value, kb_entry.c.origin == Origin.DESK.value)
        .order_by(kb_entry.c.entry_id)
    )
    return [_version(row) for row in rows]


def save(tx: Connection, entry: Entry, author: str, now: datetime, state: State = State.DRAFT) -> int:
    """An editor's new version; gives its number. Published at once only when ``state`` says so."""
    revision(tx, lock=True)
    top = tx.execute(select(func.max(kb_entry.c.version)).where(kb_entry.c.entry_id == entry.id)).scalar() or 0
    if state is State.PUBLISHED:
        _retire(tx, entry.id)
    _add(tx, entry, top + 1, state, Origin.DESK, author, now)
    count_up(tx)
    return top + 1


def move(tx: Connection, entry_id: str, version: int, state: State, author: str, now: datetime) -> int:
    """A version into another state; gives the number of the version that now has it.

    Publishing an older or a content version makes a new version of the desk with its text, so that a later load leaves
    it standing; retiring the published one does the same. Raises `LookupError` when there is no such version.
    """
    revision(tx, lock=True)
    row = tx.execute(
        select(kb_entry).where(kb_entry.c.entry_id == entry_id, kb_entry.c.version == version)
    ).one_or_none()
    if row is None:
        raise LookupError(f"{entry_id} has no version {version}")
    top = tx.execute(select(func.max(kb_entry.c.version)).where(kb_entry.c.entry_id == entry_id)).scalar() or 0
    if state in (State.PUBLISHED, State.RETIRED):
        _retire(tx, entry_id)
    in_place = row.origin == Origin.DESK.value and row.version == top
    if in_place:
        tx.execute(update(kb_entry).where(kb_entry.c.id == row.id).values(state=state.value))
    else:
        _add(tx, Entry.parse_obj(row.body), top + 1, state, Origin.DESK, author, now)
    count_up(tx)
    return version if in_place else top + 1


def revision(tx: Connection, lock: bool = False) -> int:
    """The number of changes so far. ``lock``: other writers of entries wait until this transaction ends."""
    query = select(kb_revision.c.value).where(kb_revision.c.id == 1)
    value = tx.execute(query.with_for_update() if lock else query).scalar()
    if value is None and lock:
        tx.execute(insert(kb_revision).values(id=1, value=0))
    return int(value or 0)


def count_up(tx: Connection) -> int:
    """Say that entries have changed; gives the new revision."""
    if not tx.execute(update(kb_revision).where(kb_revision.c.id == 1).values(value=kb_revision.c.value + 1)).rowcount:
        tx.execute(insert(kb_revision).values(id=1, value=1))
    return revision(tx)


def keep_miss(
    tx: Connection, now: datetime, text: str, topic: str | None, score: float | None, offered: list[str]
) -> None:
    """A question that nothing answered, for the editors; without who asked. A repeat is kept again: it counts."""
    tx.execute(insert(kb_miss).values(at=now, text=text, topic=topic, score=score, answered_with=offered))


def digest_of(entry: Entry) -> str:
    """Same text, same digest, whatever the order of keys in the file."""
    return hashlib.sha256(json.dumps(_body(entry), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _body(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(entry.json(ensure_ascii=False))
    return body


def _newest_settled() -> Any:
    """The newest version of each entry that is or was in force; drafts and reviews do not count."""
    settled = kb_entry.c.state.in_([State.PUBLISHED.value, State.RETIRED.value])
    top = (
        select(kb_entry.c.entry_id, func.max(kb_entry.c.version).label("version"))
        .where(settled)
        .group_by(kb_entry.c.entry_id)
        .subquery()
    )
    return select(kb_entry).join(top, (kb_entry.c.entry_id == top.c.entry_id) & (kb_entry.c.version == top.c.version))


def _retire(tx: Connection, entry_id: str) -> None:
    tx.execute(
        update(kb_entry)
        .where(kb_entry.c.entry_id == entry_id, kb_entry.c.state == State.PUBLISHED.value)
        .values(state=State.RETIRED.value)
    )


def _add(
    tx: Connection, entry: Entry, version: int, state: State, origin: Origin, author: str, now: datetime
) -> None:
    tx.execute(
        insert(kb_entry).values(
            entry_id=entry.id,
            version=version,
            state=state.value,
            origin=origin.value,
            body=_body(entry),
            digest=digest_of(entry),
            author=author,
            created_at=now,
        )
    )


def _version(row: Row) -> Version:
    return Version(
        Entry.parse_obj(row.body), row.version, State(row.state), Origin(row.origin), row.author, row.created_at
    )
