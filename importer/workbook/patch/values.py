"""What a caller hands in, and the one exception it may get back. Rows and columns are 1-based, as Excel counts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.errors import ImporterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

RESULT_PREFIX = "_result."  # technical names of result columns begin so
REFERENCE_NAME = "_ref"  # the hidden column with our reference
STATUS_NAME = "_result.status"  # the column that `status_severity` colours

MARK_COLOURS = {"error": "FFFFB3B5", "warning": "FFFFD98D", "hint": "FFBDD7F6"}  # ARGB, worst first; shades that nobody picks by hand
STATUS_COLOURS = {"error": "FFFFB3B6", "warning": "FFFFD98E", "hint": "FFBDD7F7", "ok": "FFC8EFD1"}  # a shade off, to tell them apart


class UnpatchableWorkbook(ImporterError):
    """The file cannot take results (encrypted, no .xlsx, damaged, no such sheet, no room); write a new workbook instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """One column added at the right of the user's own."""

    name: str  # technical name, e.g. "_result.status" or "_ref"
    label: str  # header text people read
    width: float = 14  # in characters
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One cell that somebody has to look at."""

    row: int  # 1-based worksheet row
    column: int  # 1-based
    severity: str  # "error", "warning" or "hint": red, amber, blue
    text: str  # comment; several marks on one cell are joined by newlines


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySheet:
    """The first sheet of a results workbook: a simple table."""

    title: str  # sheet name; shortened and cleaned where Excel demands it
    rows: Sequence[Sequence[str | int | Decimal | None]]
    bold_rows: frozenset[int] = frozenset()  # 0-based indexes into `rows`
    widths: Sequence[float] = ()  # in characters, from column A
    shades: Mapping[tuple[int, int], str] = field(default_factory=dict)  # 0-based row and column -> severity, its colour
