"""Files of editors: a template to fill in, a check that says what is wrong in which line, then all of it or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk import security
from desk import staff as people
from desk.errors import NoAccess
from desk.knowledge.rights import EDITORS
from desk.knowledge.words import TOPICS
from desk.visit import Visit, read_form, signed_in
from kb import content, services
from kb.importing import batches, drafts, templates
from kb.importing.batches import DOCUMENT, LISTS, Batch
from kb.importing.errors import BatchGone, FileRefused
from kb.importing.guard import MOST_BYTES
from kb.validate import INFORMATION_TOPICS

HOME = "/imports"
SHOWN = 300  # lines of each table on a page; the refused ones can be downloaded whole
_ROOM = 64 * 1024  # for the other fields of the form and its boundaries
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOES = {batches.NEW: "Mới", batches.UPDATE: "Cập nhật", batches.SAME: "Không đổi"}
_STATES = {batches.CHECKED: "Đã kiểm, chưa nhập", batches.LOADED: "Đã nhập", batches.UNDONE: "Đã hoàn tác"}


async def read_upload(request: Request) -> dict[str, str]:
    """The fields of a form with one file; the file itself goes to ``request.state.upload`` as (name, bytes).

    Turns away what another site sent, and what is larger than an import may be, before it is read to the end.
    """
    request.state.upload = ("", b"")
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await read_form(request)
    if security.from_elsewhere(request.headers):
        raise HTTPException(403, "Yêu cầu này không đến từ trang của bàn tư vấn.")

    async def limited() -> AsyncGenerator[bytes, None]:
        seen = 0
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > MOST_BYTES + _ROOM:
                raise HTTPException(413, f"Tệp lớn hơn {MOST_BYTES // (1024 * 1024)} MB. Bạn chia thành nhiều tệp nhỏ.")
            yield chunk

    try:
        form = await MultiPartParser(request.headers, limited(), max_files=1, max_fields=10, max_part_size=_ROOM).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise HTTPException(400, "Nội dung gửi lên không đọc được.") from error
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields[name] = value
        else:
            request.state.upload = (value.filename or "", await value.read())
    await form.close()
    return fields


def page(visit: Visit) -> Response:
    """Templates, the forms to bring a file, and the last imports."""
    return _page(visit)


def upload(visit: Visit) -> Response:
    """Read and check a file; its report opens. A file that cannot be read is refused with the reason, nothing is kept."""
    name, data = visit.request.state.upload
    kind = visit.form.get("kind", "")
    if kind not in (*LISTS, DOCUMENT):
        raise NoAccess
    if not name:
        return _page(visit, "Bạn chưa chọn tệp.", 400)
    try:
        if kind == DOCUMENT:
            source, topic = visit.form.get("source", ""), visit.form.get("topic") or None
            batch = drafts.check(visit.desk.db, content.load(), name, data, source, visit.staff.actor, visit.now, topic)
        else:
            batch = batches.check(visit.desk.db, content.load(), kind, name, data, visit.staff.actor, visit.now)
    except FileRefused as error:
        return _page(visit, str(error), 400)
    return visit.done(f"{HOME}/{batch.id}")


def report(visit: Visit) -> Response:
    """What a file would do, or did."""
    return _report(visit, _find(visit))


def load(visit: Visit) -> Response:
    """Load a checked file: all of it, with ``only_right`` its right lines, else nothing."""
    batch_id, only_right = visit.number("batch_id"), visit.form.get("only_right") == "1"
    found = _find(visit)
    try:
        if found.kind == DOCUMENT:
            with visit.desk.db.write() as tx:
                outcome = drafts.load(tx, batch_id, visit.staff.actor, visit.now, only_right=only_right)
        else:
            by = visit.staff.actor
            outcome = batches.load(visit.desk.db, content.load(), batch_id, by, visit.now, only_right=only_right)
    except BatchGone as error:
        raise HTTPException(409, str(error)) from error
    if not outcome.loaded:
        say = "Chưa nhập gì: tệp còn dòng bị từ chối. Bạn sửa tệp rồi tải lên lại, hoặc chỉ nhập dòng đúng."
        return _report(visit, _find(visit), say, 409)
    return visit.done(f"{HOME}/{batch_id}", "Đã nhập.")


def undo(visit: Visit) -> Response:
    """Take back what an import brought."""
    batch_id = visit.number("batch_id")
    found = _find(visit)
    try:
        with visit.desk.db.write() as tx:
            if found.kind == DOCUMENT:
                gone, kept = drafts.undo(tx, batch_id, visit.staff.actor, visit.now)
            else:
                gone, kept = batches.undo(tx, batch_id, visit.staff.actor, visit.now), 0
    except BatchGone as error:
        raise HTTPException(409, str(error)) from error
    say = f"Đã hoàn tác, bỏ {gone} {'bản nháp' if found.kind == DOCUMENT else 'dòng'}."
    if kept:
        say += f" {kept} bản nháp đã có người sửa nên giữ lại."
    if visit.by_script:
        return visit.done(f"{HOME}/{batch_id}", say)
    return _report(visit, _find(visit), say)


def discard(visit: Visit) -> Response:
    """Forget a file that was checked and not loaded."""
    try:
        with visit.desk.db.write() as tx:
            batches.discard(tx, visit.number("batch_id"), visit.staff.actor, visit.now)
    except BatchGone as error:
        raise HTTPException(409, str(error)) from error
    return visit.done(HOME, "Đã bỏ tệp này, chưa có gì được nhập.")


def refused(visit: Visit) -> Response:
    """All refused lines as CSV, to send back to whoever made the list."""
    batch = _find(visit)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Mục" if batch.kind == DOCUMENT else "Dòng", "Cột", "Sai ở đâu", "Cách sửa"])
    for one in batch.report.refusals:
        writer.writerow([_harmless(str(cell)) for cell in (one.line, one.column, one.wrong, one.todo)])
    return _download(f"dong-bi-tu-choi-{batch.id}.csv", b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"), "text/csv; charset=utf-8")


def template(visit: Visit) -> Response:
    """The template of a kind of list, as Excel or CSV."""
    name, _, end = str(visit.request.path_params["file"]).rpartition(".")
    kind = LISTS.get(name)
    if kind is None or end not in ("xlsx", "csv"):
        raise NoAccess
    if end == "csv":
        return _download(f"mau-{name}.csv", templates.comma_separated(kind), "text/csv; charset=utf-8")
    return _download(f"mau-{name}.xlsx", templates.xlsx(kind, content.load().gazetteer), _EXCEL)


def places(visit: Visit) -> Response:
    """Every imported place and class that is in force, those to look at again first."""
    return _places(visit)


def withdraw(visit: Visit) -> Response:
    """Take one place out of the answers at once."""
    with visit.desk.db.write() as tx:
        done = batches.withdraw(tx, visit.number("row_id"), visit.staff.actor, visit.now)
    if not done:
        raise HTTPException(409, "Nơi này đã được gỡ hoặc đã có bản mới thay.")
    return visit.done(f"{HOME}/places", "Đã gỡ. Tia Nắng thôi không nói nơi này nữa.")


def _find(visit: Visit) -> Batch:
    with visit.desk.db.read() as tx:
        try:
            return batches.find(tx, visit.number("batch_id"))
        except BatchGone as error:
            raise HTTPException(404, str(error)) from error


def _page(visit: Visit, say: str = "", status: int = 200) -> Response:
    with visit.desk.db.read() as tx:
        recent, names = batches.recent(tx), people.names(tx)
        to_look_at = len(services.stale(tx, visit.now))
    sources = content.load().sources.values()
    return visit.page(
        "imports.html",
        status=status,
        say=say,
        lists=list(LISTS.values()),
        titles=_titles(),
        states=_STATES,
        recent=recent,
        who=lambda batch: _who(batch.author, names),
        to_look_at=to_look_at,
        sources=sorted((source.id, f"{source.cite}: {source.title}"[:120]) for source in sources),
        topics=sorted(((code, TOPICS[code]) for code in INFORMATION_TOPICS), key=lambda one: one[1]),
        most_mb=MOST_BYTES // (1024 * 1024),
    )


def _report(visit: Visit, batch: Batch, say: str = "", status: int = 200) -> Response:
    with visit.desk.db.read() as tx:
        names = people.names(tx)
    source = content.load().sources.get(batch.source or "")
    return visit.page(
        "import_report.html",
        status=status,
        say=say,
        batch=batch,
        is_document=batch.kind == DOCUMENT,
        title=_titles().get(batch.kind, batch.kind),
        state=_STATES[batch.state],
        who=_who(batch.author, names),
        source=source.cite if source else batch.source,
        does=_DOES,
        new=batch.report.count(batches.NEW),
        updated=batch.report.count(batches.UPDATE),
        same=batch.report.count(batches.SAME),
        shown=SHOWN,
    )


def _places(visit: Visit) -> Response:
    with visit.desk.db.read() as tx:
        rows, names = services.kept(tx, visit.now), people.names(tx)
    kinds = {**services.KINDS, services.SWIM: "Lớp bơi"}
    asked = visit.request.query_params
    kind, text = asked.get("kind", ""), services.name_key(asked.get("text", "")[:100])
    found = [
        row
        for row in rows
        if kind in ("", row.kind)
        and text in services.name_key(" ".join([row.name, row.address or "", batches.where_of(row)]))
    ]
    return visit.page(
        "import_places.html",
        rows=found[:SHOWN],
        total=len(found),
        whole=len(rows),
        shown=SHOWN,
        kinds=kinds,
        asked={"kind": kind, "text": asked.get("text", "")[:100]},
        where=batches.where_of,
        who=lambda row: _who(row.author, names),
        days=services.LOOK_AGAIN_DAYS,
    )


def _titles() -> dict[str, str]:
    return {**{kind.key: kind.title for kind in LISTS.values()}, DOCUMENT: "Văn bản"}


def _who(actor: str, names: dict[int, str]) -> str:
    kind, _, number = actor.partition(":")
    return names.get(int(number), actor) if kind == "staff" and number.isdigit() else "Dòng lệnh"


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _download(name: str, data: bytes, media: str) -> Response:
    return Response(data, media_type=media, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"})


def _for_editors(path: str, handler: Any, method: str, **options: Any) -> Route:
    return Route(f"{HOME}{path}", signed_in(handler, EDITORS, **options), methods=[method])


ROUTES = [
    _for_editors("", page, "GET"),
    _for_editors("", upload, "POST", read=read_upload),
    _for_editors("/template/{file}", template, "GET"),
    _for_editors("/places", places, "GET"),
    _for_editors("/places/{row_id}/withdraw", withdraw, "POST"),
    _for_editors("/{batch_id}", report, "GET"),
    _for_editors("/{batch_id}/refused.csv", refused, "GET"),
    _for_editors("/{batch_id}/load", load, "POST"),
    _for_editors("/{batch_id}/undo", undo, "POST"),
    _for_editors("/{batch_id}/discard", discard, "POST"),
]
