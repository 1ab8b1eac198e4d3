"""The alarm for numbers and addresses that nobody has checked for 90 days (safeguarding 38), on every page of those
who can have it seen to."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.engine import Connection

from desk.knowledge import rights
from desk.staff import Staff
from helpline.clock import local
from kb import content, review, services
from kb.errors import ContentError
from kb.review import Stale

log = logging.getLogger(__name__)


def of(tx: Connection, staff: Staff, now: datetime) -> list[Stale]:
    """What is stale, imported addresses and classes too; nothing for those who only answer. Content that cannot be read
    hides no number."""
    if not rights.reviews(staff):
        return []
    try:
        own = content.load().services
    except ContentError:
        log.error("content cannot be read: the alarm looks at numbers and imported addresses alone")
        own = None
    imported = [Stale(one.name, one.phone, one.commune or "", one.last_checked) for one in services.stale(tx, now)]
    return [*review.stale(local(now).date(), own), *imported]
