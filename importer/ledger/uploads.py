"""Workbooks that were handed in on the web page, from upload over release to the end of their batch.

    checked --hand on--> waiting --release--> released --> running --> ended
        |  \\-- may release oneself: released     |
        |                    \\--return--> returned (with a remark; a corrected workbook is a new upload)
        \\--withdraw--> withdrawn

A change of state names the states it may start from, so that of two people who act at the same moment one is told.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from importer.errors import ConfigurationError
from importer.ledger.intake import keep_workbook
from importer.ledger.people_schema import uploads
from importer.ledger.rows import clean
from importer.ledger.schema import batch_documents, documents
from importer.messages import N_

__all__ = ["Seen", "Upload", "UploadChange"]

ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One workbook on the page."""

    id: str
    profile: str
    uploader: str
    file: str
    sha256: str
    document_type: str
    rows: int
    documents: int
    errors: int
    warnings: int
    until: str
    policy: str
    again: str = ""
    preview: str = ""  # SHA-256 of what was shown when it was handed on
    state: str = "checked"
    released_by: str | None = None
    released_at: datetime | None = None
    remark: str = ""
    batch_id: str | None = None
    message: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadChange:
    """A change of state and columns; `preview`, when given, must still be what was previewed."""

    id: str
    from_states: Collection[str]
    values: Mapping[str, object]
    preview: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody may see: all of some profiles, of others only what they handed in."""

    person: str
    whole: Collection[str]
    own: Collection[str]


def add_upload(connection: Connection, arguments: Sequence[tuple[Upload, bytes, datetime]]) -> Sequence[None]:
    """Keep the workbook and the upload."""
    for upload, content, now in arguments:
        book = {"sha256": upload.sha256, "name": clean(upload.file), "size": len(content), "content": content}
        keep_workbook(connection, book)
        values = dataclasses.asdict(upload) | {"file": clean(upload.file), "at": now}
        connection.execute(insert(uploads).values(values))
    return [None] * len(arguments)


def change_upload(connection: Connection, arguments: Sequence[UploadChange]) -> Sequence[Exception | None]:
    """Change each; ConfigurationError for one that is not in such a state any more, or whose preview has changed."""
    return [_change(connection, change) for change in arguments]


def _change(connection: Connection, change: UploadChange) -> Exception | None:
    wanted = update(uploads).where(uploads.c.id == change.id, uploads.c.state.in_(list(change.from_states)))
    if change.preview is not None:
        wanted = wanted.where(uploads.c.preview == change.preview)
    values = {name: clean(value) if isinstance(value, str) else value for name, value in change.values.items()}
    if connection.execute(wanted.values(values)).rowcount:
        return None
    return ConfigurationError(N_("Somebody else was faster, or it has changed: load the page again."))


def found_uploads(
    connection: Connection,
    *,
    ids: Collection[str] | None,
    profiles: Iterable[str] | None,
    uploader: str | None,
    seen: Seen | None,
    states: Collection[str] | None,
    search: str,
    limit: int,
    offset: int,
) -> list[Upload]:
    """Newest first. `search` is part of a file's name, a document number or key, or the number of a batch."""
    wanted = select(uploads).order_by(uploads.c.at.desc(), uploads.c.id).limit(limit).offset(offset)
    if ids is not None:
        wanted = wanted.where(uploads.c.id.in_([clean(upload_id) for upload_id in ids]))
    if profiles is not None:
        wanted = wanted.where(uploads.c.profile.in_(list(profiles)))
    if uploader is not None:
        wanted = wanted.where(uploads.c.uploader == uploader)
    if seen is not None:
        own = and_(uploads.c.uploader == seen.person, uploads.c.profile.in_(list(seen.own)))
        wanted = wanted.where(or_(uploads.c.profile.in_(list(seen.whole)), own))
    if states is not None:
        wanted = wanted.where(uploads.c.state.in_([clean(state) for state in states]))
    if search := clean(search):
        exact = (
            select(batch_documents.c.batch_id)
            .join(documents, documents.c.id == batch_documents.c.document_id)
            .where(or_(documents.c.doc_no == search, documents.c.key == search))
        )
        pattern = f"%{_escaped(search)}%"
        wanted = wanted.where(
            or_(uploads.c.file.ilike(pattern, escape=ESCAPE), uploads.c.batch_id == search, uploads.c.batch_id.in_(exact))
        )
    return [Upload(**row._mapping) for row in connection.execute(wanted)]


def upload_states(connection: Connection, profiles: Iterable[str]) -> dict[str, int]:
    """Uploads by state."""
    wanted = select(uploads.c.state, func.count()).where(uploads.c.profile.in_(list(profiles))).group_by(uploads.c.state)
    return {state: int(number) for state, number in connection.execute(wanted)}


def _escaped(text: str) -> str:
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return text
