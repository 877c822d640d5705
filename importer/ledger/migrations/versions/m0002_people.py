"""The web page: users, their roles and tokens, uploads, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the web page."""
    op.create_table(
        "users",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_users_name")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    filled = sa.text("subject <> ''")
    op.create_index("uq_users_subject", "users", ["subject"], unique=True, sqlite_where=filled, postgresql_where=filled)
    op.create_table(
        "roles",
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint("role IN ('uploader', 'approver', 'administrator')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name=op.f("fk_roles_user_name")),
        sa.PrimaryKeyConstraint("user_name", "profile", "role", name=op.f("pk_roles")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name=op.f("fk_access_tokens_user_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_access_tokens_hash")),
    )
    op.create_index(op.f("ix_access_tokens_user_name"), "access_tokens", ["user_name"])
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("uploader", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("again", sa.String(), nullable=False),
        sa.Column("preview", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('checked', 'waiting', 'returned', 'released', 'running', 'ended', 'withdrawn')", name=op.f("ck_uploads_state")
        ),
        sa.CheckConstraint("until IN ('created', 'approved', 'posted')", name=op.f("ck_uploads_until")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_uploads_batch_id")),
        sa.ForeignKeyConstraint(["released_by"], ["users.name"], name=op.f("fk_uploads_released_by")),
        sa.ForeignKeyConstraint(["sha256"], ["workbooks.sha256"], name=op.f("fk_uploads_sha256")),
        sa.ForeignKeyConstraint(["uploader"], ["users.name"], name=op.f("fk_uploads_uploader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_profile_at"), "uploads", ["profile", "at"])
    op.create_index(op.f("ix_uploads_state"), "uploads", ["state"])
    op.create_index(op.f("ix_uploads_batch_id"), "uploads", ["batch_id"])
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_user_name_action_at"), "audit", ["user_name", "action", "at"])
    op.create_index(op.f("ix_audit_target"), "audit", ["target"])
