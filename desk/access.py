"""The only way to a case. Each condition stands on its own line; a refusal never tells whether the thing exists."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from desk.errors import NoAccess
from desk.staff import Staff
from helpline.errors import CaseClosed, NotOwner
from helpline.tables import case


@dataclass(frozen=True)
class Access:
    """A case that this person may open. ``why`` goes into the trace: owner, waiting, supervision."""

    case: Row
    why: str
    may_write: bool


def access_case(tx: Connection, staff: Staff, case_id: int, *, write: bool = False) -> Access:
    """The case, where this person may read it, or with ``write`` speak and decide in it.

    Read: its owner (after the end too), whoever takes cases while it waits, supervisors always. Write: the owner of
    a taken case and nobody else. Raises `NoAccess`, and with ``write`` `NotOwner` or `CaseClosed` to those who see
    the case in their queue anyway.
    """
    row = tx.execute(select(case).where(case.c.id == case_id)).first()
    if row is None:
        raise NoAccess
    if not staff.takes_cases:
        raise NoAccess
    is_owner = row.owner_id == staff.id
    if write:
        if row.state == "closed" and not (is_owner or staff.supervises):
            raise NoAccess
        if row.state == "closed":
            raise CaseClosed("case is closed")
        if row.state != "taken" or not is_owner:
            raise NotOwner("only the owner writes")
        return Access(row, "owner", may_write=True)
    if is_owner:
        return Access(row, "owner", may_write=row.state == "taken")
    if row.state == "waiting":
        return Access(row, "waiting", may_write=False)
    if staff.supervises:
        return Access(row, "supervision", may_write=False)
    raise NoAccess
