"""Values of the simulated ERP: documents, refusals, stock keys and movements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from importer.simulator.erp.texts import text_of


class Operation(StrEnum):
    """The ten operations of a standard API set (protocol §0)."""

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


class State(StrEnum):
    """Where a document stands in its life (protocol §4)."""

    OPEN = "open"
    IN_FLOW = "in_flow"
    CONFIRMED = "confirmed"
    POSTED = "posted"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as it stands in the ERP. `header` and `lines` hold standard field names; numbers are Decimal, dates date."""

    kind: str
    plant: str
    doc_no: str
    slip: str
    doc_date: date | None
    header: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    confirm: str = "N"  # N / Y / X
    post: str = "N"  # N / Y / X
    flow: str = "0"  # approval state: 0 open, S sent, 1 granted
    approval_slip: bool = False
    user: str = ""  # who created it
    acted_by: str = ""  # who took the last step
    post_date: date | None = None
    serial: int = 0  # order of creation
    times_posted: int = 0  # how often it was posted in all, reversals not taken off
    tokens: tuple[str, ...] = ()  # importer references found in the header

    @property
    def state(self) -> State:
        if self.confirm == "X":
            return State.VOID
        if self.post == "Y":
            return State.POSTED
        if self.confirm == "Y":
            return State.CONFIRMED
        return State.IN_FLOW if self.flow == "S" else State.OPEN


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why the ERP refuses: its code (protocol §5) and the faulty input."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""  # in place of the code's own

    def message(self, language: str = "") -> str:
        return f"{self.code} {self.text or text_of(self.code, language)}"


@dataclass(frozen=True, slots=True)
class Refused:
    """The outcome of an operation that changed nothing."""

    reasons: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class StockKey:
    """Where stock lies; blank location and lot are one space."""

    plant: str
    item: str
    warehouse: str
    location: str
    lot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One change of stock (tlf_file), in the item's stock unit; reversals are kept as movements of their own."""

    serial: int
    key: StockKey
    qty: Decimal
    kind: str
    doc_no: str
    seq: int
    reversal: bool
    at: datetime
