"""Pause, cancel and resume, and what a correction does to a batch that waits."""

from __future__ import annotations

from decimal import Decimal

from site_folder import SiteFolder, clean, sound_rows

from importer import resume
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator


def interrupted(site: SiteFolder, erp: Simulator) -> str:
    """A batch whose documents are all still to be sent: the ERP went away at the first call."""
    erp.add_faults(FaultRule(kind=FaultKind.SRVCODE_100, operation="create"))
    report = site.run(site.workbook(sound_rows()))
    erp.clear_faults()
    assert (report.exit_code, report.stages) == (4, {"new": 3})
    return str(report.batch)


def test_paused_and_resumed(site: SiteFolder, erp: Simulator) -> None:
    """A paused batch is left alone by `resume` of everything, and carried on when it is named."""
    batch = interrupted(site, erp)
    assert site.cli("pause", batch, "--json").json == [{"batch": batch, "state": "paused"}]
    assert resume(None, site.site()) == []
    assert erp.documents() == []
    assert [report.stages for report in resume(batch, site.site())] == [{"posted": 3}]
    clean(erp)


def test_cancelled_for_good(site: SiteFolder, erp: Simulator) -> None:
    """A cancelled batch is never carried on; the workbook itself may be handed in again."""
    batch = interrupted(site, erp)
    assert site.cli("cancel", batch).code == 0
    assert site.cli("resume", batch).code == 2
    assert site.run(site.folder / "misc_issue.xlsx").stages == {"posted": 3}
    clean(erp)


def test_a_correction_reaches_a_paused_batch(site: SiteFolder, erp: Simulator) -> None:
    """When a document of a paused batch is corrected and posted, resuming that batch does not send the former version as well."""
    batch = interrupted(site, erp)
    site.cli("pause", batch)
    results = site.cli("results", batch, "--json").json[0]["results"]
    corrected = site.edit(results, lambda row: {"qty": Decimal(9)} if row["_row"] == 3 else {}, name="corrected.xlsx")
    assert site.run(corrected).stages == {"posted": 3}
    resume(batch, site.site(), until=Stage.POSTED)
    assert len(erp.documents()) == 3
    assert sum(line["qty"] == 9 for document in erp.documents() for line in document.lines) == 1
    clean(erp)
