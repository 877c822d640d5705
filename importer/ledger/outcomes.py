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
from importer.ledger.prepared import Prepared
from importer.ledger.rows import AnyRow, clean
from importer.ledger.schema import documents, entries
from importer.ledger.transitions import Cause, IllegalTransition, LostClaim, check
from importer.messages import N_
from importer.models import Claim, Operation, Outcome, Stage, Status

__all__ = ["Ended", "Settled", "record", "record_carefully", "settle"]

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
            "number": self.outcome.doc_no or self.claim.doc_no,
            "type_number": self.outcome.doc_type_no or self.claim.doc_type_no,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An unknown entry and how its call ended, as the ERP or a person told."""

    entry_id: int
    attempt: int | None  # the one that was asked about; None: whichever it is
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
_END_NAMES: Final = ("entry", "me", "turn", "to", "now", "new_code", "new_message", "new_line", "new_field")
_RECORD: Final = Prepared(update(entries).where(CLAIMED).values(dict(_END)), *_END_NAMES)
_SETTLE: Final = update(entries).where(entries.c.id == bindparam("entry"), entries.c.status == Status.UNKNOWN).values(dict(_END))
_DOCUMENT: Final = Prepared(
    update(documents)
    .where(documents.c.id == bindparam("document"))
    .values(stage=bindparam("to"), doc_no=bindparam("number"), doc_type_no=bindparam("type_number")),
    "document",
    "to",
    "number",
    "type_number",
)
_NEXT: Final = Prepared(
    insert(entries).values(
        document_id=bindparam("document"),
        batch_id=select(entries.c.batch_id).where(entries.c.id == bindparam("after")).scalar_subquery(),
        position=select(entries.c.position).where(entries.c.id == bindparam("after")).scalar_subquery(),
        operation=bindparam("then"),
        status=Status.SENDING,
        attempt=1,
        owner=bindparam("me"),
        claimed_at=bindparam("now"),
        since=bindparam("now"),
        code="",
        message="",
        field="",
    ),
    "document",
    "after",
    "then",
    "me",
    "now",
)
_OPEN: Final = select(entries.c.document_id, entries.c.id).where(
    entries.c.document_id.in_(bindparam("documents", expanding=True)), text("entries.status <> 'succeeded'")
)
_OWN: Final = select(documents.c.erp_id, documents.c.document_type)
_SAME: Final = select(documents.c.id, documents.c.key, documents.c.token).where(
    documents.c.erp_id == bindparam("erp"),
    documents.c.document_type == bindparam("type"),
    documents.c.doc_no == bindparam("number"),
    text("documents.doc_no <> '' AND documents.stage <> 'deleted'"),  # as the unique index has it
)
_PLACE: Final = select(entries.c.id, entries.c.status, entries.c.operation, entries.c.document_id)


def record(connection: Connection, arguments: Sequence[Ended]) -> list[Claim | None]:
    """The next claim of each, None where there is none. Raises, having done nothing, when anything is out of the ordinary."""
    for ended in arguments:
        _check(Cause.RECORD, ended.claim.operation, ended.outcome)
    done = _RECORD.run(connection, [_end_claimed(ended) for ended in arguments])
    if done != len(arguments):
        raise LostClaim("the claim is no longer this process's: it was taken over or recorded before")
    succeeded = [ended for ended in arguments if ended.outcome.status is Status.SUCCEEDED]
    _DOCUMENT.run(connection, [ended.document() for ended in succeeded])
    claims = _continue(connection, [ended for ended in succeeded if ended.then])
    happened = [_event(Cause.RECORD, ended, ended.outcome.status) for ended in arguments]
    happened += [_continued(claims[ended.claim.document_id], ended) for ended in succeeded if ended.then]
    write_events(connection, happened)
    return [claims.get(ended.claim.document_id) for ended in arguments]


def record_carefully(connection: Connection, arguments: Sequence[Ended]) -> list[Claim | LostClaim | None]:
    """The same where `record` raised: an answer too late is kept as an event, another document's number makes the entry unknown."""
    return [_record_carefully(connection, ended) for ended in arguments]


def _record_carefully(connection: Connection, ended: Ended) -> Claim | LostClaim | None:
    if taken := _number_taken(connection, ended.claim.document_id, ended.outcome):
        message = NUMBER_TAKEN.format(doc_no=ended.outcome.doc_no, key=taken.key, token=taken.token)
        outcome = dataclasses.replace(ended.outcome, status=Status.UNKNOWN, message=message)
        ended = dataclasses.replace(ended, outcome=outcome, then=None)
    try:
        return record(connection, [ended])[0]
    except LostClaim as lost:
        present = _place(connection, ended.claim.entry_id)
        write_events(connection, [_event(Cause.LATE, ended, Status(present.status))])
        return lost


def _continue(connection: Connection, following: Sequence[Ended]) -> dict[int, Claim]:
    """The next claim by document."""
    if not following:
        return {}
    check(Cause.CONTINUE, Status.SENDING)
    _NEXT.run(connection, [_next(ended) for ended in following])
    found = connection.execute(_OPEN, {"documents": [ended.claim.document_id for ended in following]})
    ids = {row.document_id: row.id for row in found}
    return {ended.claim.document_id: _next_claim(ended, ids[ended.claim.document_id]) for ended in following}


def _next(ended: Ended) -> dict[str, object]:
    return {
        "document": ended.claim.document_id,
        "after": ended.claim.entry_id,
        "then": ended.then,
        "me": ended.owner,
        "now": ended.now,
    }


def _next_claim(ended: Ended, entry_id: int) -> Claim:
    claim, outcome = ended.claim, ended.outcome
    return Claim(
        entry_id=entry_id,
        operation=ended.then or claim.operation,
        document_id=claim.document_id,
        document=claim.document,
        doc_type_no=outcome.doc_type_no or claim.doc_type_no,
        doc_no=outcome.doc_no or claim.doc_no,
        stage=outcome.stage or claim.stage,
        attempt=1,
    )


def _check(cause: Cause, operation: str, outcome: Outcome) -> None:
    check(cause, outcome.status)
    creates = outcome.status is Status.SUCCEEDED and operation in (Operation.CREATE, Operation.COMBINED)
    if creates and outcome.stage in (None, Stage.NEW):
        raise IllegalTransition(f"{operation} cannot succeed and leave the document new")


def _end_claimed(ended: Ended) -> dict[str, object]:
    return _end(ended.claim.entry_id, ended.outcome, ended.now) | {"me": ended.owner, "turn": ended.claim.attempt}


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


def _event(kind: Cause, ended: Ended, status: Status) -> dict[str, object]:
    claim = ended.claim
    return event(kind, status, claim.document_id, claim.entry_id, claim.operation, actor=ended.actor, at=ended.now, outcome=ended.outcome)


def _continued(claim: Claim, ended: Ended) -> dict[str, object]:
    return event(Cause.CONTINUE, Status.SENDING, claim.document_id, claim.entry_id, claim.operation, actor=ended.actor, at=ended.now)


def _place(connection: Connection, entry_id: int) -> AnyRow:
    found = connection.execute(_PLACE.where(entries.c.id == entry_id)).first()
    if found is None:
        raise IllegalTransition(f"there is no entry {entry_id}")
    return found


def _number_taken(connection: Connection, document_id: int, outcome: Outcome) -> AnyRow | None:
    """The other document of the ledger that has this number, deleted ones aside."""
    if outcome.status is not Status.SUCCEEDED or not outcome.doc_no or outcome.stage is Stage.DELETED:
        return None
    own = connection.execute(_OWN.where(documents.c.id == document_id)).one()
    found = connection.execute(_SAME, {"erp": own.erp_id, "type": own.document_type, "number": outcome.doc_no}).first()
    return found if found and found.id != document_id else None


def settle(connection: Connection, arguments: Sequence[Settled]) -> Sequence[None]:
    """Unknown no more. IllegalTransition when the entry is not unknown, ConfigurationError when the number is another document's."""
    for settled in arguments:
        _settle(connection, settled)
    return [None] * len(arguments)


def _settle(connection: Connection, settled: Settled) -> None:
    outcome = settled.outcome
    place = _place(connection, settled.entry_id)
    _check(Cause.SETTLE, place.operation, outcome)
    if taken := _number_taken(connection, place.document_id, outcome):
        raise ConfigurationError(NUMBER_TAKEN, doc_no=outcome.doc_no, key=taken.key, token=taken.token)
    same = _SETTLE if settled.attempt is None else _SETTLE.where(entries.c.attempt == settled.attempt)
    if not connection.execute(same, _end(settled.entry_id, outcome, settled.now)).rowcount:
        raise IllegalTransition(f"entry {settled.entry_id} is {place.status}, not unknown")
    if outcome.status is Status.SUCCEEDED:
        _settle_document(connection, place.document_id, outcome)
    told = event(
        Cause.SETTLE,
        outcome.status,
        place.document_id,
        place.id,
        place.operation,
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
