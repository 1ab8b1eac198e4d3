"""The administrator's page: who has an account, a new one, a new one-time password, the end of one."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from desk import staff
from desk.errors import StaffRefused
from desk.visit import Visit


def page(visit: Visit) -> Response:
    """All accounts and the form for a new one."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Make an account; its one-time password stands on this answer and nowhere else."""
    form = visit.form
    try:
        with visit.desk.db.write() as tx:
            password = staff.add_user(
                tx,
                visit.now,
                form.get("login", ""),
                form.get("name", ""),
                form.get("role", ""),
                actor=visit.staff.actor,
            )
    except StaffRefused as error:
        return _page(visit, say=str(error), status=400)
    return _page(visit, fresh=(form["login"].strip().lower(), password))


def reset_password(visit: Visit) -> Response:
    """Give somebody a new one-time password; unlocks the account too."""
    staff_id = visit.number("staff_id")
    with visit.desk.db.write() as tx:
        password = staff.reset_password(tx, visit.now, staff_id, actor=visit.staff.actor)
        person = staff.find(tx, staff_id)
    return _page(visit, fresh=(person.login if person else "", password))


def deactivate(visit: Visit) -> Response:
    """End an account; its cases go back to the queue."""
    staff_id = visit.number("staff_id")
    if staff_id == visit.staff.id:
        raise HTTPException(409, "Bạn không thể tự ngừng tài khoản của mình.")
    with visit.desk.db.write() as tx:
        held = staff.deactivate(tx, visit.now, staff_id, actor=visit.staff.actor)
    return _page(visit, say=f"Đã ngừng tài khoản. {held} trường hợp về lại hàng chờ." if held else "Đã ngừng tài khoản.")


def _page(visit: Visit, say: str = "", status: int = 200, fresh: tuple[str, str] | None = None) -> Response:
    with visit.desk.db.read() as tx:
        everybody = staff.everybody(tx)
    return visit.page("people.html", status=status, everybody=everybody, say=say, fresh=fresh)
