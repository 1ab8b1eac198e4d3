"""What becomes of a version: handed in, published or sent back by a second person, given up, withdrawn, brought back."""

from __future__ import annotations

from sqlalchemy.engine import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from desk.errors import NoAccess
from desk.knowledge import checks, rights
from desk.knowledge.pages import entry_id_of, shelf_of, today_of
from desk.knowledge.writing import MOST_NOTE, months_on
from desk.visit import Visit
from helpline import audit
from kb import store
from kb.errors import Overtaken
from kb.schema import Entry
from kb.store import Standing, State

MONTHS = (3, 6, 12)
MOVED_ON = "Mục này vừa có người sửa hoặc duyệt (nay là bản {newest}). Bạn xem lại rồi quyết định nhé, chưa có gì thay đổi."


def submit(visit: Visit) -> Response:
    """Hand a draft in: a second person publishes it or sends it back."""
    _must_be_free_of_errors(visit)
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        _move(tx, visit, stands, State.REVIEWED, "kb.submit", State.DRAFT)
    return _done(visit, "Đã gửi duyệt. Người thứ hai xem rồi đăng.")


def publish(visit: Visit) -> Response:
    """Put what waits in force, by somebody other than its author; it is answered from then on."""
    _must_be_free_of_errors(visit)
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        _must_be_second(visit, stands)
        _move(tx, visit, stands, State.PUBLISHED, "kb.publish", State.REVIEWED)
    return _done(visit, "Đã đăng. Tia Nắng trả lời theo bản này trong vòng một phút.")


def send_back(visit: Visit) -> Response:
    """Give what waits back to its author, with a note on why."""
    note = _note(visit, "Bạn ghi vài chữ vì sao trả lại, để người viết biết sửa gì.")
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        _must_be_second(visit, stands)
        _move(tx, visit, stands, State.DRAFT, "kb.send_back", State.REVIEWED, note)
    return _done(visit, "Đã trả lại kèm ghi chú.")


def drop(visit: Visit) -> Response:
    """Give up what is pending; what is in force stays."""
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        version = visit.number("version")
        try:
            store.drop(tx, stands.entry_id, version, visit.staff.actor, visit.now)
        except Overtaken as error:
            raise _moved_on(error) from error
        audit.record(tx, visit.now, visit.staff.actor, "kb.drop", "entry", stands.entry_id, version=version)
    if stands.published is None:
        return visit.done("/knowledge", "Đã bỏ bản nháp.")
    return _done(visit, "Đã bỏ bản nháp. Bản đang dùng vẫn giữ nguyên.")


def retire(visit: Visit) -> Response:
    """Withdraw what is in force at once, with a reason; nothing answers from it any more."""
    reason = _note(visit, "Bạn ghi lý do ngừng dùng, để người sau hiểu.")
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        if stands.published is None or stands.published.version != visit.number("version"):
            raise _moved_on(Overtaken(stands.newest.version))
        version = store.move(
            tx, stands.entry_id, stands.published.version, State.RETIRED, visit.staff.actor, visit.now, note=reason
        )
        audit.record(tx, visit.now, visit.staff.actor, "kb.retire", "entry", stands.entry_id, version=version)
    return _done(visit, "Đã ngừng dùng. Tia Nắng không trả lời theo mục này nữa.")


def restore(visit: Visit) -> Response:
    """Ask for an older version's text again: a new version that waits for a second person."""
    wanted = visit.number("version")
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        old = next((one for one in store.versions(tx, stands.entry_id) if one.version == wanted), None)
        if old is None:
            raise NoAccess
        _hand_in(tx, visit, old.entry, f"Quay lại bản {wanted}", "kb.restore")
    return _done(visit, f"Đã lấy lại lời của bản {wanted}. Người thứ hai xem rồi đăng.")


def confirm(visit: Visit) -> Response:
    """Say that what is in force is still right: the same text with a later day of review, which a second person publishes."""
    months = visit.number("months")
    if months not in MONTHS:
        raise NoAccess
    with visit.desk.db.write() as tx:
        stands = _standing(tx, visit)
        if stands.published is None or stands.pending is not None:
            raise _moved_on(Overtaken(stands.newest.version))
        day = months_on(today_of(visit), months)
        entry = stands.published.entry.copy(update={"review_by": day})
        _hand_in(tx, visit, entry, "Đã xem lại, vẫn đúng", "kb.confirm")
    return _done(visit, "Đã ghi là vẫn đúng. Người thứ hai xem rồi đăng.")


def _standing(tx: Connection, visit: Visit) -> Standing:
    store.revision(tx, lock=True)  # whoever acts on the same entry waits here and then sees what has become of it
    stands = store.standing(tx, entry_id_of(visit))
    if stands is None:
        raise NoAccess
    return stands


def _must_be_second(visit: Visit, stands: Standing) -> None:
    if stands.pending is None or stands.pending.state is not State.REVIEWED:
        raise _moved_on(Overtaken(stands.newest.version))
    if not rights.may_decide(visit.staff, stands):
        raise HTTPException(403, "Bản này do bạn viết, nên một người khác phải xem và quyết định.")


def _must_be_free_of_errors(visit: Visit) -> None:
    """Rules are looked at again: what an entry rests on may have gone since it was saved. The text of a version never
    changes, so that this may happen before the transaction, which makes sure of the version."""
    with visit.desk.db.read() as tx:
        everything = store.standings(tx)
    stands = next((one for one in everything if one.entry_id == entry_id_of(visit)), None)
    if stands is None:
        raise NoAccess
    if stands.pending is None or stands.pending.version != visit.number("version"):
        raise _moved_on(Overtaken(stands.newest.version))
    found = checks.faults(shelf_of(visit), stands.pending.entry, everything, today_of(visit))
    errors = [fault.say for fault in found if fault.is_error]
    if errors:
        raise HTTPException(409, "Chưa làm được vì còn lỗi: " + " ".join(errors[:3]))


def _move(
    tx: Connection, visit: Visit, stands: Standing, state: State, action: str, expected: State, note: str | None = None
) -> None:
    version = visit.number("version")
    try:
        store.move(tx, stands.entry_id, version, state, visit.staff.actor, visit.now, note=note, expected=expected)
    except (Overtaken, LookupError) as error:
        raise _moved_on(error) from error
    audit.record(tx, visit.now, visit.staff.actor, action, "entry", stands.entry_id, version=version)


def _hand_in(tx: Connection, visit: Visit, entry: Entry, note: str, action: str) -> None:
    base = visit.number("base")
    try:
        version = store.save(tx, entry, visit.staff.actor, visit.now, State.REVIEWED, base=base, note=note)
    except Overtaken as error:
        raise _moved_on(error) from error
    audit.record(tx, visit.now, visit.staff.actor, action, "entry", entry.id, version=version)


def _moved_on(error: Exception) -> HTTPException:
    newest = error.newest if isinstance(error, Overtaken) else "khác"
    return HTTPException(409, MOVED_ON.format(newest=newest))


def _note(visit: Visit, missing: str) -> str:
    note = " ".join(visit.form.get("note", "").split())
    if not note:
        raise HTTPException(400, missing)
    if len(note) > MOST_NOTE:
        raise HTTPException(400, f"Ghi chú dài quá {MOST_NOTE} chữ cái.")
    return note


def _done(visit: Visit, say: str) -> Response:
    return visit.done(f"/knowledge/entry/{entry_id_of(visit)}", say)
