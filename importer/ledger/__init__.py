"""The ledger: the state of every document, durable before anything is sent and after anything is answered (design §4).

The only place with SQL. Everything here is loaded on first use, so that a command that needs no ledger does not pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.ledger.address import redacted
    from importer.ledger.figures import Duration, Scope, Standing
    from importer.ledger.ledger import Ledger
    from importer.ledger.opening import open_ledger
    from importer.ledger.people import AuditEntry, Token, User
    from importer.ledger.portal import Portal
    from importer.ledger.reading import Counts
    from importer.ledger.rows import Event
    from importer.ledger.tasks import Task
    from importer.ledger.transitions import IllegalTransition, LostClaim, NotSending, RuleBroken
    from importer.ledger.uploads import Seen, Upload, UploadChange

__all__ = [
    "AuditEntry",
    "Counts",
    "Duration",
    "Event",
    "IllegalTransition",
    "Ledger",
    "LostClaim",
    "NotSending",
    "Portal",
    "RuleBroken",
    "Scope",
    "Seen",
    "Standing",
    "Task",
    "Token",
    "Upload",
    "UploadChange",
    "User",
    "open_ledger",
    "redacted",
]

_HOMES = {
    "AuditEntry": "people",
    "Counts": "reading",
    "Duration": "figures",
    "Event": "rows",
    "IllegalTransition": "transitions",
    "Ledger": "ledger",
    "LostClaim": "transitions",
    "NotSending": "transitions",
    "Portal": "portal",
    "RuleBroken": "transitions",
    "Scope": "figures",
    "Seen": "uploads",
    "Standing": "figures",
    "Task": "tasks",
    "Token": "people",
    "Upload": "uploads",
    "UploadChange": "uploads",
    "User": "people",
    "open_ledger": "opening",
    "redacted": "address",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
