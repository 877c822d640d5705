"""Users, their roles, passwords and access tokens, and the audit trail. Knows nothing of HTTP.

An administrator of some profiles gives roles in those alone, and has no hand on the password or the sessions of anybody who has a role
elsewhere: else one could become that person.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from importer.errors import ConfigurationError, NotAllowed, NotThere
from importer.ledger import AuditEntry, Token, User
from importer.messages import LANGUAGES, N_
from importer.web.passwords import LEAST_LENGTH, hashed, matches
from importer.web.rights import ADMINISTRATOR, APPROVER, UPLOADER, Action

if TYPE_CHECKING:
    from importer.web.desk import Desk, Who

__all__ = ["EVERY_PROFILE", "ROLES", "PeopleDesk", "checked_name", "checked_password"]

ROLES: Final = (UPLOADER, APPROVER, ADMINISTRATOR)
EVERY_PROFILE: Final = "*"
LONGEST: Final = 100  # signs of a name
TOKENS_BEGIN: Final = "imp_"  # so that secret scanners know one


def checked_name(name: str) -> str:
    """A name that a user may have. Raises ConfigurationError."""
    name = name.strip()
    if not name or len(name) > LONGEST or not name.isprintable() or name == "-":
        raise ConfigurationError(N_("A name has 1 to {longest} letters, digits or signs."), longest=LONGEST)
    return name


def checked_password(password: str) -> str:
    """One that is long enough. Raises ConfigurationError."""
    if not LEAST_LENGTH <= len(password) <= 1000:
        raise ConfigurationError(N_("A password has at least {least} characters."), least=LEAST_LENGTH)
    return password


class PeopleDesk:
    """Part of the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- administrators ------------------------------------------------------------------------------------------------

    def places(self, who: Who) -> list[str]:
        """The profiles in which the user gives roles, `*` for all of them. Raises NotAllowed where there is none."""
        every = [EVERY_PROFILE] if (EVERY_PROFILE, ADMINISTRATOR) in who.user.roles and who.user.active else []
        found = [*every, *self._desk.profiles(who.user, Action.USERS)]
        if not found:
            raise NotAllowed(N_("Only an administrator may do this."))
        return found

    def users(self, who: Who) -> list[User]:
        """All of them."""
        self.places(who)
        return self._desk.portal.users()

    def user(self, who: Who, name: str) -> User:
        """One. Raises NotThere where there is none."""
        self.places(who)
        found = self._desk.portal.user(name)
        if found is None:
            raise NotThere(N_("There is no user {name}."), name=name)
        return found

    def manages(self, who: Who, user: User) -> bool:
        """Whether all of the user's roles are in profiles of this administrator."""
        places = self.places(who)
        return EVERY_PROFILE in places or all(profile in places for profile, _ in user.roles)

    def _managed(self, who: Who, name: str) -> User:
        user = self.user(who, name)
        if not self.manages(who, user):
            raise NotAllowed(N_("{name} has roles in profiles that are not yours to administer."), name=name)
        return user

    def _but_me(self, who: Who, name: str) -> None:
        if name == who.user.name:
            raise ConfigurationError(N_("Nobody takes away their own access; ask another administrator."))

    def add(self, who: Who, name: str, *, display_name: str, password: str, language: str, roles: Collection[tuple[str, str]]) -> User:
        """A new user. Raises ConfigurationError when the name is taken or the password too short."""
        name = checked_name(name)
        given = self._giveable(who, roles)
        if self._desk.portal.user(name) is not None:
            raise ConfigurationError(N_("There is a user {name} already."), name=name)
        user = User(
            name=name,
            display_name=display_name.strip()[:LONGEST] or name,
            password_hash=hashed(checked_password(password)),
            language=language if language in LANGUAGES else "",
            roles=given,
        )
        self._desk.portal.save_user(user)
        self._note(who, "user_added", name, _in_words(given))
        return user

    def change(self, who: Who, name: str, *, display_name: str, language: str, roles: Collection[tuple[str, str]]) -> User:
        """Name to show, language, and the roles in the administrator's profiles; roles elsewhere stay."""
        user, places = self.user(who, name), self.places(who)
        given = self._giveable(who, roles)
        kept = frozenset(role for role in user.roles if role[0] not in places)
        if name == who.user.name and any(role[1] == ADMINISTRATOR for role in user.roles - kept - given):
            self._but_me(who, name)
        changed = replace(
            user,
            display_name=display_name.strip()[:LONGEST] or name,
            language=language if language in LANGUAGES else "",
            roles=kept | given,
        )
        self._desk.portal.save_user(changed)
        self._note(who, "user_changed", name, _in_words(changed.roles))
        return changed

    def _giveable(self, who: Who, roles: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        places = self.places(who)
        if any(profile not in places or role not in ROLES for profile, role in roles):
            raise NotAllowed(N_("Only an administrator may do this."))
        return frozenset(roles)

    def set_password(self, who: Who, name: str, password: str) -> None:
        """Another password; all sessions of that user end."""
        user = self._managed(who, name)
        self._save_password(user, password)
        self._note(who, "password_set", name)

    def set_active(self, who: Who, name: str, *, active: bool) -> None:
        """Let somebody in or keep them out; their sessions end, their history stays."""
        self._but_me(who, name)
        user = self._managed(who, name)
        self._desk.portal.save_user(replace(user, active=active, epoch=user.epoch + 1))
        self._note(who, "user_activated" if active else "user_deactivated", name)

    def end_sessions(self, who: Who, name: str) -> None:
        """Whoever is signed in by this name signs in again."""
        user = self._managed(who, name)
        self._desk.portal.save_user(replace(user, epoch=user.epoch + 1))
        self._note(who, "sessions_ended", name)

    def audit_trail(self, who: Who, *, user_name: str = "", target: str = "", before: int | None = None, limit: int) -> list[AuditEntry]:
        """Of the administrator's profiles and of what belongs to none, newest first."""
        profiles = [place for place in self.places(who) if place != EVERY_PROFILE]
        return self._desk.portal.audit_trail(
            user_name=user_name.strip() or None, target=target.strip() or None, profiles=profiles, before=before, limit=limit
        )

    # -- everybody, for themselves -------------------------------------------------------------------------------------

    def change_own_password(self, who: Who, *, old: str, new: str) -> User:
        """Raises NotAllowed when the old one is wrong. All other sessions of the user end."""
        if not matches(old, who.user.password_hash or None):
            self._note(who, "sign_in_failed", who.user.name)
            raise NotAllowed(N_("The old password is wrong."))
        user = self._save_password(who.user, new)
        self._note(who, "password_set", user.name)
        return user

    def change_own_language(self, who: Who, language: str) -> None:
        """The language of pages and messages from now on."""
        if language in LANGUAGES:
            self._desk.portal.save_user(replace(who.user, language=language))

    def _save_password(self, user: User, password: str) -> User:
        changed = replace(user, password_hash=hashed(checked_password(password)), epoch=user.epoch + 1)
        self._desk.portal.save_user(changed)
        return changed

    def tokens(self, who: Who) -> Sequence[Token]:
        """The user's own that count, newest first."""
        return [token for token in self._desk.portal.tokens(who.user.name) if not token.revoked]

    def make_token(self, who: Who, label: str) -> str:
        """A new access token: its secret, which is shown this once and kept nowhere."""
        secret = TOKENS_BEGIN + secrets.token_urlsafe(32)
        token = Token(
            id=secrets.token_hex(8), user_name=who.user.name, label=label.strip()[:LONGEST] or "REST API", created_at=datetime.now(UTC)
        )
        self._desk.portal.add_token(token, hashlib.sha256(secret.encode()).hexdigest())
        self._note(who, "token_made", token.id, token.label)
        return secret

    def revoke_token(self, who: Who, token_id: str) -> None:
        """It counts no more. Raises ConfigurationError where it is not the user's own."""
        self._desk.portal.revoke_token(token_id, who.user.name)
        self._note(who, "token_revoked", token_id)

    def _note(self, who: Who, action: str, target: str, detail: str = "") -> None:
        entry = AuditEntry(user_name=who.user.name, action=action, target=target, detail=detail, address=who.address)
        self._desk.portal.note(entry)


def _in_words(roles: Collection[tuple[str, str]]) -> str:
    return ", ".join(f"{role} in {profile}" for profile, role in sorted(roles))
