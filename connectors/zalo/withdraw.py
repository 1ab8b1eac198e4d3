"""A sender takes back consent: what was written is to be deleted."""

from __future__ import annotations

import logging

from helpline import audit, conversations
from helpline.clock import Clock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import Channel

log = logging.getLogger(__name__)


def ask_deletion(db: Database, keyring: Keyring, clock: Clock, user: str) -> bool:
    """Mark the conversation of a Zalo user for deletion, which the next round of forgetting carries out.

    Returns whether there is such a conversation; a repeat keeps the time of the first request. Raises
    `StoreUnavailable`: nothing was marked, Zalo must deliver the event again.
    """
    with db.write() as tx:
        row = conversations.find(tx, Channel.ZALO, keyring.pseudonym(Channel.ZALO.value, user))
        if row is None:
            return False
        if row.delete_asked_at is None:
            now = clock.now()
            conversations.mark(tx, row.id, delete_asked_at=now)
            audit.record(tx, now, "gateway", "conversation.withdraw", "conversation", row.id)
    return True
