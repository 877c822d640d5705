"""The first ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPERATION = (
    "operation IN ('create', 'update', 'query', 'read', 'delete', 'approve', 'disapprove', 'post', 'dispost', 'invalid', 'combined')"
)


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "erps",
        sa.Column("erp_id", sa.String(), nullable=False),
        sa.Column("standard_url", sa.String(), nullable=False),
        sa.Column("custom_url", sa.String(), nullable=False),
        sa.Column("plant", sa.String(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("erp_id", name=op.f("pk_erps")),
    )
    op.create_table(
        "owners",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owners")),
    )
    op.create_table(
        "workbooks",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_workbooks_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_workbooks")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("erp_id", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("again", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issues", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id <> ''", name=op.f("ck_batches_id")),
        sa.CheckConstraint("state IN ('open', 'undoing', 'paused', 'cancelled')", name=op.f("ck_batches_state")),
        sa.CheckConstraint("until IN ('created', 'approved', 'posted')", name=op.f("ck_batches_until")),
        sa.ForeignKeyConstraint(["erp_id"], ["erps.erp_id"], name=op.f("fk_batches_erp_id")),
        sa.ForeignKeyConstraint(["sha256"], ["workbooks.sha256"], name=op.f("fk_batches_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_erp_id_created_at"), "batches", ["erp_id", "created_at"])
    op.create_table(
        "documents",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("erp_id", sa.String(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("digest_version", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("repeat_mark", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("doc_type_no", sa.String(), nullable=False),
        sa.Column("doc_date", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("doc_no", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("stage IN ('new', 'created', 'approved', 'posted', 'void', 'deleted')", name=op.f("ck_documents_stage")),
        sa.CheckConstraint("stage IN ('new', 'deleted') OR doc_no <> ''", name=op.f("ck_documents_number")),
        sa.CheckConstraint("token <> ''", name=op.f("ck_documents_token")),
        sa.CheckConstraint("occurrence >= 1", name=op.f("ck_documents_occurrence")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_documents_batch_id")),
        sa.ForeignKeyConstraint(["erp_id"], ["erps.erp_id"], name=op.f("fk_documents_erp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("token", "erp_id", name=op.f("uq_documents_token_erp_id")),
    )
    op.create_index(
        op.f("ix_documents_doc_no"),
        "documents",
        ["doc_no"],
        sqlite_where=sa.text("doc_no <> ''"),
        postgresql_where=sa.text("doc_no <> ''"),
    )
    op.create_index(op.f("ix_documents_erp_id_document_type_key"), "documents", ["erp_id", "document_type", "key"])
    op.create_index(
        "uq_documents_number",
        "documents",
        ["erp_id", "document_type", "doc_no"],
        unique=True,
        sqlite_where=sa.text("doc_no <> '' AND stage <> 'deleted'"),
        postgresql_where=sa.text("doc_no <> '' AND stage <> 'deleted'"),
    )
    op.create_table(
        "batch_documents",
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("already", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_documents_batch_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_batch_documents_document_id")),
        sa.PrimaryKeyConstraint("document_id", "batch_id", name=op.f("pk_batch_documents")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_batch_documents_batch_id_position")),
    )
    op.create_table(
        "entries",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.CheckConstraint("(status = 'sending') = (owner IS NOT NULL)", name=op.f("ck_entries_owner")),
        sa.CheckConstraint("attempt >= 0 AND (attempt > 0 OR status = 'pending')", name=op.f("ck_entries_attempt")),
        sa.CheckConstraint(
            OPERATION,
            name=op.f("ck_entries_operation"),
        ),
        sa.CheckConstraint("status IN ('pending', 'sending', 'succeeded', 'rejected', 'unknown')", name=op.f("ck_entries_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_entries_batch_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_entries_document_id")),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"], name=op.f("fk_entries_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index(
        "ix_entries_doubtful",
        "entries",
        ["status"],
        sqlite_where=sa.text("status = 'sending' OR status = 'unknown'"),
        postgresql_where=sa.text("status = 'sending' OR status = 'unknown'"),
    )
    op.create_index(
        "ix_entries_pending",
        "entries",
        ["batch_id", "position"],
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "uq_entries_creation",
        "entries",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("status = 'succeeded' AND operation IN ('create', 'combined')"),
        postgresql_where=sa.text("status = 'succeeded' AND operation IN ('create', 'combined')"),
    )
    op.create_index(
        "uq_entries_open",
        "entries",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'succeeded'"),
        postgresql_where=sa.text("status <> 'succeeded'"),
    )
    op.create_table(
        "events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("payload_digest", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            OPERATION,
            name=op.f("ck_events_operation"),
        ),
        sa.CheckConstraint("status IN ('pending', 'sending', 'succeeded', 'rejected', 'unknown')", name=op.f("ck_events_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_events_batch_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_events_document_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_events_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_document_id"), "events", ["document_id"])
