"""One row per field type: how a cell becomes a value, and how the value is shown in Excel and on the wire.

What a type means stands here and nowhere else. Limits of a single field (length, digits, range, choices) are not
types; the schema checks those.
"""

from __future__ import annotations

import enum
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from importer.models import Value

__all__ = ["FIELD_TYPES", "UNREADABLE", "DateFormats", "FieldType", "Finding", "Unreadable", "parse_column", "plain", "shown", "trimmed"]

SIGNIFICANT_DIGITS: Final = 15  # what Excel keeps and shows of a number
EXCEL_EPOCH: Final = date(1899, 12, 30)  # serial 0 of the 1900 date system, its leap-year error included
SERIALS: Final = range(20_000, 80_000)  # 1954 to 2119: a whole number in here was most likely meant as a date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cell that is not of its type (`error`), or is, with a doubt (`warning`); `code` is in the issue catalogue."""

    code: str
    error: bool = True
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormats:
    """strptime formats in which a date may be typed as text; the first one is what messages recommend."""

    text: Sequence[str] = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")


Parsed = tuple[Value | None, Finding | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """How one type of field behaves in both directions."""

    parse: Callable[[object, DateFormats], Parsed]  # a non-blank cell value as the reader gives it -> value, finding
    excel_format: str  # number format of its template column
    xml_type: str  # `type` attribute in the standard channel's XML (protocol §2.2)
    python: type  # of the values
    width: float = 14  # of its template column, in characters


class Unreadable(enum.Enum):
    """Stands for a cell that holds something which cannot be read; whoever put it there has reported the cell."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE


def shown(cell: object) -> str:
    """A cell as text, for messages: numbers without artefacts, dates in ISO form; a blank is empty."""
    if cell is None or cell is UNREADABLE:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    return str(cell)


def plain(value: Decimal) -> str:
    """Decimal notation without an exponent: what the wire and people get."""
    return format(value, "f")


# -- text ------------------------------------------------------------------------------------------------------------

_BLANKS: Final = " \t\r\n\u00a0\u3000\u200b\ufeff"


def trimmed(text: str) -> str:
    """Text without the blanks around it that nobody sees: also non-breaking, full-width and zero-width ones."""
    return text.strip(_BLANKS)


def _number_text(value: float) -> str:
    return plain(_decimal(value))


def _decimal(value: float) -> Decimal:
    """A stored number as Excel shows it: 15 significant digits, so that 0.30000000000000004 is 0.3."""
    return Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _parse_code(value: object, _: DateFormats) -> Parsed:
    if isinstance(value, str):
        return trimmed(value), None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None, Finding(code="not_a_code")
    text = _number_text(value)
    if "." in text or "-" in text:
        return None, Finding(code="code_not_whole", values={"text": text})
    return text, Finding(code="code_as_number", error=False, values={"text": text})


def _parse_text(value: object, _: DateFormats) -> Parsed:
    return trimmed(shown(value)), None


# -- numbers ---------------------------------------------------------------------------------------------------------

_NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?|[+-]?\.\d+")


def _parse_decimal(value: object, _: DateFormats) -> Parsed:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (_decimal(value), None) if math.isfinite(value) else (None, Finding(code="not_a_number"))
    if not isinstance(value, str):
        return None, Finding(code="not_a_number")
    text = trimmed(unicodedata.normalize("NFKC", value))  # full-width digits are digits
    if not _NUMBER.fullmatch(text):
        return None, Finding(code="not_a_number")
    try:
        return Decimal(text.replace(",", "")), None
    except InvalidOperation:
        return None, Finding(code="not_a_number")


def _parse_integer(value: object, formats: DateFormats) -> Parsed:
    number, finding = _parse_decimal(value, formats)
    if isinstance(number, Decimal) and number != number.to_integral_value():
        return None, Finding(code="not_whole")
    return number, finding


# -- dates -----------------------------------------------------------------------------------------------------------

_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")


def _parse_date(value: object, formats: DateFormats) -> Parsed:
    if isinstance(value, datetime):
        if value.time() != datetime.min.time():
            return value.date(), Finding(code="date_with_time", error=False, values={"date": value.date().isoformat()})
        return value.date(), None
    if isinstance(value, date):
        return value, None
    if isinstance(value, str):
        return _parse_date_text(unicodedata.normalize("NFKC", trimmed(value)), formats)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _parse_date_number(value, formats)
    return None, _not_a_date(formats)


def _parse_date_text(text: str, formats: DateFormats) -> Parsed:
    for form in formats.text:
        try:
            return datetime.strptime(text, form).date(), None
        except ValueError:
            continue
    readings = _readings(text)
    if len(set(readings)) > 1:
        return None, Finding(code="date_ambiguous", values={"first": readings[0], "second": readings[1]})
    return None, _not_a_date(formats)


def _readings(text: str) -> list[str]:
    """The dates that a text such as 01/02/2024 may mean, day or month first."""
    if not (match := _DAY_FIRST.fullmatch(text)):
        return []
    first, second, year = (int(part) for part in match.groups())
    year += 2000 if year < 100 else 0
    found = []
    for month, day in ((first, second), (second, first)):
        try:
            found.append(date(year, month, day).isoformat())
        except ValueError:
            continue
    return found


def _parse_date_number(value: float, formats: DateFormats) -> Parsed:
    if not math.isfinite(value) or value != int(value):
        return None, _not_a_date(formats)
    text = str(int(value))
    if len(text) == 8:
        parsed, _ = _parse_date_text(text, DateFormats(text=("%Y%m%d",)))
        if parsed is not None:
            return parsed, None
    if int(value) in SERIALS:
        meant = EXCEL_EPOCH + timedelta(days=int(value))
        return None, Finding(code="date_as_number", values={"date": meant.isoformat()})
    return None, _not_a_date(formats)


def _not_a_date(formats: DateFormats) -> Finding:
    return Finding(code="not_a_date", values={"format": date(2026, 1, 31).strftime(formats.text[0])})


# -- the table -------------------------------------------------------------------------------------------------------

FIELD_TYPES: Final[Mapping[str, FieldType]] = {
    "code": FieldType(parse=_parse_code, excel_format="@", xml_type="string", python=str),
    "text": FieldType(parse=_parse_text, excel_format="@", xml_type="string", python=str, width=28),
    "decimal": FieldType(parse=_parse_decimal, excel_format="General", xml_type="numeric", python=Decimal),
    "integer": FieldType(parse=_parse_integer, excel_format="0", xml_type="numeric", python=Decimal, width=9),
    "date": FieldType(parse=_parse_date, excel_format="yyyy-mm-dd", xml_type="date", python=date),
}


def parse_column(type_name: str, cells: Sequence[object], formats: DateFormats) -> tuple[list[Value | None], dict[int, Finding]]:
    """Parse a column of cells (None or blank text = blank; an unreadable cell has no value and no finding).

    Returns the values by position (None where blank or not of the type) and the findings by position.
    Equal cells are parsed once, which is what makes 100,000 rows quick.
    """
    parse = FIELD_TYPES[type_name].parse
    keys = _keys(cells)
    known = {key: (None, None) if _is_blank(cell) else parse(cell, formats) for key, cell in dict(zip(keys, cells, strict=True)).items()}
    values = [known[key][0] for key in keys]
    if all(finding is None for _, finding in known.values()):
        return values, {}
    return values, {position: finding for position, key in enumerate(keys) if (finding := known[key][1]) is not None}


def _keys(cells: Sequence[object]) -> Sequence[object]:
    """What tells cells apart: themselves, but Python takes 1, 1.0 and True for the same key, so with several of these also their types."""
    kinds = list(map(type, cells))
    return list(zip(kinds, cells, strict=True)) if len({bool, int, float}.intersection(kinds)) > 1 else cells


def _is_blank(cell: object) -> bool:
    return cell is None or cell is UNREADABLE or (isinstance(cell, str) and not trimmed(cell))
