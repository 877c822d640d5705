"""Many machines: shared limits, batches handed to workers, and what the workers tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables that sending processes share."""
    op.create_table(
        "shares",
        sa.Column("limit_name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.CheckConstraint("granted >= 0 AND wanted >= 0", name=op.f("ck_shares_counts")),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_shares_owner_id")),
        sa.PrimaryKeyConstraint("limit_name", "owner_id", name=op.f("pk_shares")),
    )
    op.create_table(
        "paces",
        sa.Column("limit_name", sa.String(), nullable=False),
        sa.Column("next_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("limit_name", name=op.f("pk_paces")),
    )
    op.create_table(
        "handouts",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_handouts_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_handouts")),
    )
    op.create_table(
        "workers",
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("busy", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_workers_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_workers")),
    )
    op.create_table(
        "tallies",
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_tallies_batch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_tallies_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "batch_id", "operation", "status", name=op.f("pk_tallies")),
    )
