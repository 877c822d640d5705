"""A refusal of the ERP is shown where it belongs."""

from __future__ import annotations

import openpyxl
from site_folder import SiteFolder, sound_rows

from importer.simulator import Simulator


def test_the_cell_that_the_erp_names_is_marked(site: SiteFolder, erp: Simulator) -> None:
    """When the ERP's answer names a value, its cell turns red and carries the ERP's own words; the other document is posted."""
    rows = sound_rows(documents=2, lines=3)
    rows[1]["item_no"] = "NO-SUCH-ITEM"
    report = site.run(site.workbook(rows))
    assert (report.stages, report.rejected) == ({"new": 1, "posted": 1}, 1)
    book = openpyxl.load_workbook(report.results)
    sheet = next(item for item in book if any(cell.value == "_result.status" for cell in item[1]))
    column = next(cell.column for cell in sheet[1] if cell.value == "item_no")
    marked = sheet.cell(4, column)
    assert marked.value == "NO-SUCH-ITEM"
    assert marked.comment is not None
    assert "mfg" in marked.comment.text or "aap" in marked.comment.text
    assert marked.fill.fgColor.rgb != sheet.cell(5, column).fill.fgColor.rgb
