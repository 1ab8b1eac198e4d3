"""Looking at entries: the list with its search, one entry as its readers see it, its history with differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from desk import staff as people
from desk.errors import NoAccess
from desk.knowledge import checks, differences, preview, rights, words
from desk.knowledge.form import Fault
from desk.knowledge.shelf import Shelf
from desk.visit import Visit
from helpline.clock import local
from kb import review, store
from kb.schema import Entry
from kb.store import Standing, State, Version

PAGE = 25
STATES = {
    "overdue": "Quá hạn xem lại",
    "reviewed": "Chờ duyệt",
    "draft": "Có bản nháp",
    "published": "Đang dùng",
    "retired": "Ngừng dùng",
}
ORDERS = {"due": "Cần xem lại trước", "new": "Mới sửa trước", "topic": "Theo chủ đề"}


@dataclass(frozen=True)
class Line:
    """One entry in the list. ``entry`` is the text that an editor works on, for others the one in force."""

    stands: Standing
    entry: Entry
    overdue: bool


@dataclass(frozen=True)
class Asked:
    """What the list was asked for."""

    q: str = ""
    topic: str = ""
    state: str = ""
    order: str = "due"
    page: int = 1

    def link(self, **changes: object) -> str:
        """The address of the same list with something changed."""
        fields = {"q": self.q, "topic": self.topic, "state": self.state, "order": self.order, "page": self.page} | changes
        kept = {name: value for name, value in fields.items() if value and (name, value) not in (("order", "due"), ("page", 1))}
        return "/knowledge" + (f"?{urlencode(kept)}" if kept else "")


def today_of(visit: Visit) -> date:
    return local(visit.now).date()


def shelf_of(visit: Visit) -> Shelf:
    shelf: Shelf = visit.request.app.state.shelf
    return shelf


def entry_id_of(visit: Visit) -> str:
    return str(visit.request.path_params["entry_id"])


def in_force(all_standing: Sequence[Standing]) -> list[Version]:
    return [one.published for one in all_standing if one.published]


def listing(visit: Visit) -> Response:
    """The list: searched, filtered, what is overdue first, `PAGE` to a page. Who only reads sees what is in force."""
    asked = _asked(visit)
    today = today_of(visit)
    with visit.desk.db.read() as tx:
        all_standing = store.standings(tx)
        names = people.names(tx)
    reviews = rights.reviews(visit.staff)
    lines = [line for one in all_standing if (line := _line(one, today, reviews))]
    counts = _counts(lines) if reviews else {}
    topics = sorted({line.entry.topic for line in lines}, key=lambda topic: words.TOPICS.get(topic, topic))
    lines = [line for line in lines if _is_wanted(line, asked)]
    if asked.q:
        shown = {line.stands.entry_id: line for line in lines}
        versions = in_force(all_standing) if not reviews else [one.current for one in all_standing]
        lines = [shown[found] for found in shelf_of(visit).search(versions, asked.q, today) if found in shown]
    else:
        lines = _ordered(lines, asked.order)
    pages = max(1, -(-len(lines) // PAGE))
    page = min(asked.page, pages)
    return visit.page(
        "knowledge_list.html",
        asked=asked,
        lines=lines[(page - 1) * PAGE : page * PAGE],
        total=len(lines),
        pages=pages,
        at=page,
        topics=topics,
        states=STATES if reviews else {},
        orders=ORDERS,
        counts=counts,
        reviews=reviews,
        writes=rights.writes(visit.staff),
        who=lambda actor: words.author(actor, names),
        filled=preview.filled,
        words=words,
    )


def entry(visit: Visit) -> Response:
    """One entry: how it stands, how its readers see it, and what this person may do with it. Raises `NoAccess` for what
    is not there, or not in force for somebody who only reads."""
    return entry_page(visit, entry_id_of(visit))


def entry_page(visit: Visit, entry_id: str) -> Response:
    today, shelf = today_of(visit), shelf_of(visit)
    with visit.desk.db.read() as tx:
        all_standing = store.standings(tx)
        names = people.names(tx)
    stands = next((one for one in all_standing if one.entry_id == entry_id), None)
    reviews = rights.reviews(visit.staff)
    if stands is None or not (reviews or stands.published):
        raise NoAccess
    shown = stands.current if reviews else stands.published
    assert shown is not None
    published = in_force(all_standing)
    titles = {one.entry.id: one.entry.title for one in published}
    content = shelf.beside(shown.entry, [one.entry for one in published])
    changes = []
    if stands.pending and stands.published:
        changes = differences.between(stands.published.entry, stands.pending.entry, content.sources, titles)
    faults: list[Fault] = checks.faults(shelf, shown.entry, all_standing, today) if reviews and stands.pending else []
    return visit.page(
        "knowledge_entry.html",
        stands=stands,
        shown=shown,
        entry=shown.entry,
        talks=preview.talks(content, shown.entry),
        copied=preview.copied,
        changes=changes,
        faults=faults,
        overdue=stands.published is not None and review.is_overdue(stands.published.entry, today),
        leading_here=[one.entry for one in published if entry_id in one.entry.related and one.entry.id != entry_id],
        titles=titles,
        reviews=reviews,
        writes=rights.writes(visit.staff),
        may_decide=rights.may_decide(visit.staff, stands),
        who=lambda actor: words.author(actor, names),
        words=words,
        State=State,
        sources=content.sources,
    )


def history(visit: Visit) -> Response:
    """All versions of an entry, and the differences between two of them (by default the newest and the one before)."""
    entry_id = entry_id_of(visit)
    with visit.desk.db.read() as tx:
        versions = store.versions(tx, entry_id)
        all_standing = store.standings(tx)
        names = people.names(tx)
    stands = next((one for one in all_standing if one.entry_id == entry_id), None)
    if stands is None:
        raise NoAccess
    by_number = {one.version: one for one in versions}
    newest = versions[0].version
    right = _number(visit, "right", newest, by_number)
    left = _number(visit, "left", max((one for one in by_number if one < right), default=right), by_number)
    titles = {one.entry_id: one.current.entry.title for one in all_standing}
    changes = differences.between(by_number[left].entry, by_number[right].entry, shelf_of(visit).own.sources, titles)
    return visit.page(
        "knowledge_history.html",
        stands=stands,
        versions=versions,
        standing={one.version: _stands_for(one, stands, versions) for one in versions},
        left=left,
        right=right,
        changes=changes,
        writes=rights.writes(visit.staff),
        who=lambda actor: words.author(actor, names),
        words=words,
    )


def _stands_for(version: Version, stands: Standing, versions: Sequence[Version]) -> str:
    """What a version is today, in words: a text that was in force and is no more was replaced, or withdrawn."""
    if version.state in (State.DRAFT, State.REVIEWED) and version != stands.pending:
        return "Nháp, đã có bản mới hơn"
    if version.state is State.RETIRED and any(one.version > version.version and one.state in (State.PUBLISHED, State.RETIRED) for one in versions):
        return "Đã được thay"
    return words.STATES[version.state]


def _asked(visit: Visit) -> Asked:
    query = visit.request.query_params
    page = query.get("page", "")
    return Asked(
        q=query.get("q", "").strip()[:300],
        topic=query.get("topic", "") if query.get("topic", "") in words.TOPICS else "",
        state=query.get("state", "") if query.get("state", "") in STATES else "",
        order=query.get("order", "") if query.get("order", "") in ORDERS else "due",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def _line(stands: Standing, today: date, reviews: bool) -> Line | None:
    shown = stands.current if reviews else stands.published
    if shown is None or (reviews and stands.state is State.DROPPED):
        return None
    return Line(stands, shown.entry, stands.published is not None and review.is_overdue(stands.published.entry, today))


def _is_wanted(line: Line, asked: Asked) -> bool:
    if asked.topic and line.entry.topic != asked.topic:
        return False
    if asked.state == "overdue":
        return line.overdue
    if asked.state == "published":
        return line.stands.published is not None
    return not asked.state or line.stands.state.value == asked.state


def _counts(lines: Sequence[Line]) -> dict[str, int]:
    return {state: sum(_is_wanted(line, Asked(state=state)) for line in lines) for state in STATES}


def _ordered(lines: list[Line], order: str) -> list[Line]:
    if order == "new":
        return sorted(lines, key=lambda line: line.stands.touched_at, reverse=True)
    if order == "topic":
        return sorted(lines, key=lambda line: (words.TOPICS.get(line.entry.topic, ""), line.entry.title))
    rank = {State.REVIEWED: 0, State.DRAFT: 1, State.PUBLISHED: 2}
    return sorted(lines, key=lambda line: (not line.overdue, rank.get(line.stands.state, 3), line.entry.review_by, line.entry.title))


def _number(visit: Visit, name: str, otherwise: int, known: dict[int, Version]) -> int:
    raw = visit.request.query_params.get(name, "")
    wanted = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else otherwise
    return wanted if wanted in known else otherwise
