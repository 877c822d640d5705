"""What was refused, and what was noted, is found without going through all that succeeded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INDEXES = {"ix_entries_rejected": "status = 'rejected'", "ix_entries_noted": "status = 'succeeded' AND code <> ''"}


def upgrade() -> None:
    """Make the indexes."""
    for name, condition in INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "entries", ["batch_id"], sqlite_where=where, postgresql_where=where)
