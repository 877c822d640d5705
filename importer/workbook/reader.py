"""A workbook's data sheet as a table of cells, and everything that is wrong with its structure.

`books` reads the cells, with what the scans know beyond them. A cell that cannot be trusted is reported here and stands in
the table as `fieldtypes.UNREADABLE`, so that nobody reports it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from importer.errors import UnreadableWorkbook
from importer.issue_catalogue import issue
from importer.mapping import Mapping as DocumentType
from importer.models import Issue, column_letters
from importer.workbook.books import Book, foreign_errors, open_book
from importer.workbook.cells import Table, named
from importer.workbook.header import ColumnPlace, Header, find_header, label_text, language_of_labels, required_names
from importer.workbook.meta import META_SHEET, Meta, is_data, read_meta
from importer.workbook.numberformats import telling_formats
from importer.workbook.sheetscan import Place, SheetScan, styled_cells

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ROOM", "ColumnPlace", "Sheet", "read_workbook"]

LIMIT_COLUMNS: Final = 16_384
ROOM: Final = LIMIT_COLUMNS - 16
"""The columns of a sheet that leaves room for results at the right."""
COMPLETE: Final = 1 << 16  # more than any number of columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was read. Without a mapping or without rows, the issues say why."""

    path: Path
    sheet: str  # name of the data sheet; empty when there is none
    document_type: str | None
    mapping: DocumentType | None
    language: str | None  # of the template, as `_meta` has it
    name_row: int | None  # row of the technical names
    label_row: int  # row of the labels; data begins below
    columns: Mapping[str, ColumnPlace]  # field -> place; also `doc_key` and `_ref` where present
    rows: pd.DataFrame  # object columns named by field, index = worksheet row; a blank cell is None
    issues: Sequence[Issue]
    last_column: int  # rightmost column of the sheet that holds anything

    @property
    def from_template(self) -> bool:
        """Whether the workbook says that it was made from one of our templates."""
        return self.language is not None

    @property
    def readable(self) -> bool:
        """Whether there are rows to go on with."""
        return self.mapping is not None and len(self.rows) > 0


def read_workbook(
    path: Path,
    mappings: Mapping[str, DocumentType],
    *,
    document_type: str | None = None,
    extra: Collection[str] = (),
    unpacking: Callable[[], None] = lambda: None,
    book: Book | None = None,
) -> Sheet:
    """Read the data sheet of a workbook; `document_type` is what the user says it holds, if they say it.

    `extra` are technical names of columns beyond the template's that are read, too, where they are there. `unpacking` is called when
    a data sheet has proven to be harmless and is about to be unpacked, which keeps one processor busy and leaves Python free.
    `book` is the workbook where it is open already (`books.open_early`).

    Raises UnreadableWorkbook only where the file cannot be read at all; everything else is in `Sheet.issues`.
    """
    asked = [mappings[document_type]] if document_type and document_type in mappings else list(mappings.values())
    reading = _Reading(path=path, book=book or open_book(path, asked), extra=extra, unpacking=unpacking)
    if not reading.book.scanned:
        reading.report("format_unscanned")
    return reading.read(mappings, document_type)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One workbook while it is being read."""

    path: Path
    book: Book
    issues: list[Issue] = field(default_factory=list)
    sheet: str = ""
    extra: Collection[str] = ()
    unpacking: Callable[[], None] = lambda: None

    def report(self, code: str, **details: Any) -> None:
        self.issues.append(issue(code, sheet=self.sheet or None, **details))

    def read(self, mappings: Mapping[str, DocumentType], asked: str | None) -> Sheet:
        meta = self._meta()
        mapping = self._mapping(meta, mappings, asked)
        found = self._data_sheet(meta, mapping) if mapping else None
        if mapping is None or found is None:
            return self._sheet(meta, mapping, None, None, 0)
        cells, header = found
        self._refuse_far_columns(header)
        self._check_version(meta, mapping)
        self._report_header(header, mapping)
        return self._sheet(meta, mapping, header, self._rows(cells, header, mapping), len(cells[0]))

    def _sheet(self, meta: Meta, mapping: DocumentType | None, header: Header | None, rows: pd.DataFrame | None, width: int) -> Sheet:
        import pandas as pd

        return Sheet(
            path=self.path,
            sheet=self.sheet,
            document_type=mapping.document_type if mapping else None,
            mapping=mapping,
            language=meta.language or None,
            name_row=header.name_row if header else None,
            label_row=header.label_row if header else 1,
            columns=header.columns if header else {},
            rows=pd.DataFrame() if rows is None else rows,
            issues=tuple(sorted(self.issues, key=lambda found: (found.row or 0, found.column or 0))),
            last_column=width,
        )

    def _rows(self, cells: list[list[Any]], header: Header, mapping: DocumentType) -> pd.DataFrame:
        scan = self.book.scan(self.sheet)
        table = Table.of(self.sheet, header, cells, scan)
        table.mark_scanned(scan)
        table.mark_numbers(mapping, lambda: self._telling_formats(scan))
        table.mark_merged(mapping, cells, scan)
        self._report_ragged(header)
        rows = table.frame(scan.hidden_rows)
        self._report_hidden_columns(header, rows, scan)
        self.issues += table.issues
        return rows

    def _telling_formats(self, scan: SheetScan) -> Mapping[Place, str]:
        """Cells that show more or other than is stored in them, with their number format."""
        if self.book.kind != "xlsx":
            return scan.formats
        with foreign_errors(self.path):
            formats = telling_formats(self.book.number_formats())
            styled = styled_cells(self.book.stream(self.sheet), formats) if formats else {}
        return {place: formats[style] for place, style in styled.items()}

    def _report_ragged(self, header: Header) -> None:
        found = self.book.ragged(header.label_row)
        for row, length in found.longer.items():
            self.report("row_too_long", row=row, cells=length, columns=found.width)
        if found.shorter:
            self.report("rows_short", row=found.shorter[0], count=len(found.shorter), rows=named(found.shorter))

    def _report_hidden_columns(self, header: Header, rows: pd.DataFrame, scan: SheetScan) -> None:
        hidden = {column for first, last in scan.hidden_columns for column in range(first, min(last, LIMIT_COLUMNS) + 1)}
        found = [(name, place) for name, place in header.columns.items() if place.column in hidden and not name.startswith("_")]
        names = [place.header for name, place in found if rows[name].notna().any()]
        if names:
            self.report("columns_hidden", names=named(names))

    def _refuse_far_columns(self, header: Header) -> None:
        far = max(place.column for place in header.columns.values())
        if far > ROOM:
            where = {"last_row": header.label_row, "last_column": column_letters(far)}
            raise UnreadableWorkbook("sheet_too_large", file=self.path.name, sheet=self.sheet, **where)

    def _report_header(self, header: Header, mapping: DocumentType) -> None:
        for name, place in header.twice:
            first, second = (column_letters(found.column) for found in (header.columns[name], place))
            row, text = header.label_row, place.header
            self.report("column_twice", row=row, column=place.column, header=text, field=name, value=text, first=first, second=second)
        for name in required_names(mapping):
            if name not in header.columns:
                label = label_text(mapping, name, language_of_labels(header, mapping))
                self.report("column_missing", row=header.label_row, header=label, field=name)
        if header.unknown:
            self.report("columns_unknown", row=header.label_row, names=named([place.header for place in header.unknown]))

    # -- which document type, which sheet ----------------------------------------------------------------------------

    def _meta(self) -> Meta:
        if META_SHEET not in self.book.names:
            return Meta()
        return read_meta(self.book.cells(META_SHEET))

    def _mapping(self, meta: Meta, mappings: Mapping[str, DocumentType], asked: str | None) -> DocumentType | None:
        """The workbook's own word counts; what was asked for only where it has none."""
        name = meta.document_type or asked or ""
        if name not in mappings:
            self.report("document_type_unknown", value=name or "-", known=list(mappings))
            return None
        if asked and asked != name:
            self.report("document_type_mismatch", value=name, found=name, asked=asked)
        return mappings[name]

    def _check_version(self, meta: Meta, mapping: DocumentType) -> None:
        if meta.mapping_version and meta.mapping_version != str(mapping.version):
            self.report("template_outdated", value=meta.mapping_version, found=meta.mapping_version, current=mapping.version)

    def _data_sheet(self, meta: Meta, mapping: DocumentType) -> tuple[list[list[Any]], Header] | None:
        """Cells and header of the sheet that `_meta` names, else of the first that has all required columns, else of the fullest."""
        best: tuple[int, str, list[list[Any]], Header] | None = None
        others: list[str] = []
        for name in self._candidates(meta):
            self.book.scan(name)
            self.unpacking()
            cells = self.book.cells(name)
            header = find_header(cells[:2], mapping, self.extra) if is_data(cells) else None
            if header is None:
                continue
            complete = set(required_names(mapping)) <= set(header.columns)
            if best is not None and best[0] == COMPLETE:
                if complete and len(cells) > header.label_row:
                    others.append(name)
                continue
            rank = COMPLETE if complete or name == meta.sheet else len(header.columns)
            if best is None or rank > best[0]:
                best = (rank, name, cells, header)
        if best is None:
            self.report("sheet_missing", title=mapping.title_in(meta.language or "zh_TW"))
            return None
        self.sheet = best[1]
        if others:
            self.report("sheets_left_out", names=named(others))
        return best[2], best[3]

    def _candidates(self, meta: Meta) -> list[str]:
        named = [meta.sheet] if meta.sheet in self.book.names else []
        return named + [name for name in self.book.shown if name not in [*named, META_SHEET]]
