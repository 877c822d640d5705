"""The digest of a document is the same, whether it is taken from its lines or from the columns of the sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from importer.documents import digest_of
from importer.documents.content import LineTexts, digest_of_texts, text_of
from importer.models import Line, Value

NAMES = ("qty", "qty_in", "item_no", "remark", "due")
VALUES = st.none() | st.text(max_size=5) | st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.dates()
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)), max_size=6)


@given(rows=ROWS)
def test_columns_and_lines_make_one_digest(rows: Sequence[Mapping[str, Value | None]]) -> None:
    """A document that was imported from one workbook is known again, however its lines are held."""
    header: dict[str, Value] = {"doc_type_no": "I01", "doc_date": date(2026, 1, 31), "amount": Decimal("5.00")}
    lines = [Line(row=row, fields={name: value for name, value in cells.items() if value is not None}) for row, cells in enumerate(rows, 3)]
    columns = {name: [cells[name] for cells in rows] for name in NAMES}
    assert digest_of_texts(header, LineTexts(columns).at(range(len(rows)))) == digest_of(header, lines)


def test_without_line_columns() -> None:
    """Also a sheet that has no column of lines has documents that can be told apart by their headers."""
    assert digest_of_texts({"remark": "a"}, LineTexts({}).at([0, 1])) == digest_of(
        {"remark": "a"}, [Line(row=1, fields={}), Line(row=2, fields={})]
    )


@given(number=st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(allow_nan=False, allow_infinity=False, places=3))
@example(number=Decimal("-0.00"))
@example(number=Decimal("12345678901234567890123456789"))
@example(number=Decimal("100"))
@example(number=Decimal("1E+3"))
def test_a_number_is_written_in_one_way(number: Decimal) -> None:
    """However it was typed: without padding, without exponent."""
    assert text_of(number) == (format(number.normalize(), "f") if number else "0")
