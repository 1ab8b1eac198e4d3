"""Sessions: a signed cookie that says who, since when, and under which password. Nothing of it is kept elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import Response

from desk import staff as people
from desk.staff import Staff
from helpline.keyring import Keyring

COOKIE = "tianang_desk"
LASTS = timedelta(hours=12)  # one long night; then the password again


@dataclass(frozen=True)
class Session:
    """What the cookie says. ``nonce`` is new with every login; the CSRF token is made from it."""

    staff_id: int
    password_mark: str
    since: datetime
    nonce: str


class Sessions:
    """Signs and reads the cookie. Keys come from the keyring, so a session holds across restarts."""

    def __init__(self, keyring: Keyring) -> None:
        self._serializer = URLSafeSerializer(keyring.derive("desk session"), salt="desk")
        self._csrf_key = keyring.derive("desk csrf")

    def start(self, response: Response, request: Request, staff: Staff, now: datetime) -> None:
        """Put a new session of this person on the response."""
        value = [staff.id, staff.password_mark, int(now.timestamp()), secrets.token_urlsafe(16)]
        response.set_cookie(
            COOKIE,
            self._serializer.dumps(value),
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    def end(self, response: Response, request: Request) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")

    def read(self, request: Request, now: datetime) -> Session | None:
        """The session of a request; None for no cookie, one not signed by us, or one that is over."""
        try:
            staff_id, mark, since, nonce = self._serializer.loads(request.cookies.get(COOKIE, ""))
        except (BadSignature, ValueError):
            return None
        started = datetime.fromtimestamp(since, tz=now.tzinfo)
        if not started <= now + timedelta(minutes=1) or now >= started + LASTS:
            return None
        return Session(staff_id, mark, started, nonce)

    def csrf(self, session: Session) -> str:
        """The token that every form and every script of this session must send back."""
        return hmac.new(self._csrf_key, session.nonce.encode(), hashlib.sha256).hexdigest()

    def csrf_fits(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(self.csrf(session).encode(), token.encode())


def person(tx: Connection, session: Session) -> Staff | None:
    """Whose session it is; None when the account has ended or its password has changed since."""
    staff = people.find(tx, session.staff_id)
    if staff is None or staff.password_mark != session.password_mark:
        return None
    return staff
