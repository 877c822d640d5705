"""A workbook's data sheet as a table of cells, and everything that is wrong with its structure.

python-calamine reads the cells; `sheetscan` finds what it keeps silent about. A cell that cannot be trusted is reported
here and stands in the table as `fieldtypes.UNREADABLE`, so that nobody reports it twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.parsers.expat import ExpatError

from importer.errors import UnreadableWorkbook
from importer.issue_catalogue import issue
from importer.mapping import Mapping as DocumentType
from importer.models import Issue, column_letters
from importer.workbook.cells import Table
from importer.workbook.filekind import kind_of
from importer.workbook.header import ColumnPlace, Header, find_header, label_text, language_of_labels, required_names
from importer.workbook.meta import META_SHEET, Meta, is_data, read_meta
from importer.workbook.numberformats import hiding_formats
from importer.workbook.package import Package, open_package, prove_package
from importer.workbook.sheetscan import Place, SheetScan, scan, styled_cells

if TYPE_CHECKING:
    import pandas as pd
    from python_calamine import CalamineWorkbook

__all__ = ["ColumnPlace", "Sheet", "read_workbook"]

LIMIT_CELLS: Final = 60_000_000  # rows times columns; calamine holds the whole rectangle in memory
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


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
    def readable(self) -> bool:
        """Whether there are rows to go on with."""
        return self.mapping is not None and len(self.rows) > 0


def read_workbook(
    path: Path, mappings: Mapping[str, DocumentType], *, document_type: str | None = None, extra: Collection[str] = ()
) -> Sheet:
    """Read the data sheet of a workbook; `document_type` is what the user says it holds, if they say it.

    `extra` are technical names of columns beyond the template's that are read, too, where they are there.

    Raises UnreadableWorkbook only where the file cannot be read at all; everything else is in `Sheet.issues`.
    """
    package = _opened(path)
    with _calamine_errors(path):
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_path(str(path))
    reading = _Reading(path=path, package=package, book=book, parts=package.sheet_parts() if package else {}, extra=extra)
    if package is None:
        reading.report("format_unscanned")
    with _calamine_errors(path):
        return reading.read(mappings, document_type)


def _opened(path: Path) -> Package | None:
    """The checked package of an .xlsx; None for the other formats that calamine reads, which have no XML to scan."""
    kind = kind_of(path)
    if kind == "ole":
        _refuse_encrypted(path)
        return None
    if kind == "text":
        raise UnreadableWorkbook("file_not_workbook", file=path.name, found="text")
    if kind != "xlsx":
        prove_package(path)
        return None
    return open_package(path)


def _refuse_encrypted(path: Path) -> None:
    """An encrypted .xlsx is a binary container with a stream of this name in its directory."""
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if ENCRYPTED in tail + chunk:
                raise UnreadableWorkbook("file_encrypted", file=path.name)
            tail = chunk[-len(ENCRYPTED) :]


@contextmanager
def _calamine_errors(path: Path) -> Iterator[None]:
    """calamine's exceptions in our words; a panic of its Rust code is no Exception, but it is caught here by its name."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError:
        raise UnreadableWorkbook("file_encrypted", file=path.name) from None
    except (CalamineError, ExpatError, OSError, ValueError) as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error)) from None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One workbook while it is being read."""

    path: Path
    package: Package | None
    book: CalamineWorkbook
    issues: list[Issue] = field(default_factory=list)
    parts: Mapping[str, str] = field(default_factory=dict)  # sheet name -> part
    scans: dict[str, SheetScan] = field(default_factory=dict)
    sheet: str = ""
    extra: Collection[str] = ()

    def report(self, code: str, **details: Any) -> None:
        self.issues.append(issue(code, sheet=self.sheet or None, **details))

    def read(self, mappings: Mapping[str, DocumentType], asked: str | None) -> Sheet:
        meta = self._meta()
        mapping = self._mapping(meta, mappings, asked)
        found = self._data_sheet(meta, mapping) if mapping else None
        if mapping is None or found is None:
            return self._sheet(meta, mapping, None, None, 0)
        cells, header = found
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
        scan = self._scan(self.sheet)
        table = Table.of(self.sheet, header, cells, scan)
        table.mark_scanned(scan)
        table.mark_numbers(mapping, self._hiding_formats)
        rows = table.frame(scan.hidden_rows)
        self.issues += table.issues
        return rows

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
            self.report("columns_unknown", row=header.label_row, names=[place.header for place in header.unknown])

    # -- the sheet's XML ---------------------------------------------------------------------------------------------

    def _scan(self, name: str) -> SheetScan:
        """What calamine keeps silent about; nothing in the formats that have no XML."""
        if name not in self.scans:
            part = self.parts.get(name)
            self.scans[name] = scan(self.package.stream(part)) if self.package and part else SheetScan()
        return self.scans[name]

    def _hiding_formats(self) -> Mapping[Place, str]:
        formats = hiding_formats(self.package.styles()) if self.package else {}
        if not formats or not self.package:
            return {}
        styled = styled_cells(self.package.stream(self.parts[self.sheet]), formats)
        return {place: formats[style] for place, style in styled.items()}

    # -- which document type, which sheet ----------------------------------------------------------------------------

    def _meta(self) -> Meta:
        if META_SHEET not in self.book.sheet_names:
            return Meta()
        return read_meta(self._cells(META_SHEET))

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
        for name in self._candidates(meta):
            cells = self._cells(name)
            header = find_header(cells[:2], mapping, self.extra) if is_data(cells) else None
            if header is None:
                continue
            complete = name == meta.sheet or set(required_names(mapping)) <= set(header.columns)
            if best is None or complete or len(header.columns) > best[0]:
                best = (len(header.columns), name, cells, header)
            if complete:
                break
        if best is None:
            self.report("sheet_missing", title=mapping.title_in(meta.language or "zh_TW"))
            return None
        self.sheet = best[1]
        return best[2], best[3]

    def _candidates(self, meta: Meta) -> list[str]:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        shown_sheets = [
            about.name
            for about in self.book.sheets_metadata
            if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible and about.name != META_SHEET
        ]
        named = [meta.sheet] if meta.sheet in self.book.sheet_names else []
        return named + [name for name in shown_sheets if name not in named]

    def _cells(self, name: str) -> list[list[Any]]:
        """All cells from A1 on, as calamine has them: text, float, bool, date, datetime, time, timedelta; a blank is ''.

        The scan comes first: it proves the part's size, and calamine holds the whole rectangle of a sheet in memory.
        """
        found = self._scan(name)
        if found.last_row * found.last_column > LIMIT_CELLS:
            last_column = column_letters(found.last_column)
            raise UnreadableWorkbook("sheet_too_large", file=self.path.name, sheet=name, last_row=found.last_row, last_column=last_column)
        cells: list[list[Any]] = self.book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        return cells
