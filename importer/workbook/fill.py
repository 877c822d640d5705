"""Rows written straight into a template's sheet XML: openpyxl needs half a minute for what takes two seconds so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from importer.fieldtypes import EXCEL_EPOCH, SIGNIFICANT_DIGITS, plain
from importer.models import column_letters
from importer.workbook.package import elements

__all__ = ["cell_xml", "filled_sheet", "streamed_sheet"]

_END: Final = b"</sheetData>"
_DIMENSION: Final = re.compile(rb"<dimension [^>]*/>")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def filled_sheet(xml: bytes, names: Sequence[str], rows: Sequence[Mapping[str, object]], *, first_row: int) -> bytes:
    """The sheet's XML with rows appended; `names` are its columns from A on, whose styles the cells take."""
    data = "".join(_rows(rows, _columns(xml, names), first_row)).encode()
    before, end, after = xml.rpartition(_END)
    last = f"{column_letters(len(names))}{max(first_row - 1, first_row + len(rows) - 1)}".encode()
    return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:' + last + b'"', before, count=1) + data + end + after


def streamed_sheet(xml: bytes, names: Sequence[str], rows: Iterable[Mapping[str, object]], *, first_row: int) -> Iterator[bytes]:
    """The same piece by piece, for rows that are not known beforehand; the sheet then does not say how far it reaches."""
    before, end, after = xml.rpartition(_END)
    yield _DIMENSION.sub(b"", before, count=1)
    for row in _rows(rows, _columns(xml, names), first_row):
        yield row.encode()
    yield end + after


def _columns(xml: bytes, names: Sequence[str]) -> list[tuple[str, str, int]]:
    """Name, letters and style of each column."""
    styles = _column_styles(xml)
    return [(name, column_letters(number), styles.get(number, 0)) for number, name in enumerate(names, 1)]


def _column_styles(xml: bytes) -> dict[int, int]:
    found: dict[int, int] = {}
    for column in elements(xml, "col"):
        for number in range(int(column["min"]), int(column["max"]) + 1):
            found[number] = int(column.get("style", 0))
    return found


def _rows(rows: Iterable[Mapping[str, object]], columns: Sequence[tuple[str, str, int]], first_row: int) -> Iterator[str]:
    for number, row in enumerate(rows, first_row):
        cells = "".join(
            cell_xml(f"{letters}{number}", style, value) for name, letters, style in columns if (value := row.get(name)) not in (None, "")
        )
        yield f'<row r="{number}">{cells}</row>'


def cell_xml(place: str, style: int, value: object) -> str:
    """One cell. Text is always written as text, also where it begins with `=`; so is a number that Excel could not hold exactly."""
    if isinstance(value, str):
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" s="{style}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, Decimal):
        digits = plain(value)
        if len(value.normalize().as_tuple().digits) > SIGNIFICANT_DIGITS:
            return cell_xml(place, style, digits)
        return f'<c r="{place}" s="{style}"><v>{digits}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}" s="{style}"><v>{value!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{style}"><v>{_serial(value)}</v></c>'
    raise TypeError(f"no cell for {type(value).__name__}")


def _text(value: str) -> str:
    """Escaped for XML; characters that XML cannot hold as Excel writes them (_x000B_), and texts that look like that so that they stay."""
    return escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value))


def _serial(value: date) -> str:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    days = moment - datetime.combine(EXCEL_EPOCH, time())
    return str(days.days) if not days.seconds else repr(days.days + days.seconds / 86400)
