"""A migration: the workbooks have the old system's codes, the ERP gets the new ones."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from site_folder import SiteFolder

from importer.simulator import FaultKind as F
from importer.simulator import FaultRule, Simulator

DAY = date(2026, 1, 31)
ROWS: list[dict[str, object]] = [
    {"doc_key": "1", "doc_type_no": "OLD-ISSUE", "doc_date": DAY, "item_no": "A/100-螺絲", "warehouse_no": "MAIN", "qty": 5},
    {"item_no": "A/200", "warehouse_no": "MAIN", "qty": 7},
    {"doc_key": "2", "doc_type_no": "OLD-ISSUE", "doc_date": DAY, "item_no": "A/100-螺絲", "warehouse_no": "SIDE", "qty": 9},
]
ITEMS = "舊代碼,新代碼\nA/100-螺絲,ITEM-0001\nA/200,ITEM-0002\n"
WAREHOUSES = "old,new\nMAIN,W1\nSIDE,W2\n"
SLIPS = "old,new\nOLD-ISSUE,I01\n"


def tables(site: SiteFolder, **texts: str) -> Path:
    folder = site.folder / "translate"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name.replace('__', '.')}.csv").write_text(text, encoding="utf-8-sig")
    return folder


@pytest.fixture
def migration(site: SiteFolder) -> SiteFolder:
    """A site with tables for item, warehouse and slip type."""
    tables(site, item_no=ITEMS, warehouse_no=WAREHOUSES, doc_type_no=SLIPS)
    site.configure(translate="translate")
    return site


def test_the_erp_gets_the_new_codes_and_the_user_keeps_the_old_ones(migration: SiteFolder, erp: Simulator) -> None:
    """Posted under new codes, results in old ones, verify finds both equal, and the same workbook again is already imported."""
    path = migration.workbook(ROWS)
    done = migration.cli("run", path, "--json")
    assert (done.code, done.json[0]["stages"]) == (0, {"posted": 2})
    posted = {document.doc_no.split("-")[0]: document for document in erp.documents()}
    assert set(posted) == {"I01"}
    lines = [(line["item_no"], line["warehouse_no"], int(line["qty"])) for document in erp.documents() for line in document.lines]
    assert sorted(lines) == [("ITEM-0001", "W1", 5), ("ITEM-0001", "W2", 9), ("ITEM-0002", "W1", 7)]
    rows = migration.results_rows(done.json[0]["results"])
    assert [(row["item_no"], row["_result.status"]) for row in rows] == [(row["item_no"], "posted") for row in ROWS]
    verified = migration.cli("results", done.json[0]["batch"], "--verify", "--json")
    assert verified.code == 0
    assert verified.json[0]["verified"]["differences"] == []
    again = migration.cli("run", path, "--json")
    assert (again.code, again.json[0]["already_imported"]) == (0, 2)
    assert len(erp.documents()) == 2


def test_a_changed_table_does_not_make_another_document(migration: SiteFolder, erp: Simulator) -> None:
    """Identity is the content of the workbook: a table that was completed or corrected later sends nothing twice."""
    path = migration.workbook(ROWS)
    assert migration.cli("run", path).code == 0
    tables(migration, item_no=ITEMS.replace("ITEM-0002", "ITEM-0003"))
    again = migration.cli("run", path, "--json")
    assert (again.code, again.json[0]["already_imported"]) == (0, 2)
    assert len(erp.documents()) == 2


def test_a_lost_answer_is_found_again_by_the_new_codes(migration: SiteFolder, erp: Simulator) -> None:
    """The look in the ERP compares what was sent, so the document is recognised and not created once more."""
    erp.add_faults(FaultRule(kind=F.RESET_AFTER, operation="create", times=1))
    done = migration.cli("run", migration.workbook(ROWS), "--json")
    assert (done.code, done.json[0]["stages"], done.json[0]["unknown"]) == (0, {"posted": 2}, 0)
    assert len(erp.documents()) == 2
    assert erp.duplicates() == {}


def test_values_without_a_new_code_are_listed_all_at_once(migration: SiteFolder, erp: Simulator) -> None:
    """An error on each cell, one sentence with every value and its count, a file to fill in, and nothing is sent."""
    path = migration.workbook(
        [*ROWS, {"item_no": "B/1", "warehouse_no": "MAIN", "qty": 1}, {"item_no": "B/1", "warehouse_no": "X", "qty": 2}]
    )
    out = migration.folder / "out"
    done = migration.cli("check", path, "--out", out, "--json")
    issues = done.json[0]["issues"]
    assert done.code == 1
    assert [(found["row"], found["field"], found["value"]) for found in issues if found["code"] == "not_translated"] == [
        (6, "item_no", "B/1"),
        (7, "item_no", "B/1"),
        (7, "warehouse_no", "X"),
    ]
    summary = [found["message"] for found in issues if found["code"] == "untranslated_values"]
    assert ["B/1 (2×)" in text for text in summary] == [True, False]
    with (out / "item_no_unmapped.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["old", "new", "count"], ["B/1", "", "2"]]
    assert migration.cli("run", path).code == 1
    assert erp.call_counts() == {}


def test_a_table_may_keep_what_it_does_not_have(migration: SiteFolder, erp: Simulator) -> None:
    """With `unmapped = "keep"` codes that did not change need no row in the table."""
    tables(migration, warehouse_no="old,new\nSIDE,W2\n")
    migration.config.write_text(migration.config.read_text("utf-8") + '[profiles.test.unmapped]\nwarehouse_no = "keep"\n', "utf-8")
    rows = [{**row, "warehouse_no": "W1" if row["warehouse_no"] == "MAIN" else row["warehouse_no"]} for row in ROWS]
    assert migration.cli("run", migration.workbook(rows)).code == 0
    assert {line["warehouse_no"] for document in erp.documents() for line in document.lines} == {"W1", "W2"}


def test_lists_lengths_and_stock_are_those_of_the_new_code(migration: SiteFolder) -> None:
    """An old code longer than the ERP's column is fine, a new one that the ERP does not have is not, and stock is that of the new code."""
    tables(migration, item_no=f"old,new\nA/100-螺絲,ITEM-0001\nA/200,ITEM-9\n{'長' * 60},ITEM-0001\n")
    lists = migration.folder / "lists"
    lists.mkdir()
    (lists / "items.csv").write_text("code\nITEM-0001\nITEM-0002\n", "utf-8")
    (lists / "warehouses.csv").write_text("code\nW1\nW2\n", "utf-8")
    (lists / "stock.csv").write_text("item_no,warehouse_no,qty\nITEM-0001,W1,10\nITEM-0001,W2,100\n", "utf-8")
    migration.configure(translate="translate", lists="lists")
    rows = [*ROWS, {"item_no": "長" * 60, "warehouse_no": "MAIN", "qty": 6}]
    issues = migration.cli("check", migration.workbook(rows), "--json").json[0]["issues"]
    assert [(found["code"], found["row"], found["value"]) for found in issues] == [
        ("not_in_list", 4, "A/200"),
        ("stock_short", 6, "6"),
    ]


def test_two_old_places_that_become_one_are_the_same_place(migration: SiteFolder) -> None:
    """A transfer between two old warehouses that were merged goes nowhere, and is told before it is sent."""
    tables(migration, warehouse_no=WAREHOUSES, transfer__out_warehouse_no="old,new\nMAIN,W1\n", in_warehouse_no="old,new\nSIDE,W1\n")
    row = {"doc_key": "1", "doc_type_no": "OLD-ISSUE", "doc_date": DAY, "item_no": "A/200", "out_warehouse_no": "MAIN", "out_qty": 1}
    path = migration.workbook([{**row, "in_warehouse_no": "SIDE"}], document_type="transfer")
    issues = migration.cli("check", path, "--json").json[0]["issues"]
    assert [(found["code"], found["value"]) for found in issues] == [("same_place", "SIDE")]


def test_what_query_brought_is_not_translated_again(migration: SiteFolder, erp: Simulator) -> None:
    """A workbook of `query` has the ERP's own codes, and goes back as it is, even where a new code is another old one."""
    tables(migration, item_no=ITEMS + "ITEM-0002,ITEM-0009\nITEM-0001,ITEM-0009\n")
    assert migration.cli("run", migration.workbook(ROWS), "--until", "created").code == 0
    queried = migration.folder / "queried.xlsx"
    assert migration.cli("query", "misc_issue", "--out", queried).code == 0
    edited = migration.edit(
        queried, lambda row: {"qty": 3, "item_no": "ITEM-0005"} if row["item_no"] == "ITEM-0002" else {}, name="edited.xlsx"
    )
    done = migration.cli("update", edited, "--json")
    assert (done.code, done.json[0]["updated"], done.json[0]["unchanged"]) == (0, 1, 1)
    assert sorted(line["item_no"] for document in erp.documents() for line in document.lines) == ["ITEM-0001", "ITEM-0001", "ITEM-0005"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("item_no", "old,new\nA,B\nC,D\nA,E\n", "row 2 and E on row 4"),
        ("item_no", "A,B\nC,D\n", "columns old and new"),
        ("itme_no", "old,new\nA,B\n", "itme_no"),
        ("qty", "old,new\n1,2\n", "only codes and texts"),
    ],
)
def test_a_wrong_table_ends_the_command(site: SiteFolder, erp: Simulator, name: str, text: str, told: str) -> None:
    """Two new codes for one old one, no heading, no such field, a number: exit 2 with file and rows, and nothing is sent."""
    tables(site, **{name: text})
    site.configure(translate="translate")
    done = site.cli("run", site.workbook(ROWS))
    assert (done.code, told in done.err, f"{name}.csv" in done.err) == (2, True, True)
    assert erp.call_counts() == {}
