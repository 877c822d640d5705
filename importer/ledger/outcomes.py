"""After a call: how it ended, and the intent of the next step, in one transaction (design §4.2, 4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, text, update

from importer.errors import ConfigurationError
from importer.ledger.claims import CLAIMED
from importer.ledger.events import event, write_events
from importer.ledger.rows import AnyRow, clean
from importer.ledger.schema import documents, entries
from importer.ledger.transitions import Cause, IllegalTransition, LostClaim, check
from importer.messages import N_
from importer.models import Claim, Operation, Outcome, Stage, Status

__all__ = ["Ended", "Settled", "record", "settle"]

NUMBER_TAKEN: Final = N_("The ERP gave number {doc_no}, which already belongs to document {key} (reference {token}).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A claim and how its call ended."""

    claim: Claim
    outcome: Outcome
    then: Operation | None  # the next step, to be sent at once
    owner: str
    actor: str
    now: datetime

    def document(self) -> dict[str, object]:
        """What the document is afterwards."""
        return {
            "document": self.claim.document_id,
            "to": self.outcome.stage or self.claim.stage,
            "doc_no": self.outcome.doc_no or self.claim.doc_no,
            "doc_type_no": self.outcome.doc_type_no or self.claim.doc_type_no,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An unknown entry and how its call ended, as the ERP or a person told."""

    entry_id: int
    outcome: Outcome
    actor: str
    reason: str
    now: datetime


_END: Final[Mapping[str, Any]] = {
    "status": bindparam("to"),
    "owner": None,
    "since": bindparam("now"),
    "code": bindparam("new_code"),
    "message": bindparam("new_message"),
    "line": bindparam("new_line"),
    "field": bindparam("new_field"),
}
_RECORD: Final = update(entries).where(CLAIMED).values(dict(_END))
_SETTLE: Final = update(entries).where(entries.c.id == bindparam("entry"), entries.c.status == Status.UNKNOWN).values(dict(_END))
_DOCUMENT: Final = (
    update(documents)
    .where(documents.c.id == bindparam("document"))
    .values(stage=bindparam("to"), doc_no=bindparam("doc_no"), doc_type_no=bindparam("doc_type_no"))
)
_NEXT: Final = insert(entries).returning(entries.c.id, entries.c.document_id)
_PLACE: Final = select(entries.c.id, entries.c.batch_id, entries.c.position, entries.c.status, entries.c.operation, entries.c.document_id)


def record(connection: Connection, arguments: Sequence[Ended]) -> Sequence[Claim | LostClaim | None]:
    """The next claim of each, None where there is none. Several at once are all recorded, or raise; one alone is also told
    when its claim is lost or the ERP's number is another document's."""
    if len(arguments) == 1:
        return [_record_one(connection, arguments[0])]
    return _record_all(connection, arguments)


def _record_one(connection: Connection, ended: Ended) -> Claim | LostClaim | None:
    present = _places(connection, [ended.claim.entry_id])[ended.claim.entry_id]
    if taken := _number_taken(connection, ended.claim.document_id, ended.outcome):
        message = N_(NUMBER_TAKEN).format(doc_no=ended.outcome.doc_no, key=taken.key, token=taken.token)
        outcome = dataclasses.replace(ended.outcome, status=Status.UNKNOWN, message=message)
        ended = dataclasses.replace(ended, outcome=outcome, then=None)
    try:
        return _record_all(connection, [ended])[0]
    except LostClaim as lost:
        write_events(connection, [_event(Cause.LATE, ended, present, Status(present.status))])
        return lost


def _record_all(connection: Connection, arguments: Sequence[Ended]) -> list[Claim | None]:
    for ended in arguments:
        _check(Cause.RECORD, ended.claim.operation, ended.outcome)
    done = connection.execute(_RECORD, [_end(ended.claim.entry_id, ended.outcome, ended.now) | {"me": ended.owner} for ended in arguments])
    if done.rowcount != len(arguments):
        raise LostClaim("the claim is no longer this process's: it was taken over or recorded before")
    places = _places(connection, [ended.claim.entry_id for ended in arguments])
    happened = [_event(Cause.RECORD, ended, places[ended.claim.entry_id], ended.outcome.status) for ended in arguments]
    succeeded = [ended for ended in arguments if ended.outcome.status is Status.SUCCEEDED]
    if succeeded:
        connection.execute(_DOCUMENT, [ended.document() for ended in succeeded])
    following = [ended for ended in succeeded if ended.then]
    claims = _continue(connection, following, places)
    happened += [
        _event(
            Cause.CONTINUE, dataclasses.replace(ended, claim=claims[ended.claim.document_id]), places[ended.claim.entry_id], Status.SENDING
        )
        for ended in following
    ]
    write_events(connection, happened)
    return [claims.get(ended.claim.document_id) for ended in arguments]


def _check(cause: Cause, operation: str, outcome: Outcome) -> None:
    check(cause, outcome.status)
    creates = outcome.status is Status.SUCCEEDED and operation in (Operation.CREATE, Operation.COMBINED)
    if creates and outcome.stage in (None, Stage.NEW):
        raise IllegalTransition(f"{operation} cannot succeed and leave the document new")


def _end(entry_id: int, outcome: Outcome, now: datetime) -> dict[str, object]:
    return {
        "entry": entry_id,
        "to": outcome.status,
        "now": now,
        "new_code": clean(outcome.code),
        "new_message": clean(outcome.message),
        "new_line": outcome.line,
        "new_field": clean(outcome.field),
    }


def _places(connection: Connection, ids: Sequence[int]) -> dict[int, AnyRow]:
    return {row.id: row for row in connection.execute(_PLACE.where(entries.c.id.in_(ids)))}


def _event(kind: Cause, ended: Ended, place: AnyRow, status: Status) -> dict[str, object]:
    return event(
        kind,
        status,
        document_id=ended.claim.document_id,
        entry_id=ended.claim.entry_id,
        batch_id=place.batch_id,
        operation=ended.claim.operation,
        actor=ended.actor,
        at=ended.now,
        outcome=None if kind is Cause.CONTINUE else ended.outcome,
    )


def _continue(connection: Connection, following: Sequence[Ended], places: Mapping[int, AnyRow]) -> dict[int, Claim]:
    """The next claim by document."""
    if not following:
        return {}
    rows = connection.execute(_NEXT, [_next(ended, places[ended.claim.entry_id]) for ended in following])
    ids: dict[int, int] = {row.document_id: row.id for row in rows}
    return {ended.claim.document_id: _next_claim(ended, ids[ended.claim.document_id]) for ended in following}


def _next(ended: Ended, place: AnyRow) -> dict[str, object]:
    return {
        "document_id": ended.claim.document_id,
        "batch_id": place.batch_id,
        "position": place.position,
        "operation": ended.then,
        "status": Status.SENDING,
        "attempt": 1,
        "owner": ended.owner,
        "claimed_at": ended.now,
        "since": ended.now,
        "code": "",
        "message": "",
        "line": None,
        "field": "",
    }


def _next_claim(ended: Ended, entry_id: int) -> Claim:
    after = ended.document()
    return dataclasses.replace(
        ended.claim,
        entry_id=entry_id,
        operation=ended.then or ended.claim.operation,
        stage=Stage(str(after["to"])),
        doc_no=str(after["doc_no"]),
        doc_type_no=str(after["doc_type_no"]),
        attempt=1,
    )


def _number_taken(connection: Connection, document_id: int, outcome: Outcome) -> AnyRow | None:
    """The other document of the ledger that has this number, deleted ones aside."""
    if outcome.status is not Status.SUCCEEDED or not outcome.doc_no or outcome.stage is Stage.DELETED:
        return None
    own = documents.alias("own")
    return connection.execute(
        select(documents.c.key, documents.c.token)
        .join(own, (own.c.erp_id == documents.c.erp_id) & (own.c.document_type == documents.c.document_type))
        .where(own.c.id == document_id, documents.c.id != document_id, documents.c.doc_no == outcome.doc_no)
        .where(text("documents.stage <> 'deleted'"))
    ).first()


def settle(connection: Connection, arguments: Sequence[Settled]) -> Sequence[None]:
    """Unknown no more. IllegalTransition when the entry is not unknown, ConfigurationError when the number is another document's."""
    for settled in arguments:
        _settle(connection, settled)
    return [None] * len(arguments)


def _settle(connection: Connection, settled: Settled) -> None:
    outcome = settled.outcome
    place = _places(connection, [settled.entry_id]).get(settled.entry_id)
    if place is None:
        raise IllegalTransition(f"there is no entry {settled.entry_id}")
    _check(Cause.SETTLE, place.operation, outcome)
    if taken := _number_taken(connection, place.document_id, outcome):
        raise ConfigurationError(NUMBER_TAKEN, doc_no=outcome.doc_no, key=taken.key, token=taken.token)
    if not connection.execute(_SETTLE, _end(settled.entry_id, outcome, settled.now)).rowcount:
        raise IllegalTransition(f"entry {settled.entry_id} is {place.status}, not unknown")
    if outcome.status is Status.SUCCEEDED:
        _settle_document(connection, place.document_id, outcome)
    told = event(
        Cause.SETTLE,
        outcome.status,
        document_id=place.document_id,
        entry_id=place.id,
        batch_id=place.batch_id,
        operation=place.operation,
        actor=clean(settled.actor),
        at=settled.now,
        message=clean(settled.reason),
        outcome=outcome,
    )
    write_events(connection, [told])


def _settle_document(connection: Connection, document_id: int, outcome: Outcome) -> None:
    known = {"stage": outcome.stage, "doc_no": outcome.doc_no, "doc_type_no": outcome.doc_type_no}
    changes = {name: value for name, value in known.items() if value}
    if changes:
        connection.execute(update(documents).where(documents.c.id == document_id).values(changes))
