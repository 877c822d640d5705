"""Scenarios: which operations in which order reach a stage is data in the mapping."""

from __future__ import annotations

from site_folder import SiteFolder, movements_of, once_each, sound_rows

from importer.models import Stage
from importer.simulator import Simulator


def test_a_site_leaves_approve_out(site: SiteFolder, erp: Simulator) -> None:
    """Where the ERP confirms by itself a site says so in its mapping: create, then post, and no approve is called."""
    erp.configure(create_approves=True)
    folder = site.folder / "mappings"
    folder.mkdir()
    (folder / "misc_issue.yaml").write_text("scenario: {standard: {created: create, posted: post}}\n", encoding="utf-8")
    rows = sound_rows()
    path = site.workbook(rows)
    report = site.run(path, until=Stage.APPROVED)  # the stage below stands for the one that is left out
    assert erp.call_counts() == {"query": 1, "create": 3}
    assert report.exit_code == 0
    assert site.run(path).stages == {"posted": 3}
    assert "approve" not in erp.call_counts()
    once_each(erp, movements_of("misc_issue", rows), 3)
