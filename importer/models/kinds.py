"""The words of the domain: operations, stages, states (design §2)."""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["Channel", "Operation", "RowStatus", "Severity", "Stage", "Status", "reached"]


class Operation(enum.StrEnum):
    """The ten operations of the vendor's list (protocol §0), and the combined custom call."""

    CREATE = "create"
    UPDATE = "update"
    QUERY = "query"
    READ = "read"
    DELETE = "delete"
    APPROVE = "approve"
    DISAPPROVE = "disapprove"
    POST = "post"
    DISPOST = "dispost"
    INVALID = "invalid"
    COMBINED = "combined"


class Stage(enum.StrEnum):
    """How far a document is in the ERP."""

    NEW = "new"
    CREATED = "created"
    APPROVED = "approved"
    POSTED = "posted"
    VOID = "void"
    DELETED = "deleted"


_ORDER: Final = {Stage.NEW: 0, Stage.CREATED: 1, Stage.APPROVED: 2, Stage.POSTED: 3}


def reached(stage: Stage, target: Stage) -> bool:
    """Whether a document at `stage` is at `target` or beyond; void and deleted documents have reached nothing."""
    return stage in _ORDER and _ORDER[stage] >= _ORDER[target]


class Status(enum.StrEnum):
    """State of a ledger entry, that is of one operation on one document."""

    PENDING = "pending"
    SENDING = "sending"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Severity(enum.StrEnum):
    """What an issue does: errors stop, warnings and hints never do."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class RowStatus(enum.StrEnum):
    """The one outcome of a row in the results workbook (design §7)."""

    POSTED = "posted"
    APPROVED = "approved"
    CREATED = "created"
    ALREADY_IMPORTED = "already imported"
    CHECK_FAILED = "check failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not sent"


class Channel(enum.StrEnum):
    """Which of the ERP's two protocols an operation goes over."""

    STANDARD = "standard"
    CUSTOM = "custom"
