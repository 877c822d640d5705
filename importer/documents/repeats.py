"""What stands in a workbook twice: legal (design §4.1), and most often a slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importer.issue_catalogue import issue
from importer.models import Document, Issue

__all__ = ["repeated"]


def repeated(documents: Iterable[Document], sheet: str) -> Iterator[Issue]:
    """Lines that are the same as another line of their document, and documents that say the same under another key."""
    first: dict[str, Document] = {}
    for document in documents:
        yield from _lines_twice(document, sheet)
        known = first.setdefault(document.digest, document)
        if known.key != document.key:
            row, first_row = document.lines[0].row, known.lines[0].row
            yield issue("document_twice", sheet=sheet, row=row, key=document.key, first_key=known.key, first_row=first_row)


def _lines_twice(document: Document, sheet: str) -> Iterator[Issue]:
    if len(document.lines) < 2:
        return
    first: dict[tuple[object, ...], int] = {}
    for line in document.lines:
        known = first.setdefault((*line.fields, *line.fields.values()), line.row)
        if known != line.row and line.fields:
            yield issue("line_twice", sheet=sheet, row=line.row, first_row=known)
