"""A workbook made by `query` and edited by a person: read, checked with the same schema, grouped by document number.

Its rules differ from those of an import in three points. A row belongs to the document that `_doc_no` names, else the key cell, else
the row above. A document is never split. Header cells may be missing as a whole, as when the row that had them was deleted: the header
is then left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from importer import documents, schema
from importer.errors import UnreadableWorkbook
from importer.fieldtypes import UNREADABLE, DateFormats, parse_column, shown
from importer.issue_catalogue import issue
from importer.mapping import DOC_KEY
from importer.mapping import Mapping as DocumentType
from importer.messages import N_, translate
from importer.models import Document, Issue, Severity, Value
from importer.pipeline.querying import line_number_field
from importer.settings import Profile
from importer.workbook.extra import DOC_NO, QUERY_COLUMNS, SEQ
from importer.workbook.reader import Sheet, read_workbook

if TYPE_CHECKING:
    from importer.schema import Checked

__all__ = ["Edited", "check_edited"]

NEEDED: Final = tuple(column for column in QUERY_COLUMNS if column.name in (DOC_NO, SEQ))
NEVER_SPLIT: Final = 2_000_000  # more lines than a sheet has rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What the workbook says; nothing has been asked of the ERP yet."""

    path: Path
    sheet: Sheet | None  # None when the file cannot be read at all
    language: str
    issues: Sequence[Issue]
    documents: Sequence[Document] = ()  # key = document number; lines carry their line number where they have one
    failed: Sequence[Document] = ()  # with errors
    columns: frozenset[str] = field(default_factory=frozenset)  # fields that the sheet has a column for

    @property
    def errors(self) -> bool:
        """Whether nothing may be sent."""
        return any(found.severity is Severity.ERROR for found in self.issues)


def check_edited(path: Path, *, mappings: Mapping[str, DocumentType], profile: Profile, language: str | None) -> Edited:
    """Read and check: all issues at once, and the documents as the person wants them. `language` is the one asked for."""
    try:
        sheet = read_workbook(path, mappings, extra=[column.name for column in NEEDED])
    except UnreadableWorkbook as error:
        found = Issue(code=error.code, values={"file": str(path), **error.values})
        return Edited(path=path, sheet=None, language=language or profile.language, issues=[found])
    chosen = language or sheet.language or profile.language
    edited = Edited(path=path, sheet=sheet, language=chosen, issues=sheet.issues, columns=frozenset(sheet.columns))
    if sheet.mapping is None or not sheet.readable:
        return edited
    return _Checking(sheet, sheet.mapping, profile, chosen).run(edited)


class _Checking:
    """One sheet while it is being checked."""

    def __init__(self, sheet: Sheet, mapping: DocumentType, profile: Profile, language: str) -> None:
        self._sheet = sheet
        self._mapping = mapping
        self._profile = profile
        self._language = language
        self._seq = line_number_field(mapping)
        self._bad_rows: set[int] = set()
        self.issues: list[Issue] = [*sheet.issues, *self._missing_columns()]

    def run(self, edited: Edited) -> Edited:
        validated = self._validate()
        numbers, seqs = self._texts(validated, DOC_NO), self._parsed(SEQ, "integer")
        keys = [number or key for number, key in zip(numbers, self._texts(validated, DOC_KEY), strict=True)]
        self._check_positive(seqs)
        sound, failed = self._grouped(validated, keys, seqs)
        for document in (*sound, *failed):
            self._check_numbers(document)
            self._check_header(document)
        if any(found.severity is Severity.ERROR for found in self.issues):
            wrong = {found.row for found in self.issues if found.row and found.severity is Severity.ERROR}
            failed = [*failed, *(document for document in sound if wrong & set(document.rows))]
            sound = [document for document in sound if not wrong & set(document.rows)]
        ordered = sorted(self.issues, key=lambda found: (found.row or 0, found.column or 0))
        return replace(edited, issues=ordered, documents=sound, failed=failed)

    def _note(self, code: str, name: str, row: int, value: str = "", **values: Any) -> None:
        place = self._sheet.columns.get(name)
        column, header = (place.column, place.header) if place else (None, _label(name, self._language))
        self.issues.append(issue(code, sheet=self._sheet.sheet, row=row, column=column, header=header, field=name, value=value, **values))

    # -- columns and cells ---------------------------------------------------------------------------------------------

    def _missing_columns(self) -> Iterator[Issue]:
        for column in NEEDED:
            if column.name not in self._sheet.columns:
                header = column.label[self._language]
                yield issue("column_missing", sheet=self._sheet.sheet, row=self._sheet.label_row, header=header, field=column.name)

    def _validate(self) -> Checked:
        """Types and limits of the template's columns, by the schema of an import."""
        extra = [column.name for column in NEEDED if column.name in self._sheet.columns]
        places = {name: place for name, place in self._sheet.columns.items() if name not in extra}
        validated = schema.validate(
            self._sheet.sheet,
            places,
            self._sheet.rows.drop(columns=extra),
            self._mapping,
            formats=DateFormats(text=self._profile.date_formats),
            text_bytes=self._profile.text_length == "bytes",
        )
        self.issues += validated.issues
        self._bad_rows |= validated.bad_rows
        return validated

    def _texts(self, validated: Checked, name: str) -> list[str]:
        """The key column comes out of the schema, `_doc_no` is parsed here; blank is empty."""
        values = self._parsed(name, "code") if name == DOC_NO else validated.values.get(name, [None] * len(validated.rows))
        return ["" if value is None else str(value) for value in values]

    def _parsed(self, name: str, kind: str) -> list[Value | None]:
        rows = self._rows
        if name not in self._sheet.columns:
            return [None] * len(rows)
        cells = self._sheet.rows[name].tolist()
        values, findings = parse_column(kind, cells, DateFormats())
        for position, found in findings.items():
            if found.error:
                self._note(found.code, name, rows[position], shown(cells[position]), **found.values)
                self._bad_rows.add(rows[position])
        self._bad_rows |= {row for row, cell in zip(rows, cells, strict=True) if cell is UNREADABLE}
        return values

    @property
    def _rows(self) -> list[int]:
        """Worksheet row by position."""
        return list(self._sheet.rows.index.tolist())

    # -- documents -----------------------------------------------------------------------------------------------------

    def _grouped(self, validated: Checked, keys: Sequence[str], seqs: Sequence[Value | None]) -> tuple[list[Document], list[Document]]:
        header = {name: about.model_copy(update={"required": False}) for name, about in self._mapping.header.items()}
        rules = self._mapping.model_copy(update={"key": (DOC_KEY,), "max_lines": NEVER_SPLIT, "header": header})
        grouped = documents.group(
            rules,
            sheet=self._sheet.sheet,
            rows=validated.rows,
            values={**validated.values, **({self._seq: list(seqs)} if self._seq else {})},
            keys=keys,
            refs=[""] * len(keys),
            places=self._sheet.columns,
            bad_rows=self._bad_rows,
        )
        self.issues += grouped.issues
        return list(grouped.documents), list(grouped.failed)

    def _check_positive(self, seqs: Iterable[Value | None]) -> None:
        for row, seq in zip(self._rows, seqs, strict=True):
            if isinstance(seq, Decimal) and seq <= 0:
                self._note("not_positive", SEQ, row, shown(seq), limit=0)

    def _check_numbers(self, document: Document) -> None:
        """A line of the ERP may stand on one row only."""
        seen: set[Value] = set()
        allowed = [
            translate(text, self._language) for text in (N_("each number once per document"), N_("blank, where a line is to be added"))
        ]
        for line in document.lines:
            seq = line.fields.get(self._seq or "")
            if seq is not None and seq in seen:
                self._note("not_in_list", SEQ, line.row, shown(seq), allowed=allowed)
            if seq is not None:
                seen.add(seq)

    def _check_header(self, document: Document) -> None:
        """A required header field may not be cleared."""
        for name, about in self._mapping.header.items():
            if document.header and about.required and name not in document.header and name in self._sheet.columns:
                self._note("required_missing", name, document.lines[0].row)


def _label(name: str, language: str) -> str:
    return next((column.label[language] for column in NEEDED if column.name == name), name)
