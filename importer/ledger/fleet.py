"""What the processes that send from one PostgreSQL ledger tell each other: shares of the limits, batches handed out, how far they are.

Each call is a transaction of its own on a connection of its own, so that nothing here waits behind the ledger's writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL

from importer.ledger import owners as owning
from importer.ledger.engines import translated, writer_engine
from importer.ledger.fleet_schema import handouts, paces, shares, tallies, workers
from importer.ledger.schema import batches, entries, owners
from importer.models import Operation, Status

__all__ = ["Fleet", "Pace", "Share", "Tally", "WorkerState", "fair"]

TURN_S: Final = 5  # how long those who come off well where a limit does not divide evenly keep the advantage
KEPT: Final = timedelta(days=7)  # what was told by processes that have ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """This process's part of a limit on calls at once."""

    granted: int  # it may have so many under way
    fair: int  # and should come down to so many, as others are waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Calls of one kind and outcome that one process made for one batch."""

    batch_id: str
    operation: Operation
    status: Status
    calls: int
    arrived: int  # documents that came as far as the batch asks
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """A worker that is alive."""

    id: str
    host: str
    pid: int
    lanes: int
    busy: int
    started_at: datetime
    heartbeat_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a batch is going, over all workers that are at it."""

    done: int  # documents that its workers have brought as far as it asks
    calls: int
    rejected: int
    unknown: int
    per_second: float  # documents, of the workers that were at it within the last minute


class Fleet:
    """Of one PostgreSQL ledger. Raises LedgerLost or LedgerUnavailable as the ledger does."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._made: Engine | None = None

    def close(self) -> None:
        """Let go of the connections."""
        if self._made is not None:
            self._made.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._made is None:
            self._made = writer_engine(self._url)
        with translated(self._url), self._made.connect() as connection, connection.begin():
            yield connection

    # -- limits --------------------------------------------------------------------------------------------------------

    def share(self, limit_name: str, limit: int, *, owner: str, wanted: int, holding: int, silent_s: float) -> Share:
        """Ask for calls at once. The caller has bound itself to `holding` of its former share; with nothing wanted and held it gives up
        its place. What a process holds that was silent for `silent_s` is free again."""
        with self._transaction() as connection:
            _one_at_a_time(connection, limit_name)
            now = connection.scalars(select(func.clock_timestamp())).one()
            connection.execute(delete(shares).where(shares.c.limit_name == limit_name, shares.c.owner_id.in_(_dead(now, silent_s))))
            found = connection.execute(
                select(shares.c.owner_id, shares.c.granted, shares.c.wanted).where(shares.c.limit_name == limit_name)
            )
            others = {row.owner_id: row for row in found if row.owner_id != owner}
            if not wanted and not holding:
                connection.execute(delete(shares).where(shares.c.limit_name == limit_name, shares.c.owner_id == owner))
                return Share(granted=0, fair=0)
            wants = {name: row.wanted for name, row in others.items()} | {owner: wanted}
            mine = fair(limit, wants, turn=int(now.timestamp()) // TURN_S)[owner]
            free = limit - sum(row.granted for row in others.values())
            granted = max(0, holding, min(mine, free))
            values = {"granted": granted, "wanted": wanted}
            connection.execute(
                insert(shares)
                .values(limit_name=limit_name, owner_id=owner, **values)
                .on_conflict_do_update(index_elements=["limit_name", "owner_id"], set_=values)
            )
            return Share(granted=granted, fair=mine)

    def tokens(self, limit_name: str, number: int, per_second: float) -> float:
        """Take so many calls of a limit per second; seconds until the first of them is due. The others follow at the limit's pace."""
        now = func.extract("epoch", func.clock_timestamp())
        with self._transaction() as connection:
            due = connection.scalar(
                insert(paces)
                .values(limit_name=limit_name, next_at=now + number / per_second)
                .on_conflict_do_update(
                    index_elements=["limit_name"], set_={"next_at": func.greatest(paces.c.next_at, now) + number / per_second}
                )
                .returning(paces.c.next_at - number / per_second - now)
            )
        return float(due or 0)

    # -- batches handed to the workers -----------------------------------------------------------------------------------

    def hand_out(self, batch_id: str) -> None:
        """From now on the workers care for this batch, also when nobody follows it."""
        with self._transaction() as connection:
            new = insert(handouts).values(batch_id=batch_id, at=func.clock_timestamp())
            connection.execute(new.on_conflict_do_nothing())

    def take_back(self, batch_id: str) -> None:
        """The workers are done with it."""
        with self._transaction() as connection:
            connection.execute(delete(handouts).where(handouts.c.batch_id == batch_id))

    def handed_out(self) -> list[str]:
        """Open batches that the workers care for, the oldest first."""
        with self._transaction() as connection:
            wanted = select(handouts.c.batch_id).join(batches, batches.c.id == handouts.c.batch_id).where(batches.c.state == "open")
            return list(connection.scalars(wanted.order_by(handouts.c.at, handouts.c.batch_id)))

    def pending(self, batch_id: str) -> list[int]:
        """Ids of the documents with a step to be sent, in the order of the workbook."""
        with self._transaction() as connection:
            waiting = select(entries.c.document_id).where(entries.c.batch_id == batch_id, text("entries.status = 'pending'"))
            return list(connection.scalars(waiting.order_by(entries.c.position)))

    def count_anew(self) -> None:
        """Let the database look at what has just been written: until it has, it plans as if there were nothing, and each chunk would
        be looked for among all documents."""
        with self._transaction() as connection:
            connection.execute(text("ANALYZE entries, documents, batch_documents, batches"))

    def is_pending(self, batch_id: str, documents: Sequence[int]) -> bool:
        """Whether one of these documents has a step to be sent for this batch."""
        with self._transaction() as connection:
            waiting = select(entries.c.id).where(
                entries.c.document_id.in_(documents), text("entries.status = 'pending'"), entries.c.batch_id == batch_id
            )
            return connection.scalar(waiting.limit(1)) is not None

    def is_open(self, batch_id: str) -> bool:
        """Whether anything of a batch is waiting or being sent."""
        with self._transaction() as connection:
            waiting = select(entries.c.id).where(entries.c.batch_id == batch_id, text("entries.status = 'pending'"))
            under_way = select(entries.c.id).where(
                entries.c.batch_id == batch_id, text("entries.status = 'sending'"), text("(status = 'sending' OR status = 'unknown')")
            )
            return any(connection.scalar(some.limit(1)) is not None for some in (waiting, under_way))

    def rejected(self, batch_id: str) -> int:
        """Documents of a batch whose open step was refused."""
        with self._transaction() as connection:
            refused = text("entries.status = 'rejected'")  # to the letter as the index has it
            wanted = select(func.count()).select_from(entries).where(entries.c.batch_id == batch_id, refused)
            return int(connection.scalar(wanted) or 0)

    # -- what workers tell -------------------------------------------------------------------------------------------------

    def tell(self, owner: str, *, lanes: int, busy: int, told: Sequence[Tally] = ()) -> None:
        """How a worker stands: calls since it began, in all."""
        with self._transaction() as connection:
            state = {"lanes": lanes, "busy": busy}
            new = insert(workers).values(owner_id=owner, **state)
            connection.execute(new.on_conflict_do_update(index_elements=["owner_id"], set_=state))
            for tally in sorted(told, key=lambda item: (item.batch_id, item.operation, item.status)):
                sums = {"calls": tally.calls, "arrived": tally.arrived, "milliseconds": tally.milliseconds, "at": func.clock_timestamp()}
                key = {"owner_id": owner, "batch_id": tally.batch_id, "operation": tally.operation, "status": tally.status}
                found = insert(tallies).values(**key, **sums, since=func.clock_timestamp())
                connection.execute(found.on_conflict_do_update(index_elements=list(key), set_=sums))

    def workers(self) -> list[WorkerState]:
        """Those that are alive, by host."""
        with self._transaction() as connection:
            now = connection.scalars(select(func.clock_timestamp())).one()
            wanted = select(owners, workers.c.lanes, workers.c.busy).join(workers, workers.c.owner_id == owners.c.id)
            rows = connection.execute(wanted.where(owners.c.id.not_in(_dead(now, owning.LEASE.total_seconds()))))
            found = [
                WorkerState(
                    id=row.id,
                    host=row.host,
                    pid=row.pid,
                    lanes=row.lanes,
                    busy=row.busy,
                    started_at=row.started_at,
                    heartbeat_at=row.heartbeat_at,
                )
                for row in rows
            ]
        return sorted(found, key=lambda item: (item.host, item.pid, item.id))

    def pace(self, batch_id: str) -> Pace:
        """What all workers have told of a batch."""
        with self._transaction() as connection:
            now = connection.scalars(select(func.clock_timestamp())).one()
            rows = connection.execute(select(tallies).where(tallies.c.batch_id == batch_id)).all()
        arrived: dict[str, int] = {}
        began: dict[str, datetime] = {}
        for row in rows:
            if (now - row.at).total_seconds() < 60:
                arrived[row.owner_id] = arrived.get(row.owner_id, 0) + row.arrived
                began[row.owner_id] = min(row.since, began.get(row.owner_id, row.since))
        speeds = [number / max((now - began[owner]).total_seconds(), 1.0) for owner, number in arrived.items()]
        return Pace(
            done=sum(row.arrived for row in rows),
            calls=sum(row.calls for row in rows),
            rejected=sum(row.calls for row in rows if row.status == Status.REJECTED),
            unknown=sum(row.calls for row in rows if row.status == Status.UNKNOWN),
            per_second=sum(speeds),
        )

    def sweep(self) -> None:
        """Forget what processes told that ended long ago."""
        with self._transaction() as connection:
            now = connection.scalars(select(func.clock_timestamp())).one()
            old = select(owners.c.id).where(owners.c.heartbeat_at < now - KEPT)
            for table in (shares, workers, tallies):
                connection.execute(delete(table).where(table.c.owner_id.in_(old)))


def _one_at_a_time(connection: Connection, name: str) -> None:
    """Until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"importer {name}"})


def _dead(now: datetime, silent_s: float) -> ColumnElement[str]:
    gone = or_(owners.c.ended, owners.c.heartbeat_at < now - timedelta(seconds=silent_s))
    return select(owners.c.id).where(gone).scalar_subquery()


def fair(limit: int, wants: Mapping[str, int], *, turn: int = 0) -> dict[str, int]:
    """A limit among those who want parts of it: nobody gets more than wanted, and whoever gets less than wanted gets as much as anyone.

    What does not divide evenly goes round with `turn`.
    """
    parts = dict.fromkeys(wants, 0)
    left = limit
    while left > 0 and (hungry := sorted(name for name, part in parts.items() if part < wants[name])):
        each = min(left // len(hungry), min(wants[name] - parts[name] for name in hungry))
        if each:
            for name in hungry:
                parts[name] += each
            left -= each * len(hungry)
            continue
        for place in range(left):
            parts[hungry[(turn + place) % len(hungry)]] += 1
        left = 0
    return parts
