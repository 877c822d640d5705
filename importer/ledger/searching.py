"""The documents of a batch, found by how they stand and by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, or_, select, text

from importer.ledger.rows import MEMBER_COLUMNS, OPEN_ENTRY, RECORD_COLUMNS, AnyRow, clean
from importer.ledger.schema import batch_documents, documents, entries
from importer.models import Stage, Status

__all__ = ["SHOWN", "member_count", "member_search"]

SHOWN: Final[dict[str, ColumnElement[bool]]] = {
    **{stage.value: documents.c.stage == stage for stage in Stage},
    **{status.value: entries.c.status == status for status in (Status.REJECTED, Status.UNKNOWN, Status.SENDING)},
    "already": batch_documents.c.already.is_(True),
}
"""By what one may ask for: documents at a stage, with such an open entry, or imported before."""
_PLACES: Final = batch_documents.join(documents, documents.c.id == batch_documents.c.document_id).outerjoin(entries, OPEN_ENTRY)


def _conditions(batch_id: str, shown: str, words: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [batch_documents.c.batch_id == batch_id]
    if shown in SHOWN:
        found.append(SHOWN[shown])
    if words := clean(words):
        parts = [column.icontains(words, autoescape=True) for column in (documents.c.key, documents.c.doc_no, entries.c.message)]
        found.append(or_(*parts, documents.c.token == words, entries.c.code == words))
    return found


def member_search(connection: Connection, batch_id: str, *, shown: str, words: str, limit: int, offset: int) -> Sequence[AnyRow]:
    """Rows of RECORD_COLUMNS, MEMBER_COLUMNS in the order of the workbook."""
    wanted = select(*RECORD_COLUMNS, *MEMBER_COLUMNS).select_from(_PLACES).where(*_conditions(batch_id, shown, words))
    return connection.execute(wanted.order_by(batch_documents.c.position).limit(limit).offset(offset)).all()


def member_count(connection: Connection, batch_id: str, *, shown: str, words: str) -> int:
    """How many there are."""
    wanted = select(func.count(text("*"))).select_from(_PLACES).where(*_conditions(batch_id, shown, words))
    return int(connection.scalar(wanted) or 0)
