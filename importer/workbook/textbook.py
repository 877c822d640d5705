"""A text file as a workbook of one sheet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from importer.mapping import Mapping as DocumentType
from importer.workbook.books import Cells, Ragged
from importer.workbook.csvreading import ragged, read_csv
from importer.workbook.filekind import Kind, version_of
from importer.workbook.sheetscan import SheetScan

__all__ = ["TextBook"]


class TextBook:
    """A `books.Book`; its sheet is called like the file, as Excel has it."""

    kind: Kind = "text"
    scanned = True

    def __init__(self, path: Path, mappings: Collection[DocumentType]) -> None:
        self.version = version_of(path)
        self._table = read_csv(path, mappings)
        name = re.sub(r"[\[\]:*?/\\]", "_", path.stem)[:31]
        self.names: Sequence[str] = [name]
        self.shown: Sequence[str] = self.names

    def cells(self, name: str) -> Cells:
        del name
        return self._table.rectangle()

    def scan(self, name: str) -> SheetScan:
        del name
        return self._table.scan

    def ragged(self, label_row: int) -> Ragged:
        return ragged(self._table.rows, label_row)

    def number_formats(self) -> bytes:
        return b""

    def stream(self, name: str) -> Iterator[bytes]:
        del name
        return iter(())
