"""One case: its page, and what its owner may do with it."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from desk import canned, labels, shift, trace, transcript
from desk import staff as people
from desk.access import Access, access_case
from desk.errors import NoAccess
from desk.staff import Staff
from desk.visit import Visit
from helpline import cases
from helpline.errors import CaseClosed
from helpline.tables import case, conversation

MOST_REPLY = 2000  # code points: what the narrowest channel (Zalo) carries in one message
MOST_NOTE = 4000
ZALO_FREE = timedelta(hours=48)  # since the sender's last message; after it Zalo asks money of the page's owner
ZALO_OPEN = timedelta(days=7)  # after it Zalo delivers nothing


@dataclass(frozen=True)
class Past:
    """Earlier cases of the same pseudonymous sender on the same channel: how many, and when the last one opened."""

    count: int
    last: datetime | None


@dataclass(frozen=True)
class View:
    """All that the page of a case shows."""

    case: Row
    conversation: Row
    owner_name: str | None
    is_mine: bool
    may_write: bool
    sender_code: str
    words: list[tuple[str, str]]  # evidence as typed, and how it is meant
    score: float | None  # 0 to 1, of the message that weighs most
    past: Past
    limit: str  # what the channel still allows, empty where it has no limit
    transcript: transcript.Transcript
    whole: bool


def page(visit: Visit) -> Response:
    """The page of a case; leaves a trace of every look."""
    whole = visit.request.query_params.get("whole") == "1"
    with visit.desk.db.write() as tx:
        access = access_case(tx, visit.staff, visit.number("case_id"))
        trace.read(tx, visit.now, visit.staff, access)
        view = _view(tx, visit, access, whole)
        there = shift.there(tx, visit.now, but=visit.staff.id) if access.may_write else []
    return visit.page(
        "case.html",
        view=view,
        case_id=view.case.id,
        colleagues=there,
        canned=canned.for_sender(view.case.who) if view.may_write else [],
        client_key=str(uuid.uuid4()),
        most_reply=MOST_REPLY,
        days=visit.desk.settings.retention_days,
    )


def live(visit: Visit) -> Response:
    """What changes on the page of a case: head, transcript, risk card. Leaves a trace as `trace.following` says."""
    whole = visit.request.query_params.get("whole") == "1"
    with visit.desk.db.write() as tx:
        access = access_case(tx, visit.staff, visit.number("case_id"))
        trace.following(tx, visit.now, visit.staff, access)
        view = _view(tx, visit, access, whole)
    return visit.piece("case_live.html", view=view)


def take(visit: Visit) -> Response:
    """Become the owner. `CaseTaken` tells the loser who was quicker. Puts its person on shift."""
    case_id = visit.number("case_id")
    try:
        with visit.desk.db.write() as tx:
            cases.take(tx, visit.now, case_id, visit.staff.id)
            shift.start(tx, visit.now, visit.staff.id)
    except (LookupError, CaseClosed) as error:
        raise NoAccess from error
    return visit.done(f"/case/{case_id}", "Bạn đã tiếp nhận.")


def reply(visit: Visit) -> Response:
    """Send the owner's words once, however often the same ``client_key`` comes."""
    case_id = visit.number("case_id")
    text = unicodedata.normalize("NFC", visit.form.get("text", "").replace("\r\n", "\n")).strip()
    if not text:
        raise HTTPException(400, "Bạn chưa viết gì.")
    if len(text) > MOST_REPLY:
        raise HTTPException(400, f"Tin dài quá {MOST_REPLY} chữ. Bạn chia thành vài tin ngắn nhé.")
    try:
        client_key = str(uuid.UUID(visit.form.get("client_key", "")))
    except ValueError as error:
        raise HTTPException(400, "Trang này đã cũ. Bạn tải lại trang rồi gửi lại nhé.") from error
    with visit.desk.db.write() as tx:
        access_case(tx, visit.staff, case_id, write=True)
        outgoing_id = cases.write(tx, visit.now, case_id, visit.staff.id, text, client_key)
    if visit.by_script:
        return JSONResponse({"sent": outgoing_id is not None, "repeat": outgoing_id is None})
    return visit.done(f"/case/{case_id}")


def release(visit: Visit) -> Response:
    """Give the case back to the queue; the sender is told and the assistant speaks again."""
    case_id = visit.number("case_id")
    with visit.desk.db.write() as tx:
        access_case(tx, visit.staff, case_id, write=True)
        cases.release(tx, visit.now, case_id, visit.staff.id)
    return visit.done("/", "Đã trả về đầu hàng chờ. Người nhắn đã được báo.")


def transfer(visit: Visit) -> Response:
    """Hand the case to a colleague who is on shift with the desk open at this moment."""
    case_id, to = visit.number("case_id"), visit.number("to")
    with visit.desk.db.write() as tx:
        access_case(tx, visit.staff, case_id, write=True)
        there = {colleague.id: colleague.name for colleague in shift.there(tx, visit.now, but=visit.staff.id)}
        if to not in there:
            raise HTTPException(409, "Người này vừa rời ca trực. Bạn chọn đồng nghiệp khác nhé.")
        cases.transfer(tx, visit.now, case_id, visit.staff.id, to)
    return visit.done("/", f"Đã chuyển cho {there[to]}. Người nhắn đã được báo.")


def colleagues(visit: Visit) -> Response:
    """Who could take the case over at this moment, for the owner's form."""
    case_id = visit.number("case_id")
    with visit.desk.db.read() as tx:
        access_case(tx, visit.staff, case_id, write=True)
        there = shift.there(tx, visit.now, but=visit.staff.id)
    return visit.piece("colleagues.html", case_id=case_id, colleagues=there)


def close(visit: Visit) -> Response:
    """End the case with an outcome and a note; the assistant speaks again."""
    case_id = visit.number("case_id")
    outcome = visit.form.get("outcome", "")
    note = unicodedata.normalize("NFC", visit.form.get("note", "")).strip()
    if outcome not in labels.OUTCOMES:
        raise HTTPException(400, "Bạn chọn kết quả của trường hợp trước nhé.")
    if len(note) > MOST_NOTE:
        raise HTTPException(400, f"Ghi chú dài quá {MOST_NOTE} chữ.")
    if outcome == "other" and not note:
        raise HTTPException(400, "Với kết quả khác, bạn ghi vài chữ vào ghi chú nhé.")
    with visit.desk.db.write() as tx:
        access_case(tx, visit.staff, case_id, write=True)
        cases.close(tx, visit.now, case_id, visit.staff.id, outcome, note)
    return visit.done("/", "Đã kết thúc. Bạn nghỉ một chút nếu cần nhé.")


def pulse(tx: Connection, staff: Staff, case_id: int) -> dict[str, Any]:
    """What the stream tells of an open case: a mark that changes whenever its page does. Raises `NoAccess`."""
    access = access_case(tx, staff, case_id)
    row = access.case
    talk = tx.execute(
        select(conversation.c.left_at, conversation.c.unreachable_at, conversation.c.delete_asked_at).where(
            conversation.c.id == row.conversation_id
        )
    ).one()
    flags = "".join(str(int(moment is not None)) for moment in talk)
    return {"case": row.id, "mark": f"{row.version}.{row.state}.{flags}.{transcript.pulse(tx, row.conversation_id)}"}


def _view(tx: Connection, visit: Visit, access: Access, whole: bool) -> View:
    row = access.case
    names = people.names(tx)
    talk = tx.execute(select(conversation).where(conversation.c.id == row.conversation_id)).one()
    return View(
        case=row,
        conversation=talk,
        owner_name=names.get(row.owner_id),
        is_mine=row.owner_id == visit.staff.id,
        may_write=access.may_write,
        sender_code=talk.user_key[:6].upper(),
        words=_words(row.reason),
        score=_score(row.reason),
        past=_past(tx, row),
        limit=channel_limit(talk.channel, talk.last_inbound_at, visit.now),
        transcript=transcript.load(tx, row.conversation_id, names, whole=whole),
        whole=whole,
    )


def channel_limit(channel: str, last_inbound_at: datetime | None, now: datetime) -> str:
    """How long the channel still carries our words, counted from the sender's last message. Only Zalo has a limit."""
    if channel != "zalo" or last_inbound_at is None:
        return ""
    silent = now - last_inbound_at
    if silent < ZALO_FREE:
        return f"Zalo: còn {labels.span(ZALO_FREE - silent)} để nhắn miễn phí."
    if silent < ZALO_OPEN:
        return f"Zalo: đã quá 48 giờ nên tin gửi đi bị tính phí; còn {labels.span(ZALO_OPEN - silent)} để nhắn."
    return "Zalo: đã quá 7 ngày, tin không tới được cho đến khi người nhắn viết lại."


def _words(reason: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for entry in reversed(reason):
        for piece in entry["assessment"]["evidence"]:
            if piece["text"]:
                found.setdefault((" ".join(piece["text"].split()), labels.STATUSES[piece["status"]]))
    return list(found)[:12]


def _score(reason: list[dict[str, Any]]) -> float | None:
    return max((entry["assessment"]["score"] for entry in reason), default=None)


def _past(tx: Connection, row: Row) -> Past:
    count, last = tx.execute(
        select(func.count(), func.max(case.c.opened_at)).where(
            case.c.conversation_id == row.conversation_id, case.c.id < row.id
        )
    ).one()
    return Past(count, last)
