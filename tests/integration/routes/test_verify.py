"""results --verify: the ERP held against the workbook, document by document."""

from __future__ import annotations

import pytest
from site_folder import TYPES, SiteFolder, sound_rows

from importer.simulator import Simulator


@pytest.mark.parametrize("document_type", TYPES)
def test_equal(document_type: str, site: SiteFolder, erp: Simulator) -> None:
    """What was posted is there to the last digit, and verify says so."""
    report = site.run(site.workbook(sound_rows(document_type), document_type=document_type))
    done = site.cli("results", report.batch, "--verify", "--json")
    assert done.code == 0
    assert done.json[0]["verified"] == {"documents": 3, "missing": [], "stages": [], "differences": []}


def test_differences_are_listed(site: SiteFolder, erp: Simulator) -> None:
    """A document that somebody reversed and deleted, and one that somebody unposted, are named, with the quantities that are missing."""
    rows = sound_rows(documents=3, lines=1)
    report = site.run(site.workbook(rows))
    numbers = {document.lines[0]["item_no"]: document.doc_no for document in erp.documents()}
    gone, open_again = numbers[rows[0]["item_no"]], numbers[rows[1]["item_no"]]
    for operation in ("dispost", "disapprove", "delete"):
        erp.act(operation, gone)
    erp.act("dispost", open_again)
    done = site.cli("results", report.batch, "--verify", "--json")
    verified = done.json[0]["verified"]
    assert done.code == 1
    assert verified["missing"] == [gone]
    assert verified["stages"] == [{"doc_no": open_again, "ledger": "posted", "erp": "approved"}]
    assert [(item["group"][0], item["erp"]) for item in verified["differences"]] == [(rows[0]["item_no"], "0")]
