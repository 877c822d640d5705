"""What most workbooks of the corpus have in common: two documents of three lines, and how they get into a file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl

Make = Callable[[Path], None]
"""Writes one workbook of the corpus."""
Rows = Sequence[Sequence[object]]

NAMES: Final = ["doc_key", "doc_type_no", "doc_date", "item_no", "warehouse_no", "qty", "remark"]
LABELS: Final = ["單據鍵值", "單別", "單據日期", "料號", "倉庫", "數量", "備註"]
DAY: Final = date(2026, 1, 31)
FIRST: Final = ["1", "I01", DAY, "ITEM-1", "W1", 5, "一月"]
SECOND: Final = ["1", None, None, "ITEM-2", "W1", 2.5, None]
THIRD: Final = ["2", "I01", DAY, "ITEM-3", "W2", 7, None]
ROWS: Final = [FIRST, SECOND, THIRD]
TEXTS: Final = [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in ROWS]
"""The same with dates as text."""


def with_cell(name: str, value: object, row: int = 0, rows: Rows = ROWS) -> list[list[object]]:
    """The rows with one cell changed."""
    changed = [list(cells) for cells in rows]
    changed[row][NAMES.index(name)] = value
    return changed


def openpyxl_book(rows: Rows = ROWS, *, header: Rows = (LABELS,), change: Callable[[openpyxl.Workbook], object] = lambda _: None) -> Make:
    """Written by openpyxl; `change` does something to the workbook before it is saved."""

    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        for cells in [*header, *rows]:
            book.active.append(list(cells))
        change(book)
        book.save(path)

    return make


def cell_of(book: openpyxl.Workbook, place: str) -> Any:
    """A cell of the first sheet."""
    return book.active[place]


def rezipped(make: Make, change: Callable[[dict[str, bytes]], Mapping[str, bytes] | None]) -> Make:
    """A workbook whose parts are changed afterwards: `change` gets part -> content and changes it, or gives others."""

    def remake(path: Path) -> None:
        make(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        changed = change(parts)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (parts if changed is None else changed).items():
                archive.writestr(name, content)

    return remake


def bytes_changed(make: Make, change: Callable[[bytes], bytes]) -> Make:
    """A workbook whose bytes are changed afterwards."""

    def remake(path: Path) -> None:
        make(path)
        path.write_bytes(change(path.read_bytes()))

    return remake


def as_bytes(content: bytes) -> Make:
    """A file of just these bytes."""
    return lambda path: path.write_bytes(content) and None
