"""The short version of the storm over many machines."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chaos.many import check, start, storm
from postgres_server import PostgresServer
from site_folder import SiteFolder, movements_of, once_each, sound_rows
from waiting import until

from importer.simulator import FaultKind, FaultRule, Simulator


@pytest.mark.usefixtures("postgresql")  # skips where there is none
def test_workers_are_killed_and_the_database_is_restarted(tmp_path: Path) -> None:
    """Three workers, killed at random, and a restart of the database: every document once, and never too many calls at once."""
    # 900 calls of 100 ms, six at once: 15 s at the least, on the fastest machine
    with storm(tmp_path, documents=300, workers=3, every_s=(2.0, 4.0), latency_ms=100) as (many, erp):
        assert check(many, erp) == []
        assert many.kills >= 2
        assert many.restarts == 1


@pytest.mark.usefixtures("postgresql")
def test_workers_that_reconnect_keep_no_server_from_ending(erp: Simulator, make_site: Callable[..., SiteFolder]) -> None:
    """A connection half made, and left so, would keep a server that is told to end waiting for a minute."""
    rows = sound_rows(documents=240, lines=1)
    erp.configure(latency_ms=10)
    with closing(PostgresServer()) as server:
        site = make_site("site", erp.standard_url, ledger=server.database(), concurrency=6, grace_s=1)
        running = [start(site, "worker", "--lanes", "4") for _ in range(3)]
        run = start(site, "run", "--workers", site.workbook(rows))
        try:
            for posted in (40, 80, 120, 160):
                until(lambda posted=posted: erp.call_counts().get("post", 0) >= posted)  # type: ignore[misc]
                began = time.monotonic()
                server.stop("fast")
                assert time.monotonic() - began < 30
                server.start()
            assert run.wait(120) == 0
        finally:
            for process in [run, *running]:
                process.kill()
                process.wait()
    once_each(erp, movements_of("misc_issue", rows), 240)


@pytest.mark.usefixtures("postgresql")
def test_workers_that_die_each_time_are_not_the_erp_s_fault(erp: Simulator, make_site: Callable[..., SiteFolder]) -> None:
    """Round after round ends with a dead worker and nothing done: the run waits for one that lives, and does not say that the ERP fails."""
    rows = sound_rows(documents=1, lines=1)
    with closing(PostgresServer()) as server:
        site = make_site("site", erp.standard_url, ledger=server.database(), concurrency=1, grace_s=0.5)
        erp.add_faults(FaultRule(kind=FaultKind.SLOW_BEFORE, operation="create", delay_ms=600_000))
        run = start(site, "run", "--workers", site.workbook(rows))
        worker = start(site, "worker", "--lanes", "1")
        try:
            for creates in range(1, 6):
                until(lambda creates=creates: erp.call_counts().get("create", 0) >= creates)  # type: ignore[misc]
                worker.kill()
                worker.wait()
                worker = start(site, "worker", "--lanes", "1")
            erp.clear_faults()
            assert run.wait(120) == 0
        finally:
            for process in (run, worker):
                process.kill()
                process.wait()
    once_each(erp, movements_of("misc_issue", rows), 1)
