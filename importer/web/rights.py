"""Who may do what: one table, asked by pages and REST API alike.

Roles are given per profile. An uploader sees what they handed in themselves, an approver and an administrator everything of
their profiles. Where the profile asks for a second person, nobody releases their own upload, whatever their roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from importer.errors import NotAllowed
from importer.ledger import Upload, User
from importer.messages import N_

__all__ = ["ACTIONS", "ADMINISTRATOR", "APPROVER", "UPLOADER", "Action", "may", "may_on", "profiles_of", "require", "whole_profiles"]

UPLOADER: Final = "uploader"
APPROVER: Final = "approver"
ADMINISTRATOR: Final = "administrator"


class Action(StrEnum):
    """What somebody does in a profile."""

    VIEW = "view"
    UPLOAD = "upload"
    HAND_ON = "hand_on"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    RETURN = "return"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    UNDO = "undo"
    RECONCILE = "reconcile"
    RESOLVE = "resolve"
    AUDIT = "audit"
    USERS = "users"


ACTIONS: Final[Mapping[Action, frozenset[str]]] = {
    Action.VIEW: frozenset({UPLOADER, APPROVER, ADMINISTRATOR}),
    Action.UPLOAD: frozenset({UPLOADER}),
    Action.HAND_ON: frozenset({UPLOADER}),
    Action.WITHDRAW: frozenset({UPLOADER}),
    Action.RELEASE: frozenset({APPROVER}),
    Action.RETURN: frozenset({APPROVER}),
    Action.PAUSE: frozenset({UPLOADER, APPROVER, ADMINISTRATOR}),
    Action.RESUME: frozenset({UPLOADER, APPROVER, ADMINISTRATOR}),
    Action.CANCEL: frozenset({APPROVER, ADMINISTRATOR}),
    Action.UNDO: frozenset({APPROVER, ADMINISTRATOR}),
    Action.RECONCILE: frozenset({UPLOADER, APPROVER, ADMINISTRATOR}),
    Action.RESOLVE: frozenset({APPROVER, ADMINISTRATOR}),
    Action.AUDIT: frozenset({ADMINISTRATOR}),
    Action.USERS: frozenset({ADMINISTRATOR}),
}
OWN_ONLY: Final = frozenset({Action.HAND_ON, Action.WITHDRAW})
"""What only the person who uploaded a workbook does with it."""


def may(user: User, action: Action, profile: str) -> bool:
    """Whether a role of the user in a profile allows an action at all."""
    return any(user.may(role, profile) for role in ACTIONS[action])


def may_on(user: User, action: Action, upload: Upload, *, second_person: bool) -> bool:
    """Whether the user may do it with this upload; `second_person`: the profile asks for somebody else to release."""
    if not may(user, action, upload.profile):
        return False
    own = upload.uploader == user.name
    if action in OWN_ONLY:
        return own
    if action in (Action.RELEASE, Action.RETURN):
        return not (own and second_person)
    return own or any(user.may(role, upload.profile) for role in ACTIONS[action] - {UPLOADER})


def require(user: User, action: Action, profile: str) -> None:
    """Raises NotAllowed."""
    if not may(user, action, profile):
        raise NotAllowed(N_("Your roles do not allow this in profile {profile}."), profile=profile)


def profiles_of(user: User, names: Iterable[str], action: Action = Action.VIEW) -> list[str]:
    """The profiles in which the user may do something."""
    return [name for name in names if may(user, action, name)]


def whole_profiles(user: User, names: Iterable[str]) -> list[str]:
    """The profiles of which the user sees everything, not only what they handed in."""
    return [name for name in names if any(user.may(role, name) for role in (APPROVER, ADMINISTRATOR))]
