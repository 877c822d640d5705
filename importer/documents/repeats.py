"""What stands in a workbook twice: legal (design §4.1), and most often a slip. Lines that do are told where documents are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importer.issue_catalogue import issue
from importer.models import Document, Issue

__all__ = ["repeated"]


def repeated(documents: Iterable[Document], sheet: str) -> Iterator[Issue]:
    """Documents that say the same as another one under another key."""
    first: dict[str, Document] = {}
    for document in documents:
        known = first.setdefault(document.digest, document)
        if known.key != document.key:
            row, first_row = document.lines[0].row, known.lines[0].row
            yield issue("document_twice", sheet=sheet, row=row, key=document.key, first_key=known.key, first_row=first_row)
