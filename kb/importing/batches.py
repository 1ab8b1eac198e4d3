"""Imports from first to last: checked and kept, loaded whole or not at all, undone.

One row of `kb_import` is one file. ``checked``: read and judged, nothing loaded; then ``loaded`` or ``discarded``; a
loaded one may be ``undone``. Rows of places
are never changed: a newer telling replaces an older one, which comes back when the newer is undone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Row

from helpline import audit
from helpline.clock import local
from helpline.db import Database
from helpline.tables import kb_import, kb_service
from kb import services, store
from kb.content import Content
from kb.documents import day
from kb.importing import columns, tables
from kb.importing.cells import Refusal, RowReader, Rules
from kb.importing.columns import Table
from kb.importing.errors import BatchGone
from kb.importing.rows import ListKind, NewRow
from kb.importing.services import SERVICES
from kb.importing.swim import SWIM_CLASSES
from kb.places import spoken

LISTS = {kind.key: kind for kind in (SERVICES, SWIM_CLASSES)}
DOCUMENT = "document"
CHECKED, LOADED, UNDONE = "checked", "loaded", "undone"
DISCARDED = "discarded"  # kept without its content, so that its number never names another file
FORGET = timedelta(days=2)  # a file that was checked and never loaded is forgotten then
NEW, UPDATE, SAME = "new", "update", "same"

_FIELDS = {  # of a row, as editors call them, for saying what an update changes
    "address": "địa chỉ",
    "phone": "điện thoại",
    "hours": "giờ",
    "valid_from": "từ ngày",
    "valid_to": "đến ngày",
    "source": "nguồn",
    "last_checked": "ngày kiểm tra",
    "details": "chi tiết",
}


@dataclass(frozen=True)
class Good:
    """A line that can be loaded. ``does``: new (``note``: how it is reached), update (what it changes) or same (nothing
    to do). Of a document: a draft, ``note`` its id."""

    line: int
    name: str
    place: str
    does: str
    note: str = ""
    row: NewRow | None = None
    replaces: int | None = None


@dataclass(frozen=True)
class Report:
    """What a file would do. Every line that is not empty is in ``good`` or has its ``refusals``."""

    sheet: str
    ignored: tuple[str, ...]
    good: tuple[Good, ...]
    refusals: tuple[Refusal, ...]

    @property
    def changes(self) -> tuple[Good, ...]:
        return tuple(one for one in self.good if one.does != SAME)

    @property
    def refused_lines(self) -> int:
        return len({refusal.line for refusal in self.refusals})

    def count(self, does: str) -> int:
        return sum(one.does == does for one in self.good)

    def to_json(self) -> dict[str, Any]:
        good = [[one.line, one.name, one.place, one.does, one.note] for one in self.good]
        return {
            "sheet": self.sheet,
            "ignored": list(self.ignored),
            "good": good,
            "refusals": [list(asdict(one).values()) for one in self.refusals],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Report:
        good = tuple(Good(*one) for one in kept["good"])
        return cls(kept["sheet"], tuple(kept["ignored"]), good, tuple(Refusal(*one) for one in kept["refusals"]))


@dataclass(frozen=True)
class Batch:
    """An import as it is kept. Times are aware UTC."""

    id: int
    kind: str
    filename: str
    source: str | None
    state: str
    report: Report
    author: str
    created_at: datetime
    loaded_at: datetime | None
    undone_at: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What a load did. ``loaded`` False: lines were refused and nothing was written."""

    loaded: bool
    report: Report
    new: int = 0
    updated: int = 0


_NOTHING_LEFT = {"state": DISCARDED, "read": None, "report": Report("", (), (), ()).to_json()}


# checking


def judge(in_force: Mapping[str, Row], content: Content, kind: ListKind, table: Table, now: datetime) -> Report:
    """Every line held against the rules, the other lines and what is ``in_force`` (rows by identity). Takes about a
    millisecond a line, so it is done outside of any transaction that others wait for."""
    rules = Rules.of(content, local(now).date())
    refusals: list[Refusal] = []
    rows: list[tuple[int, NewRow]] = []
    for read in table.rows:
        line = RowReader(read, table.headings, rules)
        if line.is_example:
            line.refuse("name", "Đây là dòng ví dụ của mẫu.", "Xóa dòng này khỏi tệp.")
            row = None
        else:
            row = kind.read(line)
        refusals += line.refusals
        if row is not None:
            rows.append((read.number, row))
    reviewed = _of_content(content)
    twice = _twice(rows)
    heading = table.headings.get("name", "")
    good: list[Good] = []
    for number, row in rows:
        fault = twice.get(number) or _against(row, in_force.get(row.identity), reviewed)
        if fault:
            refusals.append(Refusal(number, heading, *fault))
            continue
        old = in_force.get(row.identity)
        does = NEW if old is None else SAME if old.digest == row.digest else UPDATE
        note = _changes(old, row) if old is not None and does == UPDATE else row.contact if does == NEW else ""
        good.append(Good(number, row.name, row.place, does, note, row, old.id if old is not None else None))
    refusals.sort(key=lambda one: one.line)
    return Report(table.sheet, table.ignored, tuple(good), tuple(refusals))


def _twice(rows: Sequence[tuple[int, NewRow]]) -> dict[int, tuple[str, str]]:
    """Lines that tell a place that another line tells too: a mere repeat is refused, of two that differ both are."""
    first: dict[str, tuple[int, NewRow]] = {}
    faults: dict[int, tuple[str, str]] = {}
    for number, row in rows:
        if row.identity not in first:
            first[row.identity] = (number, row)
            continue
        other, told = first[row.identity]
        if told.digest == row.digest:
            faults[number] = (f"Lặp lại dòng {other}.", "Xóa một trong hai dòng.")
        else:
            todo = "Giữ dòng đúng; nếu là hai nơi thì đặt tên khác nhau."
            faults[number] = (f"Cùng tên, cùng chỗ với dòng {other} mà nội dung khác.", todo)
            faults.setdefault(other, (f"Cùng tên, cùng chỗ với dòng {number} mà nội dung khác.", todo))
    return faults


def _against(row: NewRow, old: Row | None, reviewed: set[str]) -> tuple[str, str] | None:
    if row.identity in reviewed:
        return "Nơi này đã có trong kho nội dung.", "Xóa dòng này; muốn sửa thì nhờ người quản trị nội dung."
    if old is not None and old.last_checked > row.last_checked:
        return f"Đã có bản kiểm tra mới hơn, ngày {day(old.last_checked)}.", "Xóa dòng này, hoặc ghi ngày kiểm tra mới."
    return None


def _in_force(tx: Connection) -> tuple[int, dict[str, Row]]:
    """The rows in force by identity, and the revision that they belong to."""
    revision = store.revision(tx)
    rows = tx.execute(select(kb_service).where(kb_service.c.state == services.IN_FORCE)).all()
    return revision, {row.identity: row for row in rows}


def _of_content(content: Content) -> set[str]:
    """The identities of the places that stand in reviewed content."""
    rows = content.services.rows if content.services else ()
    nothing = date.min
    return {
        NewRow(r.kind, r.scope, r.commune, r.district, r.name, None, None, None, None, None, "", nothing).identity for r in rows
    }


def _changes(old: Row, row: NewRow) -> str:
    """What is different, in words: "điện thoại, ngày kiểm tra"."""
    return ", ".join(label for name, label in _FIELDS.items() if getattr(old, name) != getattr(row, name)) or "cách viết"


# keeping


def check(db: Database, content: Content, kind_key: str, filename: str, data: bytes, actor: str, now: datetime) -> Batch:
    """Read a list, judge it, keep the report and what was read. Loads nothing. Raises `FileRefused`, `StoreUnavailable`."""
    kind = LISTS[kind_key]
    table = columns.table(tables.read(data, columns.counter(kind.columns)), kind.columns)
    with db.read() as tx:
        _, in_force = _in_force(tx)
    report = judge(in_force, content, kind, table, now)
    with db.write() as tx:
        return keep(tx, kind.key, filename, data, table.to_json(), report, actor, now)


def keep(
    tx: Connection,
    kind: str,
    filename: str,
    data: bytes,
    read: Any,
    report: Report,
    actor: str,
    now: datetime,
    source: str | None = None,
) -> Batch:
    """Keep a checked file, and forget those that nobody loaded for two days."""
    tx.execute(update(kb_import).where(kb_import.c.state == CHECKED, kb_import.c.created_at < now - FORGET).values(**_NOTHING_LEFT))
    result = tx.execute(
        insert(kb_import).values(
            kind=kind,
            filename=_short_name(filename),
            digest=hashlib.sha256(data).hexdigest(),
            source=source,
            state=CHECKED,
            read=read,
            report=report.to_json(),
            author=actor,
            created_at=now,
        )
    )
    batch_id = result.inserted_primary_key[0]
    audit.record(
        tx, now, actor, "import.check", "import", batch_id, kind=kind, good=len(report.good), refused=report.refused_lines
    )
    return find(tx, batch_id)


def find(tx: Connection, batch_id: int) -> Batch:
    """An import. Raises `BatchGone`."""
    row = tx.execute(select(kb_import).where(kb_import.c.id == batch_id, kb_import.c.state != DISCARDED)).first()
    if row is None:
        raise BatchGone("Không có lần nhập này, hoặc đã quá hai ngày mà chưa nhập. Bạn tải tệp lên lại.")
    return _batch(row)


def recent(tx: Connection, most: int = 50) -> list[Batch]:
    """The last imports, the newest first."""
    query = select(kb_import).where(kb_import.c.state != DISCARDED)
    return [_batch(row) for row in tx.execute(query.order_by(kb_import.c.id.desc()).limit(most)).all()]


def locked(tx: Connection, batch_id: int) -> Row:
    """The row of an import, held until the transaction ends. Raises `BatchGone`."""
    store.revision(tx, lock=True)
    row = tx.execute(select(kb_import).where(kb_import.c.id == batch_id).with_for_update()).first()
    if row is None or row.state == DISCARDED:
        raise BatchGone("Không có lần nhập này, hoặc đã quá hai ngày mà chưa nhập. Bạn tải tệp lên lại.")
    return row


def settle(tx: Connection, batch_id: int, report: Report, now: datetime) -> None:
    """Mark an import as loaded; what was read of its file is no longer kept."""
    tx.execute(
        update(kb_import).where(kb_import.c.id == batch_id).values(state=LOADED, loaded_at=now, report=report.to_json(), read=None)
    )


def discard(tx: Connection, batch_id: int, actor: str, now: datetime) -> None:
    """Forget a file that was only checked. Raises `BatchGone` when it was loaded; a repeat too."""
    row = locked(tx, batch_id)
    if row.state != CHECKED:
        raise BatchGone("Tệp này đã nhập rồi. Muốn bỏ thì dùng nút Hoàn tác.")
    tx.execute(update(kb_import).where(kb_import.c.id == batch_id).values(**_NOTHING_LEFT))
    audit.record(tx, now, actor, "import.discard", "import", batch_id, kind=row.kind)


# loading


def load(
    db: Database, content: Content, batch_id: int, actor: str, now: datetime, *, only_right: bool = False
) -> Outcome:
    """Load a checked list in one transaction, judged anew against what is in force at that moment.

    With a refused line nothing is written, unless ``only_right``; a repeat of a load changes nothing. Raises
    `BatchGone` when the import is not there or was undone, `StoreUnavailable`; nothing was loaded then.
    """
    with db.read() as tx:
        batch = tx.execute(select(kb_import).where(kb_import.c.id == batch_id)).first()
        seen, in_force = _in_force(tx)
    if batch is None or batch.kind not in LISTS or batch.state != CHECKED:
        with db.read() as tx:
            return _loaded_before(find(tx, batch_id))
    kind, table = LISTS[batch.kind], Table.from_json(batch.read)
    report = judge(in_force, content, kind, table, now)
    with db.write() as tx:
        if locked(tx, batch_id).state != CHECKED:
            return _loaded_before(find(tx, batch_id))
        revision, in_force = _in_force(tx)
        if revision != seen:  # somebody else has loaded or withdrawn something since
            report = judge(in_force, content, kind, table, now)
        if report.refusals and not only_right:
            tx.execute(update(kb_import).where(kb_import.c.id == batch_id).values(report=report.to_json()))
            return Outcome(False, report)
        return _load(tx, batch_id, kind, report, actor, now)


def _loaded_before(batch: Batch) -> Outcome:
    """What a repeat of a load says. Raises `BatchGone` where the import can no longer be loaded."""
    if batch.state != LOADED:
        raise BatchGone("Lần nhập này đã hoàn tác. Bạn tải tệp lên lại.")
    return Outcome(True, batch.report)


def _load(tx: Connection, batch_id: int, kind: ListKind, report: Report, actor: str, now: datetime) -> Outcome:
    _set_state(tx, [one.replaces for one in report.changes if one.replaces is not None], services.REPLACED)
    values = [_values(one.row, one.replaces, batch_id, actor, now) for one in report.changes if one.row is not None]
    if values:
        tx.execute(insert(kb_service), values)
        store.count_up(tx)
    settle(tx, batch_id, report, now)
    new, updated = report.count(NEW), report.count(UPDATE)
    refused = report.refused_lines
    audit.record(tx, now, actor, "import.load", "import", batch_id, kind=kind.key, new=new, updated=updated, refused=refused)
    return Outcome(True, report, new, updated)


def _set_state(tx: Connection, ids: Sequence[int], state: str) -> None:
    for first in range(0, len(ids), 500):
        tx.execute(update(kb_service).where(kb_service.c.id.in_(ids[first : first + 500])).values(state=state))


def _values(row: NewRow, replaces: int | None, batch_id: int, actor: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "scope": row.scope,
        "commune": row.commune,
        "district": row.district,
        "name": row.name,
        "address": row.address,
        "phone": row.phone,
        "hours": row.hours,
        "details": row.details,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "source": row.source,
        "last_checked": row.last_checked,
        "state": services.IN_FORCE,
        "identity": row.identity,
        "digest": row.digest,
        "author": actor,
        "created_at": now,
        "batch_id": batch_id,
        "replaces_id": replaces,
    }


# undoing


def undo(tx: Connection, batch_id: int, actor: str, now: datetime) -> int:
    """Take back a loaded list; gives how many rows went. What it had replaced is in force again; what a later import
    replaced stays with the later one. Raises `BatchGone` when it is not loaded (any more)."""
    batch = locked(tx, batch_id)
    if batch.state != LOADED or batch.kind not in LISTS:
        raise BatchGone("Lần nhập này chưa nhập hoặc đã hoàn tác.")
    rows = tx.execute(select(kb_service).where(kb_service.c.batch_id == batch_id)).all()
    told = [row for row in rows if row.state == services.IN_FORCE]
    standing = kb_service.c.state.in_([services.IN_FORCE, services.REPLACED])
    tx.execute(
        update(kb_service)
        .where(kb_service.c.batch_id == batch_id, standing)
        .values(state=services.WITHDRAWN, withdrawn_at=now, withdrawn_by=actor)
    )
    _set_state(tx, _before(tx, told), services.IN_FORCE)
    if told:
        store.count_up(tx)
    mark_undone(tx, batch_id, actor, now)
    audit.record(tx, now, actor, "import.undo", "import", batch_id, kind=batch.kind, rows=len(told))
    return len(told)


def mark_undone(tx: Connection, batch_id: int, actor: str, now: datetime) -> None:
    tx.execute(update(kb_import).where(kb_import.c.id == batch_id).values(state=UNDONE, undone_at=now, undone_by=actor))


def _before(tx: Connection, rows: Sequence[Row]) -> list[int]:
    """For each row the nearest earlier telling that was only replaced, not withdrawn; none where there is none."""
    if not any(row.replaces_id for row in rows):
        return []
    all_rows = tx.execute(select(kb_service.c.id, kb_service.c.state, kb_service.c.replaces_id)).all()
    known = {row.id: row for row in all_rows}
    found = []
    for row in rows:
        at = row.replaces_id
        while at is not None and known[at].state != services.REPLACED:
            at = known[at].replaces_id
        if at is not None:
            found.append(at)
    return found


def withdraw(tx: Connection, row_id: int, actor: str, now: datetime) -> bool:
    """Take one place out of the answers at once. False when it is not in force: nothing was changed then."""
    store.revision(tx, lock=True)
    if not services.withdraw(tx, now, row_id, actor):
        return False
    store.count_up(tx)
    audit.record(tx, now, actor, "service.withdraw", "service", row_id)
    return True


def where_of(row: services.Kept) -> str:
    """Where a kept row is, in words of the editors' page."""
    if row.commune:
        return spoken(row.commune)
    return f"{row.district} (huyện cũ)" if row.district else "cả Quảng Ninh"


def _batch(row: Row) -> Batch:
    return Batch(
        row.id,
        row.kind,
        row.filename,
        row.source,
        row.state,
        Report.from_json(row.report),
        row.author,
        row.created_at,
        row.loaded_at,
        row.undone_at,
    )


def _short_name(filename: str) -> str:
    """The last part of a name, fit to be kept and shown."""
    name = tables.clean(filename.replace("\\", "/").rsplit("/", 1)[-1]).replace("\n", " ")
    return name[-200:] or "không tên"
