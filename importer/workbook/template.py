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

from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mappings, shipped_folder
from importer.messages import LANGUAGES, N_, translate
from importer.models import CodeList, column_letters
from importer.workbook.datasheet import FIRST_ROW, LAST_ROW, write_data_sheet
from importer.workbook.describe import Column, columns_of
from importer.workbook.example import EXAMPLE_SHEETS, write_example
from importer.workbook.extra import ExtraColumn
from importer.workbook.fill import filled_sheet, streamed_sheet
from importer.workbook.guide import GUIDE_SHEETS, write_guide
from importer.workbook.lists import LISTS_FIRST_ROW, Lists
from importer.workbook.meta import LISTS_SHEET, META_SHEET, Meta
from importer.workbook.palette import FONT

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["FIRST_ROW", "LAST_ROW", "fill_template", "stream_template", "template_name", "write_template"]

TEMPLATE_VERSION: Final = "2"  # of the layout: 2 has the example sheet and protected headings; the reader takes any
MADE_AT: Final = datetime(2026, 1, 1)
FONT_ORDER: Final = (
    "b",
    "i",
    "strike",
    "condense",
    "extend",
    "outline",
    "shadow",
    "u",
    "vertAlign",
    "sz",
    "color",
    "name",
    "family",
    "charset",
    "scheme",
)
_FONT: Final = re.compile(rb"<font>(.*?)</font>")
DATA_PART: Final = "xl/worksheets/sheet2.xml"


def template_name(mapping: DocumentType, language: str) -> str:
    """The file name of a template."""
    return f"{mapping.document_type}_{language}.xlsx"


def write_template(mapping: DocumentType, language: str, path: Path, *, lists: Mapping[str, CodeList] | None = None) -> list[str]:
    """Write the blank template of a document type, with drop-downs from a site's lists by name; returns the lists that it offers."""
    columns = columns_of(mapping, language)
    offered = Lists.of(columns, lists or {})
    parts = _parts(columns, offered, example=lists or {})
    with path.open("wb") as file:
        _pack(parts, file)
    return offered.used


def fill_template(mapping: DocumentType, language: str, path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write a template with rows in it: field -> text, number, date or None, `doc_key` included."""
    columns = columns_of(mapping, language)
    parts = _parts(columns, Lists.of(columns, {}))
    names = [column.name for column in columns]
    parts[DATA_PART] = filled_sheet(parts[DATA_PART], names, rows, first_row=FIRST_ROW)
    with path.open("wb") as file:
        _pack(parts, file)


def stream_template(
    mapping: DocumentType, language: str, file: IO[bytes], rows: Iterable[Mapping[str, object]], *, extra: Sequence[ExtraColumn] = ()
) -> None:
    """Write a template with `extra` columns at its right and rows as they come: none of them is kept in memory."""
    columns = columns_of(mapping, language)
    parts = _parts(columns, Lists.of(columns, {}), extra=extra)
    names = [column.name for column in columns] + [column.name for column in extra]
    sheet = streamed_sheet(parts[DATA_PART], names, rows, first_row=FIRST_ROW)
    _pack({**parts, DATA_PART: sheet}, file)


def _parts(
    columns: Sequence[Column], offered: Lists, *, extra: Sequence[ExtraColumn] = (), example: Mapping[str, CodeList] | None = None
) -> dict[str, bytes]:
    """The parts of the package, in their order. `example`: the lists that the sheet of examples goes by; no such sheet without."""
    written = io.BytesIO()
    language = columns[0].language
    book = _workbook(columns, offered, extra, example=None if example is None else EXAMPLE_SHEETS[language])
    if example is not None:
        write_example(book[EXAMPLE_SHEETS[language]], columns, example)
    book.save(written)
    with zipfile.ZipFile(written) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if offered.columns:  # written as text, not through openpyxl: lists may have 100,000 codes
        part = f"xl/worksheets/sheet{book.sheetnames.index(LISTS_SHEET) + 1}.xml"
        letters = [column_letters(number) for number in range(1, len(offered.columns) + 1)]
        parts[part] = filled_sheet(parts[part], letters, list(offered.rows()), first_row=LISTS_FIRST_ROW)
    stamp = MADE_AT.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    core = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, parts["docProps/core.xml"])  # openpyxl stamps the time of saving
    return {**parts, "docProps/core.xml": core, "xl/styles.xml": _FONT.sub(_in_order, parts["xl/styles.xml"])}


def _in_order(font: re.Match[bytes]) -> bytes:
    """A font with its properties in the order of the schema; openpyxl has one of its own, which strict readers refuse."""
    parts = re.findall(rb"<(\w+)([^>]*/>)", font[1])
    return b"<font>%s</font>" % b"".join(b"<%s%s" % part for part in sorted(parts, key=lambda part: FONT_ORDER.index(part[0].decode())))


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


def _workbook(columns: Sequence[Column], offered: Lists, extra: Sequence[ExtraColumn], *, example: str | None) -> Workbook:
    from openpyxl import Workbook

    mapping, language = columns[0].mapping, columns[0].language
    book = Workbook()
    book.properties.creator = "TIPTOP importer"
    book.properties.title = mapping.title_in(language)
    book.properties.created = MADE_AT
    guide = book.worksheets[0]
    guide.title = GUIDE_SHEETS[language]
    data = book.create_sheet(_sheet_title(mapping.title_in(language)))
    if example:
        book.create_sheet(example)
    lists = book.create_sheet(LISTS_SHEET)
    meta = book.create_sheet(META_SHEET)
    write_guide(guide, mapping, columns, with_lists=any(not source.closed for source in offered.sources.values()), example=example)
    _write_lists(book, lists, offered)
    write_data_sheet(data, columns, offered.sources, [(column, column.label.get(language, column.name)) for column in extra])
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


def _write_lists(book: Workbook, sheet: Worksheet, offered: Lists) -> None:
    """Headings, formats and named ranges of the lists; their values follow when the parts are packed."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.workbook.defined_name import DefinedName

    for position, column in enumerate(offered.columns, 1):
        sheet.cell(1, position, column.heading).font = Font(name=FONT, bold=True)
        dimension = sheet.column_dimensions[get_column_letter(position)]
        dimension.width, dimension.number_format = column.width, "@"
    sheet.freeze_panes = f"A{LISTS_FIRST_ROW}"
    for name, reference in offered.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=reference)


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
