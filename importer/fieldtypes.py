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
NUMBERS: Final = frozenset((bool, int, float))
SERIALS: Final = range(20_000, 80_000)  # 1954 to 2119: a whole number in here was most likely meant as a date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cell that is not of its type (`error`), or is, with a doubt (`warning`); `code` is in the issue catalogue."""

    code: str
    error: bool = True
    values: Mapping[str, object] = field(default_factory=dict)


ROC: Final = "roc"
"""Stands among date formats for the calendar of the Republic (民國): 115/01/31, 民國115年1月31日, 1150131."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormats:
    """strptime formats, or `roc`, in which a date may be typed as text; the first one is what messages recommend."""

    text: Sequence[str] = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")


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


_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+\d\d", re.IGNORECASE)  # as Excel writes a long number, never without the sign
_FULL_WIDTH: Final = re.compile("[\uff01-\uff5e\u3000]")


def _parse_code(value: object, _: DateFormats) -> Parsed:
    if isinstance(value, str):
        text = trimmed(value)
        if "+" in text and _SCIENTIFIC.fullmatch(text):
            return None, Finding(code="code_scientific")
        if not text.isascii() and _FULL_WIDTH.search(text):
            return text, Finding(code="code_full_width", error=False, values={"text": unicodedata.normalize("NFKC", text)})
        return text, None
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
    if type(value) is float or type(value) is int:
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
_WITH_TIME: Final = re.compile(r"(?P<day>.*?\S)(?:\s+|(?<=\d)T(?=\d))(?P<time>(?:[上下]午|[AP]M)?\s*\d{1,2}:\d{2}.*)", re.IGNORECASE)
_MIDNIGHT: Final = re.compile(r"0{1,2}:00(:00(\.0+)?)?|(上午|AM)\s*12:00(:00)?|12:00(:00)?\s*(上午|AM)", re.IGNORECASE)
_RUN_TOGETHER: Final = re.compile(r"%[A-Za-z]%[A-Za-z]")
_ROC_DATE: Final = re.compile(
    r"(?P<era>中華民國|中华民国|民國|民国|ROC)?\s*(?P<year>\d{1,3})\s*(?:[-/.年])\s*(?P<month>\d{1,2})\s*(?:[-/.月])\s*(?P<day>\d{1,2})\s*日?",
    re.IGNORECASE,
)
_ROC_DIGITS: Final = re.compile(r"(?P<era>)(?P<year>1\d\d)(?P<month>\d\d)(?P<day>\d\d)")
FIRST_YEAR: Final = 1900  # Excel knows none before; a year such as 0115 is one of another calendar
ROC_YEARS: Final = range(100, 200)  # that are taken for ones of the Republic without its name beside them


def _parse_date(value: object, formats: DateFormats) -> Parsed:
    if isinstance(value, datetime):
        return value.date(), None if value.time() == datetime.min.time() else _with_time(value.date())
    if isinstance(value, date):
        return value, None
    if isinstance(value, str):
        return _parse_date_text(unicodedata.normalize("NFKC", trimmed(value)), formats)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _parse_date_number(value, formats)
    return None, _not_a_date(formats)


def _with_time(day: date) -> Finding:
    return Finding(code="date_with_time", error=False, values={"date": day.isoformat()})


def _parse_date_text(text: str, formats: DateFormats) -> Parsed:
    if (day := _declared(text, formats)) is not None:
        return day, None
    if match := _WITH_TIME.fullmatch(text):
        day = _declared(match["day"], formats)
        if day is not None:
            return day, None if _MIDNIGHT.fullmatch(match["time"].strip()) else _with_time(day)
    readings = _readings(text)
    if len(set(readings)) > 1:
        return None, Finding(code="date_ambiguous", values={"first": readings[0], "second": readings[1]})
    if (day := _roc_date(text)) is not None:
        return None, Finding(code="date_roc", values={"date": day.isoformat()})
    return None, _not_a_date(formats)


def _declared(text: str, formats: DateFormats) -> date | None:
    """The date that a text is in one of the declared formats."""
    for form in formats.text:
        if form == ROC:
            day = _roc_date(text)
        else:
            try:
                day = datetime.strptime(text, form).date()
            except ValueError:
                continue
            if _RUN_TOGETHER.search(form) and day.strftime(form) != text:
                continue  # 2026111 could be two dates; strptime takes the first that fits
        if day is not None and day.year >= FIRST_YEAR:
            return day
    return None


def _roc_date(text: str) -> date | None:
    match = _ROC_DATE.fullmatch(text) or _ROC_DIGITS.fullmatch(text)
    if not match or not (match["era"] or int(match["year"]) in ROC_YEARS):
        return None
    try:
        return date(int(match["year"]) + 1911, int(match["month"]), int(match["day"]))
    except ValueError:
        return None


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
    if not math.isfinite(value):
        return None, _not_a_date(formats)
    if value == int(value):
        text = str(int(value))
        if len(text) == 8 and (day := _declared(text, DateFormats(text=("%Y%m%d",)))) is not None:
            return day, None
        if len(text) == 7:
            parsed, finding = _parse_date_text(text, DateFormats(text=[form for form in formats.text if form == ROC]))
            if parsed is not None or (finding and finding.code == "date_roc"):
                return parsed, finding
    if int(value) in SERIALS:
        meant = EXCEL_EPOCH + timedelta(days=int(value))
        return None, Finding(code="date_as_number", values={"date": meant.isoformat()})
    return None, _not_a_date(formats)


def _not_a_date(formats: DateFormats) -> Finding:
    form = next(iter(formats.text), "%Y-%m-%d")
    return Finding(code="not_a_date", values={"format": "115/01/31" if form == ROC else date(2026, 1, 31).strftime(form)})


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
    keys, parsed = _keys(cells)
    findings: dict[object, Finding] = {}
    for key in parsed:
        cell = key[1] if type(key) is tuple else key
        if not _is_blank(cell):
            parsed[key], finding = parse(cell, formats)
            if finding is not None:
                findings[key] = finding
    values = list(map(parsed.__getitem__, keys)) if len(parsed) > 1 else list(parsed.values()) * len(keys)
    return values, {position: findings[key] for position, key in enumerate(keys) if key in findings} if findings else {}


def _keys(cells: Sequence[object]) -> tuple[Sequence[object], dict[object, Value | None]]:
    """What tells the cells apart, and each of that once.

    That is themselves, but Python takes 1, 1.0 and True for the same key, so with several of these also their types.
    """
    distinct: dict[object, Value | None] = dict.fromkeys(cells)
    if NUMBERS.isdisjoint(map(type, distinct)) or len(NUMBERS.intersection(map(type, cells))) < 2:
        return cells, distinct
    keys = list(zip(map(type, cells), cells, strict=True))
    return keys, dict.fromkeys(keys)


def _is_blank(cell: object) -> bool:
    return cell is None or cell is UNREADABLE or (isinstance(cell, str) and not trimmed(cell))
