"""Workbooks full of sound documents, made from a mapping and the simulator's default master data."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from importer.mapping import DOC_KEY, Field
from importer.mapping import Mapping as DocumentType
from importer.simulator import SimulatorSettings

__all__ = ["demo_rows", "simulator_settings"]

ITEMS: Final = 50  # ITEM-0001 .. ITEM-0050: each has a work order, stock in W1 to W3, unit PCS
LOOKUPS: Final[Mapping[str, tuple[str, int]]] = {  # list -> pattern of its codes, how many
    "items": ("ITEM-{:04d}", ITEMS),
    "work_orders": ("W01-2401{:04d}", ITEMS),
    "departments": ("D{:d}0", 5),
    "employees": ("E{:03d}", 10),
}
WAREHOUSES: Final = ("W1", "W2", "W3")
SKIPPED: Final = ("locations", "projects", "reasons")  # optional codes that the demo leaves blank


def simulator_settings(latency_ms: float = 0) -> SimulatorSettings:
    """The ERP of the demo."""
    return SimulatorSettings(latency_ms=latency_ms)


def demo_rows(mapping: DocumentType, *, documents: int, lines: int, day: date, seed: int = 0) -> Iterator[dict[str, object]]:
    """Rows of a filled template: key and header cells on the first row of each document only, as people fill them."""
    chance = random.Random(seed)  # noqa: S311 - sample data
    for number in range(1, documents + 1):
        header = {name: _cell(field, number, 0, day, chance) for name, field in mapping.header.items()}
        for line in range(lines):
            pick = chance.randrange(1, ITEMS + 1)
            cells = {name: _cell(field, pick, position, day, chance) for position, (name, field) in enumerate(mapping.lines.items())}
            row: dict[str, object] = {DOC_KEY: str(number), **header} if line == 0 else {}
            yield {name: value for name, value in {**row, **cells}.items() if value is not None}


def _cell(field: Field, pick: int, position: int, day: date, chance: random.Random) -> object:
    if field.generated or field.default or field.lookup in SKIPPED:
        return None
    if field.type == "date":
        return day
    if field.type in ("decimal", "integer"):
        return _quantity(field, chance) if field.required else None
    if field.lookup == "warehouses":
        return WAREHOUSES[position % len(WAREHOUSES)]  # two places of one line differ
    if field.lookup and field.lookup in LOOKUPS:
        pattern, count = LOOKUPS[field.lookup]
        return pattern.format((pick - 1) % count + 1)
    return field.example if field.required or field.lookup == "units" else None


def _quantity(field: Field, chance: random.Random) -> Decimal:
    scale = field.digits[1] if field.digits and field.type == "decimal" else 0
    least = 1 if (field.min_exclusive is not None or field.min_inclusive is None) else 0
    return Decimal(chance.randrange(least, 50 * 10**scale)).scaleb(-scale)
