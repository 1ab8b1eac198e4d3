"""Coming and going: login, logout, one's own password, the shift, and the sign that the page is open."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from desk import password, shift
from desk import staff as people
from desk.errors import StaffRefused
from desk.visit import Desk, Visit, begin, numbers, read_form
from helpline import audit

REFUSED = (
    "Chưa đăng nhập được. Tên hoặc mật khẩu chưa đúng, hoặc tài khoản đang tạm khóa "
    f"{people.LOCK_FOR.seconds // 60} phút vì gõ sai {people.LOCK_AFTER} lần."
)


async def login(request: Request) -> Response:
    """The form of the login, and what is sent with it."""
    if request.method == "POST":
        form = await read_form(request)
        return await run_in_threadpool(_login, request, form)
    return await run_in_threadpool(_login_page, request)


def _login_page(request: Request) -> Response:
    if begin(request) is not None:
        return RedirectResponse("/", status_code=303)
    return _login_form(request, request.query_params.get("next", "/"))


def _login(request: Request, form: dict[str, str]) -> Response:
    desk: Desk = request.app.state.desk
    now = desk.clock.now()
    staff = people.verify(desk.db, now, form.get("login", ""), form.get("password", ""))
    if staff is None:
        return _login_form(request, form.get("next", "/"), REFUSED, 401, form.get("login", ""))
    response = RedirectResponse(inner(form.get("next", "/")), status_code=303)
    desk.sessions.start(response, request, staff, now)
    return response


def _login_form(request: Request, after: str, say: str = "", status: int = 200, login: str = "") -> Response:
    desk: Desk = request.app.state.desk
    page = desk.pages.get_template("login.html")
    shown = page.render(after=inner(after), say=say, login=login[:64], numbers=numbers())
    return HTMLResponse(shown, status_code=status)


def inner(path: str) -> str:
    """A path of the desk itself, or its first page: nobody is sent elsewhere by a link to the login."""
    if path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable():
        return path
    return "/"


def logout(visit: Visit) -> Response:
    """End the session and the shift. Refused, like the end of a shift, while the person holds a case."""
    with visit.desk.db.write() as tx:
        shift.end(tx, visit.now, visit.staff.id)
        audit.record(tx, visit.now, visit.staff.actor, "staff.logout", "staff", visit.staff.id)
    response = JSONResponse({"leave": "/login"}) if visit.by_script else RedirectResponse("/login", status_code=303)
    visit.desk.sessions.end(response, visit.request)
    return response


def page(visit: Visit) -> Response:
    """Who I am, and the form to change the password."""
    return visit.page("account.html", say="", least=password.LEAST)


def change_password(visit: Visit) -> Response:
    """Take the new password and start a session under it."""
    try:
        staff = people.change_password(
            visit.desk.db,
            visit.now,
            visit.staff,
            visit.form.get("old", ""),
            visit.form.get("new", ""),
            visit.form.get("again", ""),
        )
    except StaffRefused as error:
        return visit.page("account.html", status=400, say=str(error), least=password.LEAST)
    response = RedirectResponse("/", status_code=303)
    visit.desk.sessions.start(response, visit.request, staff, visit.now)
    return response


def start_shift(visit: Visit) -> Response:
    with visit.desk.db.write() as tx:
        shift.start(tx, visit.now, visit.staff.id)
    return visit.done("/", "Bạn đã vào ca trực.", stay=True)


def end_shift(visit: Visit) -> Response:
    with visit.desk.db.write() as tx:
        shift.end(tx, visit.now, visit.staff.id)
    return visit.done("/", "Bạn đã hết ca trực. Cảm ơn bạn.", stay=True)


def heartbeat(visit: Visit) -> Response:
    """The page is open; it says so every 20 seconds."""
    with visit.desk.db.write() as tx:
        shift.seen(tx, visit.now, visit.staff.id)
    return JSONResponse({"on_shift": visit.staff.on_shift_since is not None})
