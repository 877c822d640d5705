"""Master data arranged for looking up, and its JSON form (decimals as text, dates as yyyy-mm-dd)."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from importer.simulator.master.default import default_master
from importer.simulator.master.values import ColumnMapping, Lot, MasterData

_ONE: Final = Decimal(1)


class Master:
    """Lookups over one set of master data; never changed, only replaced as a whole."""

    def __init__(self, data: MasterData) -> None:
        self.data = data
        self.plants = {row.code: row for row in data.plants}
        self.slips = {row.code: row for row in data.slips}
        self.departments = {row.code: row for row in data.departments}
        self.employees = {row.code: row for row in data.employees}
        self.users = {row.code: row for row in data.users}
        self.warehouses = {row.code: row for row in data.warehouses}
        self.items = {row.code: row for row in data.items}
        self.reasons = {row.code: row for row in data.reasons}
        self.work_orders = {row.number: row for row in data.work_orders}
        self.locations = {(row.warehouse, row.code) for row in data.locations}
        self._lots = {(row.item, row.code): row for row in data.lots}
        self._factors = {(row.item, row.unit, row.base): row.factor for row in data.conversions}

    def lot(self, item: str, code: str) -> Lot | None:
        return self._lots.get((item, code))

    def mappings_for(self, service: str, application: str) -> list[ColumnMapping]:
        """The rows of this calling application, else those of "*"."""
        rows = [row for row in self.data.column_mappings if row.service == service]
        return [row for row in rows if row.application == application] or [row for row in rows if row.application == "*"]

    def factor(self, item: str, unit: str, base: str) -> Decimal | None:
        """How many `base` one `unit` is; None = no conversion known (mfg3075)."""
        if unit == base:
            return _ONE
        for owner in (item, ""):
            if (found := self._factors.get((owner, unit, base))) is not None:
                return found
            if (inverse := self._factors.get((owner, base, unit))) is not None:
                return _ONE / inverse
        return None


@cache
def _adapter() -> TypeAdapter[MasterData]:
    return TypeAdapter(MasterData)


def master_from_json(values: Any) -> MasterData:
    """Raise ValueError with all that is wrong with the data."""
    return _adapter().validate_python(values)


def master_as_json(data: MasterData) -> dict[str, Any]:
    values: dict[str, Any] = _adapter().dump_python(data, mode="json")
    return values


def load_master(path: Path | None) -> MasterData:
    """The set in a JSON file, or the default one."""
    return default_master() if path is None else _adapter().validate_json(path.read_bytes())
