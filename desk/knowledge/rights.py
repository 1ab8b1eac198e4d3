"""Who may do what with entries: editors and administrators write, a second person publishes, everybody reads what is in force."""

from __future__ import annotations

from desk.staff import Staff
from kb.store import Standing, State

READERS = ("counsellor", "supervisor", "editor", "admin")
EDITORS = ("editor", "admin")
REVIEWERS = ("editor", "supervisor", "admin")


def writes(staff: Staff) -> bool:
    return staff.role in EDITORS


def reviews(staff: Staff) -> bool:
    return staff.role in REVIEWERS


def may_decide(staff: Staff, stands: Standing) -> bool:
    """Whether this person may publish what waits or send it back: never who wrote it."""
    waits = stands.pending is not None and stands.pending.state is State.REVIEWED
    return waits and reviews(staff) and stands.pending is not None and stands.pending.author != staff.actor
