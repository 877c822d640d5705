"""Which rows of a sheet stay, and where every place of it is when the others are gone, as if they had been deleted in Excel."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from importer.workbook.patch import columns

_AREA = re.compile(r"^(\$?[A-Za-z]{1,3})?(\$?)(\d+)?(?::(\$?[A-Za-z]{1,3})?(\$?)(\d+)?)?$")
_CELL = r"\$?[A-Za-z]{1,3}\$?\d+"
_TOKEN = re.compile(
    rf"""("(?:[^"]|"")*"|(?:'(?:[^']|'')*'|[\w.]+)!{_CELL}(?::{_CELL})?|\[[^\]]*\])"""
    r"""|(?<![\w.$!'])(\$?)([A-Za-z]{1,3})(\$?)(\d+)(?![\w(.!])"""
)
_LAST_ROW = 1_048_576


@dataclass(frozen=True)
class Keep:
    """The rows up to `top` stay where they are; of those below, `rows` stay and move up together."""

    top: int  # last row of the header
    rows: Sequence[int]  # ascending, all below `top`
    last: int  # last row of the source that holds anything; what lies below is empty and stays usable

    @cached_property
    def _dropped(self) -> int:
        return max(self.last, self.top) - self.top - len(self.rows)

    def row(self, row: int) -> int | None:
        """The new number of a row; None if it is gone."""
        if row <= self.top:
            return row
        if row > self.last:
            return row - self._dropped
        index = bisect_left(self.rows, row)
        return self.top + 1 + index if index < len(self.rows) and self.rows[index] == row else None

    def nearest(self, row: int) -> int:
        """The new number of a row, or of what now stands where it stood."""
        return row if row <= self.top else self.row(row) or self.top + 1 + bisect_left(self.rows, row)

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """The new rows of an area; None if nothing of it is left. One that reaches below the data still does, just as far."""
        start = first if first <= self.top else self.nearest(first)
        if last <= self.top:
            end = last
        elif last > self.last:
            end = last if first <= self.last else last - self._dropped
        else:
            end = self.top + bisect_right(self.rows, last)
        return (start, min(end, _LAST_ROW)) if start <= end else None

    def area(self, reference: str) -> str | None:
        """A reference such as `B4`, `$A$3:$C$9` or `A:C` after the change; None if nothing of it is left."""
        match = _AREA.match(reference)
        if match is None or not match[3]:
            return reference  # whole columns, or nothing that names rows
        first, last = int(match[3]), int(match[6] or match[3])
        rows = self.span(first, last)
        if rows is None:
            return None
        start = f"{match[1] or ''}{match[2]}{rows[0]}"
        if ":" not in reference:
            return start
        end = f"{match[4] or ''}{match[5]}{rows[1]}"
        return start if start == end else f"{start}:{end}"

    def areas(self, references: str) -> str:
        """A list of references, divided by blanks, after the change; empty if nothing is left."""
        return " ".join(area for reference in references.split() if (area := self.area(reference)))

    def formula(self, text: str, before: str, after: str) -> str:
        """A rule's formula when the areas it holds for have become others: what it says relative to their first cell stays so."""
        down, right = (new - old for new, old in zip(_corner(after), _corner(before), strict=True))

        def moved(match: re.Match[str]) -> str:
            if match[1]:
                return match[0]
            column, row = columns.number(match[3]), int(match[5])
            if column > columns.LAST_COLUMN or not 0 < row <= _LAST_ROW:
                return match[0]
            letters = match[3] if match[2] else columns.letters(min(max(column + right, 1), columns.LAST_COLUMN))
            number = self.nearest(row) if match[4] else min(max(row + down, 1), _LAST_ROW)
            return f"{match[2]}{letters}{match[4]}{number}"

        return _TOKEN.sub(moved, text)

    def named(self, text: str, sheet: str) -> str:
        """A defined name's areas on that sheet after the change; what is wholly gone points where it did, at empty cells."""
        quoted = "'" + sheet.replace("'", "''") + "'"
        pattern = re.compile(
            rf"((?:{re.escape(quoted)}|(?<![\w.'\]]){re.escape(sheet)})!)(\$?[A-Za-z]{{0,3}}\$?\d+(?::\$?[A-Za-z]{{0,3}}\$?\d+)?)"
        )
        return pattern.sub(lambda match: match[1] + (self.area(match[2]) or match[2]), text)


def _corner(areas: str) -> tuple[int, int]:
    """Row and column of the first cell of a list of areas."""
    match = _AREA.match(areas.split()[0]) if areas else None
    if match is None:
        return 1, 1
    return int(match[3] or 1), columns.number((match[1] or "A").strip("$"))
