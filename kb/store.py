"""Entries in the database: versions, the load of reviewed content, and which entries are in force.

An entry has versions 1, 2, …; at most one is published. Content (reviewed in git) and the desk (editors) both add
versions; the text of a version never changes. The revision counts every change of what is in force, so that readers
know when to load again; drafts do not count.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, Row

from helpline.clock import Clock
from helpline.db import Database
from helpline.tables import kb_entry, kb_revision
from kb.content import Content
from kb.errors import Overtaken
from kb.schema import Entry

CONTENT_AUTHOR = "content"


class State(str, enum.Enum):
    """``REVIEWED`` waits for a second person; ``RETIRED`` was in force or says that nothing is; ``DROPPED`` never was."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    RETIRED = "retired"
    DROPPED = "dropped"


PENDING = (State.DRAFT, State.REVIEWED)
_SETTLED = (State.PUBLISHED.value, State.RETIRED.value)


class Origin(str, enum.Enum):
    CONTENT = "content"
    DESK = "desk"


@dataclass(frozen=True)
class Version:
    """One version of an entry as it is kept. Times are aware UTC.

    ``reviewer``: who decided on it last (published it, sent it back, withdrew it). ``note``: the author's words on what
    changed, until a reviewer writes why not.
    """

    entry: Entry
    version: int
    state: State
    origin: Origin
    author: str
    created_at: datetime
    reviewer: str | None = None
    decided_at: datetime | None = None
    note: str | None = None

    @property
    def touched_at(self) -> datetime:
        """When something happened to it last."""
        return max(self.created_at, self.decided_at or self.created_at)


@dataclass(frozen=True)
class Standing:
    """How an entry stands: what is in force, what is on its way (a draft, or waiting for a second person), what is newest."""

    published: Version | None
    pending: Version | None
    newest: Version

    @property
    def entry_id(self) -> str:
        return self.newest.entry.id

    @property
    def current(self) -> Version:
        """What an editor works on next."""
        return self.pending or self.published or self.newest

    @property
    def state(self) -> State:
        """Of the entry as a whole: what is pending comes before what is in force."""
        if self.pending:
            return self.pending.state
        return self.newest.state if self.published is None else State.PUBLISHED

    @property
    def touched_at(self) -> datetime:
        return max(one.touched_at for one in (self.published, self.pending, self.newest) if one)


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


def retired_by_editors(tx: Connection) -> list[str]:
    """The entries that an editor took out of force, by id."""
    rows = tx.execute(_newest_settled()).all()
    return sorted(row.entry_id for row in rows if row.state == State.RETIRED.value and row.origin == Origin.DESK.value)


def standing(tx: Connection, entry_id: str) -> Standing | None:
    """How one entry stands; None where there is none of this id."""
    return _standing(versions(tx, entry_id))


def standings(tx: Connection) -> list[Standing]:
    """How every entry stands, by id."""
    heads = select(kb_entry.c.id, kb_entry.c.entry_id, kb_entry.c.version, kb_entry.c.state)
    wanted: list[int] = []
    for _, rows in groupby(tx.execute(heads.order_by(kb_entry.c.entry_id, kb_entry.c.version.desc())), _entry_id):
        held = list(rows)
        published, pending = _places([State(row.state) for row in held])
        wanted += [held[at].id for at in {0, published, pending} if at is not None]
    found = []
    bodies = tx.execute(select(kb_entry).where(kb_entry.c.id.in_(wanted)).order_by(kb_entry.c.entry_id, kb_entry.c.version.desc()))
    for _, rows in groupby(bodies, _entry_id):
        stands = _standing([_version(row) for row in rows])
        found += [stands] if stands else []
    return found


def save(
    tx: Connection,
    entry: Entry,
    author: str,
    now: datetime,
    state: State = State.DRAFT,
    *,
    base: int | None = None,
    note: str | None = None,
) -> int:
    """An editor's new version; gives its number. Published at once only when ``state`` says so.

    ``base``: the newest version that the author saw (0: none). Raises `Overtaken` when there is a newer one.
    """
    revision(tx, lock=True)
    top = _top(tx, entry.id)
    if base is not None and base != top:
        raise Overtaken(top)
    if state is State.PUBLISHED:
        _retire(tx, entry.id)
    _add(tx, entry, top + 1, state, Origin.DESK, author, now, note=note)
    if state is State.PUBLISHED:
        count_up(tx)
    return top + 1


def move(
    tx: Connection,
    entry_id: str,
    version: int,
    state: State,
    author: str,
    now: datetime,
    *,
    note: str | None = None,
    expected: State | None = None,
) -> int:
    """A version into another state; gives the number of the version that now has it.

    Publishing an older or a content version makes a new version of the desk with its text, so that a later load leaves
    it standing; retiring always does, so that its reason has a place. With ``expected`` the version must be the newest
    and in that state, else `Overtaken`. Raises `LookupError` when there is no such version.
    """
    revision(tx, lock=True)
    row = tx.execute(
        select(kb_entry).where(kb_entry.c.entry_id == entry_id, kb_entry.c.version == version)
    ).one_or_none()
    if row is None:
        raise LookupError(f"{entry_id} has no version {version}")
    top = _top(tx, entry_id)
    if expected is not None and (top != version or row.state != expected.value):
        raise Overtaken(top)
    settles = state in (State.PUBLISHED, State.RETIRED)
    if settles:
        _retire(tx, entry_id)
    in_place = row.origin == Origin.DESK.value and row.version == top and state is not State.RETIRED
    if in_place:
        decided: dict[str, Any] = {} if note is None else {"note": note}
        if state is not State.REVIEWED:  # to hand a version in is no decision on it
            decided |= {"reviewer": author, "decided_at": now}
        tx.execute(update(kb_entry).where(kb_entry.c.id == row.id).values(state=state.value, **decided))
    else:
        _add(tx, Entry.parse_obj(row.body), top + 1, state, Origin.DESK, author, now, note=note)
    if settles:
        count_up(tx)
    return version if in_place else top + 1


def drop(tx: Connection, entry_id: str, version: int, author: str, now: datetime) -> None:
    """Give up what is pending, of which ``version`` is the newest; what is in force stays.

    Raises `Overtaken` when that version is no longer the newest or no longer pending.
    """
    revision(tx, lock=True)
    stands = standing(tx, entry_id)
    if stands is None or stands.pending is None or stands.newest.version != version:
        raise Overtaken(stands.newest.version if stands else 0)
    settled = tx.execute(
        select(func.max(kb_entry.c.version)).where(kb_entry.c.entry_id == entry_id, kb_entry.c.state.in_(_SETTLED))
    ).scalar()
    tx.execute(
        update(kb_entry)
        .where(
            kb_entry.c.entry_id == entry_id,
            kb_entry.c.version > (settled or 0),
            kb_entry.c.state.in_([state.value for state in PENDING]),
        )
        .values(state=State.DROPPED.value, reviewer=author, decided_at=now)
    )


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


def digest_of(entry: Entry) -> str:
    """Same text, same digest, whatever the order of keys in the file."""
    return hashlib.sha256(json.dumps(_body(entry), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _body(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(entry.json(ensure_ascii=False))
    return body


def _newest_settled() -> Any:
    """The newest version of each entry that is or was in force; drafts and reviews do not count."""
    settled = kb_entry.c.state.in_(_SETTLED)
    top = (
        select(kb_entry.c.entry_id, func.max(kb_entry.c.version).label("version"))
        .where(settled)
        .group_by(kb_entry.c.entry_id)
        .subquery()
    )
    return select(kb_entry).join(top, (kb_entry.c.entry_id == top.c.entry_id) & (kb_entry.c.version == top.c.version))


def _top(tx: Connection, entry_id: str) -> int:
    return tx.execute(select(func.max(kb_entry.c.version)).where(kb_entry.c.entry_id == entry_id)).scalar() or 0


def _places(states: Sequence[State]) -> tuple[int | None, int | None]:
    """Of states, the newest first: where the published one stands, and the pending one (newer than any settled one)."""
    published = next((at for at, state in enumerate(states) if state is State.PUBLISHED), None)
    pending = None
    for at, state in enumerate(states):
        if state.value in _SETTLED:
            break
        if state in PENDING:
            pending = at
            break
    return published, pending


def _standing(newest_first: Sequence[Version]) -> Standing | None:
    if not newest_first:
        return None
    published, pending = _places([one.state for one in newest_first])
    return Standing(
        None if published is None else newest_first[published],
        None if pending is None else newest_first[pending],
        newest_first[0],
    )


def _entry_id(row: Row) -> str:
    return str(row.entry_id)


def _retire(tx: Connection, entry_id: str) -> None:
    tx.execute(
        update(kb_entry)
        .where(kb_entry.c.entry_id == entry_id, kb_entry.c.state == State.PUBLISHED.value)
        .values(state=State.RETIRED.value)
    )


def _add(
    tx: Connection,
    entry: Entry,
    version: int,
    state: State,
    origin: Origin,
    author: str,
    now: datetime,
    note: str | None = None,
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
            note=note,
        )
    )


@dataclass(frozen=True)
class _Body:
    """A body by its digest: the same text is parsed once."""

    digest: str
    body: dict[str, Any] = field(compare=False)


@lru_cache(maxsize=2048)
def _entry(held: _Body) -> Entry:
    return Entry.parse_obj(held.body)


def _version(row: Row) -> Version:
    return Version(
        _entry(_Body(row.digest, row.body)),
        row.version,
        State(row.state),
        Origin(row.origin),
        row.author,
        row.created_at,
        row.reviewer,
        row.decided_at,
        row.note,
    )
