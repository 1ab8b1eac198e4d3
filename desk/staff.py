"""The people of the desk and their accounts. The only place that knows these queries."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection, Row

from desk import password, shift
from desk.errors import StaffRefused
from helpline import audit, cases
from helpline.db import Database
from helpline.presence import TAKERS
from helpline.tables import staff as table

ROLES = ("counsellor", "supervisor", "editor", "admin")
FIRST_ADMIN = "quantri"
LOCK_AFTER = 5  # wrong passwords in a row
LOCK_FOR = timedelta(minutes=5)  # short: a locked counsellor at night is a danger too
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")


@dataclass(frozen=True)
class Staff:
    """One person with an account. ``password_mark`` changes with the password and ends the sessions before it."""

    id: int
    login: str
    name: str
    role: str
    must_change_password: bool
    on_shift_since: datetime | None
    last_seen_at: datetime | None
    password_mark: str

    @property
    def actor(self) -> str:
        """The name under which the audit knows this person."""
        return f"staff:{self.id}"

    @property
    def takes_cases(self) -> bool:
        return self.role in TAKERS

    @property
    def supervises(self) -> bool:
        return self.role in ("supervisor", "admin")


def add_user(tx: Connection, now: datetime, login: str, name: str, role: str, *, actor: str = "system") -> str:
    """Make an account and return its one-time password, which is shown once and kept nowhere.

    Raises `StaffRefused` for a login that is taken or malformed, an empty name, an unknown role.
    """
    login = login.strip().lower()
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not _LOGIN.fullmatch(login):
        raise StaffRefused("Tên đăng nhập gồm 3 đến 64 chữ thường không dấu, chữ số, dấu chấm, gạch ngang, gạch dưới.")
    if not name or len(name) > 128:
        raise StaffRefused("Họ tên không để trống và không dài quá 128 chữ.")
    if role not in ROLES:
        raise StaffRefused("Vai trò phải là tư vấn viên, giám sát, biên tập viên hoặc quản trị.")
    if tx.execute(select(table.c.id).where(table.c.login == login)).first():
        raise StaffRefused("Tên đăng nhập này đã có người dùng.")
    one_time = password.one_time()
    result = tx.execute(
        table.insert().values(
            login=login, name=name, role=role, password_hash=password.keep(one_time), must_change_password=True, created_at=now
        )
    )
    audit.record(tx, now, actor, "staff.add", "staff", result.inserted_primary_key[0], role=role)
    return one_time


def ensure_first_admin(tx: Connection, now: datetime) -> tuple[str, str] | None:
    """Where there is no account at all, make an administrator: its login and one-time password. Else None."""
    if tx.execute(select(func.count()).select_from(table)).scalar_one():
        return None
    return FIRST_ADMIN, add_user(tx, now, FIRST_ADMIN, "Quản trị", "admin")


def verify(db: Database, now: datetime, login: str, typed: str) -> Staff | None:
    """The person of a login and password, or None, whatever the cause: wrong, unknown, locked, no longer active.

    Counts wrong passwords; `LOCK_AFTER` in a row lock the account for `LOCK_FOR`. No transaction is open while the
    password is compared, which takes its time on purpose. Raises `StoreUnavailable`.
    """
    with db.read() as tx:
        row = tx.execute(select(table).where(table.c.login == login.strip().lower())).first()
    fits = password.matches(row.password_hash if row else password.of_nobody(), typed)
    if row is None:
        return None
    with db.write() as tx:
        row = tx.execute(select(table).where(table.c.id == row.id).with_for_update()).one()
        if not row.active or _is_locked(row, now):
            return None
        if not fits:
            _count_failure(tx, now, row)
            return None
        since = row.on_shift_since
        if row.last_seen_at is None or row.last_seen_at < now - shift.STALE:
            since = None
        tx.execute(
            update(table)
            .where(table.c.id == row.id)
            .values(failed_logins=0, locked_until=None, on_shift_since=since, last_seen_at=now)
        )
        audit.record(tx, now, f"staff:{row.id}", "staff.login", "staff", row.id)
        return find(tx, row.id)


def find(tx: Connection, staff_id: int) -> Staff | None:
    """The active account with this id, or None."""
    row = tx.execute(select(table).where(table.c.id == staff_id, table.c.active.is_(True))).first()
    return None if row is None else _staff(row)


def everybody(tx: Connection) -> list[Row]:
    """All accounts, active ones first, by name; for the page of the administrator."""
    return list(tx.execute(select(table).order_by(table.c.active.desc(), table.c.name, table.c.id)).all())


def names(tx: Connection) -> dict[int, str]:
    """Id to name of everybody who ever had an account."""
    return {row.id: row.name for row in tx.execute(select(table.c.id, table.c.name)).all()}


def change_password(db: Database, now: datetime, staff: Staff, old: str, new: str, again: str) -> Staff:
    """Give somebody the password that they chose; ends their other sessions.

    Raises `StaffRefused` when the old one is wrong or the new one is no good.
    """
    with db.read() as tx:
        present = tx.execute(select(table.c.password_hash).where(table.c.id == staff.id)).scalar_one()
    if not password.matches(present, old):
        raise StaffRefused("Mật khẩu đang dùng chưa đúng.")
    if password.plain(new) != password.plain(again):
        raise StaffRefused("Hai lần gõ mật khẩu mới chưa giống nhau.")
    if not password.LEAST <= len(password.plain(new)) <= password.MOST:
        raise StaffRefused(f"Mật khẩu mới cần từ {password.LEAST} đến {password.MOST} ký tự. Một câu ngắn dễ nhớ là tốt.")
    if password.plain(new) == password.plain(old) or staff.login in password.plain(new).lower():
        raise StaffRefused("Mật khẩu mới phải khác mật khẩu cũ và không chứa tên đăng nhập.")
    hashed = password.keep(new)
    with db.write() as tx:
        tx.execute(
            update(table).where(table.c.id == staff.id).values(password_hash=hashed, must_change_password=False)
        )
        audit.record(tx, now, staff.actor, "staff.change_password", "staff", staff.id)
        changed = find(tx, staff.id)
    if changed is None:
        raise StaffRefused("Tài khoản này không còn hoạt động.")
    return changed


def reset_password(tx: Connection, now: datetime, staff_id: int, *, actor: str = "system") -> str:
    """A new one-time password; unlocks the account and ends its sessions. Raises `StaffRefused` for no such account."""
    one_time = password.one_time()
    result = tx.execute(
        update(table)
        .where(table.c.id == staff_id, table.c.active.is_(True))
        .values(password_hash=password.keep(one_time), must_change_password=True, failed_logins=0, locked_until=None)
    )
    if result.rowcount != 1:
        raise StaffRefused("Không có tài khoản đang hoạt động này.")
    audit.record(tx, now, actor, "staff.reset_password", "staff", staff_id)
    return one_time


def deactivate(tx: Connection, now: datetime, staff_id: int, *, actor: str = "system") -> int:
    """End an account: its sessions stop, its cases go back to the queue. Returns how many cases went back.

    Nothing is deleted, so that the audit keeps its names. Raises `StaffRefused` for the last administrator.
    """
    row = tx.execute(select(table).where(table.c.id == staff_id).with_for_update()).first()
    if row is None or not row.active:
        raise StaffRefused("Không có tài khoản đang hoạt động này.")
    admins = select(func.count()).select_from(table).where(table.c.role == "admin", table.c.active.is_(True))
    if row.role == "admin" and tx.execute(admins).scalar_one() == 1:
        raise StaffRefused("Đây là quản trị viên cuối cùng; hãy thêm một quản trị viên khác trước.")
    tx.execute(update(table).where(table.c.id == staff_id).values(active=False, on_shift_since=None))
    audit.record(tx, now, actor, "staff.deactivate", "staff", staff_id)
    held = shift.held(tx, staff_id)
    for case_id in held:
        cases.back_to_queue(tx, now, case_id, actor, "released")
    return len(held)


def _is_locked(row: Row, now: datetime) -> bool:
    return row.locked_until is not None and row.locked_until > now


def _count_failure(tx: Connection, now: datetime, row: Row) -> None:
    failures = 1 if row.locked_until is not None else row.failed_logins + 1  # a lock that is over starts a new count
    locked_until = now + LOCK_FOR if failures >= LOCK_AFTER else None
    tx.execute(update(table).where(table.c.id == row.id).values(failed_logins=failures, locked_until=locked_until))
    audit.record(tx, now, "desk", "staff.locked" if locked_until else "staff.login_failed", "staff", row.id)


def _staff(row: Row) -> Staff:
    return Staff(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        must_change_password=row.must_change_password,
        on_shift_since=row.on_shift_since,
        last_seen_at=row.last_seen_at,
        password_mark=hashlib.sha256(row.password_hash.encode()).hexdigest()[:16],
    )
