"""The ledger as everybody else sees it. Safe to use from many threads at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from importer.errors import LedgerUnavailable
from importer.ledger import batch_state, claims, erps, intake, observing, outcomes, pruning, reading, searching, steps
from importer.ledger.address import redacted, sqlite_path
from importer.ledger.engines import translated
from importer.ledger.events import read_events
from importer.ledger.fleet import Fleet
from importer.ledger.locking import FileLocks, NoLocks
from importer.ledger.outbox import Outbox
from importer.ledger.owners import Clock, Sessions, actor
from importer.ledger.reading import Counts, Depth
from importer.ledger.rows import Event, document_of, member_of, record_of
from importer.ledger.watched import WatchedFiles
from importer.ledger.writer import Apply, Writer
from importer.messages import N_
from importer.models import Batch, Claim, Document, Member, Operation, Outcome, Record, Stage

if TYPE_CHECKING:
    from importer.ledger.portal import Portal

__all__ = ["Ledger"]


class Ledger:
    """Made by `open_ledger`. Everything raises LedgerUnavailable when the database cannot be read or written; after a failed
    write nothing can be claimed any more."""

    def __init__(self, url: URL, *, writer: Engine | None, reader: Engine, locks: FileLocks | NoLocks, is_new: bool) -> None:
        self.url = redacted(url)  # fit to be shown
        self.is_new = is_new  # this open made it
        self._address = url
        self._reader = reader
        self._locks = locks
        self._engine = writer
        self._writer = Writer(writer, locks.writing) if writer else None
        self._clock = Clock()
        self._is_file = sqlite_path(url) is not None
        self._actor = actor()
        self._fleet = Fleet(url) if sqlite_path(url) is None else None
        self._sessions = Sessions(self._writer, locks, self._clock) if self._writer else None
        self.watched = WatchedFiles(self._read, self._write, self._clock)  # files of watched folders
        self.outbox = Outbox(self._read, self._write, self._clock)  # what people are told of them

    def close(self) -> None:
        """Write what is waiting, then let go of the database."""
        if self._writer:
            self._writer.close()
        if self._fleet:
            self._fleet.close()
        self._reader.dispose()
        self._locks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- plumbing ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with translated(self._address), self._reader.connect() as connection:
            yield connection

    def _submit(self, apply: Apply, argument: object, careful: Apply | None = None) -> Future[Any]:
        if self._writer is None:
            raise LedgerUnavailable(N_("The ledger {ledger} was opened to be read only."), ledger=self.url)
        return self._writer.submit(apply, argument, careful)

    def _write(self, apply: Apply, argument: object) -> Any:
        return self._submit(apply, argument).result()

    @property
    def _owner(self) -> str:
        return self._sending_sessions().owner

    def _sending_sessions(self) -> Sessions:
        if self._sessions is None:
            raise LedgerUnavailable(N_("The ledger {ledger} was opened to be read only."), ledger=self.url)
        return self._sessions

    def reconnect(self) -> None:
        """In place of a lost connection (LedgerLost), once no thread has a call under way. Raises LedgerLost while there is no server.

        What was being sent belongs to an owner that has ended: `take_over` makes it unknown at once.
        """
        if self._writer is None or self._engine is None or self._sessions is None:
            return
        self._writer.close()
        writer = Writer(self._engine, self._locks.writing)
        try:
            self._sessions.renew(writer)
        finally:
            self._writer = writer

    @property
    def owner(self) -> str:
        """The id under which this process holds its claims; inside `sending_lock` only."""
        return self._owner

    @property
    def fleet(self) -> Fleet | None:
        """What the processes that send from one database tell each other; None on SQLite, where there is one at a time."""
        return self._fleet

    @contextmanager
    def sending_lock(self, *, wait: bool = True, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
        """Claims are taken, recorded and taken over inside it.

        On SQLite one process at a time: when another holds it, `on_wait` is told which, or, with `wait=False`, LedgerUnavailable
        names it. Threads of one process share it. On PostgreSQL any number of processes are inside.
        """
        with self._sending_sessions().sending(wait=wait, on_wait=on_wait):
            yield

    @cached_property
    def portal(self) -> Portal:
        """The web page's part: users, tokens, uploads and the audit trail."""
        from importer.ledger.portal import Portal

        return Portal(self._read, self._write, self._clock.now)

    # -- ERPs --------------------------------------------------------------------------------------------------------

    def confirm_erp(self, erp_id: str, *, standard_url: str, custom_url: str, plant: str, accept: bool = False) -> None:
        """Remember the ERP the first time; later raise ErpChanged when it is another one, unless `accept`."""
        erp = erps.Erp(erp_id=erp_id, standard_url=standard_url, custom_url=custom_url, plant=plant)
        with self._read() as connection:
            if erps.confirmed(connection, erp):
                return
        self._write(erps.confirm, (erp, accept, self._clock.now()))

    def erp_is_settled(self, erp_id: str) -> bool:
        """Whether a first batch for it has ended here (ask_before_create=auto)."""
        with self._read() as connection:
            return erps.is_settled(connection, erp_id)

    def settle_erp(self, erp_id: str) -> None:
        """A first batch for it has ended."""
        self._write(erps.settle_erp, erp_id)

    # -- batches and their documents -----------------------------------------------------------------------------------

    def add_batch(
        self,
        batch: Batch,
        content: bytes,
        members: Sequence[tuple[Document, str, str]],
        *,
        issues: bytes,
        digest_version: int = 1,
    ) -> list[Member]:
        """Keep the workbook, the batch, each document that is new (with its slip type and ISO date), and each one's place.

        The ERP must have been confirmed. A member is `already` when its document had reached `batch.until`.
        """
        values = {"issues": issues, "created_at": batch.created_at or self._clock.now()}
        handed = intake.handed_in(batch, content, members, values=values, digest_version=digest_version)
        found: list[Member] = self._write(intake.add_batch, handed)
        return found

    def batches(self, limit: int, erp_id: str | None = None) -> list[Batch]:
        """The newest first."""
        with self._read() as connection:
            return reading.batch_list(connection, limit, erp_id)

    def batch(self, name: str) -> Batch:
        """By its id or the beginning of it; ConfigurationError when that is none or more than one."""
        with self._read() as connection:
            return reading.batch_like(connection, name)

    def unfinished(self, erp_id: str) -> list[Batch]:
        """Open batches with a document before the stage asked for that was not rejected, the oldest first."""
        with self._read() as connection:
            return reading.unfinished(connection, erp_id)

    def set_state(self, batch_id: str, state: str) -> None:
        """open, undoing, paused or cancelled; nothing is claimed for a batch that is paused or cancelled, nor resumed while undoing."""
        self._write(batch_state.change, (batch_id, {"state": state}))

    def set_until(self, batch_id: str, until: Stage) -> None:
        """Another stage is asked for."""
        self._write(batch_state.change, (batch_id, {"until": until}))

    def counts(self, batch_id: str) -> Counts:
        """How a batch stands."""
        with self._read() as connection:
            return reading.counts(connection, batch_id)

    def depth(self) -> Depth:
        """Open entries of all batches."""
        with self._read() as connection:
            return reading.depth(connection)

    def members(self, batch_id: str) -> Iterator[Member]:
        """In the order of the workbook, read page by page as they are taken."""
        for row in self._member_rows(batch_id, content=False):
            yield member_of(record_of(row), row.position, row.rows, row.already)

    def documents(self, batch_id: str) -> Iterator[tuple[Member, Document]]:
        """The same with their content."""
        for row in self._member_rows(batch_id, content=True):
            record = record_of(row)
            yield member_of(record, row.position, row.rows, row.already), document_of(record, row.content)

    def member_search(self, batch_id: str, *, shown: str = "", words: str = "", limit: int, offset: int = 0) -> list[Member]:
        """Some of them: `shown` is a stage, `rejected`, `unknown`, `sending` or `already`; `words` part of a key, number or message."""
        with self._read() as connection:
            rows = searching.member_search(connection, batch_id, shown=shown, words=words, limit=limit, offset=offset)
        return [member_of(record_of(row), row.position, row.rows, row.already) for row in rows]

    def member_count(self, batch_id: str, *, shown: str = "", words: str = "") -> int:
        """How many of them there are."""
        with self._read() as connection:
            return searching.member_count(connection, batch_id, shown=shown, words=words)

    def member(self, batch_id: str, token: str) -> tuple[Member, Document] | None:
        """One document of a batch with its content, by its token."""
        with self._read() as connection:
            row = reading.member_by_token(connection, batch_id, token)
        if row is None:
            return None
        record = record_of(row)
        return member_of(record, row.position, row.rows, row.already), document_of(record, row.content)

    def _member_rows(self, batch_id: str, *, content: bool) -> Iterator[Any]:
        after = -1
        while True:
            with self._read() as connection:
                page = reading.member_page(connection, batch_id, after, content=content)
            yield from page
            if not page:
                return
            after = page[-1].position

    def remarks(self, batch_id: str, code: str) -> dict[int, str]:
        """By document id: what was noted under a code with an operation of the batch that succeeded."""
        with self._read() as connection:
            return reading.remarks(connection, batch_id, code)

    def issues(self, batch_id: str) -> bytes:
        """The issues that the batch was handed in with, as given to add_batch."""
        with self._read() as connection:
            return reading.issues(connection, batch_id)

    def workbook(self, sha256: str) -> bytes:
        """The bytes of a workbook that was handed in."""
        with self._read() as connection:
            return reading.workbook(connection, sha256)

    def prune(self, before: datetime) -> tuple[int, int]:
        """Forget the events and workbooks of batches that have ended before, never what tells that a document was imported.

        Returns the numbers of events and workbooks. The room is given back to the disk on SQLite, and used again on PostgreSQL.
        """
        events = 0
        while True:
            pruned = self._write(pruning.prune, before)
            events += pruned.events
            if not pruned.more:
                break
        if self._engine is not None and (events or pruned.workbooks):
            with self._locks.writing(), translated(self._address):
                pruning.shrink(self._engine)
        return events, pruned.workbooks

    def sizes(self) -> pruning.Sizes:
        """How large the ledger is."""
        with self._read() as connection:
            return pruning.sizes(connection)

    # -- documents -----------------------------------------------------------------------------------------------------

    def known(self, erp_id: str, tokens: Iterable[str]) -> dict[str, Record]:
        """What the ledger has of these tokens, by token."""
        with self._read() as connection:
            return reading.known(connection, erp_id, tokens)

    def known_by_key(
        self, erp_id: str, document_type: str, keys: Iterable[tuple[str, str, str]]
    ) -> dict[tuple[str, str, str], list[Record]]:
        """What the ledger has of these (key, slip type, ISO date), in the order in which it was handed in."""
        with self._read() as connection:
            return reading.known_by_key(connection, erp_id, document_type, keys)

    def identical(self, batch_ids: Iterable[str], digests: Iterable[str]) -> list[tuple[str, int, str]]:
        """Digest, occurrence and token of those documents of some batches that have one of these digests."""
        with self._read() as connection:
            return reading.identical(connection, batch_ids, digests)

    def find_document(self, name: str) -> Record:
        """By token or document number; ConfigurationError when that is none or more than one."""
        with self._read() as connection:
            return reading.find_document(connection, name)

    def same_number(self, erp_id: str, document_type: str, doc_no: str) -> Record | None:
        """The document that has this number in the ERP; deleted ones have none."""
        with self._read() as connection:
            return reading.same_number(connection, erp_id, document_type, doc_no)

    def events(self, document_id: int) -> list[Event]:
        """Everything that happened to a document, in order."""
        with self._read() as connection:
            return read_events(connection, document_id)

    # -- sending -------------------------------------------------------------------------------------------------------

    def enqueue(
        self,
        batch_id: str,
        steps_: Mapping[Stage, tuple[Operation, Stage]],
        until: Stage,
        *,
        retry_rejected: bool,
        own_only: bool = False,
        documents: Collection[int] | None = None,
    ) -> int:
        """Make the step that leads on from its stage pending, for each document of the batch that is not yet at `until`.

        What already waits (for another batch, or with the step of another route) waits for this batch's step from now on; what
        is being sent or unknown is left alone; rejected steps return only with `retry_rejected`. `own_only` leaves out what
        another batch brought (undo). Only of `documents` (ids) when given. Returns how many came to be pending for this batch.
        """
        due = steps.Due(
            batch_id=batch_id,
            operations={stage: operation for stage, (operation, _) in steps_.items()},
            until=until,
            retry_rejected=retry_rejected,
            own_only=own_only,
            documents=None if documents is None else tuple(documents),
            actor=self._actor,
            now=self._clock.now(),
        )
        return int(self._write(steps.enqueue, due))

    def claim(self, batch_id: str, limit: int, *, documents: Collection[int] | None = None, newest_first: bool = False) -> list[Claim]:
        """The next pending steps of an open batch, in the order of its workbook (or against it); on disk before this returns.

        Only of `documents` (ids) when given. Inside `sending_lock` only.
        """
        wanted = self._wanted(batch_id, limit, documents, newest_first=newest_first)
        return [self.opened(row) for row in self._write(claims.claim, wanted)]

    def claim_soon(
        self, batch_id: str, limit: int, *, documents: Collection[int] | None = None, newest_first: bool = False
    ) -> Future[Sequence[Any]]:
        """The same without waiting: the future is done when they are on disk; each of its result is a claim for `opened`."""
        return self._submit(claims.claim, self._wanted(batch_id, limit, documents, newest_first=newest_first))

    def opened(self, row: Any) -> Claim:
        """A claim of `claim_soon` with its document."""
        return claims.claim_of(row)

    def _wanted(self, batch_id: str, limit: int, documents: Collection[int] | None, *, newest_first: bool) -> claims.Wanted:
        return claims.Wanted(
            batch_id=batch_id,
            limit=limit,
            documents=None if documents is None else tuple(documents),
            owner=self._owner,
            actor=self._actor,
            now=self._clock.now(),
            newest_first=newest_first,
        )

    @property
    def leased(self) -> bool:
        """Whether a claim can be lost to another process while this one is frozen. On SQLite the sending lock keeps all others out."""
        return not self._is_file

    def prove(self, claim: Claim) -> bool:
        """Whether the claim still stands; if so, it is good for another lease. Ask when time has passed since it was taken, and
        never send after False (design §4.2, 3)."""
        return bool(self._write(claims.prove, self._held(claim)))

    def release(self, claims_: Iterable[Claim]) -> None:
        """Claimed but never sent: pending again. LostClaim when one of them is no longer ours."""
        self._write(claims.release, [self._held(claim) for claim in claims_])

    def record(self, claim: Claim, outcome: Outcome, *, then: tuple[Operation, Stage] | None = None) -> Future[Claim | None]:
        """How the call ended. The future is done when it is on disk; its result is the claim of `then`, the next step, taken in the
        same transaction, or None.

        When the outcome's number is another document's, the entry becomes unknown and the result is None. The future raises
        LostClaim when the claim was taken over; the answer is then kept as an event.
        """
        ended = outcomes.Ended(
            claim=claim,
            outcome=outcome,
            then=then[0] if then else None,
            owner=self._owner,
            actor=self._actor,
            now=self._clock.now(),
        )
        return self._submit(outcomes.record, ended, outcomes.record_carefully)

    def _held(self, claim: Claim) -> claims.Held:
        return claims.Held(claim=claim, owner=self._owner, actor=self._actor, now=self._clock.now())

    def take_over(self, batch_id: str | None) -> int:
        """What dead processes were sending becomes unknown (of one batch, or all). Inside `sending_lock` only. Returns how many.

        On SQLite whoever holds the lock is the only one alive; on PostgreSQL an owner is dead once it ended or was silent for a lease.
        """
        wanted = claims.TakeOver(batch_id=batch_id, owner=self._owner, alone=self._is_file, actor=self._actor, now=self._clock.now())
        return int(self._write(claims.take_over, wanted))

    def unknowns(self, batch_id: str | None = None, erp_id: str | None = None) -> list[tuple[Record, Document]]:
        """Documents whose open entry is unknown, the longest unknown first."""
        with self._read() as connection:
            return reading.unknowns(connection, batch_id, erp_id)

    def settle(self, entry_id: int, outcome: Outcome, *, actor: str, reason: str, attempt: int | None = None) -> None:
        """An unknown entry became succeeded, pending (not there) or rejected. IllegalTransition when it is not unknown (or has become
        so anew, with another `attempt` than the one asked about), ConfigurationError when the number belongs to another document."""
        settled = outcomes.Settled(entry_id=entry_id, attempt=attempt, outcome=outcome, actor=actor, reason=reason, now=self._clock.now())
        self._write(outcomes.settle, settled)

    def observe(self, document_id: int, operation: Operation, stage: Stage, outcome: Outcome) -> None:
        """A person carried out an operation outside of any batch, and the ERP reports the document at `stage` since."""
        observed = observing.Observed(
            document_id=document_id, operation=operation, stage=stage, outcome=outcome, actor=self._actor, now=self._clock.now()
        )
        self._write(observing.observe, observed)
