"""The results workbook of a batch, and the annotated workbook of a check."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer import documents
from importer.issue_catalogue import issue, render
from importer.mapping import Mapping as DocumentType
from importer.messages import N_, translate
from importer.models import Batch, Document, Issue, Member, RowStatus, Stage, Status, reached
from importer.pipeline.checking import Checked
from importer.pipeline.submitting import Kept, load_kept
from importer.sender import TWICE
from importer.workbook.reader import Sheet, read_workbook
from importer.workbook.results import EARLIER, ControlTotal, Facts, RowOutcome, results_path, write_results

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["annotate", "report"]

NAME_BYTES: Final = 255 - len("_result_20260131-120000-999.xlsx") - len("..01234567.tmp")  # while it is written it has a longer name


def report(ledger: Ledger, batch: Batch, *, mapping: DocumentType, mappings: Mapping[str, DocumentType], folder: Path | None) -> Path:
    """Write the results workbook of a batch from what the ledger knows now, and return its path."""
    source = Path(batch.file)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / source.name
        copy.write_bytes(ledger.workbook(batch.sha256))
        sheet = read_workbook(copy, mappings, document_type=batch.document_type)
        kept = load_kept(ledger.issues(batch.id))
        outcomes, totals, count, refusals = _outcomes_of(ledger, batch, mapping, sheet, kept)
        facts = Facts(
            file=source.name,
            document_type=mapping.title_in(batch.language),
            batch=batch.id,
            profile=batch.profile,
            until=batch.until.value,
            documents=count,
            totals=totals,
        )
        target = _target(source, folder)
        return write_results(
            copy, target, sheet=sheet, outcomes=outcomes, issues=[*kept.issues, *refusals], facts=facts, language=batch.language
        )


def _target(source: Path, folder: Path | None) -> Path:
    """Where results go: the folder asked for, else beside the workbook, else (it is gone or read-only) the working directory."""
    return results_path(_shortened(source), folder or _writable(source.parent), datetime.now())


def _writable(folder: Path) -> Path:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path.cwd()


def _shortened(source: Path) -> Path:
    """The same name with room for the results' suffix: file systems take 255 bytes, which are 85 Chinese characters."""
    stem = EARLIER.sub("", source.stem).encode()[:NAME_BYTES].decode(errors="ignore")
    return source.with_name(stem + source.suffix)


def annotate(checked: Checked, *, folder: Path | None) -> Path | None:
    """Write the user's workbook with every finding on its cell; None when there is no finding or no sheet to write to."""
    if checked.sheet is None or not checked.issues or checked.sheet.rows.empty:
        return None
    outcomes: dict[int, RowOutcome] = {}
    texts = _row_texts(checked.issues, checked.language)
    for document in checked.documents:
        record = checked.known.get(document.token)
        done = record is not None and reached(record.stage, Stage.POSTED)
        for number, row in enumerate(document.rows, start=1):
            outcomes[row] = RowOutcome(
                status=RowStatus.ALREADY_IMPORTED if done else RowStatus.NOT_SENT,
                doc_no=record.doc_no if record else "",
                line_no=number if done else None,
                message=texts.get(row, ""),
                ref=documents.ref_of(document),
            )
    outcomes.update(_failed(checked.wrong_rows(), texts, checked.refs, checked.language))
    title = checked.mapping.title_in(checked.language) if checked.mapping else ""
    facts = Facts(file=checked.path.name, document_type=title, documents=sum(1 for _ in checked.every_document))
    target = _target(checked.path, folder)
    return write_results(
        checked.path, target, sheet=checked.sheet, outcomes=outcomes, issues=checked.issues, facts=facts, language=checked.language
    )


def _row_texts(issues: Iterable[Issue], language: str) -> dict[int, str]:
    texts: dict[int, list[str]] = defaultdict(list)
    for found in issues:
        if found.row:
            texts[found.row].append(render(found, language))
    return {row: "\n".join(lines) for row, lines in texts.items()}


def _failed(wrong_rows: Mapping[int, int], texts: Mapping[int, str], refs: Mapping[int, str], language: str) -> dict[int, RowOutcome]:
    """Rows of documents that are not sent; `wrong_rows` tells for each which row is to be corrected."""
    outcomes = {}
    for row, wrong in wrong_rows.items():
        message = texts.get(row) or render(issue("document_has_errors", other_row=wrong), language)
        outcomes[row] = RowOutcome(status=RowStatus.CHECK_FAILED, step="check", message=message, ref=refs.get(row, ""))
    return outcomes


class _Totals:
    """Control totals: what the workbook holds and what of it has been done."""

    def __init__(self, mapping: DocumentType, language: str) -> None:
        self._mapping = mapping.untranslated()  # by the user's own codes, as everything in results is
        self._language = language
        self._sums: list[dict[tuple[str, ...], list[Decimal]]] = [defaultdict(lambda: [Decimal(0), Decimal(0)]) for _ in mapping.totals]

    def add(self, document: Document, *, done: bool) -> None:
        _, lines = documents.complete(document, self._mapping, {})
        for spec, sums in zip(self._mapping.totals, self._sums, strict=True):
            for line in lines:
                amount = line.get(spec.sum)
                if isinstance(amount, Decimal):
                    group = tuple(str(line.get(name, document.header.get(name, ""))) for name in spec.by)
                    sums[group][0] += amount
                    if done:
                        sums[group][1] += amount

    def result(self) -> list[ControlTotal]:
        return [
            ControlTotal(
                headings=[self._mapping.fields[name].label_in(self._language) for name in (*spec.by, spec.sum)],
                sums={group: (whole, done) for group, (whole, done) in sums.items()},
            )
            for spec, sums in zip(self._mapping.totals, self._sums, strict=True)
        ]


def _outcomes_of(
    ledger: Ledger, batch: Batch, mapping: DocumentType, sheet: Sheet, kept: Kept
) -> tuple[dict[int, RowOutcome], list[ControlTotal], int, list[Issue]]:
    """The outcome of every row, the control totals, the number of documents, and the ERP's refusals on the cells they name."""
    texts = _row_texts(kept.issues, batch.language)
    outcomes = _failed(kept.wrong_rows, texts, kept.refs, batch.language)
    totals = _Totals(mapping, batch.language)
    refusals: list[Issue] = []
    twice = ledger.remarks(batch.id, TWICE)
    count = 0
    for member, document in ledger.documents(batch.id):
        count += 1
        outcome = _document_outcome(member, batch)
        if member.record.id in twice and not outcome.message:
            outcome = replace(outcome, code=TWICE, message=twice[member.record.id])
        totals.add(document, done=reached(member.record.stage, batch.until))
        ref = documents.ref_of(document)
        for number, row in enumerate(member.rows, start=1):
            message = "\n".join(text for text in (outcome.message, texts.get(row, "")) if text)
            outcomes[row] = replace(outcome, line_no=number if outcome.doc_no else None, ref=ref, message=message)
        if (refusal := _refusal_issue(member, mapping, sheet)) is not None:
            refusals.append(refusal)
    for row in sheet.rows.index:
        outcomes.setdefault(int(row), RowOutcome(status=RowStatus.NOT_SENT))
    return outcomes, totals.result(), count, refusals


def _document_outcome(member: Member, batch: Batch) -> RowOutcome:
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
        return RowOutcome(status=status, doc_no=record.doc_no, step=entry.operation.value, code=entry.code, message=text)
    if record.stage in done:
        if member.already:
            return RowOutcome(status=RowStatus.ALREADY_IMPORTED, doc_no=record.doc_no)
        return RowOutcome(status=done[record.stage], doc_no=record.doc_no, step=_step_of(record.stage))
    if record.stage in (Stage.VOID, Stage.DELETED):
        return RowOutcome(status=RowStatus.NOT_SENT, doc_no=record.doc_no, message=translate(N_("undone"), batch.language))
    return RowOutcome(status=RowStatus.NOT_SENT, message=entry.message if entry else "")


def _step_of(stage: Stage) -> str:
    return {Stage.CREATED: "create", Stage.APPROVED: "approve", Stage.POSTED: "post"}[stage]


def _refusal_issue(member: Member, mapping: DocumentType, sheet: Sheet) -> Issue | None:
    """The ERP's refusal on the cell that it names; None where it names none."""
    entry = member.record.entry
    if entry is None or entry.status is not Status.REJECTED or not entry.line or entry.line > len(member.rows):
        return None
    name = next((name for name, spec in mapping.lines.items() if (spec.standard or name) == entry.field), None)
    place = sheet.columns.get(name) if name else None
    if place is None:
        return None
    text = entry.message or entry.code
    return issue(
        "erp_refused", sheet=sheet.sheet, row=member.rows[entry.line - 1], column=place.column, header=place.header, field=name, text=text
    )
