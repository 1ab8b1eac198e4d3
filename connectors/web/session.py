"""Sessions of the web chat: a random id under our signature. No cookie, no account, nothing about the person."""

from __future__ import annotations

import hashlib
import re
import secrets

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from helpline.keyring import Keyring

ID_BYTES = 18
_ID = re.compile(r"[A-Za-z0-9_-]{24}")
_BEARER = "bearer "


class Sessions:
    """Gives out tokens and reads them. Nothing of them is stored, so any process reads the tokens of any other.

    A token does not run out: a counsellor who answers in the morning must reach the page that was left open at
    night. It dies with the tab, or with the quick exit, because the page keeps it in sessionStorage alone.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._serializer = URLSafeSerializer(
            keyring.derive("web-session"),
            salt="web-session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def new_token(self) -> str:
        return str(self._serializer.dumps(secrets.token_urlsafe(ID_BYTES)))

    def read(self, token: str) -> str | None:
        """The id under a token; None for one that we did not sign."""
        try:
            session = self._serializer.loads(token)
        except BadSignature:
            return None
        return session if isinstance(session, str) and _ID.fullmatch(session) else None

    def of(self, request: Request) -> str | None:
        """The id of a request's ``Authorization: Bearer`` header; None where there is none that is ours."""
        header = request.headers.get("authorization", "")
        return self.read(header[len(_BEARER) :].strip()) if header.lower().startswith(_BEARER) else None
