"""The tables and the rules that the database itself holds; `migrations/` leads every older ledger here."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from importer.ledger import fleet_schema, people_schema, watched_schema
from importer.ledger.tables import BigId, Utc, metadata, one_of
from importer.models import Operation, Stage, Status

__all__ = [
    "VERSION",
    "batch_documents",
    "batches",
    "documents",
    "entries",
    "erps",
    "events",
    "fleet_schema",
    "metadata",
    "owners",
    "people_schema",
    "watched_schema",
    "workbooks",
]

VERSION: Final = "0006"
"""Version of the tables below: the newest file of `migrations/versions`."""

erps = Table(  # which ERP an erp_id stands for (design §4.1, 1)
    "erps",
    metadata,
    Column("erp_id", String, primary_key=True),
    Column("standard_url", String, nullable=False),
    Column("custom_url", String, nullable=False),
    Column("plant", String, nullable=False),
    Column("first_seen", Utc, nullable=False),
    Column("settled", Boolean, nullable=False),  # its first batch has ended here
)

workbooks = Table(  # what was handed in, byte for byte
    "workbooks",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    CheckConstraint("length(sha256) = 64", name="sha256"),
)

batches = Table(
    "batches",
    metadata,
    Column("id", String, primary_key=True),
    Column("erp_id", ForeignKey("erps.erp_id"), nullable=False),
    Column("profile", String, nullable=False),
    Column("document_type", String, nullable=False),
    Column("file", String, nullable=False),
    Column("sha256", ForeignKey("workbooks.sha256"), nullable=False),
    Column("sheet", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("until", String, nullable=False),
    Column("route", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("language", String, nullable=False),
    Column("again", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("issues", LargeBinary, nullable=False),  # JSON, as the pipeline wrote it
    CheckConstraint("id <> ''", name="id"),
    one_of("until", (Stage.CREATED, Stage.APPROVED, Stage.POSTED), "until"),
    one_of("state", ("open", "undoing", "paused", "cancelled"), "state"),
    Index(None, "erp_id", "created_at"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("erp_id", ForeignKey("erps.erp_id"), nullable=False),
    Column("document_type", String, nullable=False),
    Column("token", String(16), nullable=False),
    Column("digest", String, nullable=False),
    Column("digest_version", Integer, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("repeat_mark", String, nullable=False),
    Column("key", String, nullable=False),
    Column("doc_type_no", String, nullable=False),
    Column("doc_date", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("doc_no", String, nullable=False),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),
    Column("content", LargeBinary, nullable=False),  # models.pack
    UniqueConstraint("token", "erp_id"),  # in this order it also finds a token of any ERP
    CheckConstraint("token <> ''", name="token"),
    CheckConstraint("occurrence >= 1", name="occurrence"),
    one_of("stage", Stage, "stage"),
    CheckConstraint("stage IN ('new', 'deleted') OR doc_no <> ''", name="number"),  # what is in the ERP has a number there
    Index(  # one number, one document; the ERP may give the number of a deleted one again
        "uq_documents_number",
        "erp_id",
        "document_type",
        "doc_no",
        unique=True,
        sqlite_where=text("doc_no <> '' AND stage <> 'deleted'"),
        postgresql_where=text("doc_no <> '' AND stage <> 'deleted'"),
    ),
    Index(None, "erp_id", "document_type", "key"),
    Index(None, "doc_no", sqlite_where=text("doc_no <> ''"), postgresql_where=text("doc_no <> ''")),
)

batch_documents = Table(  # a document's place in a workbook
    "batch_documents",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("batch_id", ForeignKey("batches.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("rows", Text, nullable=False),  # JSON list of worksheet rows
    Column("already", Boolean, nullable=False),  # had reached the stage asked for when it was handed in
    UniqueConstraint("batch_id", "position"),
)

owners = Table(  # one sending session of one process
    "owners",
    metadata,
    Column("id", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("heartbeat_at", Utc, nullable=False),
    Column("ended", Boolean, nullable=False),  # said itself that it sends no more
)

entries = Table(
    "entries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),  # the batch that asks for it now
    Column("position", Integer, nullable=False),  # in that batch
    Column("operation", String, nullable=False),
    Column("status", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", ForeignKey("owners.id")),
    Column("claimed_at", Utc),
    Column("since", Utc, nullable=False),
    Column("code", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("line", Integer),
    Column("field", String, nullable=False),
    one_of("operation", Operation, "operation"),
    one_of("status", Status, "status"),
    CheckConstraint("attempt >= 0 AND (attempt > 0 OR status = 'pending')", name="attempt"),  # nothing happens without a claim
    CheckConstraint("(status = 'sending') = (owner IS NOT NULL)", name="owner"),
    Index(  # the lock: one thing at a time happens to a document
        "uq_entries_open",
        "document_id",
        unique=True,
        sqlite_where=text("status <> 'succeeded'"),
        postgresql_where=text("status <> 'succeeded'"),
    ),
    Index(  # a document comes into being once
        "uq_entries_creation",
        "document_id",
        unique=True,
        sqlite_where=text("status = 'succeeded' AND operation IN ('create', 'combined')"),
        postgresql_where=text("status = 'succeeded' AND operation IN ('create', 'combined')"),
    ),
    Index(
        "ix_entries_pending",
        "batch_id",
        "position",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    Index(  # few of them, and asked for again and again while workers send
        "ix_entries_rejected",
        "batch_id",
        sqlite_where=text("status = 'rejected'"),
        postgresql_where=text("status = 'rejected'"),
    ),
    Index(  # what was noted with an operation that succeeded
        "ix_entries_noted",
        "batch_id",
        sqlite_where=text("status = 'succeeded' AND code <> ''"),
        postgresql_where=text("status = 'succeeded' AND code <> ''"),
    ),
    Index(
        "ix_entries_doubtful",
        "status",
        sqlite_where=text("status = 'sending' OR status = 'unknown'"),
        postgresql_where=text("status = 'sending' OR status = 'unknown'"),
    ),
)

events = Table(  # never changed, never deleted with its document alive
    "events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor", String, nullable=False),  # user@host of the process, or the person who settled it
    Column("kind", String, nullable=False),  # transitions.Cause
    Column("operation", String, nullable=False),
    Column("status", String, nullable=False),  # after it
    Column("code", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("payload_digest", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    one_of("operation", Operation, "operation"),
    one_of("status", Status, "status"),
    Index(None, "document_id"),
)
