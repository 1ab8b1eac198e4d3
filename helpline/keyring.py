"""The service's one secret and what is derived from it: encryption at rest, pseudonyms, signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from helpline.errors import SettingError
from helpline.settings import Settings


class Keyring:
    """Keys derived from one secret of 32 bytes (urlsafe base64), one for each use.

    Losing the secret makes what is stored unreadable; the runbook says how to keep a copy.
    """

    def __init__(self, secret: str) -> None:
        try:
            raw = base64.urlsafe_b64decode(secret)
        except (binascii.Error, ValueError) as error:
            raise SettingError("TIANANG_SECRET_KEY: not urlsafe base64") from error
        if len(raw) != 32:
            raise SettingError("TIANANG_SECRET_KEY: 32 bytes are needed; `tianang doctor --new-key` prints one")
        self._raw = raw
        self._fernet = Fernet(base64.urlsafe_b64encode(self.derive("encryption")))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HMAC-SHA256 of the purpose under the secret)."""
        return hmac.new(self._raw, purpose.encode(), hashlib.sha256).digest()

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The text again. Raises `SettingError` when the secret is not the one it was encrypted with."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise SettingError("TIANANG_SECRET_KEY: not the key with which the database was written") from error

    def pseudonym(self, channel: str, user: str) -> str:
        """A stable name for a sender that does not show who it is; 32 hex digits."""
        digest = hmac.new(self.derive("pseudonym"), f"{channel}\0{user}".encode(), hashlib.sha256)
        return digest.hexdigest()[:32]


def new_secret() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def load(settings: Settings) -> Keyring:
    """The keyring of the settings, or of `secret.key` in the var folder, made at the first start (mode 0600)."""
    if settings.secret_key:
        return Keyring(settings.secret_key)
    path = settings.var / "secret.key"
    if not path.exists():
        _write_once(path, new_secret())
    return Keyring(path.read_text().strip())


def _write_once(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process of ours was quicker; its secret stands
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
