"""What `check` tells before anything is sent: how much of what, which documents are long, what the ERP has already."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal

import openpyxl
from site_folder import Rows, SiteFolder, sound_rows

from importer.simulator import Simulator


def _quantities(rows: Rows) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[str(row["item_no"]), str(row["warehouse_no"])] += Decimal(str(row["qty"]))
    return sums


def test_quantities_long_documents_and_numbers(site: SiteFolder, erp: Simulator) -> None:
    """Totals per item and warehouse are exact; long documents are named with their parts, done ones with their numbers."""
    (site.folder / "mappings").mkdir()
    (site.folder / "mappings" / "misc_issue.yaml").write_text("max_lines: 3\n", "utf-8")
    rows = sound_rows(documents=4, lines=4)
    assert site.cli("run", site.workbook(rows[:4], name="before.xlsx")).code == 0
    done = site.cli("check", site.workbook(rows), "--json")
    (report,) = done.json
    (total,) = report["totals"]
    assert (total["field"], total["by"]) == ("qty", ["item_no", "warehouse_no"])
    assert {tuple(item["group"]): Decimal(item["sum"]) for item in total["sums"]} == _quantities(rows)
    imported = {tuple(item["group"]): Decimal(item["already_imported"]) for item in total["sums"]}
    assert {group: number for group, number in imported.items() if number} == _quantities(rows[:4])
    assert report["splits"] == [{"key": str(number), "lines": 4, "parts": 2} for number in (1, 2, 3, 4)]
    numbers = {document.doc_no for document in erp.documents()}
    assert {item["doc_no"] for item in report["standing"]} == numbers
    assert [(item["key"], item["stage"], item["rows"]) for item in report["standing"]] == [("1", "posted", [3, 4, 5]), ("1", "posted", [6])]
    told = site.cli("check", "misc_issue.xlsx").out
    assert all(number in told for number in numbers)
    item, warehouse = str(rows[0]["item_no"]), str(rows[0]["warehouse_no"])
    assert any(line.split()[:2] == [item, warehouse] for line in told.splitlines())
    summary = {tuple(cell.value for cell in row) for row in openpyxl.load_workbook(report["annotated"]).worksheets[0].iter_rows(max_col=3)}
    assert {("1", 4, 2), ("4", 4, 2)} <= summary
    assert {("1", number, None) for number in numbers} <= summary


def test_thousands_of_findings_are_summed_up_first(site: SiteFolder) -> None:
    """Two thousand mistakes: first how many of which rule, then the first ones, errors before hints, and where the rest is."""
    rows = [{**row, "qty": "x", "lot_no": "L" * 30} for row in sound_rows(documents=1000, lines=1)]
    lines = site.cli("check", site.workbook(rows)).out.splitlines()
    assert lines[1].startswith("2000 errors")
    assert [line.split()[:2] for line in lines[3:5]] == [["error", "1000"], ["error", "1000"]]
    assert sum("error:" in line for line in lines) == 40
    every = sum(map(int, re.findall(r"\d+", lines[1])))
    assert any(f"{every - 40} more" in line and "annotated workbook" in line for line in lines)
    assert len(lines) < 60


def test_severities_are_told_apart_by_word_and_colour(site: SiteFolder) -> None:
    """The summary sheet has control totals first, then rules with counts; error, warning and hint differ in word and colour."""
    (site.folder / "mappings").mkdir()
    (site.folder / "mappings" / "misc_issue.yaml").write_text("max_lines: 3\n", "utf-8")
    rows = sound_rows(documents=2, lines=4)
    rows[1]["qty"] = "x"
    rows[2]["lot_no"] = 12
    (report,) = site.cli("check", site.workbook(rows), "--json").json
    sheet = openpyxl.load_workbook(report["annotated"]).worksheets[0]
    found = {str(row[2].value): row[2].fill.fgColor.rgb for row in sheet.iter_rows() if row[2].value in ("error", "warning", "hint")}
    assert set(found) == {"error", "warning", "hint"}
    assert len(set(found.values())) == 3
    column = [row[0].value for row in sheet.iter_rows()]
    assert column.index("Rows read") < column.index("Control total") < column.index("Finding") < column.index("Item")
