"""Passwords: how they are kept, compared and first given."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

LEAST = 10  # characters of a password that a person chooses
MOST = 200
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads alike


def keep(password: str) -> str:
    """Argon2id with the library's own parameters, which follow RFC 9106 (low memory)."""
    return PasswordHasher().hash(plain(password))


def matches(kept: str, password: str) -> bool:
    if len(password) > MOST:
        return False
    try:
        return PasswordHasher().verify(kept, plain(password))
    except VerifyMismatchError:
        return False


@lru_cache(maxsize=1)
def of_nobody() -> str:
    """What stands in for an unknown login, so that it takes as long as a known one."""
    return keep(secrets.token_urlsafe(24))


def plain(password: str) -> str:
    """The same password from every keyboard: accents typed whole or in parts."""
    return unicodedata.normalize("NFKC", password)


def one_time() -> str:
    """A password to be read aloud or written on paper, about 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
