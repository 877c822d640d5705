"""What stands in a workbook twice is told, and nothing else is."""

from __future__ import annotations

from decimal import Decimal

from importer.documents import digest_of, repeated
from importer.models import Document, Line, Value


def document(key: str, first_row: int, *lines: dict[str, Value]) -> Document:
    rows = tuple(Line(row=first_row + position, fields=fields) for position, fields in enumerate(lines))
    return Document(
        document_type="misc_issue", key=key, header={"doc_type_no": "I01"}, lines=rows, digest=digest_of({}, rows), occurrence=1, token=""
    )


def told(*documents: Document) -> list[tuple[str, int | None, object]]:
    return [(issue.code, issue.row, issue.values["first_row"]) for issue in repeated(documents, "S")]


A: dict[str, Value] = {"item_no": "A", "qty": Decimal(5)}
B: dict[str, Value] = {"item_no": "B", "qty": Decimal(5)}


def test_a_document_is_told_whatever_the_order_of_its_lines() -> None:
    """Identity knows no order of lines, and neither does this."""
    assert told(document("1", 3, A, B), document("2", 5, B, A), document("3", 7, A)) == [("document_twice", 5, 3)]


def test_the_parts_of_a_split_document_are_not_each_other() -> None:
    """Two parts have one key: their lines are what is told, if anything."""
    assert told(document("1", 3, A), document("1", 4, A)) == []
