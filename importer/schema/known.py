"""What a site knows of its ERP beyond the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from importer.models import CodeList

__all__ = ["NOTHING_KNOWN", "Known"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Lists of valid codes, and which days the ERP takes."""

    lists: Mapping[str, CodeList] = field(default_factory=dict)  # by name; a list that is not there is not checked
    close_date: date | None = None  # no document of this day or before it
    period_end: date | None = None  # no document after this day
    today: date | None = None  # None: nothing is said of dates that are far away


NOTHING_KNOWN: Final = Known()
