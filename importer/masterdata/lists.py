"""Lists of valid codes out of a folder: `items.csv`, `locations.xlsx`, or one `lists.xlsx` with a sheet per list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from importer.errors import ConfigurationError
from importer.masterdata.words import CODE, LISTS_WITHIN, NAME, PARENT, STEMS, is_list_sheet, role_of
from importer.messages import N_
from importer.models import CodeList
from importer.workbook.tables import TABLE_FORMATS, PlainTable, read_tables

__all__ = ["STOCK", "ListFile", "find_lists", "load_lists", "read_list"]

WORKBOOK_OF_LISTS: Final = "lists"
STOCK: Final = "stock"
"""The one file of the folder that is no list of codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """Where a list stands."""

    name: str
    path: Path
    sheet: str | None = None  # of the workbook of lists; None: the file's first table
    changed_at: datetime  # of the file

    def table(self) -> PlainTable:
        """Raises ConfigurationError that names the file."""
        tables = read_tables(self.path)
        found = [table for table in tables if self.sheet is None or table.sheet == self.sheet]
        if not found:
            raise ConfigurationError(N_("{file}: this table is empty; its first row names the columns."), file=str(self.path))
        return found[0]


def load_lists(
    folder: Path | None, *, files: Mapping[str, Path] | None = None, names: Collection[str] | None = None
) -> dict[str, CodeList]:
    """The lists of a folder and of single files, by name; `names` are those that are wanted, all without.

    A folder that is not there has no lists. Raises ConfigurationError that names file and row.
    """
    found = find_lists(folder, files=files)
    return {name: read_list(file) for name, file in found.items() if name != STOCK and (names is None or name in names)}


def find_lists(folder: Path | None, *, files: Mapping[str, Path] | None = None) -> dict[str, ListFile]:
    """Which lists there are and where, the stock list among them. Raises ConfigurationError for a list that stands in two files."""
    found: dict[str, ListFile] = {}
    for file in [*_of_folder(folder), *_of_files(files or {})]:
        if (other := found.get(file.name)) is not None and file.name not in (files or {}):
            text = N_("The list {name} stands in two files, {first} and {second}. Remove one of them.")
            raise ConfigurationError(text, name=file.name, first=str(other.path), second=str(file.path))
        found[file.name] = file
    return found


def _of_files(files: Mapping[str, Path]) -> Iterator[ListFile]:
    for name, path in files.items():
        if not path.is_file():
            raise ConfigurationError(N_("{file}: there is no such file; it was to hold the list {name}."), file=str(path), name=name)
        yield ListFile(name=name, path=path, changed_at=_changed_at(path))


def _of_folder(folder: Path | None) -> Iterator[ListFile]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in TABLE_FORMATS or path.name.startswith((".", "~$")) or not path.is_file():
            continue
        if path.stem != WORKBOOK_OF_LISTS:
            yield ListFile(name=path.stem, path=path, changed_at=_changed_at(path))
            continue
        for table in read_tables(path):
            name = next((name for name in (*STEMS, STOCK) if is_list_sheet(table.sheet, name)), table.sheet.strip())
            yield ListFile(name=name, path=path, sheet=table.sheet, changed_at=_changed_at(path))


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone()


def read_list(file: ListFile) -> CodeList:
    """The codes of one list with their names, and the codes that they stand within. Raises ConfigurationError that names file and row."""
    table = file.table()
    heading_row, heading = table.heading()
    columns = _columns(file.name, table, heading)
    labels: dict[str, str] = {}
    within: dict[str, set[str]] = defaultdict(set)
    for number, cells in table.rows.items():
        if number == heading_row:
            continue
        code, name, outer = (
            cells[at] if (at := columns.get(role)) is not None and at < len(cells) else "" for role in (CODE, NAME, PARENT)
        )
        if not code:
            raise ConfigurationError(N_("{file}: row {row} has no code."), file=table.place, row=number)
        labels[code] = labels.get(code) or name
        if outer:
            within[code].add(outer)
        elif PARENT in columns:
            text = N_("{file}: row {row}: {code} does not say which {outer} it stands in.")
            raise ConfigurationError(text, file=table.place, row=number, code=code, outer=LISTS_WITHIN.get(file.name, PARENT))
    return CodeList(name=file.name, labels=labels, within={code: frozenset(codes) for code, codes in within.items()})


def _columns(name: str, table: PlainTable, heading: Sequence[str]) -> dict[str, int]:
    """Which column holds what. A list without a heading that says so could lose its first code, so it is refused."""
    columns: dict[str, int] = {}
    for position, text in enumerate(heading):
        role = role_of(text, name)
        if role is not None:
            columns.setdefault(role, position)
    if CODE not in columns:
        found = ", ".join(text for text in heading if text)
        text = N_("{file}: the first row must name the columns: code, and if you like name. Found: {found}")
        raise ConfigurationError(text, file=table.place, found=found)
    return columns
