"""Everything that a profile names of its master data, for one command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from importer.mapping import Mapping as DocumentType
from importer.masterdata.lists import STOCK, find_lists, read_list
from importer.masterdata.stock import Stock, read_stock
from importer.models import Severity
from importer.schema import NOTHING_KNOWN, Known
from importer.settings import Profile

__all__ = ["NO_MASTER_DATA", "MasterData", "load_master_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterData:
    """What checks hold a workbook against."""

    known: Known = NOTHING_KNOWN
    stock: Stock | None = None  # None: stock is not checked
    stock_severity: Severity = Severity.WARNING
    negative_stock: frozenset[str] = frozenset()  # warehouses whose stock may fall below zero


NO_MASTER_DATA: Final = MasterData()


def load_master_data(profile: Profile, mappings: Iterable[DocumentType], *, today: date | None = None) -> MasterData:
    """The lists that the document types name, the stock list, and the days that are open. Raises ConfigurationError naming file and row."""
    wanted = {field.lookup for mapping in mappings for field in mapping.fields.values() if field.lookup}
    files = find_lists(profile.lists, files=profile.list_files)
    lists = {name: read_list(file) for name, file in files.items() if name in wanted and name != STOCK}
    known = Known(lists=lists, close_date=profile.close_date, period_end=profile.period_end, today=today or date.today())
    found = MasterData(known=known, negative_stock=frozenset(profile.negative_stock))
    if profile.stock_check == "off" or STOCK not in files:
        return found
    return replace(found, stock=read_stock(files[STOCK]), stock_severity=Severity(profile.stock_check))
