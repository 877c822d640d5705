"""Where the tables of fields are in a sheet, what their columns hold, and of which message they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from importer.catalogue.vendor.words import (
    CUSTOM_NAME,
    SERVICE_NAME,
    TIPTOP_COLUMN,
    direction_in,
    identifier,
    operation_in,
    part_in,
    role_of,
)
from importer.models import Operation
from importer.workbook.grid import Grid

__all__ = ["Context", "Table", "context_after", "find_tables", "is_field_row"]

NAMING: Final = ("field", "name", "column", "path")
TELLING: Final = ("type", "length", "required", "optional", "description", "label", "example", "default")
RECOGNISED: Final = 0.6  # share of a heading row's cells whose words are known
ALIKE: Final = 0.5  # share of a column's values that look like names
_CONTAINER: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the texts so far said about the rows that follow."""

    operation: Operation | None = None
    other: bool = False  # the service is none of this document's
    direction: str | None = None  # request, answer; None = not said
    part: str | None = None  # header, line
    container: str | None = None  # a list's name in a title


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of fields: rows `first` to `last` of a sheet below their headings."""

    grid: Grid
    heading: int  # row of its headings
    first: int
    last: int
    columns: Mapping[str, int]  # role -> column
    names: Sequence[int]  # columns that names may stand in, the deeper the further right
    context: Context
    beside: int | None = None  # column where a second table begins beside this one, which is not read


def context_after(context: Context, texts: Sequence[str], services: Mapping[str, Operation]) -> Context:
    """The context after a row of titles; `services` knows the operations of the document's own service names."""
    context = _after_services(context, texts, services)
    for text in texts:
        direction, part = direction_in(text), part_in(text)
        if direction is not None:
            context = replace(context, direction=direction, part=None, container=None)
        if part is not None:
            found = _CONTAINER.search(SERVICE_NAME.sub("", text))
            context = replace(context, part=part, container=found.group() if found else None)
    return context


def _after_services(context: Context, texts: Sequence[str], services: Mapping[str, Operation]) -> Context:
    """A service name decides what follows; without one, the name of an operation does."""
    named = {name.group().lower() for text in texts for name in SERVICE_NAME.finditer(text)}
    operations = {services[name] for name in named if name in services}
    if any(CUSTOM_NAME.search(text) for text in texts):
        operations.add(Operation.COMBINED)
    if named and not operations:
        return Context(other=True)
    if operations:
        return _with_operation(context, next(iter(operations)) if len(operations) == 1 else None)
    worded = {operation for text in texts if (operation := operation_in(text))}
    return _with_operation(context, worded.pop()) if len(worded) == 1 and not context.other else context


def _with_operation(context: Context, operation: Operation | None) -> Context:
    return context if operation is context.operation and not context.other else Context(operation=operation)


def find_tables(grid: Grid, services: Mapping[str, Operation]) -> Iterator[Table]:
    """The tables of a sheet from top to bottom."""
    headings = [row for row in range(1, grid.rows + 1) if _is_heading(grid, row)]
    headings = [row for row in headings if row - 1 not in headings or not _is_second(grid, row)]
    context = context_after(Context(), [grid.sheet], services)
    row: int = 1
    names: tuple[int, ...] = ()
    for position, heading in enumerate(headings):
        for above in range(row, heading):
            if not is_field_row(grid, above, names):
                context = context_after(context, [grid.text(above, column) for column in grid.row(above)], services)
        last = (headings[position + 1] if position + 1 < len(headings) else grid.rows + 1) - 1
        first = heading + 2 if _is_second(grid, heading + 1) else heading + 1
        table = _table(grid, heading, first, last, context)
        if table is not None:
            yield table
        row, names = first, tuple(table.names) if table else ()


def is_field_row(grid: Grid, row: int, names: Sequence[int]) -> bool:
    """Whether a row of a table tells of a field: a technical name where names stand, and something about it."""
    return len(grid.row(row)) > 1 and any(identifier(grid.text(row, column)) for column in names)


# -- headings --------------------------------------------------------------------------------------------------------


def _roles(grid: Grid, row: int) -> dict[int, str]:
    return {column: role for column in grid.row(row) if (role := role_of(grid.text(row, column)))}


def _is_heading(grid: Grid, row: int) -> bool:
    roles, filled = _roles(grid, row), grid.row(row)
    if len(filled) < 2 or len(roles) < RECOGNISED * len(filled):
        return False
    return any(role in NAMING for role in roles.values()) and any(role in TELLING for role in roles.values())


def _is_second(grid: Grid, row: int) -> bool:
    """Whether a row belongs to the headings above it: the same once more in English, or the columns of a merged heading."""
    filled = grid.row(row) if row <= grid.rows else []
    return bool(filled) and len(_roles(grid, row)) == len(filled) and _is_heading_or_part(grid, row)


def _is_heading_or_part(grid: Grid, row: int) -> bool:
    under_merged = any(grid.origins.get((row - 1, column), (row - 1, column)) != (row - 1, column) for column in grid.row(row))
    return under_merged or (_is_heading(grid, row) and _is_heading(grid, row - 1))


# -- columns ---------------------------------------------------------------------------------------------------------


def _table(grid: Grid, heading: int, first: int, last: int, context: Context) -> Table | None:
    """The table below a heading row; None where no column holds names."""
    roles = {**_roles(grid, heading), **(_roles(grid, first - 1) if first - heading == 2 else {})}
    beside = _second_table(grid, heading, roles)
    roles = {column: role for column, role in roles.items() if beside is None or column < beside}
    naming = _naming_column(grid, roles, range(first, last + 1))
    if naming is None:
        return None
    columns: dict[str, int] = {}
    for column, role in sorted(roles.items()):
        meant = _meant(grid, role, column, naming, range(first, last + 1))
        if meant is not None:
            columns.setdefault(meant, column)
    if _share(grid, naming, range(first, last + 1), TIPTOP_COLUMN.fullmatch) >= ALIKE:
        columns.setdefault("column", naming)
    names = [naming, *_unheaded(grid, naming, heading, first)]
    return Table(grid=grid, heading=heading, first=first, last=last, columns=columns, names=names, context=context, beside=beside)


def _second_table(grid: Grid, heading: int, roles: Mapping[int, str]) -> int | None:
    """The column where headings that name fields begin anew."""
    seen: set[str] = set()
    for column in sorted(column for column, role in roles.items() if role in NAMING):
        text = grid.text(heading, column)
        if text in seen:
            return column
        seen.add(text)
    return None


def _naming_column(grid: Grid, roles: Mapping[int, str], rows: range) -> int | None:
    for role in NAMING:
        for column in sorted(column for column, found in roles.items() if found == role):
            if _share(grid, column, rows, identifier) >= ALIKE:
                return column
    return None


def _meant(grid: Grid, role: str, column: int, naming: int, rows: range) -> str | None:
    """A heading such as 欄位名稱 is a label where another column has the technical names."""
    if column == naming:
        return "field"
    if role in ("field", "name"):
        return "column" if _share(grid, column, rows, TIPTOP_COLUMN.fullmatch) >= ALIKE else "label"
    return role


def _share(grid: Grid, column: int, rows: range, fits: Callable[[str], object]) -> float:
    """How many of a column's texts fit; indented names may stand in the unheaded columns to its right."""
    texts = [text for row in rows if (text := grid.text(row, column)) and len(grid.row(row)) > 1]
    return sum(bool(fits(text)) for text in texts) / len(texts) if texts else 0.0


def _unheaded(grid: Grid, naming: int, heading: int, first: int) -> list[int]:
    """The columns right of the names that share their heading: merged with it, or without one of their own."""
    found = []
    for column in range(naming + 1, grid.columns + 1):
        if any(grid.text(row, column) for row in range(heading, first)):
            break
        found.append(column)
    return found if naming + len(found) < grid.columns else []
