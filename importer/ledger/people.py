"""Who may use the web page: users, their roles per profile, their tokens, and the audit trail of what they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from importer.errors import NotThere
from importer.ledger.people_schema import access_tokens, audit, roles, users
from importer.ledger.rows import clean
from importer.messages import N_

__all__ = ["EVERY_PROFILE", "AuditEntry", "Token", "User"]

EVERY_PROFILE: Final = "*"
"""A role that holds for all profiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in; `roles` are (profile, role), profile `*` for all."""

    name: str
    display_name: str = ""
    password_hash: str = ""
    subject: str = ""  # of OpenID Connect
    language: str = ""
    active: bool = True
    epoch: int = 0
    created_at: datetime | None = None
    roles: frozenset[tuple[str, str]] = frozenset()

    def may(self, role: str, profile: str) -> bool:
        """Whether the user has a role in a profile."""
        return self.active and ((profile, role) in self.roles or (EVERY_PROFILE, role) in self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key to the REST API; its secret is known to its user alone."""

    id: str
    user_name: str
    label: str
    created_at: datetime
    used_at: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that somebody did, or was refused."""

    user_name: str
    action: str
    profile: str = ""
    target: str = ""
    detail: str = ""
    address: str = ""
    at: datetime | None = None
    id: int = field(default=0)


# -- reading ---------------------------------------------------------------------------------------------------------


def found_users(connection: Connection, name: str | None = None, subject: str | None = None) -> list[User]:
    """By name or subject, else all, by name."""
    wanted = select(users).order_by(users.c.name)
    if name is not None:
        wanted = wanted.where(users.c.name == clean(name))
    if subject is not None:
        wanted = wanted.where(users.c.subject == clean(subject), users.c.subject != "")
    rows = connection.execute(wanted).all()
    names = [row.name for row in rows]
    of_user: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(select(roles).where(roles.c.user_name.in_(names))):
        of_user.setdefault(row.user_name, set()).add((row.profile, row.role))
    return [User(**row._mapping, roles=frozenset(of_user.get(row.name, ()))) for row in rows]


def user_of_token(connection: Connection, digest: str) -> tuple[Token, User] | None:
    """The token with this SHA-256 and its user; None for one that is unknown or revoked, or whose user is not active."""
    row = connection.execute(select(access_tokens).where(access_tokens.c.hash == digest, ~access_tokens.c.revoked)).first()
    if row is None:
        return None
    [user] = found_users(connection, name=row.user_name)
    return (_token(row), user) if user.active else None


def tokens_of(connection: Connection, name: str) -> list[Token]:
    """A user's tokens, newest first."""
    wanted = select(access_tokens).where(access_tokens.c.user_name == name).order_by(access_tokens.c.created_at.desc())
    return [_token(row) for row in connection.execute(wanted)]


def _token(row: Any) -> Token:
    return Token(**{name: value for name, value in row._mapping.items() if name != "hash"})


def audit_trail(
    connection: Connection, *, user_name: str | None, target: str | None, limit: int, profiles: Iterable[str] | None, before: int | None
) -> list[AuditEntry]:
    """Newest first; `profiles` narrows it to those, and to what belongs to no profile; `before` is an entry's id."""
    wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(audit.c.id < before)
    if user_name is not None:
        wanted = wanted.where(audit.c.user_name == clean(user_name))
    if target is not None:
        wanted = wanted.where(audit.c.target == clean(target))
    if profiles is not None:
        wanted = wanted.where(or_(audit.c.profile.in_(list(profiles)), audit.c.profile == ""))
    return [AuditEntry(**row._mapping) for row in connection.execute(wanted)]


def how_often(connection: Connection, action: str, since: datetime, *, user_name: str | None, address: str | None) -> int:
    """How often something was done since a moment, by a name or from an address."""
    conditions = [audit.c.action == action, audit.c.at >= since]
    if user_name is not None:
        conditions.append(audit.c.user_name == clean(user_name))
    if address is not None:
        conditions.append(audit.c.address == address)
    return int(connection.scalar(select(func.count()).select_from(audit).where(and_(*conditions))) or 0)


# -- writing ---------------------------------------------------------------------------------------------------------


def save_user(connection: Connection, arguments: Sequence[tuple[User, datetime]]) -> Sequence[None]:
    """Make or change users, and give each exactly its roles."""
    for user, now in arguments:
        values = {
            "display_name": clean(user.display_name),
            "password_hash": user.password_hash,
            "subject": clean(user.subject),
            "language": user.language,
            "active": user.active,
            "epoch": user.epoch,
        }
        if not connection.execute(update(users).where(users.c.name == user.name).values(values)).rowcount:
            connection.execute(insert(users).values(name=clean(user.name), created_at=now, **values))
        connection.execute(delete(roles).where(roles.c.user_name == user.name))
        if user.roles:
            rows = [{"user_name": user.name, "profile": profile, "role": role} for profile, role in sorted(user.roles)]
            connection.execute(insert(roles), rows)
    return [None] * len(arguments)


def add_token(connection: Connection, arguments: Sequence[tuple[Token, str]]) -> Sequence[None]:
    """Remember tokens by the SHA-256 of their secrets."""
    for token, digest in arguments:
        connection.execute(
            insert(access_tokens).values(
                id=token.id, user_name=token.user_name, label=clean(token.label), hash=digest, created_at=token.created_at, revoked=False
            )
        )
    return [None] * len(arguments)


def change_token(connection: Connection, arguments: Sequence[tuple[str, str | None, Mapping[str, object]]]) -> Sequence[Exception | None]:
    """Set columns of a token, of one user where a name is given; NotThere when there is none."""
    answers: list[Exception | None] = []
    for token_id, user_name, values in arguments:
        wanted = update(access_tokens).where(access_tokens.c.id == clean(token_id))
        if user_name is not None:
            wanted = wanted.where(access_tokens.c.user_name == user_name)
        done = connection.execute(wanted.values(dict(values))).rowcount
        answers.append(None if done else NotThere(N_("There is no token {token}."), token=token_id))
    return answers


def add_audit(connection: Connection, arguments: Sequence[tuple[AuditEntry, datetime]]) -> Sequence[None]:
    """Write down what was done."""
    rows = [
        {
            "at": now,
            "user_name": clean(entry.user_name),
            "action": entry.action,
            "profile": entry.profile,
            "target": clean(entry.target),
            "detail": clean(entry.detail),
            "address": clean(entry.address),
        }
        for entry, now in arguments
    ]
    connection.execute(insert(audit), rows)
    return [None] * len(arguments)
