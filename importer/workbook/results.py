"""The workbook that goes back: the user's own, with the outcome of every row, marks on wrong cells, and a summary.

What the columns and the summary say is decided here; how they get into the file is the business of `patch`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from importer.issue_catalogue import render, title
from importer.messages import N_, translate
from importer.models import Issue, RowStatus, Severity
from importer.workbook.books import open_book
from importer.workbook.patch import Mark, ResultColumn, SummarySheet, UnpatchableWorkbook, build_workbook, patch_workbook
from importer.workbook.reader import Sheet

__all__ = ["ControlTotal", "Facts", "RowOutcome", "results_path", "status_text", "write_results"]

Cell = str | int | float | Decimal | date | time | None
PATCHABLE: Final = (".xlsx", ".xlsm")
SUMMARY_TITLE: Final = "結果 Summary"
EARLIER: Final = re.compile(r"(_result_\d{8}-\d{6}(-\d+)?)+$")

COLUMNS: Final = (  # technical name, English label, width
    ("_result.status", N_("Status"), 18.0),
    ("_result.doc_no", N_("Document number"), 18.0),
    ("_result.line_no", N_("Line"), 7.0),
    ("_result.step", N_("Step"), 11.0),
    ("_result.erp_code", N_("ERP code"), 11.0),
    ("_result.message", N_("Message"), 60.0),
    ("_ref", "_ref", 4.0),
)
COLOUR: Final = {
    RowStatus.POSTED: "ok",
    RowStatus.APPROVED: "ok",
    RowStatus.CREATED: "ok",
    RowStatus.ALREADY_IMPORTED: "hint",
    RowStatus.CHECK_FAILED: "error",
    RowStatus.REFUSED: "error",
    RowStatus.UNKNOWN: "warning",
    RowStatus.NOT_SENT: "warning",
}
STATUS_TEXTS: Final = {
    RowStatus.POSTED: N_("posted"),
    RowStatus.APPROVED: N_("approved"),
    RowStatus.CREATED: N_("created"),
    RowStatus.ALREADY_IMPORTED: N_("already imported"),
    RowStatus.CHECK_FAILED: N_("check failed"),
    RowStatus.REFUSED: N_("refused"),
    RowStatus.UNKNOWN: N_("unknown"),
    RowStatus.NOT_SENT: N_("not sent"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What became of one worksheet row."""

    status: RowStatus
    doc_no: str = ""
    line_no: int | None = None
    step: str = ""  # the operation that the status is about
    code: str = ""  # the ERP's code
    message: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """Sums of one field, in the workbook and of what has reached the stage asked for."""

    headings: Sequence[str]  # labels of the fields by which it is summed, then of the summed field
    sums: Mapping[tuple[str, ...], tuple[Decimal, Decimal]]  # group -> in the workbook, done


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the summary says besides counts of rows."""

    file: str
    document_type: str  # its title for people
    batch: str = ""
    profile: str = ""
    until: str = ""
    documents: int = 0
    totals: Sequence[ControlTotal] = ()


def status_text(status: RowStatus, language: str) -> str:
    """The status as the results show it: in the user's language, and in English, by which a consultant or a formula can go."""
    translated = translate(STATUS_TEXTS[status], language)
    return translated if translated == status.value else f"{translated} {status.value}"


def results_path(source: Path, folder: Path | None, now: datetime) -> Path:
    """`<original>_result_YYYYMMDD-HHMMSS.xlsx` in `folder` or beside the file; an earlier suffix is replaced, a taken name numbered."""
    suffix = source.suffix.lower() if source.suffix.lower() in PATCHABLE else ".xlsx"
    stem = EARLIER.sub("", source.stem)
    name = f"{stem}_result_{now:%Y%m%d-%H%M%S}"
    target = (folder or source.parent) / f"{name}{suffix}"
    number = 2
    while target.exists():
        target = target.with_name(f"{name}-{number}{suffix}")
        number += 1
    return target


def write_results(
    source: Path, target: Path, *, sheet: Sheet, outcomes: Mapping[int, RowOutcome], issues: Sequence[Issue], facts: Facts, language: str
) -> Path:
    """Write the user's workbook with the outcome of every row to `target`; the path in the end, as the suffix may have to change.

    `source` holds the workbook's bytes, under whatever name; `outcomes` are by worksheet row. Formats that cannot be
    patched become a new .xlsx of the same layout.
    """
    columns = [
        ResultColumn(name=name, label=translate(label, language), width=width, hidden=name == "_ref") for name, label, width in COLUMNS
    ]
    values = {row: _cells(outcome, language) for row, outcome in outcomes.items()}
    severities = {row: COLOUR[outcome.status] for row, outcome in outcomes.items()}
    marks = [_mark(issue, language) for issue in issues if issue.row and issue.column]
    summary = _summary(outcomes, issues, facts, language)
    if target.suffix in PATCHABLE:
        try:
            patch_workbook(
                source,
                target,
                sheet=sheet.sheet,
                name_row=sheet.name_row,
                label_row=sheet.label_row,
                columns=columns,
                values=values,
                marks=marks,
                summary=summary,
                status_severity=severities,
                unprotect=sheet.from_template,  # cells pasted into it brought their lock along, and they must be correctable
            )
        except UnpatchableWorkbook:
            target = target.with_suffix(".xlsx")
        else:
            return target
    header_rows, rows = _all_rows(source, sheet)
    build_workbook(
        target,
        sheet=sheet.sheet,
        header_rows=header_rows,
        rows=rows,
        columns=columns,
        values=values,
        marks=marks,
        summary=summary,
        status_severity=severities,
    )
    return target


def _cells(outcome: RowOutcome, language: str) -> list[str | int | None]:
    return [
        status_text(outcome.status, language),
        outcome.doc_no or None,
        outcome.line_no,
        translate(outcome.step, language) if outcome.step else None,
        outcome.code or None,
        outcome.message or None,
        outcome.ref or None,
    ]


def _mark(issue: Issue, language: str) -> Mark:
    return Mark(row=issue.row or 1, column=issue.column or 1, severity=issue.severity.value, text=render(issue, language))


def _all_rows(source: Path, sheet: Sheet) -> tuple[list[list[str | None]], dict[int, list[Cell]]]:
    """Header rows and data rows of a workbook that has no XML to patch."""
    every = open_book(source, [sheet.mapping] if sheet.mapping else []).cells(sheet.sheet)
    header = [[str(cell) if cell != "" else None for cell in cells] for cells in every[: sheet.label_row]]
    data = enumerate(every[sheet.label_row :], start=sheet.label_row + 1)
    return header, {row: [str(cell) if isinstance(cell, timedelta) else cell for cell in cells] for row, cells in data}


# -- the summary -----------------------------------------------------------------------------------------------------

Row = list[str | int | Decimal | None]


def _summary(outcomes: Mapping[int, RowOutcome], issues: Collection[Issue], facts: Facts, language: str) -> SummarySheet:
    """Where it came from, how many rows have which status, which rules were broken how often, and the control totals."""

    def say(text: str) -> str:
        return translate(text, language)

    rows: list[Row] = []
    bold: set[int] = set()

    def heading(*cells: str) -> None:
        if rows:
            rows.append([])
        bold.add(len(rows))
        rows.append(list(cells))

    heading(say(N_("Results")))
    rows += [
        [say(label), value]
        for label, value in (
            (N_("File"), facts.file),
            (N_("Document type"), facts.document_type),
            (N_("Batch"), facts.batch),
            (N_("Profile"), facts.profile),
            (N_("As far as"), say(facts.until) if facts.until else ""),
            (N_("Documents"), facts.documents),
        )
        if value != ""
    ]
    heading(say(N_("Status")), say(N_("Rows")))
    counts = Counter(outcome.status for outcome in outcomes.values())
    rows += [[status_text(status, language), counts[status]] for status in RowStatus]
    bold.add(len(rows))
    rows.append([say(N_("Rows read")), len(outcomes)])
    if issues:
        heading(say(N_("Finding")), say(N_("Count")), say(N_("Severity")))
        found = Counter((issue.severity, issue.code) for issue in issues)
        order = list(Severity)
        for (severity, code), count in sorted(found.items(), key=lambda item: (order.index(item[0][0]), -item[1])):
            rows.append([title(code, language), count, say(SEVERITY_TEXTS[severity])])
        rows += [[render(issue, language)] for issue in issues if issue.row is None]
    for total in facts.totals:
        *by, summed = total.headings
        heading(*by, f"{summed}: {say(N_('workbook'))}", f"{summed}: {say(N_('done'))}")
        rows += [[*group, whole, done] for group, (whole, done) in sorted(total.sums.items())]
    return SummarySheet(title=SUMMARY_TITLE, rows=rows, bold_rows=frozenset(bold), widths=(34, 22, 22, 22))


SEVERITY_TEXTS: Final = {Severity.ERROR: N_("error"), Severity.WARNING: N_("warning"), Severity.HINT: N_("hint")}
STEP_TEXTS: Final = (N_("create"), N_("approve"), N_("post"), N_("combined"), N_("check"))  # what `RowOutcome.step` may say
