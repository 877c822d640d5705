"""The workbooks that go back: the user's own with the outcome of every row, and one with only the rows that need work.

What the columns say is decided here, what the summary says in `overview`; how it gets into the file is the business of `patch`.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from importer.issue_catalogue import issue, render
from importer.messages import N_, translate
from importer.models import Issue, RowStatus
from importer.workbook.books import open_book
from importer.workbook.meta import META_SHEET, Meta
from importer.workbook.overview import COLOUR, Facts, overview, status_text
from importer.workbook.patch import Mark, ResultColumn, UnpatchableWorkbook, build_workbook, extract_rows, patch_workbook
from importer.workbook.patch.extract import Repeat, Repeats
from importer.workbook.patch.keep import Keep
from importer.workbook.reader import ROOM, Sheet

__all__ = [
    "EARLIER",
    "Facts",
    "Repeat",
    "Repeats",
    "RowOutcome",
    "explained",
    "results_path",
    "status_text",
    "write_results",
    "write_tofix",
]

Cell = str | int | float | Decimal | date | time | None
PATCHABLE: Final = (".xlsx", ".xlsm")
EARLIER: Final = re.compile(r"(_(?:result|tofix)_\d{8}-\d{6}(-\d+)?)+$")

COLUMNS: Final = (  # technical name, English label, width
    ("_result.status", N_("Status"), 18.0),
    ("_result.doc_no", N_("Document number"), 18.0),
    ("_result.line_no", N_("Line"), 7.0),
    ("_result.step", N_("Step"), 11.0),
    ("_result.erp_code", N_("ERP code"), 11.0),
    ("_result.message", N_("Message"), 60.0),
    ("_ref", "_ref", 4.0),
)
ROWS_NAMED: Final = ("first_row", "other_row")  # values of issues that name another row of the sheet
STEP_TEXTS: Final = (N_("create"), N_("approve"), N_("post"), N_("combined"), N_("check"))  # what `RowOutcome.step` may say


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What became of one worksheet row."""

    status: RowStatus
    doc_no: str = ""
    line_no: int | None = None
    step: str = ""  # the operation that the status is about
    code: str = ""  # the ERP's code
    message: str = ""
    other_row: int | None = None  # the row of the same document that is to be corrected
    ref: str = ""

    def of_line(self, number: int) -> RowOutcome:
        """The same, of one line of the document; `dataclasses.replace` takes three times as long, which 100,000 rows show."""
        return RowOutcome(
            status=self.status,
            doc_no=self.doc_no,
            line_no=number,
            step=self.step,
            code=self.code,
            message=self.message,
            other_row=self.other_row,
            ref=self.ref,
        )


def results_path(source: Path, folder: Path | None, now: datetime, kind: str = "result") -> Path:
    """`<original>_result_YYYYMMDD-HHMMSS.xlsx` in `folder` or beside the file; an earlier suffix is replaced, a taken name numbered."""
    suffix = source.suffix.lower() if source.suffix.lower() in PATCHABLE else ".xlsx"
    stem = EARLIER.sub("", source.stem)
    name = f"{stem}_{kind}_{now:%Y%m%d-%H%M%S}"
    target = (folder or source.parent) / f"{name}{suffix}"
    number = 2
    while target.exists():
        target = target.with_name(f"{name}-{number}{suffix}")
        number += 1
    return target


def explained(outcomes: Mapping[int, RowOutcome], issues: Iterable[Issue], language: str) -> dict[int, RowOutcome]:
    """The outcomes with what was found in their rows as part of the message; a sound row of a wrong document names the wrong one."""
    texts: dict[int, list[str]] = defaultdict(list)
    for found in issues:
        if found.row and found.code != "erp_refused":  # the message says that already
            texts[found.row].append(render(found, language))
    told = dict(outcomes)
    for row, outcome in outcomes.items():
        lines = texts.get(row)
        if lines is None and outcome.other_row is not None and not outcome.message:
            lines = [render(issue("document_has_errors", other_row=outcome.other_row), language)]
        if lines:
            told[row] = replace(outcome, message="\n".join([*([outcome.message] if outcome.message else []), *lines]))
    return told


def write_results(
    source: Path, target: Path, *, sheet: Sheet, outcomes: Mapping[int, RowOutcome], issues: Sequence[Issue], facts: Facts, language: str
) -> Path:
    """Write the user's workbook with the outcome of every row to `target`; the path in the end, as the suffix may have to change.

    `source` holds the workbook's bytes, under whatever name; `outcomes` are by worksheet row. Formats that cannot be
    patched become a new .xlsx of the same layout.
    """
    content = _Content(outcomes, issues, facts, language)
    if target.suffix in PATCHABLE:
        try:
            content.patch(source, target, sheet)
        except UnpatchableWorkbook:
            target = target.with_suffix(".xlsx")
        else:
            return target
    header_rows, rows = _all_rows(source, sheet)
    content.build(target, sheet, header_rows, rows)
    return target


def write_tofix(
    source: Path,
    target: Path,
    *,
    sheet: Sheet,
    outcomes: Mapping[int, RowOutcome],
    issues: Sequence[Issue],
    repeats: Repeats,
    facts: Facts,
    language: str,
) -> Path:
    """Write the user's workbook with only the rows of `outcomes`, to be corrected and handed in; the path in the end.

    `repeats` says where cells are filled with those of another row, so that each row says by itself to which document it
    belongs. Rows are numbered anew, also where messages name them.
    """
    rows = sorted(outcomes)
    if target.suffix in PATCHABLE:
        beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            keep = extract_rows(source, beside, sheet=sheet.sheet, label_row=sheet.label_row, rows=rows, repeats=repeats)
            _Content.moved(keep, outcomes, issues, facts, language).patch(beside, target, sheet)
        except UnpatchableWorkbook:
            target = target.with_suffix(".xlsx")
        else:
            return target
        finally:
            beside.unlink(missing_ok=True)
    header_rows, every = _all_rows(source, sheet)
    keep = Keep(top=sheet.label_row, rows=rows, last=max(every, default=sheet.label_row))
    kept = {new: _repeated(row, every, repeats) for row in rows if (new := keep.row(row))}
    _Content.moved(keep, outcomes, issues, facts, language).build(target, sheet, header_rows, kept)
    return target


def _repeated(row: int, every: Mapping[int, Sequence[Cell]], repeats: Repeats) -> list[Cell]:
    cells = list(every.get(row, ()))
    for column, repeat in repeats.get(row, {}).items():
        cells += [None] * (column - len(cells))
        if not repeat.if_empty or cells[column - 1] in (None, ""):
            cells[column - 1] = every[repeat.source][column - 1]
    return cells


class _Content:
    """What is written, in the form that `patch` takes."""

    def __init__(self, outcomes: Mapping[int, RowOutcome], issues: Collection[Issue], facts: Facts, language: str) -> None:
        self._columns = [
            ResultColumn(name=name, label=translate(label, language), width=width, hidden=name == "_ref") for name, label, width in COLUMNS
        ]
        say = _Words(language)
        self._values = {row: say.cells(outcome) for row, outcome in outcomes.items()}
        self._severities = {row: COLOUR[outcome.status] for row, outcome in outcomes.items()}
        self._marks = [
            Mark(row=found.row, column=found.column, severity=found.severity.value, text=render(found, language))
            for found in issues
            if found.row and found.column
        ]
        self._summary = overview([outcome.status for outcome in outcomes.values()], list(issues), facts, language)

    @classmethod
    def moved(cls, keep: Keep, outcomes: Mapping[int, RowOutcome], issues: Iterable[Issue], facts: Facts, language: str) -> _Content:
        """The same for the rows that stay, where they stand now."""
        at = {new: _moved_outcome(outcome, keep) for row, outcome in outcomes.items() if (new := keep.row(row))}
        found = [_moved_issue(item, keep) for item in issues if item.row is None or item.row <= keep.top or item.row in outcomes]
        return cls(explained(at, found, language), found, facts, language)

    def patch(self, source: Path, target: Path, sheet: Sheet) -> None:
        """Into a copy of the workbook. Raises UnpatchableWorkbook."""
        patch_workbook(
            source,
            target,
            sheet=sheet.sheet,
            name_row=sheet.name_row,
            label_row=sheet.label_row,
            columns=self._columns,
            values=self._values,
            marks=self._marks,
            summary=self._summary,
            status_severity=self._severities,
            template=sheet.from_template,
        )

    def build(self, target: Path, sheet: Sheet, header_rows: Sequence[Sequence[str | None]], rows: Mapping[int, Sequence[Cell]]) -> None:
        """Into a new workbook of the same layout."""
        build_workbook(
            target,
            sheet=sheet.sheet,
            header_rows=header_rows,
            rows=rows,
            columns=self._columns,
            values=self._values,
            marks=[mark for mark in self._marks if mark.column <= ROOM],
            summary=self._summary,
            status_severity=self._severities,
            hidden={META_SHEET: _meta(sheet).rows()},
        )


def _meta(sheet: Sheet) -> Meta:
    """What the template said, so that the new workbook can be handed in as well."""
    version = str(sheet.mapping.version) if sheet.mapping else ""
    return Meta(document_type=sheet.document_type or "", mapping_version=version, language=sheet.language or "", sheet=sheet.sheet)


class _Words:
    """Statuses and steps in the user's language, each looked up once."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._statuses = {status: status_text(status, language) for status in RowStatus}
        self._steps = {"": None} | {step: translate(step, language) for step in STEP_TEXTS}

    def cells(self, outcome: RowOutcome) -> tuple[str | int | None, ...]:
        """The cells of our columns."""
        step = self._steps[outcome.step] if outcome.step in self._steps else translate(outcome.step, self._language)
        return (
            self._statuses[outcome.status],
            outcome.doc_no or None,
            outcome.line_no,
            step,
            outcome.code or None,
            outcome.message or None,
            outcome.ref or None,
        )


def _moved_outcome(outcome: RowOutcome, keep: Keep) -> RowOutcome:
    return outcome if outcome.other_row is None else replace(outcome, other_row=keep.row(outcome.other_row) or outcome.other_row)


def _moved_issue(found: Issue, keep: Keep) -> Issue:
    values = {
        name: (keep.row(value) or value) if name in ROWS_NAMED and isinstance(value, int) else value for name, value in found.values.items()
    }
    return replace(found, row=keep.row(found.row) if found.row else None, values=values)


def _all_rows(source: Path, sheet: Sheet) -> tuple[list[list[str | None]], dict[int, list[Cell]]]:
    """Header rows and data rows of a workbook that has no XML to patch, or no room at the right: there the last columns are left out."""
    every = [cells[:ROOM] for cells in open_book(source, [sheet.mapping] if sheet.mapping else []).cells(sheet.sheet)]
    header = [[str(cell) if cell != "" else None for cell in cells] for cells in every[: sheet.label_row]]
    data = enumerate(every[sheet.label_row :], start=sheet.label_row + 1)
    return header, {row: [str(cell) if isinstance(cell, timedelta) else cell for cell in cells] for row, cells in data}
