"""The one table of what may happen to an entry, and the errors of code that tries something else."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from importer.models import Status

__all__ = ["TRANSITIONS", "Cause", "IllegalTransition", "LostClaim", "NotSending", "RuleBroken", "check"]


class IllegalTransition(RuntimeError):
    """Code asked for a change of state that the table does not have; nothing was changed."""


class LostClaim(IllegalTransition):
    """The entry is no longer this process's to record: it was taken over, or recorded before. Stop; never send for it again."""


class NotSending(RuntimeError):
    """Claims are taken and taken over only inside `Ledger.sending_lock()`."""


class RuleBroken(RuntimeError):
    """The database refused a change that would break one of its constraints; nothing was changed."""


class Cause(enum.StrEnum):
    """Why an entry changed; also the `kind` of the event that tells of it."""

    ENQUEUE = "enqueue"  # a step is due
    RETRY = "retry"  # a new run of rejected content
    CLAIM = "claim"  # the intent to send, durable before the request leaves
    CONTINUE = "continue"  # the same, for the step after one that succeeded, in its transaction
    RECORD = "record"  # how the call ended
    RELEASE = "release"  # claimed, but never sent
    TAKE_OVER = "take_over"  # the claiming process is dead
    SETTLE = "settle"  # the ERP or a person told how an unknown call ended
    BY_HAND = "by_hand"  # a person's own call, outside of any batch
    LATE = "late"  # an answer that came after the claim was lost; changes nothing


TRANSITIONS: Final[Mapping[Cause, tuple[Status | None, frozenset[Status]]]] = {
    Cause.ENQUEUE: (None, frozenset({Status.PENDING})),
    Cause.RETRY: (Status.REJECTED, frozenset({Status.PENDING})),
    Cause.CLAIM: (Status.PENDING, frozenset({Status.SENDING})),
    Cause.CONTINUE: (None, frozenset({Status.SENDING})),
    Cause.RECORD: (Status.SENDING, frozenset({Status.SUCCEEDED, Status.REJECTED, Status.UNKNOWN, Status.PENDING})),
    Cause.RELEASE: (Status.SENDING, frozenset({Status.PENDING})),
    Cause.TAKE_OVER: (Status.SENDING, frozenset({Status.UNKNOWN})),
    Cause.BY_HAND: (None, frozenset({Status.SUCCEEDED})),
    Cause.SETTLE: (Status.UNKNOWN, frozenset({Status.SUCCEEDED, Status.PENDING, Status.REJECTED})),
}
"""Cause -> (status before, None for an entry that is made by it; statuses after)."""


def check(cause: Cause, after: Status) -> Status | None:
    """The status that an entry must have for `cause` to lead to `after`; IllegalTransition when it never does."""
    before, allowed = TRANSITIONS[cause]
    if after not in allowed:
        raise IllegalTransition(f"{cause} never leads to {after}")
    return before
