"""Where places are when rows are gone: as if somebody had deleted them in Excel."""

from __future__ import annotations

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from importer.workbook.patch.keep import Keep

TOP, LAST = 2, 12
ROWS = st.sets(st.integers(TOP + 1, LAST), min_size=1).map(sorted)


def left_of(keep: Keep) -> list[int]:
    """The rows that are left, in order: what a spreadsheet has after deleting the others."""
    return [*range(1, TOP + 1), *keep.rows, *range(LAST + 1, LAST + 20)]


@given(rows=ROWS)
def test_every_row_is_where_it_moved_to(rows: list[int]) -> None:
    """A row that stays has the number that counting gives it; one that is gone has none."""
    keep = Keep(top=TOP, rows=rows, last=LAST)
    left = left_of(keep)
    for row in range(1, LAST + 10):
        assert keep.row(row) == (left.index(row) + 1 if row in left else None)


@given(rows=ROWS, first=st.integers(1, LAST), length=st.integers(0, 5))
def test_an_area_holds_the_rows_that_are_left_of_it(rows: list[int], first: int, length: int) -> None:
    """An area within the data covers exactly those of its rows that stay, and is gone when none of them does."""
    last = min(first + length, LAST)
    keep = Keep(top=TOP, rows=rows, last=LAST)
    expected = [new for row in range(first, last + 1) if (new := keep.row(row))]
    assert keep.span(first, last) == ((expected[0], expected[-1]) if expected else None)


@given(rows=ROWS)
def test_an_area_that_reaches_below_the_data_still_does(rows: list[int]) -> None:
    """Drop-downs for a thousand more rows stay for a thousand more rows, also when all rows they covered are gone."""
    keep = Keep(top=TOP, rows=rows, last=LAST)
    assert keep.area("B3:B1002") == "B3:B1002"
    assert keep.area("$C$3:$C$1048576") == "$C$3:$C$1048576"
    assert keep.area("D:E") == "D:E"


def test_formulas_of_rules_move_with_their_first_cell() -> None:
    """What a rule says relative to its first cell it says of the new one; texts, other sheets, names and functions are left alone."""
    keep = Keep(top=2, rows=[5, 9], last=12)
    formula = """IF($B5>C$9,"B5",'other sheet'!$A$1:$A$9)+LOG10(B6)+Sheet2!B5+rates2026+Lines[qty]"""
    moved = """IF($B3>C$4,"B5",'other sheet'!$A$1:$A$9)+LOG10(B4)+Sheet2!B5+rates2026+Lines[qty]"""
    assert keep.formula(formula, "B5:B12", "B3:B4") == moved


def test_names_on_other_sheets_stay() -> None:
    """Only areas on the sheet itself move, quoted or not; one that is wholly gone is left as it was."""
    keep = Keep(top=2, rows=[5], last=12)
    assert keep.named("'the data'!$A$1:$C$12,other!$A$5", "the data") == "'the data'!$A$1:$C$3,other!$A$5"
    assert keep.named("data!$A$5", "data") == "data!$A$3"
    assert keep.named("mydata!$A$5", "data") == "mydata!$A$5"
    assert keep.named("data!$A$7:$A$8", "data") == "data!$A$7:$A$8"


def test_excel_calls_columns_as_we_do() -> None:
    """The letters of columns that formulas are moved by are Excel's."""
    assert openpyxl.utils.get_column_letter(29) == "AC"
    assert Keep(top=1, rows=[3], last=3).formula("AC3", "B3", "C2") == "AD2"
