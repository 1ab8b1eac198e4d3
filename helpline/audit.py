"""The trace of every decision and of every look at a conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from helpline.tables import audit


def record(
    tx: Connection, now: datetime, actor: str, action: str, object_type: str, object_id: object, **details: Any
) -> None:
    """Write one row in the caller's transaction, so that no act stands without its trace.

    ``details`` hold ids, counts and rule names; never a sender's words, name or number.
    """
    tx.execute(
        audit.insert().values(
            at=now, actor=actor, action=action, object_type=object_type, object_id=str(object_id), details=details
        )
    )
