"""Rows of the tables as the values that travel, and texts as the database can hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeAlias

import orjson
from sqlalchemy import ColumnElement, and_, text

from importer.ledger.schema import batch_documents, batches, documents, entries
from importer.models import Batch, Document, Entry, Member, Operation, Record, Stage, Status, unpack

__all__ = [
    "BATCH_COLUMNS",
    "CONTENT_COLUMNS",
    "MEMBER_COLUMNS",
    "OPEN_ENTRY",
    "RECORD_COLUMNS",
    "AnyRow",
    "Event",
    "batch_of",
    "batch_values",
    "clean",
    "document_of",
    "member_of",
    "record_of",
]


AnyRow: TypeAlias = Any
"""A SQLAlchemy Row; what it is generic in differs from release to release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One transition of one entry, as it was written with it."""

    id: int
    document_id: int
    entry_id: int
    batch_id: str
    at: datetime
    actor: str  # who: user@host of the process, or the person who settled it
    kind: str  # why: a `transitions.Cause`
    operation: Operation
    status: Status  # after it
    code: str  # the ERP's code of a refusal
    message: str
    payload_digest: str  # SHA-256 of what was sent
    payload: str  # kept only when the profile says so
    answer: str  # what came back, shortened
    duration_ms: int


_RECORD: Final = documents.c
RECORD_COLUMNS: Final = (
    _RECORD.id,
    _RECORD.document_type,
    _RECORD.token,
    _RECORD.digest,
    _RECORD.occurrence,
    _RECORD.repeat_mark,
    _RECORD.key,
    _RECORD.doc_type_no,
    _RECORD.doc_date,
    _RECORD.stage,
    _RECORD.doc_no,
    _RECORD.batch_id,
    entries.c.id.label("entry_id"),
    entries.c.operation,
    entries.c.status,
    entries.c.attempt,
    entries.c.code,
    entries.c.message,
    entries.c.line,
    entries.c.field,
    entries.c.since,
)
CONTENT_COLUMNS: Final = (*RECORD_COLUMNS, _RECORD.content)
MEMBER_COLUMNS: Final = (batch_documents.c.position, batch_documents.c.rows, batch_documents.c.already)
OPEN_ENTRY: Final[ColumnElement[bool]] = and_(
    entries.c.document_id == documents.c.id,
    text("entries.status <> 'succeeded'"),  # to the letter as the index has it, or it is not used
)

_BATCH_FIELDS: Final = tuple(field.name for field in fields(Batch))
BATCH_COLUMNS: Final = tuple(batches.c[name] for name in _BATCH_FIELDS)


def record_of(row: AnyRow) -> Record:
    """Of a row that begins with RECORD_COLUMNS."""
    (id_, type_, token, digest, occurrence, mark, key, doc_type_no, doc_date, stage, doc_no, batch_id) = row[:12]
    return Record(
        id=id_,
        document_type=type_,
        token=token,
        digest=digest,
        occurrence=occurrence,
        repeat_mark=mark,
        key=key,
        doc_type_no=doc_type_no,
        doc_date=doc_date,
        stage=Stage(stage),
        doc_no=doc_no,
        batch_id=batch_id,
        entry=None if row[12] is None else _entry_of(id_, row[12:21]),
    )


def _entry_of(document_id: int, values: Any) -> Entry:
    id_, operation, status, attempt, code, message, line, field, since = values
    return Entry(
        id=id_,
        document_id=document_id,
        operation=Operation(operation),
        status=Status(status),
        attempt=attempt,
        code=code,
        message=message,
        line=line,
        field=field,
        since=since,
    )


def document_of(record: Record, content: bytes) -> Document:
    """The document that a record stands for."""
    return unpack(
        content,
        document_type=record.document_type,
        key=record.key,
        digest=record.digest,
        occurrence=record.occurrence,
        token=record.token,
        repeat_mark=record.repeat_mark,
    )


def member_of(record: Record, position: int, rows: str, already: bool) -> Member:  # noqa: FBT001 - the column's value
    """A record in its place in a batch."""
    return Member(position=position, rows=tuple(orjson.loads(rows)), already=already, record=record)


def batch_of(row: AnyRow) -> Batch:
    """Of a row of BATCH_COLUMNS."""
    values = dict(zip(_BATCH_FIELDS, row, strict=True))
    return Batch(**(values | {"until": Stage(values["until"])}))


def batch_values(batch: Batch) -> Mapping[str, object]:
    """The columns of a batch; `file` may be a name that is no text."""
    values = {name: getattr(batch, name) for name in _BATCH_FIELDS}
    return values | {"file": clean(batch.file), "again": clean(batch.again)}


def clean(text: str) -> str:
    """The text without what databases cannot hold (NUL, lone surrogates): no answer may be lost for a strange character."""
    if not text or (text.isascii() and "\0" not in text):
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
