"""A combined service: create in one transaction, then confirm and post as a program of its own (protocol §1.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from importer.simulator.custom.inner import InnerAnswer, InnerRequest
from importer.simulator.custom.reading import ColumnReader
from importer.simulator.customservice import CustomService
from importer.simulator.erp.documents import Document, Operation, Refusal, Refused
from importer.simulator.erp.drafts import Draft
from importer.simulator.erp.erp import Erp, Outcome
from importer.simulator.erp.kinds import KINDS
from importer.simulator.erp.texts import text_of
from importer.simulator.exchange import Remarks


@dataclass(frozen=True, slots=True)
class Combined:
    """One call of one service."""

    erp: Erp
    service: CustomService
    request: InnerRequest
    remarks: Remarks
    program_missing: bool = False  # aws-086: the confirm/post program does not run

    def run(self) -> InnerAnswer:
        record_sets = list(self.request.record_sets(self.service.master, self.service.detail))
        if not record_sets:
            return InnerAnswer(code="-1", description="No recordset processed!")
        if self.erp.master.plants[self.request.plant or ""].multi_unit:
            return self._refusal(Refusal("asm-383"))
        if len(record_sets) > 1:
            self.remarks.append(("several_record_sets", str(len(record_sets))))
        outcome, numbers = self._create(record_sets)
        answer = self._created(outcome, numbers)
        if self._posts(answer):
            answer = self._posted(outcome, answer)
        return replace(answer, results=tuple(numbers) if self.service.results_element else ())

    def _create(self, record_sets: list[Any]) -> tuple[Outcome, list[str]]:
        """All masters in one transaction; the first error undoes all; the last number is the one that is returned."""
        outcome: Outcome = Refused(())
        numbers: list[str] = []
        with self.erp.journal.transaction():
            for header, lines in record_sets:
                outcome = self._create_one(
                    self._reader().draft(header, lines, plant=self.request.plant or "", user=self.request.user or "")
                )
                if isinstance(outcome, Refused):
                    self.erp.journal.roll_back()
                    return outcome, []
                numbers.append(outcome.doc_no)
        return outcome, numbers

    def _reader(self) -> ColumnReader:
        return ColumnReader(self.service, self.erp.master, self.erp.settings, self.request.application, self.remarks)

    def _create_one(self, draft: Draft) -> Outcome:
        draft = replace(draft, light_checks=self.service.light_checks)
        if draft.day is None and self.service.missing_date == "refuse":
            return Refused((Refusal("-1106"),))
        today = date.today()
        if draft.day is None:
            draft = replace(draft, header={**draft.header, "doc_date": today})
        elif self.service.date_becomes_today:
            if early := self.erp.refused_date(draft):
                return early
            draft = replace(draft, header={**draft.header, "doc_date": today})
        return self.erp.create(draft)

    def _created(self, outcome: Outcome, numbers: list[str]) -> InnerAnswer:
        if isinstance(outcome, Refused):
            return self._refusal(outcome.reasons[0])
        return InnerAnswer(column=self.service.number, number=numbers[-1])

    def _refusal(self, reason: Refusal) -> InnerAnswer:
        """The code, its text in the caller's language; errors name no line (protocol §1.5 4)."""
        number = "" if self.erp.settings.number_in_refusal else None
        sqlcode = reason.code if reason.code.lstrip("-").isdigit() and reason.code not in ("9023", "9024", "9028") else "0"
        text = reason.text or text_of(reason.code, self._language())
        return InnerAnswer(code=reason.code, sqlcode=sqlcode, description=text, column=self.service.number, number=number)

    def _language(self) -> str:
        """Anything but the two Chinese locales is English (protocol §1.3)."""
        return "zh_TW" if self.request.language.lower() in ("zh_tw", "zh_cn") else "en_US"

    def _posts(self, answer: InnerAnswer) -> bool:
        if self.request.parameters.get("status") != "Y":
            return False
        unguarded = self.service.posts_after_failed_create and self.erp.settings.transfer_overwrites_code
        return answer.code == "0" or unguarded

    def _posted(self, outcome: Outcome, answer: InnerAnswer) -> InnerAnswer:
        """Runs after the commit: its failure does not undo the creation (protocol §1.5 5)."""
        if self.program_missing:
            return replace(answer, code="aws-086", description=text_of("aws-086", self._language()))
        if isinstance(outcome, Refused):
            return replace(answer, code="-1", sqlcode="0", description=f"100 {text_of('100', self._language())}")
        if self.service.skips_post_in_flow and outcome.approval_slip:
            return answer
        refused = self._confirm_and_post(outcome)
        # A slip with approval flow cannot be confirmed by the program, which reports nothing (§9.1 7).
        if refused is None or refused.code == "aws-078":
            return answer
        return self._post_failed(outcome, answer, refused)

    def _confirm_and_post(self, document: Document) -> Refusal | None:
        kind = KINDS[document.kind]
        for operation in (Operation.APPROVE, Operation.POST):
            now = self.erp.store.get(kind, document.plant, document.doc_no)
            if now is not None and operation is Operation.APPROVE and now.confirm == "Y":
                continue
            outcome = self.erp.act(operation, kind, document.plant, document.doc_no, user=self.request.user or "")
            if isinstance(outcome, Refused):
                return outcome.reasons[0]
        return None

    def _post_failed(self, document: Document, answer: InnerAnswer, refusal: Refusal) -> InnerAnswer:
        if self.service.on_post_failure == "deleted":
            self.erp.withdraw(KINDS[document.kind], document.plant, document.doc_no)
            return replace(answer, code="aws-522", description=text_of("aws-522", self._language()))
        return replace(answer, code="-1", description=refusal.message(self._language()))
