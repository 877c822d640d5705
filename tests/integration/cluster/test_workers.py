"""`run --workers` and `importer worker`, as processes of their own on a PostgreSQL ledger."""

from __future__ import annotations

import signal

from site_folder import SiteFolder, finished, movements_of, once_each, sound_rows

from importer.simulator import Simulator


def test_workers_send_what_a_run_hands_out(cluster_site: SiteFolder, erp: Simulator) -> None:
    """A run with workers ends as one without: exit code, stages and results workbook; on SIGTERM a worker ends cleanly."""
    cluster_site.configure(concurrency=4)
    rows = sound_rows(documents=60, lines=1)
    workers = [cluster_site.start("worker", "--lanes", "3", "--json") for _ in range(2)]
    run = cluster_site.start("run", "--workers", cluster_site.workbook(rows), "--json")
    done = finished(run)
    assert (done.code, done.json[0]["stages"]) == (0, {"posted": 60}), done.err
    assert len(cluster_site.results_rows(done.json[0]["results"])) == 60
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    ended = [finished(worker) for worker in workers]
    assert [worker.code for worker in ended] == [0, 0], ended
    assert sum(worker.json[0]["documents"] for worker in ended) == 60
    once_each(erp, movements_of("misc_issue", rows), 60)
    assert erp.most_calls_at_once() <= 4
