"""OpenDocument sheets by hand, for what LibreOffice would never write."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from corpus.making.base import LABELS, TEXTS, Make, Rows

OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES: Final = (
    f'xmlns:office="{OFFICE}office:1.0" xmlns:table="{OFFICE}table:1.0" xmlns:text="{OFFICE}text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def cell(value: object, about: str = "") -> str:
    """One cell."""
    if value is None:
        return f"<table:table-cell{about}/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"{about}><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"{about}><text:p>{value}</text:p></table:table-cell>'


def rows(cells: Rows) -> str:
    """Rows of cells."""
    return "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in cells)


HEADED: Final = rows([LABELS, *TEXTS])
ROW_2: Final = rows(TEXTS[:1])


def document(data: str = HEADED, *, columns: str = "", manifest: str = "", prolog: str = "", tables: str = "") -> Make:
    """A whole document."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<office:document-content {NAMESPACES}><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{columns}{data}</table:table>{tables}</office:spreadsheet></office:body></office:document-content>'
    )

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
            archive.writestr("content.xml", content)
            archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")

    return make


def changed(old: str, new: str) -> Make:
    """One cell written otherwise."""
    assert old in HEADED
    return document(HEADED.replace(old, new, 1))


QUANTITY: Final = cell(2.5)
BOOKS: Final[dict[str, Make]] = {
    "by_hand.ods": document(),
    "named_xlsx_but_ods.xlsx": document(),
    "ods_rows_repeated_to_the_end.ods": document(
        HEADED
        + '<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    ),
    "ods_bomb_of_repetitions.ods": document(
        HEADED
        + '<table:table-row table:number-rows-repeated="1048572">'
        + cell("x", ' table:number-columns-repeated="16384"')
        + "</table:table-row>"
    ),
    "ods_bomb_of_columns.ods": document(
        HEADED + "<table:table-row>" + cell("x", ' table:number-columns-repeated="2000000000"') + "</table:table-row>"
    ),
    "ods_row_repeated.ods": document(
        rows([LABELS]) + ROW_2.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="3">')
    ),
    "ods_hidden_row.ods": document(
        HEADED.replace("<table:table-row>", "\0", 3)
        .replace("<table:table-row>", '<table:table-row table:visibility="collapse">')
        .replace("\0", "<table:table-row>")
    ),
    "ods_filtered_row.ods": document(
        HEADED.replace("<table:table-row>", "\0", 3)
        .replace("<table:table-row>", '<table:table-row table:visibility="filter">')
        .replace("\0", "<table:table-row>")
    ),
    "ods_hidden_column.ods": document(
        columns='<table:table-column table:number-columns-repeated="4"/><table:table-column table:visibility="collapse"/>'
    ),
    "ods_error.ods": changed(
        QUANTITY,
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
    ),
    "ods_formula_without_result.ods": changed(QUANTITY, '<table:table-cell table:formula="of:=1+1.5"/>'),
    "ods_formula.ods": changed(
        QUANTITY,
        '<table:table-cell table:formula="of:=1+1.5" office:value-type="float" office:value="2.5"><text:p>2.5</text:p></table:table-cell>',
    ),
    "ods_number_with_zeros.ods": changed(
        cell("ITEM-1"), '<table:table-cell office:value-type="float" office:value="123"><text:p>00123</text:p></table:table-cell>'
    ),
    "ods_date.ods": changed(
        cell("2026-01-31"),
        '<table:table-cell office:value-type="date" office:date-value="2026-01-31"><text:p>115/1/31</text:p></table:table-cell>',
    ),
    "ods_merged_quantity.ods": document(
        HEADED.replace(cell(5), cell(5, ' table:number-rows-spanned="2" table:number-columns-spanned="1"')).replace(
            QUANTITY, "<table:covered-table-cell/>"
        )
    ),
    "ods_percentage.ods": changed(
        QUANTITY, '<table:table-cell office:value-type="percentage" office:value="2.5"><text:p>250%</text:p></table:table-cell>'
    ),
    "ods_spaces.ods": changed(
        cell("ITEM-1"), '<table:table-cell office:value-type="string"><text:p>ITEM<text:s text:c="2"/>1</text:p></table:table-cell>'
    ),
    "ods_two_paragraphs.ods": changed(
        cell("ITEM-1"), '<table:table-cell office:value-type="string"><text:p>ITEM</text:p><text:p>1</text:p></table:table-cell>'
    ),
    "ods_encrypted.ods": document(manifest="<file-entry><encryption-data/></file-entry>"),
    "ods_entity_bomb.ods": document(
        HEADED.replace("ITEM-1", "&f;"),
        prolog='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(5))
        + "]>",
    ),
    "ods_broken.ods": document(HEADED + "<table:table-row>"),
    "ods_two_tables.ods": document(tables=f'<table:table table:name="T">{HEADED}</table:table>'),
}
