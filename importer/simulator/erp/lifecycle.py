"""The state machine of protocol §4 as one table: operation x state -> the code it is refused with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from importer.simulator.erp.documents import Document, Operation, Refusal, State

# The ERP's code for these cells is unknown; the simulator marks them as its own.
_UNKNOWN: Final = "sim-state"

REFUSED_IN: Final[Mapping[Operation, Mapping[State, str]]] = {
    Operation.UPDATE: {
        State.IN_FLOW: _UNKNOWN,
        State.CONFIRMED: _UNKNOWN,
        State.POSTED: _UNKNOWN,
        State.VOID: _UNKNOWN,
    },
    Operation.DELETE: {
        State.IN_FLOW: "mfg3557",
        State.CONFIRMED: "9023",
        State.POSTED: "9023",
        State.VOID: "9024",
    },
    Operation.APPROVE: {
        State.IN_FLOW: "aws-078",
        State.CONFIRMED: "9023",
        State.POSTED: "9023",
        State.VOID: "9024",
    },
    Operation.DISAPPROVE: {
        State.OPEN: _UNKNOWN,
        State.IN_FLOW: _UNKNOWN,
        State.POSTED: _UNKNOWN,
        State.VOID: _UNKNOWN,
    },
    Operation.POST: {
        State.OPEN: "aba-100",
        State.IN_FLOW: "aba-100",
        State.POSTED: "asf-812",
        State.VOID: "9024",
    },
    Operation.DISPOST: {
        State.OPEN: _UNKNOWN,
        State.IN_FLOW: _UNKNOWN,
        State.CONFIRMED: _UNKNOWN,
        State.VOID: _UNKNOWN,
    },
    Operation.INVALID: {
        State.IN_FLOW: _UNKNOWN,
        State.CONFIRMED: "9023",
        State.POSTED: "9023",
        State.VOID: _UNKNOWN,
    },
}


def refusal_of(operation: Operation, document: Document) -> Refusal | None:
    """Why this operation is impossible in the document's present state; None = possible."""
    code = REFUSED_IN[operation].get(document.state)
    if code is None and document.confirm == "N":
        code = _flow_refusal(operation, document)
    return Refusal(code, {"doc_no": document.doc_no}) if code else None


def _flow_refusal(operation: Operation, document: Document) -> str | None:
    """A slip with approval flow is approved only after the flow was granted (§9.1 7), and not deleted after (§4)."""
    if operation is Operation.APPROVE and document.approval_slip and document.flow != "1":
        return "aws-078"
    if operation is Operation.DELETE and document.flow == "1":
        return "mfg3557"
    return None
