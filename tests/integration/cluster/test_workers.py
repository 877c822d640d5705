"""`run --workers` and `importer worker`, as processes of their own on a PostgreSQL ledger."""

from __future__ import annotations

import json
import signal
import urllib.request
from functools import partial

import psycopg
import waiting
from site_folder import SiteFolder, finished, movements_of, once_each, sound_rows
from watch_folder import WatchFolder

from importer.ledger import open_ledger
from importer.ledger.address import libpq
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


def test_the_page_tells_how_deep_the_queue_is(cluster_site: SiteFolder, erp: Simulator) -> None:
    """On a PostgreSQL ledger the numbers of the page have the workers' queue, too."""
    page = cluster_site.start("serve", "--port", "0", "--json", IMPORTER_WEB__METRICS_TOKEN="collector")
    assert page.stdout is not None
    url = json.loads(page.stdout.readline())[0]["url"]
    asked = urllib.request.Request(f"{url}/metrics", headers={"Authorization": "Bearer collector"})
    with urllib.request.urlopen(asked) as answer:
        text = answer.read().decode()
    assert "importer_queue_depth 0.0" in text
    assert 'importer_entries{status="pending"} 0.0' in text


def test_one_worker_watches_and_all_send(cluster_site: SiteFolder, erp: Simulator) -> None:
    """Of two workers one watches the folder, and the other takes its place; each file has one end and is posted once."""
    folder = WatchFolder(cluster_site)
    missing = cluster_site.folder / "not mounted"
    folder.configure(folders={"in": {"path": "incoming"}, "elsewhere": {"path": missing.name}})
    folder.root.mkdir()
    books = [cluster_site.workbook(sound_rows(documents=8, lines=1, seed=seed), name=f"{seed}.xlsx") for seed in range(4)]
    workers = {worker.pid: worker for worker in (cluster_site.start("worker", "--lanes", "2") for _ in range(2))}
    for book in books[:2]:
        folder.drop(book)
    until(lambda: folder.ends() == {"0.xlsx": ["done"], "1.xlsx": ["done"]} and not folder.left())
    [holder] = holders(cluster_site)
    workers[holder].send_signal(signal.SIGTERM)
    assert workers.pop(holder).wait(60) == 0
    for book in books[2:]:
        folder.drop(book)
    until(lambda: folder.ends() == {f"{number}.xlsx": ["done"] for number in range(4)} and not folder.left())
    assert holders(cluster_site) == list(workers)
    [other] = workers.values()
    other.send_signal(signal.SIGTERM)
    assert other.wait(60) == 0
    rows = [row for seed in range(4) for row in sound_rows(documents=8, lines=1, seed=seed)]
    once_each(erp, movements_of("misc_issue", rows), 32)
    assert not missing.exists()
    with open_ledger(cluster_site.ledger, read_only=True) as ledger:
        [batch, *_] = ledger.batches(1)
        assert ledger.fleet is not None
        assert ledger.fleet.pace(batch.id).done == 8  # as workers told it


def holders(site: SiteFolder) -> list[int]:
    """Which processes watch."""
    with psycopg.connect(libpq(site.ledger) or "") as connection:
        asked = "SELECT pid FROM shares JOIN owners ON owners.id = owner_id WHERE limit_name LIKE 'watch %' AND granted > 0"
        return [pid for (pid,) in connection.execute(asked)]


until = partial(waiting.until, seconds=90)
