"""What changes about a batch after it was handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, update

from importer.errors import ConfigurationError
from importer.ledger.schema import batches
from importer.messages import N_

__all__ = ["change"]


def change(connection: Connection, arguments: Sequence[tuple[str, Mapping[str, object]]]) -> Sequence[ConfigurationError | None]:
    """Set columns of batches; ConfigurationError for one that is not there."""
    return [_change(connection, batch_id, dict(values)) for batch_id, values in arguments]


def _change(connection: Connection, batch_id: str, values: dict[str, object]) -> ConfigurationError | None:
    if connection.execute(update(batches).where(batches.c.id == batch_id).values(values)).rowcount:
        return None
    return ConfigurationError(N_("There is no batch {batch}; `importer status` lists them."), batch=batch_id)
