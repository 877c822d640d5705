"""Passwords of local users: argon2id through argon2-cffi."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["LEAST_LENGTH", "hashed", "matches"]

LEAST_LENGTH: Final = 10
_HASHER: Final = PasswordHasher()
_NOBODY: Final = _HASHER.hash("nobody has this password")


def hashed(password: str) -> str:
    """As the ledger keeps it."""
    return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether it is the password. Takes as long for a name that does not exist, so that nobody learns names by waiting."""
    try:
        return _HASHER.verify(kept or _NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False
