"""The values that travel through the importer: frozen, small, and free of behaviour that needs anything else.

kinds      operations, stages, states          content   documents, their lines, and the form in which they are stored
records    what is known of documents, calls and issues
"""

from importer.models.content import Document, Line, Lines, SheetLines, StoredLines, Value, column_of, pack, picked, unpack
from importer.models.kinds import Channel, Operation, RowStatus, Severity, Stage, Status, reached
from importer.models.records import (
    Batch,
    Claim,
    CodeList,
    Entry,
    Issue,
    Member,
    Outcome,
    Payload,
    Record,
    Refusal,
    Reply,
    column_letters,
)

__all__ = [
    "Batch",
    "Channel",
    "Claim",
    "CodeList",
    "Document",
    "Entry",
    "Issue",
    "Line",
    "Lines",
    "Member",
    "Operation",
    "Outcome",
    "Payload",
    "Record",
    "Refusal",
    "Reply",
    "RowStatus",
    "Severity",
    "SheetLines",
    "Stage",
    "Status",
    "StoredLines",
    "Value",
    "column_letters",
    "column_of",
    "pack",
    "picked",
    "reached",
    "unpack",
]
