"""The tables by which the processes that send from one PostgreSQL ledger keep to limits together and show how far they are.

Nothing of it is needed to know how a document stands: it may be emptied while nobody sends.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, ForeignKey, Integer, String, Table

from importer.ledger.tables import Utc, metadata

__all__ = ["PASSING", "handouts", "paces", "shares", "tallies", "workers"]

shares = Table(  # how much of a limit on calls at once each process may use
    "shares",
    metadata,
    Column("limit_name", String, primary_key=True),
    Column("owner_id", ForeignKey("owners.id"), primary_key=True),
    Column("granted", Integer, nullable=False),  # calls at once that it may have under way
    Column("wanted", Integer, nullable=False),  # that it has work for
    CheckConstraint("granted >= 0 AND wanted >= 0", name="counts"),
)

paces = Table(  # calls per second, over all processes
    "paces",
    metadata,
    Column("limit_name", String, primary_key=True),
    Column("next_at", Float(53), nullable=False),  # of the next call; seconds since 1970 by the server's clock
)

handouts = Table(  # batches that were handed to the workers
    "handouts",
    metadata,
    Column("batch_id", ForeignKey("batches.id"), primary_key=True),
    Column("at", Utc, nullable=False),
)

workers = Table(  # what `importer worker` says of itself, beside its heartbeat in `owners`
    "workers",
    metadata,
    Column("owner_id", ForeignKey("owners.id"), primary_key=True),
    Column("lanes", Integer, nullable=False),
    Column("busy", Integer, nullable=False),
)

tallies = Table(  # how many calls of which outcome a worker has made for a batch
    "tallies",
    metadata,
    Column("owner_id", ForeignKey("owners.id"), primary_key=True),
    Column("batch_id", ForeignKey("batches.id"), primary_key=True),
    Column("operation", String, primary_key=True),
    Column("status", String, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),  # documents that came as far as the batch asks with one of these calls
    Column("milliseconds", BigInteger, nullable=False),  # that the ERP took for them
    Column("since", Utc, nullable=False),
    Column("at", Utc, nullable=False),
)

PASSING: Final = (shares, paces, workers, tallies, handouts)
"""Tables that are not copied with a ledger."""
