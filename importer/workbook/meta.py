"""What a template says about itself: the names that the template writes and the reader looks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["LISTS_SHEET", "META_SHEET", "NOT_DATA", "REF", "RESULT_PREFIX", "Meta", "is_data", "read_meta"]

META_SHEET: Final = "_meta"
LISTS_SHEET: Final = "清單"
REF: Final = "_ref"
"""Hidden column of results and to-fix workbooks: token and occurrence of the row's document."""
RESULT_PREFIX: Final = "_result."
NOT_DATA: Final = "_example"
"""Stands in the first row of a template's sheet that looks like data and is none, whatever becomes of its name and of `_meta`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The content of the hidden sheet `_meta`; a blank is what the sheet does not say."""

    document_type: str = ""
    mapping_version: str = ""
    template_version: str = ""
    language: str = ""
    sheet: str = ""  # name of the data sheet when the template was made; the user may have renamed it

    def rows(self) -> list[tuple[str, str]]:
        """Name and value, as they stand in the sheet's two columns."""
        return [(name, getattr(self, name)) for name in self.__slots__]


def read_meta(rows: Iterable[Sequence[object]]) -> Meta:
    """From the cells of `_meta`; names it does not know are left out."""
    found = {str(row[0]).strip(): _text(row[1]) for row in rows if len(row) > 1}
    return Meta(**{name: found[name] for name in Meta.__slots__ if name in found})


def is_data(rows: Sequence[Sequence[object]]) -> bool:
    """Whether a sheet may hold data: no cell of its first row says that it is an example."""
    return not any(isinstance(cell, str) and cell.strip() == NOT_DATA for row in rows[:1] for cell in row)


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
