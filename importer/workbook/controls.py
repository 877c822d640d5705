"""What a person holds against paper before and after an import: sums, and documents that become several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["ControlTotal", "Split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """Sums of one field, in the workbook and of what has reached the stage asked for."""

    field: str  # technical name of the summed field
    by: Sequence[str]  # technical names of the fields by which it is summed
    headings: Sequence[str]  # labels of the fields by which it is summed, then of the summed field
    sums: Mapping[tuple[str, ...], tuple[Decimal, Decimal]]  # group -> in the workbook, done


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A document that is longer than the ERP takes and becomes several."""

    key: str
    lines: int
    parts: int
