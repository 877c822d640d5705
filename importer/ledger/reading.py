"""Everything that is asked of the ledger and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, text

from importer.errors import ConfigurationError
from importer.ledger.rows import (
    BATCH_COLUMNS,
    CONTENT_COLUMNS,
    MEMBER_COLUMNS,
    OPEN_ENTRY,
    RECORD_COLUMNS,
    AnyRow,
    batch_of,
    clean,
    document_of,
    record_of,
)
from importer.ledger.schema import batch_documents, batches, documents, entries, workbooks
from importer.messages import N_
from importer.models import Batch, Document, Record, Stage, Status

__all__ = [
    "Counts",
    "Depth",
    "batch_like",
    "batch_list",
    "counts",
    "depth",
    "find_document",
    "identical",
    "issues",
    "known",
    "known_by_key",
    "member_by_token",
    "member_page",
    "remarks",
    "same_number",
    "still_going",
    "unfinished",
    "unknowns",
    "workbook",
]

CHUNK: Final = 1_000  # values in one question
PAGE: Final = 1_000  # members read at once
ORDER: Final = (Stage.NEW, Stage.CREATED, Stage.APPROVED, Stage.POSTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Open entries of the whole ledger by status."""

    pending: int
    sending: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How a batch stands."""

    stages: Mapping[Stage, int]  # documents by stage, stages without one left out
    entries: Mapping[Status, int]  # documents by the status of their open entry; one without such an entry is in none
    already: int  # documents that had reached the stage asked for before

    @property
    def documents(self) -> int:
        """All of the batch."""
        return sum(self.stages.values())


def _records(*columns: Any) -> Select[Any]:
    return select(*RECORD_COLUMNS, *columns).select_from(documents.outerjoin(entries, OPEN_ENTRY))


_RECORDS: Final = _records()


def known(connection: Connection, erp_id: str, tokens: Iterable[str]) -> dict[str, Record]:
    """By token; those the ledger does not have are left out."""
    found: dict[str, Record] = {}
    for some in _chunks(tokens):
        rows = connection.execute(_RECORDS.where(documents.c.erp_id == erp_id, documents.c.token.in_(some)))
        found.update((row.token, record_of(row)) for row in rows)
    return found


def known_by_key(
    connection: Connection, erp_id: str, document_type: str, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], list[Record]]:
    """By key, slip type and date, in the order in which they were handed in."""
    wanted = set(keys)
    found: dict[tuple[str, str, str], list[Record]] = {}
    of_type = _RECORDS.where(documents.c.erp_id == erp_id, documents.c.document_type == document_type)
    for some in _chunks(dict.fromkeys(key for key, _, _ in wanted)):
        for row in connection.execute(of_type.where(documents.c.key.in_(some)).order_by(documents.c.id)):
            if (place := (row.key, row.doc_type_no, row.doc_date)) in wanted:
                found.setdefault(place, []).append(record_of(row))
    return found


def identical(connection: Connection, batch_ids: Iterable[str], digests: Iterable[str]) -> list[tuple[str, int, str]]:
    """Digest, occurrence and token of those documents of some batches that have one of these digests."""
    ids = list(batch_ids)
    members = select(batch_documents.c.document_id).where(batch_documents.c.batch_id.in_(ids))
    found: list[tuple[str, int, str]] = []
    for some in _chunks(digests):
        wanted = select(documents.c.digest, documents.c.occurrence, documents.c.token)
        rows = connection.execute(wanted.where(documents.c.digest.in_(some), documents.c.id.in_(members)))
        found += [(row.digest, row.occurrence, row.token) for row in rows]
    return found


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    left = iter(items)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def member_page(connection: Connection, batch_id: str, after: int, *, content: bool) -> Sequence[AnyRow]:
    """Rows of RECORD_COLUMNS (and content), MEMBER_COLUMNS: the next ones behind a position."""
    columns = (*(CONTENT_COLUMNS if content else RECORD_COLUMNS), *MEMBER_COLUMNS)
    places = batch_documents.join(documents, documents.c.id == batch_documents.c.document_id).outerjoin(entries, OPEN_ENTRY)
    return connection.execute(
        select(*columns)
        .select_from(places)
        .where(batch_documents.c.batch_id == batch_id, batch_documents.c.position > after)
        .order_by(batch_documents.c.position)
        .limit(PAGE)
    ).all()


def member_by_token(connection: Connection, batch_id: str, token: str) -> AnyRow | None:
    """The row of one member with its content."""
    places = batch_documents.join(documents, documents.c.id == batch_documents.c.document_id).outerjoin(entries, OPEN_ENTRY)
    wanted = select(*CONTENT_COLUMNS, *MEMBER_COLUMNS).select_from(places)
    return connection.execute(wanted.where(batch_documents.c.batch_id == batch_id, documents.c.token == clean(token))).first()


def counts(connection: Connection, batch_id: str) -> Counts:
    """In one pass over the batch."""
    stages: dict[Stage, int] = {}
    statuses: dict[Status, int] = {}
    already = 0
    for stage, status, was_already, number in connection.execute(
        select(documents.c.stage, entries.c.status, batch_documents.c.already, func.count())
        .select_from(batch_documents.join(documents, documents.c.id == batch_documents.c.document_id).outerjoin(entries, OPEN_ENTRY))
        .where(batch_documents.c.batch_id == batch_id)
        .group_by(documents.c.stage, entries.c.status, batch_documents.c.already)
    ):
        stages[Stage(stage)] = stages.get(Stage(stage), 0) + number
        if status is not None:
            statuses[Status(status)] = statuses.get(Status(status), 0) + number
        already += number if was_already else 0
    return Counts(stages=stages, entries=statuses, already=already)


def remarks(connection: Connection, batch_id: str, code: str) -> dict[int, str]:
    """By document: what was noted under a code with an operation that succeeded."""
    found = connection.execute(
        select(entries.c.document_id, entries.c.message).where(
            entries.c.batch_id == batch_id, text("entries.status = 'succeeded' AND entries.code <> ''"), entries.c.code == code
        )
    )
    return {row.document_id: row.message for row in found}


def depth(connection: Connection) -> Depth:
    """Of the partial indexes alone."""
    pending = connection.scalar(select(func.count()).select_from(entries).where(text("status = 'pending'")))
    doubtful = select(entries.c.status, func.count()).where(text("(status = 'sending' OR status = 'unknown')"))
    found = {row[0]: row[1] for row in connection.execute(doubtful.group_by(entries.c.status))}
    return Depth(pending=int(pending or 0), sending=found.get(Status.SENDING, 0), unknown=found.get(Status.UNKNOWN, 0))


def batch_list(connection: Connection, limit: int, erp_id: str | None) -> list[Batch]:
    """The newest first."""
    wanted = select(*BATCH_COLUMNS).order_by(batches.c.created_at.desc(), batches.c.id.desc()).limit(limit)
    if erp_id is not None:
        wanted = wanted.where(batches.c.erp_id == erp_id)
    return [batch_of(row) for row in connection.execute(wanted)]


def batch_like(connection: Connection, name: str) -> Batch:
    """The batch of that id, or the only one whose id begins so; else ConfigurationError."""
    rows = connection.execute(
        select(*BATCH_COLUMNS).where(batches.c.id.startswith(name, autoescape=True)).order_by(batches.c.id).limit(2)
    ).all()
    exact = [row for row in rows if row.id == name]
    if not name or not rows:
        raise ConfigurationError(N_("There is no batch {batch}; `importer status` lists them."), batch=name)
    if len(rows) > 1 and not exact:
        raise ConfigurationError(N_("More than one batch begins with {batch}; give more of its name."), batch=name)
    return batch_of((exact or rows)[0])


def still_going() -> ColumnElement[bool]:
    """Of a row of `batches`: it has a document that can still be carried on to the stage asked for."""
    short = or_(*(and_(batches.c.until == until, documents.c.stage.in_(ORDER[:rank])) for rank, until in enumerate(ORDER) if rank))
    return (
        select(batch_documents.c.document_id)
        .join(documents, documents.c.id == batch_documents.c.document_id)
        .outerjoin(entries, OPEN_ENTRY)
        .where(batch_documents.c.batch_id == batches.c.id, short)
        .where(or_(entries.c.status.is_(None), entries.c.status != Status.REJECTED))
        .correlate(batches)
        .exists()
    )


def unfinished(connection: Connection, erp_id: str) -> list[Batch]:
    """Open batches with a document that can still be carried on to the stage asked for, the oldest first."""
    wanted = select(*BATCH_COLUMNS).where(batches.c.erp_id == erp_id, batches.c.state == "open", still_going())
    return [batch_of(row) for row in connection.execute(wanted.order_by(batches.c.created_at, batches.c.id))]


def unknowns(connection: Connection, batch_id: str | None, erp_id: str | None) -> list[tuple[Record, Document]]:
    """What must be asked, in the order in which it became unknown."""
    wanted = (
        select(*CONTENT_COLUMNS)
        .join_from(entries, documents, documents.c.id == entries.c.document_id)
        .where(text("entries.status = 'unknown'"))
        .order_by(entries.c.since, entries.c.id)
    )
    if batch_id is not None:
        members = select(batch_documents.c.document_id).where(batch_documents.c.batch_id == batch_id)
        wanted = wanted.where(documents.c.id.in_(members))
    if erp_id is not None:
        wanted = wanted.where(documents.c.erp_id == erp_id)
    rows = connection.execute(wanted).all()
    return [(record, document_of(record, row.content)) for row in rows for record in (record_of(row),)]


def find_document(connection: Connection, name: str) -> Record:
    """By token or by document number; else ConfigurationError."""
    rows = connection.execute(_RECORDS.where(documents.c.token == name).limit(2)).all()
    rows = rows or connection.execute(_RECORDS.where(documents.c.doc_no == name, text("documents.doc_no <> ''")).limit(2)).all()
    if not rows:
        raise ConfigurationError(N_("The ledger has no document with reference or number {name}."), name=name)
    if len(rows) > 1:
        raise ConfigurationError(N_("More than one document has number {name}; give its reference instead."), name=name)
    return record_of(rows[0])


def same_number(connection: Connection, erp_id: str, document_type: str, doc_no: str) -> Record | None:
    """The document that has this number in the ERP; a deleted one no longer has."""
    row = connection.execute(
        _RECORDS.where(
            documents.c.erp_id == erp_id,
            documents.c.document_type == document_type,
            documents.c.doc_no == doc_no,
            text("documents.doc_no <> '' AND documents.stage <> 'deleted'"),
        )
    ).first()
    return record_of(row) if row else None


def issues(connection: Connection, batch_id: str) -> bytes:
    """The JSON that the batch was handed in with."""
    found = connection.scalar(select(batches.c.issues).where(batches.c.id == batch_id))
    if found is None:
        raise ConfigurationError(N_("There is no batch {batch}; `importer status` lists them."), batch=batch_id)
    return bytes(found)


def workbook(connection: Connection, sha256: str) -> bytes:
    """The file as it was handed in."""
    found = connection.scalar(select(workbooks.c.content).where(workbooks.c.sha256 == sha256))
    if found is None:
        raise ConfigurationError(N_("The ledger does not have the workbook {sha256}."), sha256=sha256)
    if not found:
        raise ConfigurationError(N_("The ledger keeps this workbook no longer: `importer ledger prune` removed it."))
    return bytes(found)
