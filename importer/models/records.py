"""What is known of documents, calls and issues: frozen records, free of behaviour that needs anything else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from importer.models.content import Document
from importer.models.kinds import Operation, Severity, Stage, Status

__all__ = ["Batch", "Claim", "CodeList", "Entry", "Issue", "Member", "Outcome", "Payload", "Record", "Refusal", "Reply", "column_letters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something wrong with a cell, row, document or file. Data, not an exception; `code` is a key of the issue catalogue."""

    code: str
    severity: Severity = Severity.ERROR
    sheet: str | None = None
    row: int | None = None  # worksheet row, 1-based; None for the whole file
    column: int | None = None  # worksheet column, 1-based
    header: str | None = None  # column header text
    field: str | None = None  # technical name
    value: str = ""  # what was found, as text
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)  # placeholders of the catalogue's text

    @property
    def cell(self) -> str | None:
        """The cell's name such as `C7`; None where the issue has no cell."""
        return f"{column_letters(self.column)}{self.row}" if self.row and self.column else None


def column_letters(number: int) -> str:
    """`A` for 1, `AA` for 27: the letters of a worksheet column."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """The valid codes of one list of master data, such as `locations`."""

    name: str
    labels: Mapping[str, str]  # code -> what people call it; empty where the list has no names
    within: Mapping[str, frozenset[str]] = dataclasses.field(
        default_factory=dict
    )  # code -> the codes it stands under: location -> warehouses


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One workbook handed in under one profile."""

    id: str
    erp_id: str
    profile: str
    document_type: str
    file: str  # absolute path as handed in
    sha256: str  # of the workbook's bytes
    sheet: str  # name of the data sheet
    rows: int  # data rows read
    until: Stage
    route: str
    policy: str
    language: str
    again: str = ""  # the reason of --again as given
    state: str = "open"  # open, undoing, paused, cancelled
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Ledger record of one operation on one document."""

    id: int
    document_id: int
    operation: Operation
    status: Status
    attempt: int = 0  # how often the operation was claimed
    code: str = ""  # the ERP's code of a refusal
    message: str = ""  # the ERP's text, or why the outcome is unknown
    line: int | None = None  # line number (1-based) that a refusal names
    field: str = ""  # wire name of the field that a refusal names
    since: datetime | None = None  # of the present status


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the ledger knows of one document: its identity, how far it is in the ERP, and its open entry if it has one."""

    id: int
    document_type: str
    token: str
    digest: str
    occurrence: int
    repeat_mark: str
    key: str
    doc_type_no: str  # slip type
    doc_date: str  # ISO text; empty where the type has none
    stage: Stage
    doc_no: str  # the ERP's document number; empty while it has none
    batch_id: str  # the batch that brought the document
    entry: Entry | None = None  # the one entry that is not yet succeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One document's place in one batch."""

    position: int  # order in the workbook, from 0
    rows: Sequence[int]  # worksheet row of each line in this batch's workbook
    already: bool  # it had reached the stage asked for before this batch was handed in
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send one operation of one document, durable before the request leaves."""

    entry_id: int
    operation: Operation
    document_id: int
    document: Document
    doc_type_no: str
    doc_no: str
    stage: Stage
    attempt: int  # 1 for the first claim of the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one call ended, as the ledger records it."""

    status: Status  # PENDING means: proven not sent
    stage: Stage | None = None  # reached, when SUCCEEDED
    doc_type_no: str = ""
    doc_no: str = ""
    code: str = ""  # the ERP's code of a refusal
    message: str = ""  # the ERP's text, or why the outcome is unknown
    line: int | None = None  # line number (1-based) that the refusal names
    field: str = ""  # wire name of the field that the refusal names
    duration_ms: int = 0
    payload_digest: str = ""  # SHA-256 of the body
    payload: str = ""  # kept only when the profile says so
    answer: str = ""  # what came back, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes of one request and where they go."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    digest: str  # SHA-256 of the body without what changes from call to call (time stamps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason that the ERP gave, as received."""

    code: str = ""  # the ERP's message code, when it can be told from the text
    message: str = ""
    field: str = ""  # wire name of the field that the ERP names
    value: str = ""
    line: int | None = None  # line number (1-based) when the echoed data tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A trusted answer of the ERP."""

    accepted: bool
    executed: bool = True  # False: the ERP says that the service did not run at all (protocol §2.1, srvcode)
    code: str = ""
    message: str = ""
    refusals: Sequence[Refusal] = ()
    doc_type_no: str = ""
    doc_no: str = ""
    stage: Stage | None = None  # as far as the answer tells
    rows: Sequence[Mapping[str, object]] = ()  # of a list query or read details
    has_next: bool = False
