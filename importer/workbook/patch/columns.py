"""Column letters, and the `<cols>` element: widths of columns, with runs split and joined around ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from importer.workbook.patch.values import ResultColumn

LAST_COLUMN = 16_384  # XFD
WHOLE_SHEET = 1_024  # a run of widths reaching this far is meant for the rest of the sheet, not for used columns
DEFAULT_WIDTH = 9.0  # characters
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@lru_cache(maxsize=LAST_COLUMN)
def letters(column: int) -> str:
    """1 -> A, 28 -> AB."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=LAST_COLUMN)
def number(name: str) -> int:
    """A -> 1, AB -> 28; letters in either case."""
    column = 0
    for letter in name.upper():
        column = column * 26 + ord(letter) - 64
    return column


@dataclass(frozen=True, slots=True)
class Run:
    """One `<col>`: columns first..last have these attributes (without min and max, as XML text)."""

    first: int
    last: int
    attributes: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """An attribute's text."""
        return dict(self.attributes).get(name)

    @property
    def width(self) -> float:
        """In characters; 0 if hidden."""
        return 0.0 if self.get("hidden") in ("1", "true") else float(self.get("width") or DEFAULT_WIDTH)


def parse_cols(xml: str) -> list[Run]:
    """The runs of a `<cols>` element, in order."""
    runs = []
    for tag in re.findall(r"<(?:[\w.-]+:)?col\s([^>]*)>", xml):
        attributes = {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}
        first, last = int(attributes.pop("min", "0")), int(attributes.pop("max", "0"))
        if 0 < first <= last:
            runs.append(Run(first, min(last, LAST_COLUMN), tuple(attributes.items())))
    return sorted(runs, key=lambda run: run.first)


def last_used(runs: Sequence[Run], ignored: Collection[int]) -> int:
    """The last column that has a width of its own and is not `ignored`; 0 if none."""
    own = [run for run in runs if run.last < WHOLE_SHEET]
    return max((c for run in own for c in range(run.first, run.last + 1) if c not in ignored), default=0)


def without(runs: Sequence[Run], columns: Collection[int]) -> list[Run]:
    """The runs with `columns` taken out; a run for the rest of the sheet closes the gap again."""
    left: list[Run] = []
    for run in runs:
        left += _cut(run, sorted(c for c in columns if run.first <= c <= run.last))
    return _closed(left, set(columns))


def with_columns(runs: Sequence[Run], place: int, columns: Sequence[ResultColumn]) -> list[Run]:
    """The runs with one for each of `columns`, from column `place`."""
    ours = [
        Run(
            place + offset,
            place + offset,
            (("width", f"{column.width:g}"), *((("hidden", "1"),) if column.hidden else ()), ("customWidth", "1")),
        )
        for offset, column in enumerate(columns)
    ]
    cut = [part for run in runs for part in _cut(run, [c for c in range(place, place + len(columns)) if run.first <= c <= run.last])]
    return sorted([*cut, *ours], key=lambda run: run.first)


def render_cols(runs: Sequence[Run], prefix: str) -> str:
    """The `<cols>` element; nothing without runs, Excel refuses an empty one."""
    if not runs:
        return ""
    tags = [
        f'<{prefix}col min="{run.first}" max="{run.last}"' + "".join(f' {name}="{value}"' for name, value in run.attributes) + "/>"
        for run in runs
    ]
    return f"<{prefix}cols>{''.join(tags)}</{prefix}cols>"


def _cut(run: Run, columns: Sequence[int]) -> list[Run]:
    parts, first = [], run.first
    for column in columns:
        if first < column:
            parts.append(replace(run, first=first, last=column - 1))
        first = column + 1
    return [*parts, replace(run, first=first)] if first <= run.last else parts


def _closed(runs: list[Run], gap: set[int]) -> list[Run]:
    """Runs of a whole sheet that were split around our columns, joined again."""
    closed: list[Run] = []
    for run in runs:
        if run.last >= WHOLE_SHEET:
            first = run.first
            while first - 1 in gap:
                first -= 1
            run = replace(run, first=first)
            if first < run.last and closed and closed[-1].last == first - 1 and closed[-1].attributes == run.attributes:
                run = replace(run, first=closed.pop().first)
        closed.append(run)
    return closed
