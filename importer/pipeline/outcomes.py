"""What became of every row of a workbook, as the ledger knows it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from importer import documents
from importer.issue_catalogue import issue
from importer.mapping import Mapping as DocumentType
from importer.messages import N_, translate
from importer.models import Batch, Issue, Member, RowStatus, Stage, Status, reached
from importer.pipeline.checking import Checked
from importer.pipeline.kept import Kept
from importer.pipeline.preview import splits_of
from importer.pipeline.submitting import REPLACED
from importer.pipeline.totals import Totals
from importer.sender import TWICE
from importer.workbook.controls import ControlTotal, Split
from importer.workbook.reader import Sheet
from importer.workbook.results import RowOutcome

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["Outcomes", "batch_outcomes", "checked_outcomes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """A batch's rows and what the summary says of its documents."""

    rows: Mapping[int, RowOutcome]  # every data row, once
    documents: int
    totals: Sequence[ControlTotal]
    splits: Sequence[Split]
    already: Sequence[tuple[str, str]]  # key and number of each document that the ERP had before
    refusals: Sequence[Issue] = ()  # on the cells that the ERP names
    keys: Mapping[int, str] = field(default_factory=dict)  # document keys of the rows
    to_fix: frozenset[int] = frozenset()  # rows of the documents that a person has to correct


def checked_outcomes(checked: Checked) -> dict[int, RowOutcome]:
    """Of the rows of a workbook that was checked and not sent."""
    rows: dict[int, RowOutcome] = {}
    for document in checked.documents:
        record = checked.known.get(document.token)
        done = record is not None and reached(record.stage, Stage.POSTED)
        status, ref = RowStatus.ALREADY_IMPORTED if done else RowStatus.NOT_SENT, documents.ref_of(document)
        doc_no = record.doc_no if record else ""
        for number, row in enumerate(document.rows, start=1):
            rows[row] = RowOutcome(status=status, doc_no=doc_no, line_no=number if done else None, ref=ref)
    rows.update(_failed(checked.wrong_rows(), checked.refs))
    return rows


def batch_outcomes(ledger: Ledger, batch: Batch, mapping: DocumentType, sheet: Sheet, kept: Kept) -> Outcomes:
    """Every data row exactly once; rows of documents that failed the check are known from then."""
    rows = _failed(kept.wrong_rows, kept.refs)
    keys = dict(kept.keys)
    to_fix = set(rows)
    totals = Totals(mapping)
    refusals: list[Issue] = []
    already = []
    twice = ledger.remarks(batch.id, TWICE)
    count = 0
    for member, document in ledger.documents(batch.id):
        count += 1
        outcome = _document_outcome(member, batch, ref=documents.ref_of(document))
        if member.record.id in twice and not outcome.message:
            outcome = replace(outcome, code=TWICE, message=twice[member.record.id])
        totals.add(document, done=reached(member.record.stage, batch.until))
        if outcome.status is RowStatus.ALREADY_IMPORTED:
            already.append((document.key, outcome.doc_no))
        for number, row in enumerate(member.rows, start=1):
            rows[row] = outcome.of_line(number) if outcome.doc_no else outcome
            keys[row] = document.key
        if outcome.status is RowStatus.REFUSED:
            if member.record.entry is not None and member.record.entry.message != REPLACED:
                to_fix.update(member.rows)
            refusals += _refusal_issue(member, mapping, sheet)
    for row in sheet.rows.index.tolist():
        if row not in rows:
            rows[row] = RowOutcome(status=RowStatus.NOT_SENT)
    return Outcomes(
        rows=rows,
        documents=count,
        totals=totals.result(batch.language),
        splits=splits_of(kept.issues),
        already=already,
        refusals=refusals,
        keys=keys,
        to_fix=frozenset(to_fix),
    )


def _failed(wrong_rows: Mapping[int, int], refs: Mapping[int, str]) -> dict[int, RowOutcome]:
    """Rows of documents that are not sent; `wrong_rows` tells for each which row is to be corrected."""
    return {
        row: RowOutcome(status=RowStatus.CHECK_FAILED, step="check", other_row=wrong, ref=refs.get(row, ""))
        for row, wrong in wrong_rows.items()
    }


def _document_outcome(member: Member, batch: Batch, *, ref: str) -> RowOutcome:
    record, entry = member.record, member.record.entry
    done = {Stage.POSTED: RowStatus.POSTED, Stage.APPROVED: RowStatus.APPROVED, Stage.CREATED: RowStatus.CREATED}
    if entry is not None and entry.status in (Status.REJECTED, Status.UNKNOWN, Status.SENDING):
        status = RowStatus.REFUSED if entry.status is Status.REJECTED else RowStatus.UNKNOWN
        text = translate(entry.message, batch.language)  # a text of ours; what the ERP said stays as it is
        if status is RowStatus.UNKNOWN:
            advice = translate(
                N_("Nobody knows whether the ERP has done this. Run `importer reconcile`; never key it in again."), batch.language
            )
            text = f"{text} {advice}".strip()
        return RowOutcome(status=status, doc_no=record.doc_no, step=entry.operation.value, code=entry.code, message=text, ref=ref)
    if record.stage in done:
        if member.already:
            return RowOutcome(status=RowStatus.ALREADY_IMPORTED, doc_no=record.doc_no, ref=ref)
        return RowOutcome(status=done[record.stage], doc_no=record.doc_no, step=_step_of(record.stage), ref=ref)
    if record.stage in (Stage.VOID, Stage.DELETED):
        return RowOutcome(status=RowStatus.NOT_SENT, doc_no=record.doc_no, message=translate(N_("undone"), batch.language), ref=ref)
    return RowOutcome(status=RowStatus.NOT_SENT, message=entry.message if entry else "", ref=ref)


def _step_of(stage: Stage) -> str:
    return {Stage.CREATED: "create", Stage.APPROVED: "approve", Stage.POSTED: "post"}[stage]


def _refusal_issue(member: Member, mapping: DocumentType, sheet: Sheet) -> list[Issue]:
    """The ERP's refusal on the cell that it names; none where it names none."""
    entry = member.record.entry
    if entry is None or entry.status is not Status.REJECTED or not entry.line or entry.line > len(member.rows):
        return []
    name = next((name for name, spec in mapping.lines.items() if (spec.standard or name) == entry.field), None)
    place = sheet.columns.get(name) if name else None
    if place is None:
        return []
    text = entry.message or entry.code
    return [
        issue(
            "erp_refused",
            sheet=sheet.sheet,
            row=member.rows[entry.line - 1],
            column=place.column,
            header=place.header,
            field=name,
            text=text,
        )
    ]
