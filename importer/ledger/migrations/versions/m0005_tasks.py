"""What the page's server is asked to do with a batch that has ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tasks",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('reconcile', 'undo', 'verify')", name=op.f("ck_tasks_kind")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.name"], name=op.f("fk_tasks_asked_by")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_tasks_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_tasks")),
    )
