"""A picture of the sheet: a piece of it as a grid of cells, each with its findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from importer.fieldtypes import UNREADABLE, shown
from importer.issue_catalogue import render, title
from importer.models import Issue, Severity, column_letters
from importer.web.looks import GRAVITY, Look

__all__ = ["Cell", "Picture", "Told", "picture_of"]

ROWS: Final = 40  # shown at once
NAMED: Final = 200  # issues listed beside the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One issue in the user's words."""

    severity: str
    row: int | None
    cell: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the picture."""

    text: str
    severity: str = ""  # the gravest of its findings
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A piece of the sheet, and all that is wrong with it."""

    headings: Sequence[tuple[str, str]]  # letter of the column, text of its heading
    rows: Sequence[tuple[int, str, Sequence[Cell]]]  # worksheet row, severity of its findings, cells
    first: int  # data rows before the piece
    total: int  # data rows
    before: int | None  # worksheet row at which the piece before begins
    after: int | None
    rules: Sequence[tuple[str, str, int, int | None]]  # severity, title, how often, first row: by rule
    told: Sequence[Told]
    left: int  # issues that are not in `told`


def picture_of(look: Look, language: str, *, at: int = 0) -> Picture:
    """The piece that holds worksheet row `at`; without, the one with the first error, else the first."""
    issues, sheet = look.issues, look.sheet
    numbers = [int(row) for row in sheet.rows.index] if sheet is not None else []
    wanted = at or next((found.row for found in issues if found.row), 0) or 0
    position = next((place for place, number in enumerate(numbers) if number >= wanted), max(len(numbers) - 1, 0)) if wanted else 0
    start = position // ROWS * ROWS
    piece = numbers[start : start + ROWS]
    by_cell: dict[tuple[int, int], list[Issue]] = defaultdict(list)
    by_row: dict[int, list[Issue]] = defaultdict(list)
    shown_rows = set(piece)
    for found in issues:
        if found.row in shown_rows:
            by_row[found.row].append(found)
            by_cell[found.row, found.column or 0].append(found)
    places = sorted(sheet.columns.items(), key=lambda item: item[1].column) if sheet is not None else []
    places = [(name, place) for name, place in places if not name.startswith("_")]
    rows = []
    for number in piece:
        values: Mapping[Any, object] = sheet.rows.loc[number].to_dict() if sheet is not None else {}
        cells = [_cell(values.get(name), by_cell.get((number, place.column), ()), language) for name, place in places]
        rows.append((number, _gravest(by_row.get(number, ())), cells))
    told = [_told(found, language) for found in issues[:NAMED]]
    return Picture(
        headings=[(column_letters(place.column), place.header) for _, place in places],
        rows=rows,
        first=start,
        total=len(numbers),
        before=numbers[max(start - ROWS, 0)] if start else None,
        after=numbers[start + ROWS] if start + ROWS < len(numbers) else None,
        rules=_rules(issues, language),
        told=told,
        left=len(issues) - len(told),
    )


def _cell(value: object, issues: Sequence[Issue], language: str) -> Cell:
    text = "#" if value is UNREADABLE else "" if value is None else shown(value)
    return Cell(text=text, severity=_gravest(issues), words=[render(found, language) for found in issues])


def _gravest(issues: Sequence[Issue]) -> str:
    return min((found.severity for found in issues), key=GRAVITY.index).value if issues else ""


def _told(found: Issue, language: str) -> Told:
    cell = f"{column_letters(found.column)}{found.row}" if found.column and found.row else ""
    return Told(severity=found.severity.value, row=found.row, cell=cell, words=render(found, language))


def _rules(issues: Sequence[Issue], language: str) -> list[tuple[str, str, int, int | None]]:
    """Grave ones first, then the frequent ones."""
    groups: dict[tuple[Severity, str], list[Issue]] = defaultdict(list)
    for found in issues:
        groups[found.severity, found.code].append(found)
    order = sorted(groups.items(), key=lambda item: (GRAVITY.index(item[0][0]), -len(item[1])))
    return [(severity.value, title(code, language), len(found), found[0].row) for (severity, code), found in order]
