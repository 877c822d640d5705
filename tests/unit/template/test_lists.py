"""Drop-downs offer exactly what a site's lists and the mapping allow."""

from __future__ import annotations

import re
import string
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from importer.mapping import DOC_KEY, load_mappings
from importer.mapping import Mapping as DocumentType
from importer.messages import LANGUAGES
from importer.models import CodeList, column_letters
from importer.workbook.lists import LONGEST_DROP_DOWN
from importer.workbook.meta import LISTS_SHEET
from importer.workbook.reader import read_workbook
from importer.workbook.template import LAST_ROW, write_template

from .site_lists import LISTS, WITHIN

MAPPINGS = load_mappings()
EVERY = [(document_type, language) for document_type in sorted(MAPPINGS) for language in LANGUAGES]
INDEXED = re.compile(r"^OFFSET\((\w+),SUMPRODUCT\(EXACT\(\1_in,(.+)\)\*\1_at\),0,MAX\(1,SUMPRODUCT\(EXACT\(\1_in,\2\)\*\1_n\)\),1\)$")

codes = st.text(string.printable.strip() + "倉儲料號é", min_size=1, max_size=8)
code_lists = st.dictionaries(codes, st.just("") | codes, min_size=1, max_size=12).map(lambda labels: CodeList(name="x", labels=labels))


def cells(book: openpyxl.Workbook, name: str) -> list[object]:
    """The values of a named range."""
    sheet, area = book.defined_names[name].attr_text.rsplit("!", 1)
    assert sheet == f"'{LISTS_SHEET}'"
    return [cell.value for (cell,) in book[LISTS_SHEET][area.replace("$", "") if ":" in area else area]]


def offered(book: openpyxl.Workbook, column: int) -> tuple[str, str]:
    """Type and source of a data column's validation, which reaches down to the last row of the sheet."""
    place = f"{column_letters(column)}3:{column_letters(column)}{LAST_ROW}"
    (found,) = (one for one in book.worksheets[1].data_validations.dataValidation if str(one.sqref) == place)
    return found.type, found.formula1


def parts(book: openpyxl.Workbook, name: str) -> dict[object, list[object]]:
    """Outer code -> what the drop-down offers, by the index in the sheet."""
    whole = cells(book, name)
    index = zip(cells(book, f"{name}_in"), cells(book, f"{name}_at"), cells(book, f"{name}_n"), strict=True)
    return {outer: whole[first : first + count] for outer, first, count in index}  # type: ignore[operator, misc]


def column_of(mapping: DocumentType, name: str) -> int:
    return 1 + [DOC_KEY, *mapping.columns].index(name)


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_every_list_field_has_its_list(tmp_path: Path, document_type: str, language: str) -> None:
    """In every template each field that names a list offers exactly its codes; a location those of the warehouse in its row."""
    mapping = MAPPINGS[document_type]
    write_template(mapping, language, tmp_path / "t.xlsx", lists=LISTS)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    for name, field in mapping.columns.items():
        kind, source = offered(book, column_of(mapping, name))
        found = LISTS.get(field.lookup or "")
        if found is None:
            assert kind != "list", name
        elif field.within:
            match = INDEXED.match(source)
            assert match, source
            assert match[2] == f"${column_letters(column_of(mapping, field.within))}3"
            assert parts(book, match[1]) == {outer: sorted(inner) for outer, inner in WITHIN.items()}
            assert cells(book, match[1])[0] is None, "what an unknown warehouse shows"
        else:
            assert (kind, cells(book, source)) == ("list", sorted(found.labels))
    assert [found.code for found in read_workbook(tmp_path / "t.xlsx", MAPPINGS).issues] == ["no_rows"]


@given(data=st.data(), language=st.sampled_from(LANGUAGES))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_codes_there_are(tmp_path: Path, data: st.DataObject, language: str) -> None:
    """Any codes of any kind stand in the list as they are, each once and with its name: no zero, sign or letter is lost."""
    items, outer, inner = (data.draw(code_lists) for _ in range(3))
    warehouses = st.frozensets(st.sampled_from(sorted(outer.labels)), min_size=1)
    within = {code: data.draw(warehouses) for code in inner.labels}
    lists = {
        "items": CodeList(name="items", labels=items.labels),
        "warehouses": CodeList(name="warehouses", labels=outer.labels),
        "locations": CodeList(name="locations", labels=inner.labels, within=within),
    }
    write_template(MAPPINGS["misc_issue"], language, tmp_path / "t.xlsx", lists=lists)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert cells(book, "codes_items") == sorted(items.labels)
    expected = {where: sorted(code for code in inner.labels if where in within[code]) for where in set().union(*within.values())}
    assert parts(book, "codes_locations") == expected
    assert named(book[LISTS_SHEET], "codes_items") == items.labels


def named(sheet: Worksheet, heading: str) -> dict[str, str]:
    """Code -> name as they stand beside each other in the sheet."""
    (position,) = (cell.column for cell in sheet[1] if cell.value == heading)
    rows = sheet.iter_rows(min_row=2, min_col=position, max_col=position + 1, values_only=True)
    return {str(code): str(name or "") for code, name in rows if code is not None}


def test_lists_that_get_old_only_ask(tmp_path: Path) -> None:
    """A code that is not in a list out of a file is questioned, not refused; one outside the mapping's own choices is refused."""
    content = MAPPINGS["misc_issue"].model_dump(exclude_unset=True)
    content["lines"]["reason_no"]["choices"] = {"101": {"en": "scrap"}}
    write_template(DocumentType.model_validate(content), "en", tmp_path / "t.xlsx", lists=LISTS)
    rules = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[1].data_validations.dataValidation
    styles = {rule.promptTitle: rule.errorStyle or "stop" for rule in rules if rule.type == "list"}
    assert styles == {"Item": "warning", "Warehouse": "warning", "Location": "warning", "Unit": "warning", "Reason code": "stop"}
    assert all(rule.showErrorMessage and rule.error for rule in rules if rule.type == "list")


def test_a_list_that_several_fields_share_stands_there_once(tmp_path: Path) -> None:
    """The two warehouses and the two locations of a transfer draw upon one list each."""
    write_template(MAPPINGS["transfer"], "en", tmp_path / "t.xlsx", lists=LISTS)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert [name for name in book.defined_names if not name.endswith(("_in", "_at", "_n"))] == [
        "codes_items",
        "codes_warehouses",
        "codes_locations",
        "codes_units",
    ]


def test_names_of_lists_that_excel_does_not_accept(tmp_path: Path) -> None:
    """Lists may be called whatever a site likes; their ranges get legal names, each its own."""
    content = MAPPINGS["misc_issue"].model_dump(exclude_unset=True)
    wanted = {"item_no": "my items (2026)", "unit_no": "my items [2026]", "reason_no": "料號 與 理由代碼清單 給總公司和所有分公司"}
    for name, lookup in wanted.items():
        content["lines"][name]["lookup"] = lookup
    lists = {lookup: CodeList(name=lookup, labels={name: ""}) for name, lookup in wanted.items()}
    write_template(DocumentType.model_validate(content), "en", tmp_path / "t.xlsx", lists=lists)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert len(book.defined_names) == 3
    mapping = MAPPINGS["misc_issue"]
    for name in wanted:
        assert cells(book, offered(book, column_of(mapping, name))[1]) == [name]


def test_a_list_longer_than_excel_shows(tmp_path: Path) -> None:
    """Codes of a list that Excel could only show in part are looked up while typing; nothing is cut off in silence."""
    many = {f"I{number:06d}": "" for number in range(LONGEST_DROP_DOWN + 1)}
    write_template(MAPPINGS["misc_issue"], "en", tmp_path / "t.xlsx", lists={"items": CodeList(name="items", labels=many)})
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert offered(book, column_of(MAPPINGS["misc_issue"], "item_no")) == ("custom", 'ISNUMBER(MATCH(H3&"",codes_items,0))')
    assert len(cells(book, "codes_items")) == len(many)


def test_a_list_with_nothing_in_it(tmp_path: Path) -> None:
    """An empty list makes no drop-down, and no template that would need a repair."""
    lists = {
        "items": CodeList(name="items", labels={}),
        "locations": CodeList(name="locations", labels={"A": ""}, within={"A": frozenset()}),
    }
    write_template(MAPPINGS["misc_issue"], "en", tmp_path / "t.xlsx", lists=lists)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert list(book.defined_names) == ["codes_locations"]
    assert cells_of_one(book, "codes_locations") == "A"


def cells_of_one(book: openpyxl.Workbook, name: str) -> object:
    return book[LISTS_SHEET][book.defined_names[name].attr_text.rsplit("!", 1)[1].split(":")[0].replace("$", "")].value
