"""What is written into a template comes back as it was, through file, reader and schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.fieldtypes import DateFormats, trimmed
from importer.mapping import DOC_KEY, KEY_FIELD, Field, load_mappings
from importer.mapping import Mapping as DocumentType
from importer.messages import LANGUAGES
from importer.models import Value
from importer.schema import validate
from importer.workbook.reader import read_workbook
from importer.workbook.template import fill_template

MAPPINGS = load_mappings()
LINE_CHECKS = {"conversion_missing", "conversion_differs", "conversion_not_one", "same_place"}
TRICKY = ("00123", "=1+1", "+886", "-5", "@SUM(A1)", "TRUE", "NA", "1E5", "2026-01-31")
TRICKY += ("_x0041_", "<&>\"'", "a  b", "料號", "𠮷", "'quoted")


def texts(limit: int) -> st.SearchStrategy[str]:
    """Whatever a user may type without a word from us: nothing invisible or full-width, no blanks around it, not our reference."""
    full_width = [chr(0x3000), *map(chr, range(0xFF01, 0xFF5F))]
    characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"), exclude_characters=full_width)
    any_text = st.text(characters, min_size=1, max_size=limit)
    tricky = st.sampled_from([text for text in TRICKY if len(text) <= limit])
    return (tricky | any_text).filter(lambda text: text == trimmed(text) != "" and "[IMP:" not in text)


def values(mapping: DocumentType, name: str, field: Field) -> st.SearchStrategy[Value]:
    """Any value that the mapping allows for a field."""
    if field.type == "date":
        return st.dates(date(1950, 1, 1), date(2999, 12, 31))
    if field.type in ("decimal", "integer"):
        precision, scale = field.digits or (15, 0)
        smallest = 0 if field.min_inclusive is not None else 1
        return st.integers(smallest, 10**precision - 1).map(lambda number: Decimal(number).scaleb(-scale))
    return texts((mapping.max_length(name) if name in mapping.fields else field.max_length) or 20)


def rows_of(mapping: DocumentType) -> st.SearchStrategy[list[dict[str, Value | None]]]:
    """Rows with every required value, and any of the others."""
    fields = {DOC_KEY: KEY_FIELD, **mapping.columns}
    cells = {
        name: values(mapping, name, field) if field.required or name == DOC_KEY else st.none() | values(mapping, name, field)
        for name, field in fields.items()
    }
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=4)


@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_everything_comes_back(tmp_path: Path, document_type: str, data: st.DataObject) -> None:
    """Any legal values of any document type come back the same: no digit, zero, blank or sign is lost, and nothing is complained about."""
    mapping = MAPPINGS[document_type]
    rows = data.draw(rows_of(mapping))
    path = tmp_path / "filled.xlsx"
    fill_template(mapping, data.draw(st.sampled_from(LANGUAGES)), path, rows)
    sheet = read_workbook(path, MAPPINGS)
    assert list(sheet.issues) == []
    checked = validate(sheet.sheet, sheet.columns, sheet.rows, mapping, formats=DateFormats())
    assert [found for found in checked.issues if found.code not in LINE_CHECKS] == []
    assert checked.values == {name: [row[name] for row in rows] for name in [DOC_KEY, *mapping.columns]}
    assert list(checked.rows) == list(range(3, 3 + len(rows)))


def test_thousands_of_rows(tmp_path: Path) -> None:
    """A large workbook is written with every row in its place."""
    same = {"doc_type_no": "I01", "doc_date": date(2026, 1, 31), "item_no": "A", "warehouse_no": "W1"}
    rows: list[Mapping[str, Any]] = [{"doc_key": str(number // 10), "qty": number, **same} for number in range(1, 5001)]
    fill_template(MAPPINGS["misc_issue"], "zh_TW", tmp_path / "large.xlsx", rows)
    sheet = read_workbook(tmp_path / "large.xlsx", MAPPINGS)
    assert sheet.rows["qty"].tolist() == list(range(1, 5001))
    assert sheet.rows.index[-1] == 5002


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    """Text that begins like a formula is text in the file, so that Excel never runs what somebody else typed."""
    import openpyxl

    row = {"doc_key": "1", "item_no": "=HYPERLINK(1)", "remark": "+1", "qty": Decimal("1")}
    fill_template(MAPPINGS["misc_issue"], "en", tmp_path / "book.xlsx", [row])
    cells = {str(cell.value): cell.data_type for cell in openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[1][3]}
    assert {"=HYPERLINK(1)", "+1", "1"} <= set(cells)
    assert "f" not in cells.values()
