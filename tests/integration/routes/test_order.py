"""The order of things where stock demands one."""

from __future__ import annotations

from decimal import Decimal

from site_folder import SiteFolder, moved_in, movements_of, sound_rows

from importer import run
from importer.simulator import Simulator


def posted_order(erp: Simulator) -> list[str]:
    return list(dict.fromkeys(movement.doc_no for movement in erp.movements()))


def test_receipts_before_issues(site: SiteFolder, erp: Simulator) -> None:
    """Files handed in together go in the order that stock demands: what is received first can then be issued, whatever their order."""
    place = {"item_no": "ITEM-0001", "warehouse_no": "W1", "location_no": "L05", "qty": Decimal(5)}  # an empty place
    issue = site.workbook([{**sound_rows(documents=1, lines=1)[0], **place}])
    receipt = site.workbook([{**sound_rows("misc_receipt", documents=1, lines=1)[0], **place}], document_type="misc_receipt")
    reports = run([issue, receipt], site.site())
    assert [report.stages for report in reports] == [{"posted": 1}, {"posted": 1}]
    assert [report.document_type for report in reports] == ["misc_issue", "misc_receipt"]


def test_workbook_order(site: SiteFolder, erp: Simulator) -> None:
    """post_order = "workbook" posts the documents one by one, in the order of the workbook."""
    site.configure(post_order="workbook", concurrency=8)
    erp.configure(latency_ms=2, latency_jitter_ms=5)
    report = site.run(site.workbook(sound_rows(documents=12, lines=1)))
    in_workbook = list(dict.fromkeys(row["_result.doc_no"] for row in site.results_rows(report.results)))
    assert posted_order(erp) == in_workbook
    assert erp.most_calls_at_once() == 1


def test_one_stock_place_at_a_time(site: SiteFolder, erp: Simulator) -> None:
    """post_order = "stock" never has two documents of one item and warehouse under way, and others go side by side."""
    site.configure(post_order="stock", concurrency=8)
    erp.configure(latency_ms=10)
    rows = [{**row, "item_no": "ITEM-0001"} for row in sound_rows(documents=6, lines=1)]
    assert site.run(site.workbook(rows)).stages == {"posted": 6}
    assert erp.most_calls_at_once("create") == 1
    mixed = sound_rows(documents=12, lines=1, seed=3)
    assert site.run(site.workbook(mixed)).stages == {"posted": 12}
    assert erp.most_calls_at_once() > 1
    expected = movements_of("misc_issue", rows)
    for place, number in movements_of("misc_issue", mixed).items():
        expected[place] = expected.get(place, Decimal(0)) + number
    assert moved_in(erp) == expected
