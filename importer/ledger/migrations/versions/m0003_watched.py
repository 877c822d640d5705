"""Files of watched folders, and what is told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    _watched_files()
    _messages()


def _watched_files() -> None:
    op.create_table(
        "watched_files",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempting", sa.Boolean(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('claimed', 'working', 'leaving', 'ended')", name=op.f("ck_watched_files_state")),
        sa.CheckConstraint("step IN ('import', 'post')", name=op.f("ck_watched_files_step")),
        sa.CheckConstraint("outcome IN ('', 'done', 'tofix', 'failed')", name=op.f("ck_watched_files_outcome")),
        sa.CheckConstraint("(state IN ('leaving', 'ended')) = (outcome <> '')", name=op.f("ck_watched_files_decided")),
        sa.CheckConstraint("state <> 'ended' OR owner = ''", name=op.f("ck_watched_files_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_files")),
    )
    for name, columns, where, unique in (
        ("uq_watched_files_claimed", ["folder", "name"], "state = 'claimed'", True),
        ("uq_watched_files_target", ["folder", "target"], "target <> ''", True),
        ("ix_watched_files_open", ["folder"], "state <> 'ended'", False),
        ("ix_watched_files_untold", ["folder"], "NOT told", False),
    ):
        _partial_index(name, "watched_files", columns, where, unique=unique)


def _messages() -> None:
    op.create_table(
        "watch_notices",
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("folder", "key", name=op.f("pk_watch_notices")),
    )
    op.create_table(
        "messages_out",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name=op.f("ck_messages_out_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages_out")),
    )
    _partial_index("ix_messages_out_waiting", "messages_out", ["due_at"], "state = 'waiting'", unique=False)


def _partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
