"""What the ERP would refuse is told before anything is sent, by the site's lists, its stock and its calendar."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from site_folder import SiteFolder, sound_rows

from importer import check
from importer.simulator import Simulator

LINE = {"item_no": "ITEM-0001", "warehouse_no": "W1", "qty": 5}
HEADER = {"doc_type_no": "I01", "doc_date": date(2026, 1, 31)}
RECEIPT = {**HEADER, "doc_type_no": "R01"}
TRANSFER = {**HEADER, "doc_type_no": "T01"}


def issues_of(site: SiteFolder, *files: Path) -> list[list[tuple[str, str, str | None]]]:
    """Code, severity and cell of each issue, file by file."""
    return [[(found.code, found.severity.value, found.cell) for found in report.issues] for report in check(files, site.site())]


def write(folder: Path, **lists: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in lists.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return folder


# -- lists -----------------------------------------------------------------------------------------------------------


def test_codes_are_held_against_the_sites_lists(site: SiteFolder, erp: Simulator) -> None:
    """A wrong code, one in the wrong case and a location of another warehouse are three errors on their cells, and nothing is sent."""
    lists = write(
        site.folder / "lists",
        items="料號,品名\nITEM-0001,螺絲\nITEM-0002,墊片\n",
        warehouses="倉庫編號,名稱\nW1,原料倉\nW2,成品倉\n",
        locations="warehouse_no,location_no\nW1,L01\nW2,L02\n",
    )
    site.configure(lists=str(lists.relative_to(site.folder)))
    rows = [
        {"doc_key": "1", **HEADER, **LINE, "location_no": "L01"},
        {**LINE, "item_no": "ITEM-9", "qty": 6},
        {**LINE, "item_no": "item-0002"},
        {**LINE, "item_no": "ITEM-0002", "location_no": "L02"},
    ]
    path = site.workbook(rows)
    done = site.cli("check", path, "--json")
    found = {issue["code"]: (issue["row"], issue["field"], issue["message"]) for issue in done.json[0]["issues"]}
    assert done.code == 1
    assert [(code, row, field) for code, (row, field, _) in found.items()] == [
        ("not_in_list", 4, "item_no"),
        ("spelled_otherwise", 5, "item_no"),
        ("not_within", 6, "location_no"),
    ]
    assert "ITEM-0002" in found["spelled_otherwise"][2]
    assert "W1" in found["not_within"][2]
    assert "W2" in found["not_within"][2]
    assert site.cli("run", path).code == 1
    assert erp.call_counts() == {}


def test_a_list_with_a_mistake_ends_the_command_with_its_row(site: SiteFolder, erp: Simulator) -> None:
    """Exit 2, file and row named: a broken list is no reason to send unchecked."""
    write(site.folder / "lists", items="料號\nITEM-0001\n", warehouses="code,name\nW1,原料倉\n,成品倉\n")
    site.configure(lists="lists")
    done = site.cli("run", site.workbook(sound_rows()))
    assert (done.code, "warehouses.csv" in done.err, "row 3" in done.err) == (2, True, True)
    assert erp.call_counts() == {}


def test_a_site_without_lists_hears_nothing_of_them(site: SiteFolder) -> None:
    """No lists, no hints about lists; with some, the ones that a workbook needs and that are not there are told once."""
    path = site.workbook([{"doc_key": "1", **HEADER, **LINE, "reason_no": "101"}])
    assert issues_of(site, path) == [[]]
    write(site.folder / "lists", items="code\nITEM-0001\n")
    site.configure(lists="lists")
    done = site.cli("check", path, "--json")
    (hint,) = done.json[0]["issues"]
    assert (done.code, hint["code"], hint["severity"]) == (0, "lists_missing", "hint")
    assert "reasons, warehouses" in hint["message"]


# -- the calendar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2025, 12, 31), "period_closed"),
        (date(2026, 2, 1), "period_not_open"),
        (date(1926, 1, 31), "period_closed"),
        (date(2026, 1, 1), None),
    ],
)
def test_dates_that_the_erp_does_not_take(site: SiteFolder, erp: Simulator, day: date, code: str | None) -> None:
    """The day of closing itself is closed, the last day of the period is open, and one wrong date is one issue."""
    site.configure(close_date="2025-12-31", period_end="2026-01-31")
    found = issues_of(site, site.workbook([{"doc_key": "1", **HEADER, **LINE, "doc_date": day}]))
    assert found == [[(code, "error", "C3")] if code else []]


def test_a_date_years_away_is_a_warning(site: SiteFolder) -> None:
    """Nobody means the year 2062, but nobody is stopped either."""
    done = site.cli("check", site.workbook([{"doc_key": "1", **HEADER, **LINE, "doc_date": date(2062, 1, 31)}]), "--json")
    assert (done.code, [issue["code"] for issue in done.json[0]["issues"]]) == (0, ["date_far_away"])


# -- stock -----------------------------------------------------------------------------------------------------------

STOCK = "料號,倉庫,儲位,批號,數量,單位\nITEM-0001,W1,,,10,PCS\nITEM-0001,W1,L01,,3,PCS\n"


def issue_rows(*quantities: int, **cells: Any) -> list[dict[str, object]]:
    return [{"doc_key": str(number), **HEADER, **LINE, "qty": qty, **cells} for number, qty in enumerate(quantities, 1)]


def test_the_line_that_takes_too_much_is_named(site: SiteFolder) -> None:
    """Of 10 pieces, 4 and 5 go and 3 do not: the message says what is left, and 1 more goes. A warning stops nobody."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists")
    done = site.cli("check", site.workbook(issue_rows(4, 5, 3, 1)), "--json")
    shortage = [(found["code"], found["severity"], found["row"]) for found in done.json[0]["issues"]]
    assert (done.code, shortage) == (0, [("stock_short", "warning", 5)])
    assert "takes 3 of ITEM-0001 at W1, where 1 is left" in done.json[0]["issues"][0]["message"]


def test_a_blank_location_is_a_place_of_its_own(site: SiteFolder) -> None:
    """As in the ERP: what lies in L01 is not there for a line without location."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists")
    assert issues_of(site, site.workbook(issue_rows(10)))[0] == []
    assert [found[0] for found in issues_of(site, site.workbook(issue_rows(4, location_no="L01")))[0]] == ["stock_short"]


def test_files_handed_in_together_share_the_stock_in_the_order_of_posting(site: SiteFolder) -> None:
    """A receipt and a transfer in other files supply the issue, whatever the order on the command line."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists")
    issued = site.workbook(issue_rows(12, warehouse_no="W2"))
    received = site.workbook([{"doc_key": "1", **RECEIPT, **LINE, "qty": 5}], document_type="misc_receipt")
    moved = site.workbook(
        [{"doc_key": "1", **TRANSFER, "item_no": "ITEM-0001", "out_warehouse_no": "W1", "in_warehouse_no": "W2", "out_qty": 12}],
        document_type="transfer",
    )
    assert issues_of(site, issued, moved, received) == [[], [], []]
    without_receipt = issues_of(site, issued, moved)  # the transfer is short, so nothing arrives for the issue either
    assert [[code for code, _, _ in found] for found in without_receipt] == [["stock_short"], ["stock_short"]]


def test_an_authoritative_stock_list_stops_the_documents_that_lack_stock(site: SiteFolder, erp: Simulator) -> None:
    """With `stock_check = "error"` and `--policy good` the sound documents are posted and the others are not sent."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists", stock_check="error")
    path = site.workbook(issue_rows(4, 8, 5))
    assert site.cli("run", path, "--json").code == 1
    assert erp.documents() == []
    done = site.cli("run", path, "--policy", "good", "--json")
    assert (done.code, done.json[0]["stages"]) == (1, {"posted": 2, "new": 1})
    assert sorted(document.lines[0]["qty"] for document in erp.documents()) == [Decimal(4), Decimal(5)]
    rows = site.results_rows(done.json[0]["results"])
    assert [row["_result.status"] for row in rows] == ["posted", "check failed", "posted"]


def test_what_is_posted_already_takes_nothing_any_more(site: SiteFolder, erp: Simulator) -> None:
    """The stock list is from before the run; the same workbook again is already imported, not short."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists", stock_check="error")
    assert site.cli("run", site.workbook(issue_rows(6))).code == 0
    assert issues_of(site, site.workbook(issue_rows(6, 4)))[0] == []


def test_another_unit_is_left_out_and_said_once(site: SiteFolder) -> None:
    """Boxes cannot be held against pieces without a conversion: one hint, and no false alarm."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists")
    found = issues_of(site, site.workbook(issue_rows(11, 12, unit_no="BOX")))
    assert [[(code, severity) for code, severity, _ in issues] for issues in found] == [[("stock_unit_differs", "hint")]]


def test_a_warehouse_that_may_go_below_zero(site: SiteFolder) -> None:
    """Where the ERP lets stock fall below zero, nothing is said."""
    write(site.folder / "lists", stock=STOCK)
    site.configure(lists="lists", negative_stock=["W1"])
    assert issues_of(site, site.workbook(issue_rows(11)))[0] == []


# -- what stands there twice -----------------------------------------------------------------------------------------


def test_a_line_and_a_document_that_stand_there_twice(site: SiteFolder, erp: Simulator) -> None:
    """Both are legal and both are told with the row of the first; both documents are posted, each once."""
    rows = [
        {"doc_key": "A", **HEADER, **LINE},
        LINE,
        {"doc_key": "B", **HEADER, **LINE},
        LINE,
        {**LINE, "qty": 7},
        {"doc_key": "C", **HEADER, **LINE},
        LINE,
    ]
    path = site.workbook(rows)
    done = site.cli("check", path, "--json")
    told = [(found["code"], found["severity"], found["row"]) for found in done.json[0]["issues"]]
    assert done.code == 0
    assert told == [
        ("line_twice", "warning", 4),
        ("line_twice", "warning", 6),
        ("document_twice", "warning", 8),
        ("line_twice", "warning", 9),
    ]
    assert "C says the same as A on row 3" in done.json[0]["issues"][2]["message"]
    assert site.cli("run", path).code == 0
    assert len(erp.documents()) == 3


def test_what_the_check_calls_short_is_what_the_erp_refuses(site: SiteFolder, erp: Simulator) -> None:
    """With the stock fetched from the ERP, the warned documents are exactly those that it does not post, over several document types."""
    site.configure(lists="lists", custom_url=erp.custom_url, post_order="workbook")
    columns = 'item_no = "img01", warehouse_no = "img02", location_no = "img03", lot_no = "img04", unit_no = "img09", qty = "img10"'
    fetch = f'fetch.stock = {{channel = "custom", service = "GetItemStockList", columns = {{{columns}}}}}\n'
    site.config.write_text(site.config.read_text("utf-8") + fetch, "utf-8")
    assert site.cli("lists", "fetch", "stock").code == 0
    moved = site.workbook(
        [
            {
                "doc_key": "1",
                **TRANSFER,
                "item_no": "ITEM-0001",
                "out_warehouse_no": "W2",
                "in_warehouse_no": "W1",
                "out_qty": 500_000,
                "out_unit_no": "PCS",
            }
        ],
        document_type="transfer",
    )
    issued = site.workbook(issue_rows(900_000, 700_000, 599_999, 1))
    files = (issued, moved)
    warned = [{found.row for found in report.issues if found.code == "stock_short"} for report in check(files, site.site())]
    done = site.cli("run", *files, "--json")
    refused = [{row["_row"] for row in site.results_rows(report["results"]) if row["_result.status"] == "refused"} for report in done.json]
    assert (warned, refused) == ([{4}, set()], [{4}, set()])
