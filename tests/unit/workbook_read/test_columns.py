"""Columns are found by what they are called, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.mapping import DOC_KEY, KEY_FIELD, load_mappings
from importer.messages import LANGUAGES
from importer.workbook.header import find_header, required_names
from importer.workbook.reader import Sheet

from .conftest import LABELS, NAMES, ROW, codes

MAPPINGS = load_mappings()


@pytest.mark.parametrize("rows_above", [[NAMES, LABELS], [LABELS], [["雜發一月份"], LABELS], [NAMES]])
def test_names_or_labels(read: Callable[..., Sheet], rows_above: list[list[str]]) -> None:
    """A template, one whose hidden row was deleted, labels below a title line, and bare technical names are all read."""
    sheet = read([*rows_above, ROW])
    assert codes(sheet) == []
    assert sheet.rows.index.tolist() == [len(rows_above) + 1]
    assert sheet.rows.iloc[0].tolist() == ["1", "I01", "2026-01-31", "ITEM-1", "W1", 5.0, None]
    assert sheet.columns["qty"].column == 6


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_language_any_order(data: st.DataObject) -> None:
    """Labels of any language, mixed, in any order, with stars, spaces and full-width signs, find the same columns."""
    mapping = data.draw(st.sampled_from(list(MAPPINGS.values())))
    fields = {DOC_KEY: KEY_FIELD, **mapping.columns}
    names = data.draw(st.permutations(list(fields)))
    languages = data.draw(st.lists(st.sampled_from(LANGUAGES), min_size=len(names), max_size=len(names)))
    decorate = data.draw(st.lists(st.sampled_from(["{}", "{}*", " {} ", "＊{}", "*{}"]), min_size=len(names), max_size=len(names)))
    labels = [form.format(fields[name].label_in(language)) for form, name, language in zip(decorate, names, languages, strict=True)]
    header = find_header([labels, []], mapping)
    assert header is not None
    assert {name: place.column for name, place in header.columns.items()} == {name: index for index, name in enumerate(names, 1)}


def test_technical_names_win_over_edited_labels(read: Callable[..., Sheet]) -> None:
    """Who renames the labels of the template, or swaps them, still gets the right columns."""
    labels = [*LABELS]
    labels[3], labels[4] = labels[4], labels[3]
    sheet = read([NAMES, labels, ROW])
    assert sheet.rows.loc[3, "item_no"] == "ITEM-1"
    assert sheet.columns["item_no"].header == "倉庫*"


def test_extra_columns_are_kept_and_named(read: Callable[..., Sheet]) -> None:
    """Own columns between ours do not disturb; one hint names them. Result columns of an earlier round go without a word."""
    names = [*NAMES[:3], None, *NAMES[3:], "_result.status", "_ref"]
    labels = [*LABELS[:3], "品名", *LABELS[3:], "狀態", None]
    sheet = read([names, labels, [*ROW[:3], "螺絲", *ROW[3:], "已過帳", "ABC:1"]])
    assert codes(sheet) == [("columns_unknown", None)]
    assert sheet.issues[0].values["names"] == ["品名"]
    assert sheet.rows.loc[3, "_ref"] == "ABC:1"
    assert sheet.last_column == 10


def test_result_columns_beside_labels_only(read: Callable[..., Sheet]) -> None:
    """The reference column is found also where the user's workbook has no row of technical names."""
    sheet = read([[*LABELS, "_result.status", "_ref"], [*ROW, "x", "ABC:1"]])
    assert codes(sheet) == []
    assert sheet.rows.loc[2, "_ref"] == "ABC:1"


def test_missing_required_column(read: Callable[..., Sheet]) -> None:
    """A required column that is not there is one issue, not one per row; an optional one is none."""
    sheet = read([[name for name in NAMES if name != "qty"], [*ROW[:5], None], [*ROW[:5], None]])
    assert codes(sheet) == [("column_missing", None)]
    assert sheet.issues[0].field == "qty"


def test_missing_column_is_named_in_the_language_of_the_sheet(read: Callable[..., Sheet]) -> None:
    """Who works with English labels is told the English name of the column that is missing."""
    sheet = read([["Document key", "Slip type", "Document date", "Item", "Warehouse"], ROW[:5]])
    assert [found.header for found in sheet.issues] == ["Quantity"]


def test_column_twice(read: Callable[..., Sheet]) -> None:
    """A column that stands there twice is an error that names both places; nobody guesses which one is meant."""
    sheet = read([[*LABELS, "Quantity"], [*ROW, 7]])
    (found,) = sheet.issues
    assert (found.code, found.cell, found.values["first"], found.values["second"]) == ("column_twice", "H1", "F", "H")


@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
def test_required_names_come_from_the_mapping(document_type: str) -> None:
    """What a sheet must have is what the mapping calls required, and the key."""
    mapping = MAPPINGS[document_type]
    assert required_names(mapping) == ["doc_key", *(name for name, field in mapping.columns.items() if field.required)]


def test_an_example_sheet_is_never_data(read: Callable[..., Sheet]) -> None:
    """The filled example of a template is passed over by the mark in its first row: also alone, also renamed, also without `_meta`."""

    def example_first(book: openpyxl.Workbook) -> None:
        example = book.create_sheet("雜發單", 0)
        for row in (["_example"], LABELS, ["9", "I09", "2026-01-31", "EXAMPLE", "W9", 9, None]):
            example.append(row)

    sheet = read([NAMES, LABELS, ROW], change=example_first)
    assert sheet.rows["item_no"].tolist() == ["ITEM-1"]
    alone = read([["_example"], LABELS, ROW])
    assert [found.code for found in alone.issues] == ["sheet_missing"]
