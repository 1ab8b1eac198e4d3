"""The trace of every look at a conversation, and the page where supervisors and administrators read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row
from starlette.responses import Response

from desk import labels
from desk import staff as people
from desk.access import Access
from desk.staff import Staff
from desk.visit import Visit
from helpline import audit
from helpline.tables import audit as table

READ = "case.read"
FOLLOW = timedelta(minutes=15)  # a page that stays open is traced again this often while it shows something new
ROWS = 100


@dataclass(frozen=True)
class Entry:
    """One row of the audit in words."""

    id: int
    at: datetime
    who: str
    action: str
    thing: str
    case_id: int | None
    details: str


def read(tx: Connection, now: datetime, staff: Staff, access: Access) -> None:
    """Somebody opens a transcript."""
    audit.record(tx, now, staff.actor, READ, "case", access.case.id, why=access.why)


def following(tx: Connection, now: datetime, staff: Staff, access: Access) -> None:
    """Somebody's open page shows more of a transcript: traced unless the last trace is younger than `FOLLOW`."""
    traced = tx.execute(
        select(table.c.id)
        .where(
            table.c.object_type == "case",
            table.c.object_id == str(access.case.id),
            table.c.action == READ,
            table.c.actor == staff.actor,
            table.c.at > now - FOLLOW,
        )
        .limit(1)
    ).first()
    if traced is None:
        audit.record(tx, now, staff.actor, READ, "case", access.case.id, why=access.why, following=True)


def page(visit: Visit) -> Response:
    """The audit, newest first, `ROWS` a page; by case, by person, by act. Changes nothing."""
    asked = visit.request.query_params
    query = select(table).order_by(table.c.id.desc()).limit(ROWS + 1)
    if _is_number(asked.get("case", "")):
        query = query.where(table.c.object_type == "case", table.c.object_id == asked["case"])
    if _is_number(asked.get("staff", "")):
        query = query.where(table.c.actor == f"staff:{asked['staff']}")
    if asked.get("action", "") in labels.ACTIONS:
        query = query.where(table.c.action == asked["action"])
    if _is_number(asked.get("before", "")):
        query = query.where(table.c.id < int(asked["before"]))
    with visit.desk.db.read() as tx:
        names = people.names(tx)
        rows = tx.execute(query).all()
    return visit.page(
        "trace.html",
        entries=[_entry(row, names) for row in rows[:ROWS]],
        more=rows[ROWS - 1].id if len(rows) > ROWS else None,
        asked={name: asked.get(name, "") for name in ("case", "staff", "action")},
        names=sorted(names.items(), key=lambda item: item[1]),
    )


def _entry(row: Row, names: dict[int, str]) -> Entry:
    is_case = row.object_type == "case" and _is_number(row.object_id)
    return Entry(
        id=row.id,
        at=row.at,
        who=_who(row.actor, names),
        action=labels.ACTIONS.get(row.action, row.action),
        thing=_thing(row, names),
        case_id=int(row.object_id) if is_case else None,
        details=_details(row.details, names),
    )


def _who(actor: str, names: dict[int, str]) -> str:
    kind, _, number = actor.partition(":")
    if kind == "staff" and _is_number(number):
        return names.get(int(number), actor)
    return {"system": "Hệ thống", "gateway": "Cổng nhận tin", "desk": "Bàn tư vấn"}.get(actor, actor)


def _thing(row: Row, names: dict[int, str]) -> str:
    if row.object_type == "staff" and _is_number(row.object_id):
        return names.get(int(row.object_id), f"người dùng {row.object_id}")
    kinds = {"case": "trường hợp", "message": "tin", "staff": "người dùng", "entry": "mục", "miss": "câu hỏi", "import": "lần nhập", "service": "nơi"}
    return f"{kinds.get(row.object_type, row.object_type)} {row.object_id}"


WHYS = {"owner": "người giữ", "waiting": "đang chờ", "supervision": "giám sát"}


def _details(details: dict[str, Any], names: dict[int, str]) -> str:
    parts = []
    for name, value in details.items():
        if name == "why":
            parts.append(f"với tư cách: {WHYS.get(value, value)}")
        elif name == "following":
            parts.append("trang vẫn mở")
        elif name == "to":
            parts.append(f"cho {names.get(value, value)}")
        elif name == "level":
            parts.append(labels.LEVELS.get(value, value))
        elif name == "outcome":
            parts.append(labels.OUTCOMES.get(value, value))
        elif name == "role":
            parts.append(labels.ROLES.get(value, value))
        elif name == "version":
            parts.append(f"bản {value}")
        elif name == "kind":
            parts.append(labels.IMPORTED.get(value, value))
        elif name in labels.IMPORTED:
            parts.append(f"{labels.IMPORTED[name]} {value}")
        elif name == "length":
            parts.append(f"{value} chữ")
        else:
            parts.append(f"{name}: {value}")
    return ", ".join(parts)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
