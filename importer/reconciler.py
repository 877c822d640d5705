"""Settle unknown entries by asking the ERP, never by guessing (design §4, protocol §6).

Found counts at once. "Not there" counts only after the grace period, as the request may still be at work in the ERP.
Exactly one match settles; anything else waits for a human.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from importer.channel.calls import ErpDocument
from importer.channel.route import GONE, Route
from importer.channel.standard import StandardChannel
from importer.documents import MARK_CLOSE, MARK_OPEN
from importer.errors import CallFailed, ErpUnavailable
from importer.ledger import IllegalTransition
from importer.messages import N_
from importer.models import Claim, Document, Entry, Operation, Outcome, Record, Stage, Status, Value
from importer.protocols.parameters import Condition, wire_names

__all__ = ["Finding", "Reconciler", "Settled", "Verdict"]

ACTOR: Final = "reconcile"


class Verdict(enum.Enum):
    """What the ERP says about a document."""

    FOUND = "found"
    ABSENT = "absent"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The ERP's word on one document; `reason` is for people where it is unsure."""

    verdict: Verdict
    doc_type_no: str = ""
    doc_no: str = ""
    stage: Stage | None = None
    reason: str = ""


@dataclass(slots=True)
class Settled:
    """What one round of asking came to."""

    settled: int = 0
    due: datetime | None = None  # when the next grace period is over
    human: int = 0  # what the ERP cannot settle
    unavailable: ErpUnavailable | None = None


class AskingLedger(Protocol):
    """What reconciling needs of the ledger."""

    def unknowns(self, batch_id: str | None = None, erp_id: str | None = None) -> list[tuple[Record, Document]]:
        """Documents whose open entry is unknown."""

    def settle(self, entry_id: int, outcome: Outcome, *, actor: str, reason: str, attempt: int | None = None) -> None:
        """Record what became of an unknown entry."""

    def same_number(self, erp_id: str, document_type: str, doc_no: str) -> Record | None:
        """The ledger's document that has this number."""


class Reconciler:
    """Asks about the unknown documents of one type, by the way they were sent."""

    def __init__(self, ledger: AskingLedger, route: Route) -> None:
        self._ledger = ledger
        self._route = route
        self._mapping = route.mapping
        self._profile = route.profile
        self._grace = timedelta(seconds=route.profile.grace_s)
        self._twins: Counter[str] = Counter()

    # -- settling ------------------------------------------------------------------------------------------------------

    def settle(self, batch_id: str, *, lanes: int, stopped: Callable[[], bool] = lambda: False) -> Settled:
        """One round over the unknown documents of a batch, several asked at once."""
        result = Settled()
        unknowns = [found for found in self._ledger.unknowns(batch_id) if found[0].document_type == self._mapping.document_type]
        if not unknowns:
            return result
        self._twins = Counter(record.digest for record, _ in unknowns)
        with ThreadPoolExecutor(max_workers=min(lanes, len(unknowns))) as pool:
            for record, finding in zip((record for record, _ in unknowns), pool.map(self._asked(stopped), unknowns), strict=True):
                if isinstance(finding, ErpUnavailable):
                    result.unavailable = finding
                elif finding is not None:
                    self._apply(record, finding, result)
        return result

    def _asked(self, stopped: Callable[[], bool]) -> Callable[[tuple[Record, Document]], Finding | ErpUnavailable | None]:
        gone: list[ErpUnavailable] = []

        def ask(item: tuple[Record, Document]) -> Finding | ErpUnavailable | None:
            if gone or stopped():
                return None
            try:
                return self.ask(*item)
            except ErpUnavailable as error:
                gone.append(error)
                return error
            except CallFailed as error:
                gone.append(ErpUnavailable(error.text, **error.values))
                return gone[0]

        return ask

    def _apply(self, record: Record, finding: Finding, result: Settled) -> None:
        entry = record.entry
        if entry is None:
            return
        if finding.verdict is Verdict.FOUND and finding.stage is not None:
            self._found(record, finding, result)
        elif finding.verdict is Verdict.ABSENT:
            due = (entry.since or datetime.now(UTC)) + self._grace
            if due > datetime.now(UTC):
                result.due = min(due, result.due or due)
                return
            self._record(entry, Outcome(status=Status.PENDING), finding, result)
        else:
            result.human += 1

    def _found(self, record: Record, finding: Finding, result: Settled) -> None:
        entry = record.entry
        if entry is None:
            return
        if not self._route.carries_token and self._twins[record.digest] > 1:
            result.human += 1  # an identical document is unknown, too: nobody can tell whose this one is
            return
        other = self._ledger.same_number(self._profile.erp_id, record.document_type, finding.doc_no)
        if other is not None and other.id != record.id:
            result.human += 1
            return
        self._record(entry, _succeeded(finding), finding, result)

    def _record(self, entry: Entry, outcome: Outcome, finding: Finding, result: Settled) -> None:
        """The ERP's word is on the attempt that was asked about; where another process was faster, or has sent again since, it is void."""
        try:
            self._ledger.settle(entry.id, outcome, actor=ACTOR, reason=finding.reason, attempt=entry.attempt)
        except IllegalTransition:
            return
        result.settled += 1

    # -- asking --------------------------------------------------------------------------------------------------------

    def ask(self, record: Record, document: Document) -> Finding:
        """What the ERP says about the unknown operation of a document. Raises CallFailed or ErpUnavailable without an answer."""
        operation = record.entry.operation if record.entry else Operation.CREATE
        if operation in (Operation.CREATE, Operation.COMBINED):
            return self.locate(document)
        return self._state(record, document, operation)

    def _state(self, record: Record, document: Document, operation: Operation) -> Finding:
        """Any other operation: the state of the document tells."""
        if not self._route.can(Operation.READ):
            return Finding(verdict=Verdict.UNSURE, reason=N_("The ERP has no service that reads this document."))
        found = self._route.read(document, doc_type_no=record.doc_type_no, doc_no=record.doc_no)
        stage = found.stage if found else None
        if self._route.came_about(operation, stage):
            reported = stage or self._route.target(operation)
            return Finding(verdict=Verdict.FOUND, doc_type_no=record.doc_type_no, doc_no=record.doc_no, stage=reported)
        if stage is None or stage in GONE:
            return Finding(verdict=Verdict.UNSURE, reason=N_("The document is not in the ERP any more, or void."))
        return Finding(verdict=Verdict.ABSENT, reason=N_("The ERP reports the document as it was before."))

    def locate(self, document: Document) -> Finding:
        """A create: look for the document by its token, else by its header and lines (design §4)."""
        if not (self._route.can(Operation.QUERY) and self._route.can(Operation.READ)):
            return Finding(verdict=Verdict.UNSURE, reason=N_("The ERP has no service that finds this document."))
        return self._by_token(document) if self._route.carries_token else self._by_header(document)

    def _with_token(self, document: Document) -> list[ErpDocument]:
        """The documents of the ERP that carry the token; void ones do not count."""
        token_field = self._mapping.token.field if self._mapping.token else ""
        name = wire_names(self._mapping)[token_field]
        mark = f"{MARK_OPEN}{document.token}{MARK_CLOSE}".strip()
        condition = {"field_name": name, "operator": self._profile.wire.like, "value": f"%{document.token}%"}
        return [item for item in self._standing([condition]) if mark in str(item.header.get(name) or "")]

    def _by_token(self, document: Document) -> Finding:
        found = self._with_token(document)
        if not found:
            return Finding(verdict=Verdict.ABSENT, reason=N_("The ERP has no document with this token."))
        if len(found) > 1:
            return Finding(verdict=Verdict.UNSURE, reason=N_("The ERP has this token in several documents."))
        return self._confirmed(document, found[0])

    def _confirmed(self, document: Document, found: ErpDocument) -> Finding:
        whole = self._route.read(document, doc_type_no=found.doc_type_no, doc_no=found.doc_no)
        if whole is None or not self._same_lines(document, whole):
            return Finding(verdict=Verdict.UNSURE, reason=N_("The ERP has the token in a document with other lines."))
        stage = whole.stage or found.stage or Stage.CREATED
        return Finding(verdict=Verdict.FOUND, doc_type_no=found.doc_type_no, doc_no=found.doc_no, stage=stage)

    def _by_header(self, document: Document) -> Finding:
        """Where no token can travel: one document with this header and these lines settles it, none proves nothing."""
        names = wire_names(self._mapping)
        header, _ = self._standard.filled(document)
        wanted = [name for name in self._mapping.match if name in header and self._route.stores(name)]
        conditions = [{"field_name": names[name], "operator": "=", "value": header[name]} for name in wanted]
        same = []
        for item in self._standing(conditions):
            if self._ledger.same_number(self._profile.erp_id, self._mapping.document_type, item.doc_no) is not None:
                continue  # that one is another document of ours
            whole = self._route.read(document, doc_type_no=item.doc_type_no, doc_no=item.doc_no)
            if whole is not None and self._same_lines(document, whole):
                same.append(whole)
        if len(same) != 1:
            return Finding(
                verdict=Verdict.UNSURE, reason=N_("The ERP does not have exactly one document with this header and these lines.")
            )
        return Finding(verdict=Verdict.FOUND, doc_type_no=same[0].doc_type_no, doc_no=same[0].doc_no, stage=same[0].stage or Stage.CREATED)

    def _standing(self, conditions: Sequence[Condition]) -> Iterable[ErpDocument]:
        """Void documents do not count as there; a header-only answer without a state does."""
        return (item for item in self._standard.find(conditions) if item.doc_no and item.stage is not Stage.VOID)

    def _same_lines(self, document: Document, found: ErpDocument) -> bool:
        names = wire_names(self._mapping)
        _, lines = self._standard.filled(document)
        compared = {name for name, field in self._mapping.lines.items() if not field.generated and self._route.stores(name)}
        sent = [{names[name]: value for name, value in line.items() if name in compared} for line in lines]
        return same_lines(sent, found.lines)

    @property
    def _standard(self) -> StandardChannel:
        """Everything that is asked goes over the standard channel; `locate` has made sure that it is there."""
        if self._route.standard is None:
            raise LookupError("no standard channel")
        return self._route.standard

    # -- before a create -----------------------------------------------------------------------------------------------

    def before_create(self, claim: Claim) -> Outcome | None:
        """The look before a create that a new ledger takes (design §4.1 rule 8)."""
        finding = self.locate(claim.document)
        if finding.verdict is Verdict.FOUND:
            return _succeeded(finding)
        if finding.verdict is Verdict.UNSURE and self._route.carries_token:
            return Outcome(status=Status.UNKNOWN, message=finding.reason)
        return None

    def numbers(self, claim: Claim) -> Sequence[str]:
        """The numbers under which the ERP has a document's token now; none where it cannot be asked by token."""
        if not self._route.can_be_asked:
            return ()
        return sorted({item.doc_no for item in self._with_token(claim.document)})


def _succeeded(finding: Finding) -> Outcome:
    return Outcome(status=Status.SUCCEEDED, stage=finding.stage, doc_type_no=finding.doc_type_no, doc_no=finding.doc_no)


# -- comparing -------------------------------------------------------------------------------------------------------


def same_lines(sent: Sequence[Mapping[str, Value]], found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the ERP's lines are the lines that were sent, in any order. Fields that the ERP does not report are passed over."""
    left = list(found)
    for line in sent:
        match = next((position for position, candidate in enumerate(left) if _same_line(line, candidate)), None)
        if match is None:
            return False
        del left[match]
    return not left


def _same_line(sent: Mapping[str, Value], found: Mapping[str, Any]) -> bool:
    return all(_same(value, found[name]) for name, value in sent.items() if name in found)


def _same(sent: Value, found: object) -> bool:
    """Text is compared trimmed (a blank location is stored as one space), numbers as numbers, dates by their digits (§9.1 rule 6)."""
    text = "" if found is None else str(found).strip()
    if isinstance(sent, Decimal):
        try:
            return Decimal(text) == sent
        except InvalidOperation:
            return False
    if isinstance(sent, date):
        return "".join(filter(str.isdigit, text))[:8] == sent.strftime("%Y%m%d")
    return text == sent.strip()
