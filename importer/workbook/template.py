"""Templates: a workbook to fill in, made from the mapping alone (design §7).

`python -m importer.workbook.template [FOLDER]` writes those that are shipped. The same mapping gives the same bytes on every
machine: no time of day, no name of a user goes in.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from importer.fieldtypes import FIELD_TYPES
from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mappings, shipped_folder
from importer.messages import LANGUAGES, N_, translate
from importer.workbook.describe import Column, columns_of, screen_width
from importer.workbook.extra import ExtraColumn
from importer.workbook.fill import filled_sheet, streamed_sheet
from importer.workbook.guide import GUIDE_SHEETS, write_guide
from importer.workbook.meta import LISTS_SHEET, META_SHEET, Meta
from importer.workbook.palette import FILLS, FONT

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["fill_template", "stream_template", "template_name", "write_template"]

TEMPLATE_VERSION: Final = "1"
FIRST_ROW: Final = 3  # of data; below the technical names and the labels
LAST_ROW: Final = 1_048_576  # the sheet's own end: drop-downs and filters reach as far as data can
MADE_AT: Final = datetime(2026, 1, 1)
PROMPT_LENGTH, TITLE_LENGTH = 255, 32  # Excel's limits of an input message
DATA_PART: Final = "xl/worksheets/sheet2.xml"


def template_name(mapping: DocumentType, language: str) -> str:
    """The file name of a template."""
    return f"{mapping.document_type}_{language}.xlsx"


def write_template(mapping: DocumentType, language: str, path: Path) -> None:
    """Write the blank template of a document type."""
    with path.open("wb") as file:
        _pack(_parts(mapping, language), file)


def fill_template(mapping: DocumentType, language: str, path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write a template with rows in it: field -> text, number, date or None, `doc_key` included."""
    parts = _parts(mapping, language)
    names = [column.name for column in columns_of(mapping, language)]
    parts[DATA_PART] = filled_sheet(parts[DATA_PART], names, rows, first_row=FIRST_ROW)
    with path.open("wb") as file:
        _pack(parts, file)


def stream_template(
    mapping: DocumentType, language: str, file: IO[bytes], rows: Iterable[Mapping[str, object]], *, extra: Sequence[ExtraColumn] = ()
) -> None:
    """Write a template with `extra` columns at its right and rows as they come: none of them is kept in memory."""
    parts = _parts(mapping, language, extra)
    names = [column.name for column in columns_of(mapping, language)] + [column.name for column in extra]
    sheet = streamed_sheet(parts[DATA_PART], names, rows, first_row=FIRST_ROW)
    _pack({**parts, DATA_PART: sheet}, file)


def _parts(mapping: DocumentType, language: str, extra: Sequence[ExtraColumn] = ()) -> dict[str, bytes]:
    """The parts of the package, in their order."""
    written = io.BytesIO()
    _workbook(mapping, language, extra).save(written)
    with zipfile.ZipFile(written) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stamp = MADE_AT.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    core = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, parts["docProps/core.xml"])  # openpyxl stamps the time of saving
    return {**parts, "docProps/core.xml": core}


def _pack(parts: Mapping[str, bytes | Iterable[bytes]], file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=MADE_AT.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            if isinstance(content, bytes):
                archive.writestr(entry, content)
            else:
                with archive.open(entry, "w") as part:
                    part.writelines(content)


# -- the workbook ----------------------------------------------------------------------------------------------------


def _workbook(mapping: DocumentType, language: str, extra: Sequence[ExtraColumn]) -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "TIPTOP importer"
    book.properties.title = mapping.title_in(language)
    book.properties.created = MADE_AT
    columns = columns_of(mapping, language)
    guide = book.worksheets[0]
    guide.title = GUIDE_SHEETS[language]
    data = book.create_sheet(_sheet_title(mapping.title_in(language)))
    lists = book.create_sheet(LISTS_SHEET)
    meta = book.create_sheet(META_SHEET)
    write_guide(guide, mapping, columns)
    ranges = _write_lists(book, lists, columns)
    _write_data_sheet(data, columns, ranges, [(column, column.label.get(language, column.name)) for column in extra])
    _write_meta(meta, mapping, language, data.title)
    lists.sheet_state = meta.sheet_state = "hidden"
    book.active = data
    guide.sheet_view.tabSelected = False
    return book


def _sheet_title(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31]


def _write_meta(sheet: Worksheet, mapping: DocumentType, language: str, data_sheet: str) -> None:
    about = Meta(
        document_type=mapping.document_type,
        mapping_version=str(mapping.version),
        template_version=TEMPLATE_VERSION,
        language=language,
        sheet=data_sheet,
    )
    for row in about.rows():
        sheet.append(row)


def _write_lists(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> dict[str, str]:
    """The values of the drop-downs, two columns each (code, label); returns field -> named range of the codes."""
    from openpyxl.utils import get_column_letter
    from openpyxl.workbook.defined_name import DefinedName

    ranges: dict[str, str] = {}
    for column in columns:
        if not column.field.choices:
            continue
        position = 2 * len(ranges) + 1
        sheet.cell(1, position, column.name)
        for row, (code, labels) in enumerate(column.field.choices.items(), 2):
            sheet.cell(row, position, code).number_format = "@"
            sheet.cell(row, position + 1, labels.get(column.language) or next(iter(labels.values()), ""))
        letter = get_column_letter(position)
        name = ranges[column.name] = f"list_{column.name}"
        book.defined_names[name] = DefinedName(name, attr_text=f"'{LISTS_SHEET}'!${letter}$2:${letter}${len(column.field.choices) + 1}")
    return ranges


def _write_data_sheet(
    sheet: Worksheet, columns: Sequence[Column], ranges: Mapping[str, str], extra: Sequence[tuple[ExtraColumn, str]]
) -> None:
    from openpyxl.utils import get_column_letter

    for position, column in enumerate(columns, 1):
        letter = get_column_letter(position)
        sheet.cell(1, position, column.name)
        _write_heading(sheet, position, column)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(FIELD_TYPES[column.field.type].width, screen_width(column.heading) + 4)
        dimension.number_format = FIELD_TYPES[column.field.type].excel_format  # also of cells that are typed later
        validation = _validation(column, ranges.get(column.name))
        validation.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
        sheet.add_data_validation(validation)
    for position, (more, label) in enumerate(extra, len(columns) + 1):
        _write_extra(sheet, position, more, label)
    last = get_column_letter(len(columns) + len(extra))
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[2].height = 24
    sheet.freeze_panes = f"{'B' if columns[0].part == 'key' else 'A'}{FIRST_ROW}"
    sheet.auto_filter.ref = f"A2:{last}{LAST_ROW}"
    _set_up_printing(sheet)


def _write_extra(sheet: Worksheet, position: int, column: ExtraColumn, label: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.cell(1, position, column.name)
    cell = sheet.cell(2, position, label)
    cell.font = Font(name=FONT, bold=True)
    cell.fill = PatternFill("solid", fgColor=FILLS["key"])
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    dimension = sheet.column_dimensions[get_column_letter(position)]
    dimension.width = column.width
    dimension.number_format = FIELD_TYPES[column.type].excel_format


def _write_heading(sheet: Worksheet, position: int, column: Column) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    lines = list(column.lines())
    cell = sheet.cell(2, position, column.heading)
    cell.font = Font(name=FONT, bold=True)
    cell.fill = PatternFill("solid", fgColor=FILLS[column.part])
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    cell.comment = Comment(
        "\n".join(lines), "TIPTOP importer", width=280, height=24 + 18 * sum(1 + screen_width(line) // 38 for line in lines)
    )


def _set_up_printing(sheet: Worksheet) -> None:
    sheet.print_title_rows = "2:2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]  # openpyxl always makes one
    sheet.oddFooter.center.text = "&A  &P / &N"  # type: ignore[union-attr]  # as above


# -- what may be typed -----------------------------------------------------------------------------------------------


def _validation(column: Column, named_range: str | None) -> DataValidation:
    """What Excel checks while typing, and the message beside the cell. Pasting passes it by: `check` is what counts."""
    from openpyxl.worksheet.datavalidation import DataValidation

    kind, operator, bound = _condition(column, named_range)
    validation = DataValidation(type=kind, operator=operator, formula1=bound, allow_blank=True)  # type: ignore[arg-type]  # strings of the table below
    validation.promptTitle = column.label[:TITLE_LENGTH]
    validation.prompt = "\n".join(column.lines())[:PROMPT_LENGTH]
    validation.showInputMessage = True
    if kind is not None:
        validation.showErrorMessage = True
        validation.errorTitle = column.label[:TITLE_LENGTH]
        validation.error = "\n".join([*filter(None, [column.length]), *column.rules()])[: PROMPT_LENGTH - 30] or column.type
        validation.errorStyle = "warning" if kind == "date" else "stop"  # dates may also be typed as text
    return validation


def _condition(column: Column, named_range: str | None) -> tuple[str | None, str | None, str | None]:
    field = column.field
    if named_range:
        return "list", None, named_range
    if field.type == "date":
        return "date", "greaterThan", "36525"  # any day after 1999
    if field.type in ("decimal", "integer"):
        kind = "whole" if field.type == "integer" else "decimal"
        for operator, limit in (
            ("greaterThan", field.min_exclusive),
            ("greaterThanOrEqual", field.min_inclusive),
            ("lessThanOrEqual", field.max_inclusive),
        ):
            if limit is not None:
                return kind, operator, str(limit)
        return kind, "greaterThan", "-1E+15"
    return ("textLength", "lessThanOrEqual", str(column.limit)) if column.limit is not None else (None, None, None)


# -- the shipped ones ------------------------------------------------------------------------------------------------


def _shipped(folder: Path) -> Iterator[Path]:
    for mapping in load_mappings().values():
        for language in LANGUAGES:
            path = folder / template_name(mapping, language)
            write_template(mapping, language, path)
            yield path


def main(arguments: Sequence[str]) -> int:
    """Write all templates in all languages into a folder, by default the shipped one."""
    folder = Path(arguments[0]) if arguments else shipped_folder("templates_xlsx")
    folder.mkdir(parents=True, exist_ok=True)
    count = len(list(_shipped(folder)))
    sys.stdout.write(translate(N_("{count} templates written to {folder}"), "en", count=count, folder=folder) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
