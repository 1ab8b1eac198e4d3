"""Whether a webhook call comes from Zalo."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-ZEvent-Signature"


def signature(app_id: str, body: bytes, timestamp: str, oa_secret: str) -> str:
    """SHA-256 of app id, raw body, the body's own timestamp and the OA secret key, in hex; no HMAC.

    Source: Zalo's documentation of webhooks and `MacUtils.buildMac` of its Java SDK (reference, section A1).
    """
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + oa_secret.encode()).hexdigest()


def is_genuine(app_id: str, oa_secret: str, body: bytes, given: str, event: object) -> bool:
    """Whether ``given``, the header's value (``mac=…``, the prefix optional), signs ``body``.

    ``event`` is the decoded body; its app id must be ours. Without a secret nothing is genuine.
    """
    if not oa_secret or not isinstance(event, dict) or str(event.get("app_id")) != app_id:
        return False
    timestamp = event.get("timestamp")
    if not isinstance(timestamp, (str, int)):
        return False
    expected = signature(app_id, body, str(timestamp), oa_secret)
    found = given.strip().removeprefix("mac").lstrip(" =").lower()
    return hmac.compare_digest(found.encode("utf-8", "replace"), expected.encode())
