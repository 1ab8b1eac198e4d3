"""Writing an entry: the form, its preview while it is written, and what happens when it is saved."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.engine import Connection
from starlette.responses import Response

from desk import staff as people
from desk.errors import NoAccess
from desk.knowledge import asked, checks, differences, form, preview, words
from desk.knowledge.differences import Difference
from desk.knowledge.form import Fault, Made, Typed
from desk.knowledge.pages import entry_id_of, in_force, shelf_of, today_of
from desk.visit import Visit
from helpline import audit
from kb import misses, store
from kb.errors import Overtaken
from kb.misses import Group, Handled
from kb.schema import Entry
from kb.store import Standing, State, Version

REVIEW_MONTHS = 6
MOST_NOTE = 500
FROM_MISSES = 12  # different wordings that a draft takes over


@dataclass(frozen=True)
class Desktop:
    """What the form needs of the rest: the entries in force, their titles, and the entry that is edited."""

    everything: Sequence[Standing]
    published: Sequence[Version]
    titles: dict[str, str]
    taken: frozenset[str]
    stands: Standing | None
    today: date

    @property
    def before(self) -> Entry | None:
        return self.stands.current.entry if self.stands else None


@dataclass(frozen=True)
class Conflict:
    """Somebody saved meanwhile: who and what, and how it differs from what is in the form."""

    theirs: Version
    name: str
    changes: Sequence[Difference]


def new(visit: Visit) -> Response:
    """An empty form, or one with the questions of a group that nothing answered (`?miss=`)."""
    desktop = _desktop(visit, None)
    typed = Typed(
        audience=frozenset({"adult", "child"}),
        as_of=desktop.today.isoformat(),
        review_by=months_on(desktop.today, REVIEW_MONTHS).isoformat(),
    )
    group = _group(visit)
    return _form(visit, desktop, _with_questions(typed, group) if group else typed)


def edit(visit: Visit) -> Response:
    """The form with what is pending, else with what is in force; `?from=` takes an older version's text instead, `?miss=`
    adds the questions of a group."""
    desktop = _desktop(visit, entry_id_of(visit))
    assert desktop.stands is not None
    chosen = desktop.stands.current
    raw = visit.request.query_params.get("from", "")
    if raw:
        with visit.desk.db.read() as tx:
            versions = {str(one.version): one for one in store.versions(tx, desktop.stands.entry_id)}
        if raw not in versions:
            raise NoAccess
        chosen = versions[raw]
    typed = form.of_entry(chosen.entry, shelf_of(visit).own.sources, desktop.titles, desktop.stands.newest.version)
    group = _group(visit)
    return _form(visit, desktop, _with_questions(typed, group) if group else typed, chosen=bool(raw or group))


def show(visit: Visit) -> Response:
    """The bubbles and the faults of a form that is being written; keeps nothing."""
    typed = form.typed(visit.form)
    entry_id = visit.form.get("entry", "")
    desktop = _desktop(visit, entry_id or None)
    made = _made(visit, typed, desktop)
    sources = shelf_of(visit).own.sources
    shown = made.entry or form.sketch(typed, desktop.before, sources, desktop.titles, desktop.today)
    faults = list(made.faults) or (checks.faults(shelf_of(visit), made.entry, desktop.everything, desktop.today) if made.entry else [])
    return visit.piece("knowledge_preview.html", **_shown(visit, shown, desktop), faults=faults, words=words)


def create(visit: Visit) -> Response:
    """Keep a new entry as a draft, or hand it in at once."""
    return _save(visit, _desktop(visit, None))


def save(visit: Visit) -> Response:
    """Keep a new version of an entry. When somebody else did so since the form was opened, nothing is kept and both texts
    are shown."""
    return _save(visit, _desktop(visit, entry_id_of(visit)))


def _save(visit: Visit, desktop: Desktop) -> Response:
    typed = form.typed(visit.form)
    made = _made(visit, typed, desktop)
    faults = list(made.faults) or checks.faults(shelf_of(visit), _whole(made), desktop.everything, desktop.today)
    if len(typed.note) > MOST_NOTE:
        faults.append(Fault("note", f"Ghi chú dài quá {MOST_NOTE} chữ cái."))
    if any(fault.is_error for fault in faults):
        return _form(visit, desktop, typed, faults, status=400)
    entry, hand_in = _whole(made), visit.form.get("act") == "submit"
    answered = asked.open_ids(visit, typed.miss, typed.until) if typed.miss else []
    try:
        with visit.desk.db.write() as tx:
            say = _kept(tx, visit, typed, entry, desktop, hand_in)
            misses.handle(tx, answered, Handled.DRAFTED, visit.staff.actor, visit.now, entry.id)
    except Overtaken:
        return _conflict(visit, typed, entry)
    return visit.done(f"/knowledge/entry/{entry.id}", say)


def _kept(tx: Connection, visit: Visit, typed: Typed, entry: Entry, desktop: Desktop, hand_in: bool) -> str:
    """Write the version; what to say of it."""
    newest = desktop.stands.newest if desktop.stands else None
    state = State.REVIEWED if hand_in else State.DRAFT
    if newest and newest.version == typed.base and store.digest_of(newest.entry) == store.digest_of(entry):
        if not (hand_in and newest.state is State.DRAFT):
            return "Không có gì thay đổi nên chưa lưu bản mới."
        version = store.move(tx, entry.id, newest.version, state, visit.staff.actor, visit.now, expected=State.DRAFT)
    else:
        note = typed.note or None
        version = store.save(tx, entry, visit.staff.actor, visit.now, state, base=typed.base, note=note)
        audit.record(tx, visit.now, visit.staff.actor, "kb.write", "entry", entry.id, version=version)
    if hand_in:
        audit.record(tx, visit.now, visit.staff.actor, "kb.submit", "entry", entry.id, version=version)
    return "Đã gửi duyệt. Người thứ hai xem rồi đăng." if hand_in else "Đã lưu bản nháp."


def _conflict(visit: Visit, typed: Typed, entry: Entry) -> Response:
    """The form again as it was typed, going on from the newest version, with what the other person wrote beside it."""
    desktop = _desktop(visit, entry.id)
    assert desktop.stands is not None
    theirs = desktop.stands.newest
    changes = differences.between(theirs.entry, entry, shelf_of(visit).own.sources, desktop.titles)
    with visit.desk.db.read() as tx:
        name = words.author(theirs.author, people.names(tx))
    return _form(visit, desktop, replace(typed, base=theirs.version), conflict=Conflict(theirs, name, changes), status=409)


def _made(visit: Visit, typed: Typed, desktop: Desktop) -> Made:
    return form.make(typed, desktop.before, desktop.taken, shelf_of(visit).own.sources, desktop.titles)


def _whole(made: Made) -> Entry:
    assert made.entry is not None, "a form without faults makes an entry"
    return made.entry


def _desktop(visit: Visit, entry_id: str | None) -> Desktop:
    with visit.desk.db.read() as tx:
        all_standing = store.standings(tx)
    stands = next((one for one in all_standing if one.entry_id == entry_id), None)
    if entry_id is not None and stands is None:
        raise NoAccess
    published = in_force(all_standing)
    titles = {one.entry.id: one.entry.title for one in published}
    return Desktop(all_standing, published, titles, frozenset(one.entry_id for one in all_standing), stands, today_of(visit))


def _form(
    visit: Visit,
    desktop: Desktop,
    typed: Typed,
    faults: Sequence[Fault] = (),
    conflict: Conflict | None = None,
    status: int = 200,
    chosen: bool = False,
) -> Response:
    """The page of the form. ``chosen``: somebody asked for just this text, so what the browser kept stays away."""
    sources = shelf_of(visit).own.sources
    made = _made(visit, typed, desktop)
    shown = made.entry or form.sketch(typed, desktop.before, sources, desktop.titles, desktop.today)
    beside: dict[str, list[Fault]] = {}
    for fault in faults:
        beside.setdefault(fault.field, []).append(fault)
    return visit.page(
        "knowledge_form.html",
        status=status,
        typed=typed,
        stands=desktop.stands,
        entry_id=desktop.stands.entry_id if desktop.stands else "",
        faults=beside,
        errors=sum(fault.is_error for fault in faults),
        conflict=conflict,
        chosen=chosen,
        sources=sorted(sources.values(), key=lambda one: one.cite),
        titles=desktop.titles,
        numbers_of=words.lines(),
        placeholders=preview.placeholders(),
        words=words,
        **_shown(visit, shown, desktop),
    )


def _shown(visit: Visit, entry: Entry, desktop: Desktop) -> dict[str, object]:
    """The preview of an entry, whole or not yet."""
    content = shelf_of(visit).beside(entry, [one.entry for one in desktop.published])
    return {
        "talks": preview.talks(content, entry) if entry.short else [],
        "lengths": preview.lengths(entry),
    }


def _group(visit: Visit) -> Group | None:
    """The group that `?miss=` names; its words are shown, so that leaves a trace. None when it is dealt with."""
    seed, until = (visit.request.query_params.get(name, "") for name in ("miss", "until"))
    if not (seed.isascii() and seed.isdigit() and until.isascii() and until.isdigit() and len(seed + until) < 37):
        return None
    group = asked.group_of(visit, int(seed), int(until))
    asked.trace(visit, len(group.open) if group else 0)
    return group


def _with_questions(typed: Typed, group: Group) -> Typed:
    """The form with the questions of a group in it, and for a new entry a title and a topic to begin with."""
    present = typed.questions.splitlines()
    plain = [one for one in group.questions if not misses.is_masked(one)] or group.questions
    added = [one for one in plain[:FROM_MISSES] if one not in present]
    first = group.questions[0]
    return replace(
        typed,
        questions="\n".join([*present, *added]),
        title=typed.title or (first[:1].upper() + first[1 : form.MOST_TITLE]),
        topic=typed.topic or (group.topic if group.topic in words.TOPICS else "") or "",
        miss=group.seed,
        until=max(miss.id for miss in group.open),
    )


def months_on(day: date, months: int) -> date:
    """The same day some months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
