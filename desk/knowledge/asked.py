"""What people asked and we could not answer: grouped by likeness, one click to an answer, or put aside."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.responses import Response

from desk.knowledge import words
from desk.knowledge.pages import shelf_of, today_of
from desk.visit import Visit
from helpline import audit
from kb import misses, store
from kb.misses import Group, Handled

PAGE = 20


def page(visit: Visit) -> Response:
    """The groups, new and often asked first. Leaves a trace: these are words of senders, though masked and nameless."""
    raw = visit.request.query_params.get("page", "1")
    wanted = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 6 else 1
    groups = _groups(visit)
    pages = max(1, -(-len(groups) // PAGE))
    at = min(max(1, wanted), pages)
    shown = groups[(at - 1) * PAGE : at * PAGE]
    trace(visit, len(shown))
    with visit.desk.db.read() as tx:
        all_standing = store.standings(tx)
    return visit.page(
        "knowledge_misses.html",
        groups=shown,
        total=len(groups),
        askings=sum(len(group.open) for group in groups),
        at=at,
        pages=pages,
        titles={one.entry_id: one.current.entry.title for one in all_standing},
        days=visit.desk.settings.retention_days,
        words=words,
    )


def dismiss(visit: Visit) -> Response:
    """Put a group aside as it was shown; what is asked again later comes back."""
    seed, until = visit.number("miss"), visit.number("until")
    ids = open_ids(visit, seed, until)
    with visit.desk.db.write() as tx:
        done = misses.handle(tx, ids, Handled.DISMISSED, visit.staff.actor, visit.now)
        if done:
            audit.record(tx, visit.now, visit.staff.actor, "kb.dismiss", "miss", seed, count=done)
    if not done:
        raise HTTPException(409, "Nhóm câu này đã có người xử lý. Bạn tải lại trang nhé.")
    return visit.done("/knowledge/misses", f"Đã bỏ qua {done} lượt hỏi.")


def group_of(visit: Visit, seed: int, until: int) -> Group | None:
    """The group of a question as it was when it was shown: nothing that came in after ``until``. None when none is open."""
    group = misses.find(_groups(visit), seed)
    return replace(group, open=tuple(miss for miss in group.open if miss.id <= until)) if group and seed <= until else None


def open_ids(visit: Visit, seed: int, until: int) -> list[int]:
    """The questions of such a group."""
    group = group_of(visit, seed, until)
    return [miss.id for miss in group.open] if group else []


def trace(visit: Visit, count: int) -> None:
    """Somebody reads questions of senders; written before they are shown."""
    with visit.desk.db.write() as tx:
        audit.record(tx, visit.now, visit.staff.actor, "kb.misses", "miss", "-", count=count)


def _groups(visit: Visit) -> list[Group]:
    """All groups; a second or more where there are thousands, so in no transaction that writes."""
    with visit.desk.db.read() as tx:
        found = misses.load(tx)
    return misses.grouped(found, shelf_of(visit).reader(today_of(visit)), visit.now)
