"""Typed values out of a sheet's cells, held against the mapping; what breaks a rule becomes an issue of its cell.

`fieldtypes` parses the types. The limits of the fields, and the named checks over several fields of one line, are rules that
pandera judges (`judging`), which finds all failures at once. What a message says is worked out afterwards, for the failing cells alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from importer.fieldtypes import UNREADABLE, DateFormats, parse_column, shown
from importer.issue_catalogue import issue
from importer.mapping import DOC_KEY, KEY_FIELD, Field
from importer.mapping import Mapping as DocumentType
from importer.models import Issue, Severity, Value
from importer.schema.judging import failures, load_early
from importer.schema.known import NOTHING_KNOWN, Known
from importer.schema.rule import Rule
from importer.schema.rules import rules_of
from importer.schema.translating import new_codes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTHING_KNOWN", "Checked", "Known", "Place", "load_early", "validate"]

REF: Final = "_ref"
"""Column of the importer's own workbooks: token and occurrence of the row's document."""


class Place(Protocol):
    """Where a field stands in the sheet."""

    @property
    def column(self) -> int: ...

    @property
    def header(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A sheet's typed values and everything found wrong with them."""

    values: Mapping[str, list[Value | None]]  # field -> value by position, for the columns of the sheet; also `doc_key` and `_ref`
    rows: Sequence[int]  # worksheet row by position
    issues: Sequence[Issue]  # in the order of rows, then columns
    bad_rows: set[int]  # worksheet rows that have an error, also one that the reader reported


def validate(
    sheet_name: str,
    columns: Mapping[str, Place],
    rows: pd.DataFrame,
    mapping: DocumentType,
    *,
    formats: DateFormats,
    text_bytes: bool = False,
    known: Known = NOTHING_KNOWN,
) -> Checked:
    """Type and check the rows of a sheet (object columns by field, index = worksheet row).

    `text_bytes` counts lengths in UTF-8 bytes. `known` is what the site knows of its ERP; a list that is not there is not checked.
    Where a field has a table of codes, its limits and lists are those of the new code. Required header fields are not
    checked here: they are needed on the first row of a document only.
    """
    work = _Work(sheet=sheet_name, mapping=mapping, columns=columns, cells=rows)
    for name in rows.columns:
        work.parse(name, _field(mapping, name), formats)
    work.check(rules_of(mapping, text_bytes=text_bytes, known=known))
    issues = sorted(work.issues, key=lambda found: (found.row or 0, found.column or 0))
    bad_rows = {found.row for found in issues if found.row and found.severity is Severity.ERROR} | work.unreadable_rows()
    return Checked(values=work.values, rows=work.numbers, issues=issues, bad_rows=bad_rows)


def _field(mapping: DocumentType, name: str) -> Field:
    if name == REF:
        return Field(label={"en": REF}, type="text")
    return KEY_FIELD if name == DOC_KEY else mapping.fields[name]


@dataclass(slots=True, kw_only=True)
class _Work:
    """One sheet while it is being checked."""

    sheet: str
    mapping: DocumentType
    columns: Mapping[str, Place]
    cells: pd.DataFrame
    values: dict[str, list[Value | None]] = field(default_factory=dict)
    unusable: dict[str, set[int]] = field(default_factory=dict)  # field -> positions without a value because of an error
    issues: list[Issue] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Worksheet row by position."""
        return list(self.cells.index.tolist())

    def parse(self, name: str, field: Field, formats: DateFormats) -> None:
        cells = self.cells[name].tolist()
        self.values[name], findings = parse_column(field.type, cells, formats)
        self.unusable[name] = {position for position, found in findings.items() if found.error}
        if UNREADABLE in cells:
            self.unusable[name] |= {position for position, cell in enumerate(cells) if cell is UNREADABLE}
        rows = self.numbers if findings else []
        for position, found in findings.items():
            if name not in (DOC_KEY, REF) or found.error:  # a key typed as a number is as good as any
                self.report(found.code, name, rows[position], shown(cells[position]), found.values)

    def report(self, code: str, name: str, row: int, value: str, values: Mapping[str, object]) -> None:
        place = self.columns.get(name)  # a line can lack a value whose column is not there
        column, header = (place.column, place.header) if place else (None, self.mapping.fields[name].label_in("zh_TW"))
        self.issues.append(issue(code, sheet=self.sheet, row=row, column=column, header=header, field=name, value=value, **values))

    def unreadable_rows(self) -> set[int]:
        rows = self.numbers
        return {rows[position] for positions in self.unusable.values() for position in positions}

    def check(self, rules: Sequence[Rule]) -> None:
        blank: list[Value | None] = [None] * len(self.cells)
        read = {name: self.values.get(name, blank) for name in [DOC_KEY, *self.mapping.columns]}
        values = {**read, **self.translated()}
        present = [rule for rule in rules if rule.of_rows or rule.field in self.values]
        required = [name for name, field in self.mapping.lines.items() if field.required and name in self.values]
        rows = self.numbers
        for rule, positions in failures(values, present, required):
            skipped = set().union(*(self.unusable.get(name, ()) for name in rule.of_rows or [rule.field]))
            for position in positions:
                if position not in skipped:
                    line = {name: values[name][position] for name in [*rule.of_rows, rule.field]}
                    says = rule.says(line if rule.of_rows else line[rule.field])
                    self.report(rule.code, rule.field, rows[position], shown(read[rule.field][position]), says)

    def translated(self) -> dict[str, list[Value | None]]:
        """The columns whose codes travel as other ones; what has no new code is reported and checked no further."""
        columns = {}
        for name, about in self.mapping.columns.items():
            if about.translate is not None and name in self.values:
                columns[name], missing = new_codes(self.values[name], about)
                self.unusable[name] = self.unusable[name] | set(missing)
                rows = self.numbers if missing else []
                for position in missing:
                    self.report("not_translated", name, rows[position], shown(self.values[name][position]), {})
        return columns
