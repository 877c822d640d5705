"""The operations that change documents, each one transaction (protocol §4, §5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from importer.simulator.erp.checks import AT_CONFIRM, AT_CREATE, AT_POST, DATE, LIGHT, Check, Facts
from importer.simulator.erp.documents import Document, Operation, Refusal, Refused, StockKey
from importer.simulator.erp.drafts import Draft, filled_header, filled_line
from importer.simulator.erp.journal import Journal
from importer.simulator.erp.kinds import Kind
from importer.simulator.erp.lifecycle import refusal_of
from importer.simulator.erp.numbering import number_for, slip_for, slip_of
from importer.simulator.erp.posting import completed, irreversible, move_stock
from importer.simulator.erp.stock import Stock
from importer.simulator.erp.store import Store, tokens_in
from importer.simulator.master import Master, MasterData
from importer.simulator.settings import SimulatorSettings

Outcome = Document | Refused


class Erp:
    """One company's ERP: its documents, stock and master data. Not thread-safe: its owner holds the lock."""

    def __init__(self, settings: SimulatorSettings, data: MasterData) -> None:
        self.journal = Journal()
        self.store = Store(self.journal)
        self.stock = Stock(self.journal)
        self.stock.open_with(
            (StockKey(row.plant, row.item, row.warehouse, row.location or " ", row.lot or " "), row.qty) for row in data.stock
        )
        self._done: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.configure(settings, Master(data))

    def configure(self, settings: SimulatorSettings, master: Master) -> None:
        """Change the rules, keep documents and stock."""
        self.settings = settings
        self.master = master
        self.facts = Facts(master, self.stock, settings, self._done)

    def create(self, draft: Draft) -> Outcome:
        kind = draft.kind
        slip_code = slip_of(draft.doc_type_no) or ("DOC" if kind.generic else "")
        document = Document(
            kind=kind.name,
            plant=draft.plant,
            doc_no="",
            slip=slip_code,
            doc_date=draft.day,
            header=draft.header if kind.generic else filled_header(draft, self.master),
            lines=self._lines(draft),
            user=draft.user,
            tokens=tokens_in(draft.header),
        )
        return self._numbered(draft, document) if kind.generic else self._checked(draft, document)

    def _lines(self, draft: Draft) -> tuple[Mapping[str, Any], ...]:
        if draft.kind.generic:
            return draft.lines
        return tuple(filled_line(draft.kind, line, n, self.master) for n, line in enumerate(draft.lines, 1))

    def _checked(self, draft: Draft, document: Document) -> Outcome:
        if draft.day is None:
            return Refused((Refusal("sim-value", {"doc_date": draft.header.get("doc_date")}),))
        # The order of protocol §1.6: date, slip, and then everything else.
        if refused := self._refused(DATE, document):
            return refused
        slip = slip_for(self.master, draft.kind, document.slip)
        if slip is None:
            return Refused((Refusal("apm-920", {"doc_type_no": draft.doc_type_no}),))
        if refused := self._refused(LIGHT if draft.light_checks else AT_CREATE, document):
            return refused
        return self._numbered(draft, replace(document, approval_slip=slip.approval))

    def _numbered(self, draft: Draft, document: Document) -> Outcome:
        kind = draft.kind
        given = draft.doc_no or ("" if draft.doc_type_no == document.slip else draft.doc_type_no)
        if kind.generic:
            grow = self.settings.serial_overflow == "grow"
            day = draft.day or date.today()
            number = given or self.store.next_number(kind, draft.plant, document.slip, day, may_grow=grow)
            number = None if number == given and self.store.taken(kind, draft.plant, given) else number
        else:
            slip = slip_for(self.master, kind, document.slip)
            number = number_for(self.store, self.settings, kind, draft.plant, slip, given, draft.day)
        if number is None:
            return Refused((Refusal("apm-920", {"doc_type_no": draft.doc_type_no, **({"doc_no": given} if given else {})}),))
        created = replace(document, doc_no=number, serial=self.store.next_created())
        self.store.put(kind, created)
        return self._confirmed_at_once(kind, created)

    def _confirmed_at_once(self, kind: Kind, document: Document) -> Document:
        """smydmy4, or a site whose create approves: what cannot be confirmed simply stays open (protocol §4)."""
        slip = self.master.slips.get(document.slip)
        if self.settings.create_approves or (slip is not None and slip.confirm_at_once and not kind.generic):
            outcome = self.act(Operation.APPROVE, kind, document.plant, document.doc_no, user=document.user)
            return document if isinstance(outcome, Refused) else outcome
        return document

    def _refused(self, checks: Mapping[str, Check], document: Document) -> Refused | None:
        check = checks.get(document.kind)
        if check is None:
            return None
        found = check(self.facts, document)
        reasons = tuple(islice(found, 1)) if self.settings.first_error_only else tuple(found)
        return Refused(reasons) if reasons else None

    def update(self, draft: Draft) -> Outcome:
        """Change header fields, change or add lines by `seq` (§9.1 12), and check the whole again."""
        before = self.store.get(draft.kind, draft.plant, draft.doc_no)
        if before is None:
            return _unknown(draft.doc_no)
        if refusal := refusal_of(Operation.UPDATE, before):
            return Refused((refusal,))
        header = {**before.header, **{name: value for name, value in draft.header.items() if name != "doc_type_no"}}
        after = replace(
            before,
            header=header,
            doc_date=replace(draft, header=header).day,
            lines=self._merged_lines(draft, before),
            tokens=tokens_in(header),
        )
        if refused := self._refused(AT_CREATE, after):
            return refused
        self.store.put(draft.kind, after)
        return after

    def _merged_lines(self, draft: Draft, before: Document) -> tuple[Mapping[str, Any], ...]:
        merged = {str(line.get("seq")): dict(line) for line in before.lines}
        for line in draft.lines:
            merged[str(line.get("seq"))] = {**merged.get(str(line.get("seq")), {}), **line}
        if draft.kind.generic:
            return tuple(merged.values())
        return tuple(filled_line(draft.kind, line, n, self.master) for n, line in enumerate(merged.values(), 1))

    def act(self, operation: Operation, kind: Kind, plant: str, doc_no: str, *, user: str = "", day: date | None = None) -> Outcome:
        """One of approve, disapprove, post, dispost, invalid, delete on one document; `day` = posting date where one is sent."""
        document = self.store.get(kind, plant, doc_no)
        if document is None:
            return _unknown(doc_no)
        if refusal := refusal_of(operation, document):
            return Refused((refusal,))
        if operation is Operation.DELETE:
            self.store.remove(kind, document)
            return document
        after = self._step(operation, replace(document, acted_by=user), day)
        if isinstance(after, Document):
            self.store.put(kind, after)
            if operation is Operation.APPROVE and self.settings.approve_posts:
                posted = self.act(Operation.POST, kind, plant, doc_no, user=user)
                return after if isinstance(posted, Refused) else posted
        return after

    def _step(self, operation: Operation, document: Document, day: date | None) -> Outcome:
        if operation is Operation.APPROVE:
            return self._refused(AT_CONFIRM, document) or replace(document, confirm="Y", flow="1")
        if operation is Operation.DISAPPROVE:
            return replace(document, confirm="N", flow="1" if document.approval_slip else "0")
        if operation is Operation.INVALID:
            return replace(document, confirm="X", post="X")
        return self._posted(document, day) if operation is Operation.POST else self._unposted(document)

    def _posted(self, document: Document, day: date | None) -> Outcome:
        if refused := self._refused(AT_POST, document):
            return refused
        if document.kind in AT_POST:
            move_stock(self.facts, document, reversal=False)
            self._count_done(document, 1)
        return replace(document, post="Y", post_date=day or document.doc_date, times_posted=document.times_posted + 1)

    def _unposted(self, document: Document) -> Outcome:
        if document.kind in AT_POST:
            if reasons := tuple(irreversible(self.facts, document)):
                return Refused(reasons)
            move_stock(self.facts, document, reversal=True)
            self._count_done(document, -1)
        return replace(document, post="N", post_date=None)

    def _count_done(self, document: Document, sign: int) -> None:
        for order, qty in completed(document):
            self._done[order] += sign * qty
            if self.journal.open:
                self.journal.note(lambda order=order, qty=qty: self._take_back_done(order, sign * qty))  # type: ignore[misc]

    def _take_back_done(self, order: str, qty: Decimal) -> None:
        self._done[order] -= qty

    def refused_date(self, draft: Draft) -> Refused | None:
        """Only the check of the document date, for services that replace it afterwards."""
        document = Document(
            kind=draft.kind.name, plant=draft.plant, doc_no="", slip="", doc_date=draft.day, header=draft.header, lines=draft.lines
        )
        return self._refused(DATE, document)

    def withdraw(self, kind: Kind, plant: str, doc_no: str) -> None:
        """Delete a document whatever its state, as CreateStockInData does when posting failed (protocol §1.5)."""
        document = self.store.get(kind, plant, doc_no)
        if document is not None:
            self.store.remove(kind, document)

    def set_flow(self, kind: Kind, plant: str, doc_no: str, flow: str) -> Outcome:
        """What people do in the ERP itself: send into the approval flow ("S"), grant ("1"), call back ("0")."""
        document = self.store.get(kind, plant, doc_no)
        if document is None:
            return _unknown(doc_no)
        after = replace(document, flow=flow)
        self.store.put(kind, after)
        return after

    def live_with_token(self, token: str) -> Iterator[Document]:
        """Documents that carry a reference and stand in the ERP: void ones do not."""
        return (document for document in self.store.with_token(token) if document.confirm != "X")


def _unknown(doc_no: str) -> Refused:
    return Refused((Refusal("100", {"doc_no": doc_no}),))
