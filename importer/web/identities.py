"""Who comes in with the company's account.

A user is whoever the issuer calls by this subject; names and mail addresses, which people may change there, decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from importer.errors import NotAllowed
from importer.ledger import AuditEntry, Portal, User
from importer.messages import N_

__all__ = ["Identity", "user_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody for whom the provider vouches."""

    subject: str  # issuer and subject
    name: str  # what they want to be called


def user_for(portal: Portal, identity: Identity, address: str) -> User:
    """The user of this identity; made without any role the first time. Raises NotAllowed for one who may not come in any more."""
    user = portal.user_of_subject(identity.subject)
    if user is None:
        user = User(name=_free_name(portal, identity.name), display_name=identity.name, subject=identity.subject)
        portal.save_user(user)
        note = AuditEntry(user_name=user.name, action="user_added", target=user.name, detail=identity.subject, address=address)
        portal.note(note)
    if not user.active:
        portal.note(AuditEntry(user_name=user.name, action="sign_in_failed", address=address))
        raise NotAllowed(N_("You may not sign in any more; ask your administrator."))
    return user


def _free_name(portal: Portal, wanted: str) -> str:
    """A name that nobody has: whoever has it now keeps it."""
    number, name = 1, wanted
    while portal.user(name) is not None:
        number += 1
        name = f"{wanted} {number}"
    return name
