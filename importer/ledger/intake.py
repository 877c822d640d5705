"""A workbook comes in: one batch, its documents once each whoever hands them in, and each one's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Insert, Table, func, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from importer.ledger.reading import known
from importer.ledger.rows import batch_values, clean
from importer.ledger.schema import batch_documents, batches, documents, workbooks
from importer.models import Batch, Document, Member, Record, Stage, pack, reached

__all__ = ["HandedIn", "add_batch", "handed_in", "insert_new", "keep_workbook"]

CHUNK: Final = 10_000  # rows bound at once


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A batch ready to be written; everything that takes time was done before the transaction."""

    batch: Batch
    workbook: Mapping[str, object]
    values: Mapping[str, object]  # columns of the batch
    documents: Sequence[Mapping[str, object]]  # columns, in order of tokens
    rows: Mapping[str, tuple[int, ...]]  # by token, in order of the workbook


def handed_in(
    batch: Batch,
    content: bytes,
    members: Sequence[tuple[Document, str, str]],
    *,
    values: Mapping[str, object],
    digest_version: int,
) -> HandedIn:
    """The columns of everything; `values` are those of the batch that it does not have itself."""
    rows = {document.token: tuple(document.rows) for document, _, _ in members}
    if len(rows) != len(members):
        raise ValueError("two documents of one batch have the same token")
    own = {"erp_id": batch.erp_id, "batch_id": batch.id, "digest_version": digest_version, "stage": Stage.NEW, "doc_no": ""}
    found = [_columns(document, doc_type_no, doc_date) | own for document, doc_type_no, doc_date in members]
    found.sort(key=lambda columns: str(columns["token"]))  # one order for all processes, so that none waits in a circle
    workbook = {"sha256": batch.sha256, "name": clean(batch.file), "size": len(content), "content": content}
    return HandedIn(batch=batch, workbook=workbook, values={**batch_values(batch), **values}, documents=found, rows=rows)


def _columns(document: Document, doc_type_no: str, doc_date: str) -> dict[str, object]:
    return {
        "document_type": document.document_type,
        "token": document.token,
        "digest": document.digest,
        "occurrence": document.occurrence,
        "repeat_mark": document.repeat_mark,
        "key": document.key,
        "doc_type_no": doc_type_no,
        "doc_date": doc_date,
        "content": pack(document),
    }


def add_batch(connection: Connection, arguments: Sequence[HandedIn]) -> Sequence[list[Member]]:
    """The members of each batch, in the order of its workbook."""
    return [_add(connection, handed) for handed in arguments]


def _add(connection: Connection, handed: HandedIn) -> list[Member]:
    keep_workbook(connection, handed.workbook)
    connection.execute(insert(batches), handed.values)
    new = insert_new(connection, documents, "token", "erp_id")
    for chunk in _chunks(handed.documents):
        connection.execute(new, chunk)
    records = known(connection, handed.batch.erp_id, handed.rows)
    members = [_member(position, rows, records[token], handed.batch) for position, (token, rows) in enumerate(handed.rows.items())]
    for some in _chunks(members):
        connection.execute(insert(batch_documents), [_place(member, handed.batch) for member in some])
    return members


def _member(position: int, rows: tuple[int, ...], record: Record, batch: Batch) -> Member:
    return Member(position=position, rows=rows, already=reached(record.stage, batch.until), record=record)


def _place(member: Member, batch: Batch) -> dict[str, object]:
    return {
        "batch_id": batch.id,
        "document_id": member.record.id,
        "position": member.position,
        "rows": orjson.dumps(member.rows).decode(),
        "already": member.already,
    }


def keep_workbook(connection: Connection, values: Mapping[str, object]) -> None:
    """The workbook as a row of `workbooks`, unless it is kept already; one that was pruned is kept again."""
    connection.execute(insert_new(connection, workbooks, "sha256"), values)
    pruned = (workbooks.c.sha256 == values["sha256"], func.length(workbooks.c.content) == 0)
    connection.execute(update(workbooks).where(*pruned).values(content=values["content"]))


def insert_new(connection: Connection, table: Table, *key: str) -> Insert:
    """An insert that leaves alone what is there under that key."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=key)
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=key)


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
