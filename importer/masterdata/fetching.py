"""Lists out of the ERP into the site's folder. A good list is never replaced by an empty or a failed answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from importer.channel.lookups import fetched
from importer.client import Client
from importer.errors import ConfigurationError, ImporterError
from importer.fieldtypes import shown, trimmed
from importer.masterdata.lists import STOCK, find_lists
from importer.masterdata.stock import STOCK_COLUMNS
from importer.masterdata.words import CODE, NAME, PARENT
from importer.messages import N_
from importer.settings import Fetch, Profile
from importer.workbook.tables import write_table

__all__ = ["fetch_list"]

NEEDED: Final = {STOCK: ("item_no", "warehouse_no", "qty")}


def fetch_list(name: str, profile: Profile, client: Client) -> tuple[Path, int]:
    """Ask for one list and write it. Returns the file and how many rows it has.

    Raises ConfigurationError for wrong settings, ImporterError for an answer that is refused, empty or without the columns named,
    ErpUnavailable without an answer; the file that was there is then as it was.
    """
    fetch = profile.fetch[name]
    path = _target(name, profile)
    _known_columns(name, fetch)
    rows = _rows(name, fetch, fetched(fetch, profile, client))
    if not rows:
        raise ImporterError(N_("{name}: the ERP has no rows for this list; {file} was left as it was."), name=name, file=str(path))
    write_table(path, [list(fetch.columns), *rows])
    return path, len(rows)


def _target(name: str, profile: Profile) -> Path:
    """The CSV file of the list, where it stands already or will stand."""
    if profile.lists is None and name not in profile.list_files:
        raise ConfigurationError(N_("Profile {profile} has no folder for lists; set `lists`."), profile=profile.name)
    given = {name: path for name, path in profile.list_files.items() if path.is_file()}
    known = find_lists(profile.lists, files=given).get(name)
    path = known.path if known else profile.list_files.get(name) or (profile.lists or Path()) / f"{name}.csv"
    if path.suffix.lower() != ".csv":
        raise ConfigurationError(N_("{file}: the list {name} stands there already; only CSV files are written."), file=str(path), name=name)
    return path


def _known_columns(name: str, fetch: Fetch) -> None:
    known = STOCK_COLUMNS if name == STOCK else (CODE, NAME, PARENT)
    needed = NEEDED.get(name, (CODE,))
    wrong = [column for column in fetch.columns if column not in known] + [column for column in needed if column not in fetch.columns]
    if wrong:
        text = N_("fetch.{name}.columns: {column} is missing or none of {known}.")
        raise ConfigurationError(text, name=name, column=wrong[0], known=", ".join(known))


def _rows(name: str, fetch: Fetch, answer: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """A code once, whatever the ERP repeats; a row without a code is none."""
    needed = NEEDED.get(name, (CODE,))
    rows: list[tuple[str, ...]] = []
    for row in answer:
        absent = [column for column in needed if fetch.columns[column] not in row]
        if absent:
            text = N_("{name}: the ERP's rows have no column {column}. They have: {found}")
            raise ImporterError(text, name=name, column=fetch.columns[absent[0]], found=", ".join(map(str, row)))
        values = {column: _text(row.get(theirs)) for column, theirs in fetch.columns.items()}
        if values[needed[0]]:
            rows.append(tuple(values.values()))
    return rows if name == STOCK else list(dict.fromkeys(rows))


def _text(value: object) -> str:
    return trimmed(shown(value if isinstance(value, str | int | float | Decimal) else "" if value is None else str(value)))
