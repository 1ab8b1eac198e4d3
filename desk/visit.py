"""One request of one signed-in person: who it is, what was sent, and how the desk answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from desk import alarm, labels, queue, security
from desk import session as sessions
from desk.errors import NoAccess
from desk.knowledge import alarm as stale
from desk.session import Session, Sessions
from desk.staff import Staff
from helpline import hotlines
from helpline.clock import Clock
from helpline.db import Database
from helpline.settings import Settings

HERE = Path(__file__).parent
NUMBERS = ("child_line", "province_line", "police", "fire_rescue", "ambulance")
MOST_BODY = 64 * 1024  # bytes of a form
EVERYBODY = ("counsellor", "supervisor", "editor", "admin")
PASSWORD_PAGE = "/account"


@dataclass(frozen=True)
class Desk:
    """What the desk is made of; one for each application."""

    db: Database
    clock: Clock
    settings: Settings
    sessions: Sessions
    pages: Environment
    poll_s: float


@dataclass(frozen=True)
class Visit:
    """A request of somebody who is signed in and whose token was checked."""

    desk: Desk
    request: Request
    staff: Staff
    session: Session
    form: Mapping[str, str]
    now: datetime

    @property
    def by_script(self) -> bool:
        """The page's own script asks (`X-Desk`): it wants a piece of a page or one sentence, no whole page."""
        return "x-desk" in self.request.headers

    def number(self, name: str) -> int:
        """A whole number from the path or the form. Raises `NoAccess` for anything else."""
        raw = str(self.request.path_params.get(name, self.form.get(name, "")))
        if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
            raise NoAccess
        return int(raw)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page, or for the script only its pane."""
        shown = {
            "staff": self.staff,
            "csrf": self.desk.sessions.csrf(self.session),
            "now": self.now,
            "layout": "pane.html" if self.by_script else "shell.html",
            "numbers": numbers(),
            "alarm": alarm,
            **values,
        }
        if not self.by_script:
            with self.desk.db.read() as tx:
                shown["stale"] = stale.of(tx, self.staff, self.now)
                if self.staff.takes_cases:
                    shown["queue"] = queue.load(tx, self.staff)
        return HTMLResponse(self.desk.pages.get_template(template).render(shown), status_code=status)

    def piece(self, template: str, **values: Any) -> Response:
        """A piece of a page for the script."""
        shown = {"staff": self.staff, "csrf": self.desk.sessions.csrf(self.session), "now": self.now, **values}
        return HTMLResponse(self.desk.pages.get_template(template).render(shown))

    def done(self, go: str, say: str = "", *, stay: bool = False) -> Response:
        """An act succeeded: where to go now (the script may ``stay`` on its page) and a short sentence to show."""
        if self.by_script:
            return JSONResponse({"go": None if stay else go, "say": say})
        return RedirectResponse(go, status_code=303)


Handler = Callable[[Visit], Response]
Reader = Callable[[Request], Awaitable[Mapping[str, str]]]


def signed_in(
    handler: Handler, roles: tuple[str, ...] = EVERYBODY, *, old_password: bool = False, read: Reader | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for people with an account in one of ``roles``; others see what nobody sees.

    Whoever still has a one-time password is sent to change it first, except with ``old_password``. ``read`` takes the
    fields of a form that brings a file.
    """

    async def endpoint(request: Request) -> Response:
        form = await (read or read_form)(request) if request.method == "POST" else {}
        return await run_in_threadpool(_visit, request, form, handler, roles, old_password)

    return endpoint


def _visit(
    request: Request, form: Mapping[str, str], handler: Handler, roles: tuple[str, ...], old_password: bool
) -> Response:
    visit = begin(request, form)
    if visit is None:
        return _to_login(request)
    if request.method == "POST":
        token = request.headers.get("x-csrf-token") or form.get("csrf", "")
        if not visit.desk.sessions.csrf_fits(visit.session, token):
            raise HTTPException(403, "Trang này đã cũ nên chưa làm được. Bạn tải lại trang rồi thử lại nhé.")
    if visit.staff.must_change_password and not old_password:
        return visit.done(PASSWORD_PAGE)
    if visit.staff.role not in roles:
        raise NoAccess
    return handler(visit)


def begin(request: Request, form: Mapping[str, str] | None = None) -> Visit | None:
    """The visit of a request; None without a session that holds. Raises `StoreUnavailable`."""
    desk: Desk = request.app.state.desk
    now = desk.clock.now()
    session = desk.sessions.read(request, now)
    if session is None:
        return None
    with desk.db.read() as tx:
        staff = sessions.person(tx, session)
    if staff is None:
        return None
    return Visit(desk, request, staff, session, form or {}, now)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; the last one of a name counts. Turns away what another site sent, and what is too big."""
    if security.from_elsewhere(request.headers):
        raise HTTPException(403, "Yêu cầu này không đến từ trang của bàn tư vấn.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            raise HTTPException(413, "Nội dung gửi lên quá dài.")
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        raise HTTPException(400, "Nội dung gửi lên không đọc được.") from error


def _to_login(request: Request) -> Response:
    if "x-desk" in request.headers:
        return JSONResponse({"say": "Phiên làm việc đã hết. Bạn đăng nhập lại nhé.", "login": True}, status_code=401)
    after = request.url.path if request.method == "GET" else "/"
    return RedirectResponse("/login" if after == "/" else f"/login?next={quote(after)}", status_code=303)


def numbers() -> list[hotlines.Hotline]:
    """The numbers that stand beside every case, from their one home."""
    lines = hotlines.load()
    return [lines[key] for key in NUMBERS]


def environment() -> Environment:
    """The templates. Whatever is put into them is escaped; a name that nobody gave is an error."""
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["labels"] = labels
    pages.filters["moment"] = labels.moment
    pages.filters["span"] = labels.span
    return pages
