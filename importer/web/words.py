"""Names of the ledger's and the page's own values, as people say them; texts of the message catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from importer.messages import N_

__all__ = ["WORDS"]

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "operation": {
        "create": N_("create"),
        "update": N_("update"),
        "query": N_("query"),
        "read": N_("read"),
        "delete": N_("delete"),
        "approve": N_("approve"),
        "disapprove": N_("take the approval back"),
        "post": N_("post"),
        "dispost": N_("take the posting back"),
        "invalid": N_("make void"),
        "combined": N_("combined"),
    },
    "stage": {
        "new": N_("not in the ERP"),
        "created": N_("created"),
        "approved": N_("approved"),
        "posted": N_("posted"),
        "void": N_("void"),
        "deleted": N_("deleted"),
    },
    "status": {
        "pending": N_("pending"),
        "sending": N_("sending"),
        "succeeded": N_("succeeded"),
        "rejected": N_("refused"),
        "unknown": N_("unknown"),
        "already": N_("already imported"),
    },
    "cause": {
        "enqueue": N_("due"),
        "retry": N_("to be tried again"),
        "claim": N_("about to be sent"),
        "continue": N_("about to be sent"),
        "record": N_("answered"),
        "release": N_("not sent"),
        "take_over": N_("the sender died"),
        "settle": N_("settled"),
        "by_hand": N_("done by hand"),
        "late": N_("late answer"),
    },
    "batch": {
        "open": N_("open"),
        "paused": N_("paused"),
        "cancelled": N_("cancelled"),
        "undoing": N_("taken back"),
    },
    "outcome": {
        "done": N_("done"),
        "open": N_("open"),
        "rejected": N_("refused"),
        "unknown": N_("unknown"),
        "gone": N_("taken back"),
    },
    "role": {
        "uploader": N_("uploader"),
        "approver": N_("approver"),
        "administrator": N_("administrator"),
    },
    "action": {
        "uploaded": N_("uploaded"),
        "handed_on": N_("handed on for release"),
        "released": N_("released"),
        "returned": N_("sent back"),
        "withdrawn": N_("withdrawn"),
        "paused": N_("paused"),
        "resumed": N_("resumed"),
        "cancelled": N_("cancelled"),
        "ended": N_("ended"),
        "failed": N_("failed"),
        "reconcile": N_("asked to reconcile"),
        "reconcile_ended": N_("reconciled"),
        "undo": N_("asked to take back"),
        "undo_ended": N_("taking back ended"),
        "verify": N_("asked to verify"),
        "verify_ended": N_("verified"),
        "resolved": N_("resolved by hand"),
        "signed_in": N_("signed in"),
        "signed_out": N_("signed out"),
        "sign_in_failed": N_("failed to sign in"),
        "user_added": N_("user added"),
        "user_changed": N_("user changed"),
        "user_deactivated": N_("user deactivated"),
        "user_activated": N_("user activated"),
        "password_set": N_("password set"),
        "sessions_ended": N_("sessions ended"),
        "token_made": N_("access token made"),
        "token_revoked": N_("access token revoked"),
    },
}
"""Kind of value -> value -> its name. A value without one is shown as it is."""
