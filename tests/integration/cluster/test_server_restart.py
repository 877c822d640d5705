"""The ledger's server goes away in the middle of a run and comes back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from postgres_server import PostgresServer
from site_folder import SiteFolder, finished, movements_of, once_each, sound_rows

from importer.simulator import Simulator


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_run_waits_for_its_server_and_goes_on(
    server: PostgresServer, erp: Simulator, make_site: Callable[..., SiteFolder], how: str
) -> None:
    """The server restarts, or crashes, in the middle of a run: every document is posted once, and the run ends as if nothing had been."""
    site = make_site("site", erp.standard_url, ledger=server.database(), concurrency=4, grace_s=1)
    rows = sound_rows(documents=60, lines=1)
    erp.configure(latency_ms=10)
    run = site.start("run", site.workbook(rows), "--json")
    _posted(erp, 10)
    server.stop(how)
    server.start()
    done = finished(run)
    assert (done.code, done.json[0]["stages"]) == (0, {"posted": 60})
    assert "server went away" in done.err
    once_each(erp, movements_of("misc_issue", rows), 60)


def test_without_waiting_a_run_ends_when_its_server_goes(
    server: PostgresServer, erp: Simulator, make_site: Callable[..., SiteFolder]
) -> None:
    """`--no-wait` ends with exit code 4 and a sentence."""
    site = make_site("site", erp.standard_url, ledger=server.database(), concurrency=2)
    rows = sound_rows(documents=30, lines=1)
    erp.configure(latency_ms=10)
    run = site.start("run", site.workbook(rows), "--no-wait")
    _posted(erp, 3)
    server.stop()
    assert finished(run).code == 4


def _posted(erp: Simulator, number: int) -> None:
    deadline = time.monotonic() + 60
    while sum(document.post == "Y" for document in erp.documents()) < number:
        assert time.monotonic() < deadline
        time.sleep(0.01)
