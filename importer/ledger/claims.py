"""Before a request leaves: claim it, prove that the claim still stands, or give it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, TextClause, and_, bindparam, or_, select, text, update

from importer.ledger.events import event, write_events
from importer.ledger.owners import BEAT, LEASE, SESSION
from importer.ledger.prepared import Prepared
from importer.ledger.rows import CONTENT_COLUMNS, AnyRow, document_of, record_of
from importer.ledger.schema import batches, documents, entries, owners
from importer.ledger.transitions import Cause, IllegalTransition, LostClaim, check
from importer.messages import N_
from importer.models import Claim, Operation, Status

__all__ = ["CLAIMED", "Held", "TakeOver", "Wanted", "claim", "claim_of", "prove", "release", "take_over"]

TAKEN_OVER: Final = N_("The importer ended while this was being sent; whether the ERP acted on it is not known.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Up to `limit` claims of one batch, for `owner`."""

    batch_id: str
    limit: int
    documents: Sequence[int] | None  # only these
    owner: str
    actor: str
    now: datetime
    newest_first: bool = False  # for undo: against the order of the workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A claim and the owner that holds it."""

    claim: Claim
    owner: str
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Of one batch, or of all."""

    batch_id: str | None
    owner: str
    alone: bool  # this process holds a lock that no other living one can hold
    actor: str
    now: datetime


_FREE: Final = (
    select(*CONTENT_COLUMNS)
    .join_from(entries, documents, documents.c.id == entries.c.document_id)
    .join(batches, batches.c.id == entries.c.batch_id)
    .where(entries.c.batch_id == bindparam("batch"), text("entries.status = 'pending'"), batches.c.state.in_(("open", "undoing")))
    .limit(bindparam("most"))
    .with_for_update(of=entries, skip_locked=True)
)
_CLAIM: Final = Prepared(
    update(entries)
    .where(entries.c.id == bindparam("entry"), entries.c.status == check(Cause.CLAIM, Status.SENDING))
    .values(
        status=Status.SENDING,
        owner=bindparam("me"),
        claimed_at=bindparam("now"),
        since=bindparam("now"),
        attempt=entries.c.attempt + 1,
        code="",
        message="",
        line=None,
        field="",
    ),
    "entry",
    "me",
    "now",
)
CLAIMED: Final = and_(
    entries.c.id == bindparam("entry"),
    entries.c.status == Status.SENDING,
    entries.c.owner == bindparam("me"),
    entries.c.attempt == bindparam("turn"),  # not an earlier claim of the same entry
)
"""The condition under which a claim is still its owner's."""
_PROVE: Final = update(entries).where(CLAIMED).values(claimed_at=bindparam("now"))
_RELEASE: Final = update(entries).where(CLAIMED).values(status=Status.PENDING, owner=None, since=bindparam("now"))


def claim(connection: Connection, arguments: Sequence[Wanted]) -> Sequence[Sequence[AnyRow]]:
    """The rows of the claimed entries, in workbook order; see claim_of."""
    return [_claim(connection, wanted) for wanted in arguments]


def _claim(connection: Connection, wanted: Wanted) -> Sequence[AnyRow]:
    free = _FREE.order_by(entries.c.position.desc() if wanted.newest_first else entries.c.position)
    if wanted.documents is not None:
        free = free.where(entries.c.document_id.in_(wanted.documents))
    found = connection.execute(free, {"batch": wanted.batch_id, "most": wanted.limit}).all()
    if not found:
        return ()
    done = _CLAIM.run(connection, [{"entry": row.entry_id, "me": wanted.owner, "now": wanted.now} for row in found])
    if done != len(found):
        raise IllegalTransition("an entry that was free is not")
    write_events(
        connection,
        [event(Cause.CLAIM, Status.SENDING, row.id, row.entry_id, row.operation, actor=wanted.actor, at=wanted.now) for row in found],
    )
    return found


def claim_of(row: AnyRow) -> Claim:
    """The claim that a row of `claim` stands for."""
    record = record_of(row)
    return Claim(
        entry_id=row.entry_id,
        operation=Operation(row.operation),
        document_id=record.id,
        document=document_of(record, row.content),
        doc_type_no=record.doc_type_no,
        doc_no=record.doc_no,
        stage=record.stage,
        attempt=row.attempt + 1,
    )


def prove(connection: Connection, arguments: Sequence[Held]) -> Sequence[bool]:
    """Whether each claim still stands; those that do are as good as new for another lease."""
    return [_prove(connection, held) for held in arguments]


def _prove(connection: Connection, held: Held) -> bool:
    names = {"entry": held.claim.entry_id, "turn": held.claim.attempt, "me": held.owner, "now": held.now}
    if not connection.execute(_PROVE, names).rowcount:
        return False
    connection.execute(BEAT, {"me": held.owner, "now": held.now})
    return True


def release(connection: Connection, arguments: Sequence[Sequence[Held]]) -> Sequence[None]:
    """Claimed, but never sent: free again. LostClaim, and nothing released, when one of a list is lost."""
    check(Cause.RELEASE, Status.PENDING)
    for several in arguments:
        for held in several:
            names = {"entry": held.claim.entry_id, "turn": held.claim.attempt, "me": held.owner, "now": held.now}
            if not connection.execute(_RELEASE, names).rowcount:
                raise LostClaim(f"entry {held.claim.entry_id} is no longer claimed by this process")
            write_events(connection, [_released(held)])
    return [None] * len(arguments)


def _released(held: Held) -> dict[str, object]:
    claim = held.claim
    return event(Cause.RELEASE, Status.PENDING, claim.document_id, claim.entry_id, claim.operation, actor=held.actor, at=held.now)


_CUT_OFF: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
    " AND xact_start IS NOT NULL AND wait_event = 'ClientRead' AND query_start < :stuck"
    " AND application_name IN (SELECT :session || id FROM owners WHERE NOT ended AND heartbeat_at < :silent)"
)
"""A process that is frozen inside a transaction keeps its rows locked: the server ends its connection, and the transaction with it."""


def take_over(connection: Connection, arguments: Sequence[TakeOver]) -> Sequence[int]:
    """What dead owners were sending becomes unknown: nobody can tell whether it left."""
    return [_take_over(connection, wanted) for wanted in arguments]


def _take_over(connection: Connection, wanted: TakeOver) -> int:
    orphaned: list[ColumnElement[bool] | TextClause] = [text("entries.status = 'sending'"), entries.c.owner != wanted.owner]
    if wanted.batch_id is not None:
        orphaned.append(entries.c.batch_id == wanted.batch_id)
    if not wanted.alone:
        connection.execute(_CUT_OFF, {"session": SESSION, "silent": wanted.now - LEASE, "stuck": wanted.now - LEASE / 2})
        # The claim's own time is part of it: a claim that is proven at this very moment must not be lost with its owner's old heartbeat.
        ended = select(owners.c.id).where(owners.c.ended)
        silent = select(owners.c.id).where(owners.c.heartbeat_at < wanted.now - LEASE)
        orphaned.append(or_(entries.c.owner.in_(ended), and_(entries.c.owner.in_(silent), entries.c.claimed_at < wanted.now - LEASE)))
    check(Cause.TAKE_OVER, Status.UNKNOWN)
    found = connection.execute(
        update(entries)
        .where(*orphaned)
        .values(status=Status.UNKNOWN, owner=None, since=wanted.now, message=TAKEN_OVER)
        .returning(entries.c.id, entries.c.document_id, entries.c.operation)
    ).all()
    write_events(
        connection,
        [
            event(
                Cause.TAKE_OVER,
                Status.UNKNOWN,
                row.document_id,
                row.id,
                row.operation,
                actor=wanted.actor,
                at=wanted.now,
                message=TAKEN_OVER,
            )
            for row in found
        ],
    )
    return len(found)
