"""`importer ledger prune` as an administrator has it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from site_folder import SiteFolder, sound_rows

from importer.simulator import Simulator


def test_after_pruning_nothing_is_imported_twice_and_results_say_why_there_are_none(tmp_path: Path) -> None:
    """Events and the workbook of a batch of last year go; the same workbook is still known, document by document."""
    with Simulator() as erp:
        site = SiteFolder(tmp_path, erp.standard_url)
        path = site.workbook(sound_rows(documents=3, lines=2))
        batch = site.cli("run", path, "--json").json[0]["batch"]
        nothing = site.cli("ledger", "prune", "--older-than", "365", "--json").json[0]
        assert (nothing["events"], nothing["workbooks"]) == (0, 0)
        with sqlite3.connect(tmp_path / "importer.db") as year_later:
            year_later.execute("UPDATE batches SET created_at = datetime(created_at, '-400 days')")
            year_later.execute("UPDATE entries SET since = datetime(since, '-400 days')")
            year_later.execute("UPDATE events SET at = datetime(at, '-400 days')")

        done = site.cli("ledger", "prune", "--older-than", "365", "--json").json[0]

        assert (done["events"], done["workbooks"], done["documents"]) == (21, 1, 3)
        refused = site.cli("results", batch)
        assert refused.code == 2
        assert "prune" in refused.err
        again = site.cli("run", path, "--json").json[0]
        assert (again["already_imported"], again["stages"]) == (3, {"posted": 3})
        assert len(erp.documents()) == 3
        site.close()


def test_a_day_that_is_none_is_told(tmp_path: Path) -> None:
    """Zero days would forget what is still being looked at."""
    site = SiteFolder(tmp_path, "http://127.0.0.1:9")
    refused = site.cli("ledger", "prune", "--older-than", "0")
    assert (refused.code, "at least 1 day" in refused.err) == (2, True)
    assert site.cli("ledger", "prune").code == 2
    site.close()
