"""What workers do with what is handed to them; the worker runs in a thread of the test, the queue and the ledger are real."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

import pytest
import waiting
from site_folder import SiteFolder, movements_of, once_each, sound_rows

from importer import run
from importer.api.batches import status, workers
from importer.api.values import Listener, Policy, RunReport
from importer.errors import ConfigurationError
from importer.ledger import open_ledger
from importer.ledger.address import libpq
from importer.metrics import Metrics
from importer.models import Status
from importer.pace import Pace
from importer.simulator import FaultKind, FaultRule, Simulator
from importer.worker import periodic, queue
from importer.worker.following import carrier
from importer.worker.overview import asked
from importer.worker.queue import Queue
from importer.worker.serving import Served, work

until = partial(waiting.until, seconds=90)


def posted(erp: Simulator) -> int:
    return sum(document.post == "Y" for document in erp.documents())


@contextmanager
def working(site: SiteFolder, *, lanes: int = 2, metrics: Metrics | None = None) -> Iterator[Callable[[], Served]]:
    """A worker; what is yielded stops it and tells what it did."""
    stop = threading.Event()
    done: list[Served] = []
    thread = threading.Thread(
        target=lambda: done.append(work(site.site(), lanes=lanes, stop=stop, listener=Listener(), metrics=metrics)), daemon=True
    )
    thread.start()

    def end() -> Served:
        stop.set()
        thread.join(60)
        return done[0]

    try:
        yield end
    finally:
        stop.set()
        thread.join(60)


def hand_in(site: SiteFolder, name: str, *, documents: int, seed: int, policy: Policy = "all") -> RunReport:
    """`run --workers` in this process."""
    stop = threading.Event()
    book = site.workbook(sound_rows(documents=documents, lines=1, seed=seed), name=name)
    return run([book], site.site(), policy=policy, stop=stop, carry=carrier(site.site(), Listener(), stop))[0]


class _StopWhenSending(Listener):
    """Follows no further than to the beginning."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def started(self, *_: object) -> None:
        self._stop.set()


def hand_out(site: SiteFolder, name: str, *, documents: int, seed: int) -> str:
    """Hand a batch out and go away; its id."""
    stop = threading.Event()
    book = site.workbook(sound_rows(documents=documents, lines=1, seed=seed), name=name)
    report = run([book], site.site(), stop=stop, listener=_StopWhenSending(stop), carry=carrier(site.site(), Listener(), stop))[0]
    assert report.exit_code == 130
    return str(report.batch)


def test_a_small_batch_does_not_wait_behind_a_large_one(cluster_site: SiteFolder, erp: Simulator) -> None:
    """A clerk's 20 rows are posted while most of a large batch is still to be sent."""
    cluster_site.configure(concurrency=2)
    erp.configure(latency_ms=20)
    large = hand_out(cluster_site, "large.xlsx", documents=1000, seed=1)
    with working(cluster_site) as end:
        until(lambda: posted(erp) > 10)
        handed_in = time.monotonic()
        report = hand_in(cluster_site, "small.xlsx", documents=20, seed=2)
        seconds = time.monotonic() - handed_in
        assert report.stages == {"posted": 20}
        found = status(cluster_site.site(), large)[0]
        end()
    assert found.stages.get("posted", 0) < 500
    print(f"20 rows were posted {seconds:.1f} s after they were handed in, {found.stages} of 1000 before them")


def test_a_small_batch_waits_for_one_call_at_most(cluster_site: SiteFolder, erp: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the ERP and however long a turn: a lane with a large batch's chunk leaves even a document in the middle of its way."""
    monkeypatch.setattr("importer.worker.working.SLICE_S", 600.0)
    cluster_site.configure(concurrency=1)
    erp.configure(latency_ms=200)
    large = hand_out(cluster_site, "large.xlsx", documents=80, seed=1)
    with working(cluster_site, lanes=1):
        until(lambda: posted(erp) > 0)
        small = hand_in(cluster_site, "small.xlsx", documents=2, seed=2)
        assert small.stages == {"posted": 2}
        with open_ledger(cluster_site.ledger, read_only=True) as ledger:
            events = [event for member in ledger.members(str(small.batch)) for event in ledger.events(member.record.id)]
            enqueued = min(event.at for event in events if event.kind == "enqueue")
            claimed = min(event.at for event in events if event.kind == "claim")
            others = [event for member in ledger.members(large) for event in ledger.events(member.record.id)]
        assert sum(event.kind == "record" and enqueued < event.at < claimed for event in others) <= 15  # of 60
        erp.configure(latency_ms=0)
        until(lambda: status(cluster_site.site(), large)[0].stages == {"posted": 80})
    rows = [sound_rows(documents=documents, lines=1, seed=seed) for documents, seed in ((80, 1), (2, 2))]
    expected = movements_of("misc_issue", [row for some in rows for row in some])
    once_each(erp, expected, 82)


def test_workers_send_several_documents_in_one_call(cluster_site: SiteFolder, erp: Simulator) -> None:
    """`documents_per_call` holds for workers, too: a chunk is never smaller than what goes in one call."""
    cluster_site.configure(concurrency=4, documents_per_call=5)
    erp.configure(atomic_batch=False)
    with working(cluster_site, lanes=4):
        assert hand_in(cluster_site, "book.xlsx", documents=30, seed=1).stages == {"posted": 30}
    once_each(erp, movements_of("misc_issue", sound_rows(documents=30, lines=1, seed=1)), 30)
    assert erp.call_counts()["create"] <= 8  # six chunks of five; a call may begin before its chunk is claimed whole


def test_workers_find_how_many_calls_are_good_for_the_erp(
    cluster_site: SiteFolder, erp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`adaptive` holds for workers, too, over all their lanes together: an ERP that works on three calls does not get sixteen."""
    limits: list[int] = []
    paces: set[Pace] = set()
    note = Pace.note

    def noted(pace: Pace, kind: object, seconds: float | None, began: int) -> None:
        note(pace, kind, seconds, began)
        limits.append(pace.limit)
        paces.add(pace)

    monkeypatch.setattr(Pace, "note", noted)
    cluster_site.configure(concurrency=16, adaptive=True)
    erp.configure(latency_ms=100, capacity=3)
    with working(cluster_site, lanes=16):
        assert hand_in(cluster_site, "book.xlsx", documents=80, seed=1).stages == {"posted": 80}
    assert (len(paces), len(limits)) == (1, 240)
    assert erp.most_calls_at_once() <= max(limits)
    assert 2 <= median(limits[120:]) <= 9
    once_each(erp, movements_of("misc_issue", sound_rows(documents=80, lines=1, seed=1)), 80)


def test_two_large_batches_take_turns(cluster_site: SiteFolder, erp: Simulator) -> None:
    """Whoever comes second does not wait until the first is through, and does not overtake it."""
    cluster_site.configure(concurrency=2)
    erp.configure(latency_ms=5)
    first = hand_out(cluster_site, "first.xlsx", documents=400, seed=1)
    second = hand_out(cluster_site, "second.xlsx", documents=400, seed=2)

    def done(batch: str) -> int:
        return status(cluster_site.site(), batch)[0].stages.get("posted", 0)

    with working(cluster_site) as end:
        until(lambda: done(second) >= 60)
        end()
    assert 60 <= done(first) < 400


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_sent(cluster_site: SiteFolder, erp: Simulator) -> None:
    """SIGTERM ends the calls under way, releases the rest, and the next worker brings everything to its end, with nobody following."""
    cluster_site.configure(concurrency=4)
    erp.configure(latency_ms=10)
    batch = hand_out(cluster_site, "book.xlsx", documents=80, seed=1)
    with working(cluster_site, lanes=4) as end:
        until(lambda: posted(erp) > 5)
        served = end()
    found = status(cluster_site.site(), batch)[0]
    assert found.entries.get("sending", 0) == 0
    assert found.entries["pending"] > 0
    with Queue(libpq(cluster_site.ledger) or "") as waiting:
        assert waiting.depth(batch) > 0
    with working(cluster_site, lanes=4) as end:
        until(lambda: posted(erp) == 80)
        served.documents += end().documents
    assert served.documents == 80
    once_each(erp, movements_of("misc_issue", sound_rows(documents=80, lines=1, seed=1)), 80)


def test_unknown_documents_are_settled_without_anybody_following(
    cluster_site: SiteFolder, erp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers get lost while nobody follows: the workers ask the ERP, go on, and leave the batch when it is done."""
    monkeypatch.setattr(periodic, "RECONCILE", "* * * * * */1")
    cluster_site.configure(concurrency=4, grace_s=0)
    erp.add_faults(
        FaultRule(kind=FaultKind.LOST_ANSWER, operation="write", times=6),
        FaultRule(kind=FaultKind.RESET_BEFORE, operation="write", times=3),
    )
    batch = hand_out(cluster_site, "book.xlsx", documents=20, seed=1)
    with working(cluster_site, lanes=4), open_ledger(cluster_site.ledger, read_only=True) as ledger:
        until(lambda: status(cluster_site.site(), batch)[0].stages == {"posted": 20})
        until(lambda: ledger.fleet is not None and ledger.fleet.handed_out() == [])
    once_each(erp, movements_of("misc_issue", sound_rows(documents=20, lines=1, seed=1)), 20)


def test_what_is_in_no_queue_is_handed_out_anew(cluster_site: SiteFolder, erp: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue may be lost as a whole: the ledger knows what is to be sent."""
    monkeypatch.setattr(periodic, "RECONCILE", "* * * * * */1")
    batch = hand_out(cluster_site, "book.xlsx", documents=10, seed=1)
    import psycopg

    with psycopg.connect(libpq(cluster_site.ledger) or "") as connection:
        connection.execute(f"DROP SCHEMA {queue._schema()} CASCADE".encode())
    with working(cluster_site):
        until(lambda: status(cluster_site.site(), batch)[0].stages == {"posted": 10})


def test_the_chunk_of_a_dead_worker_is_taken_over(cluster_site: SiteFolder, erp: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that a killed worker had taken goes to another one when its heartbeat has ended."""
    monkeypatch.setattr(queue, "SILENT_S", 2.0)
    monkeypatch.setattr(queue, "BEAT_S", 0.5)
    batch = hand_out(cluster_site, "book.xlsx", documents=10, seed=1)
    import psycopg

    with psycopg.connect(libpq(cluster_site.ledger) or "", **queue._connection()) as connection:
        dead = connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        ).fetchone()
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", dead)
    with working(cluster_site):
        until(lambda: status(cluster_site.site(), batch)[0].stages == {"posted": 10})


def test_policy_stop_holds_for_all_workers(cluster_site: SiteFolder, erp: Simulator) -> None:
    """At the ERP's first refusal no worker begins another document of the batch."""
    cluster_site.configure(concurrency=2)
    erp.configure(latency_ms=10)
    erp.add_faults(FaultRule(kind=FaultKind.LOCK_263, operation="create", skip=10, times=1))
    with working(cluster_site):
        report = hand_in(cluster_site, "book.xlsx", documents=120, seed=1, policy="stop")
        assert (report.exit_code, report.rejected) == (1, 1)
        assert report.stages["new"] > 60
        sent = len(erp.documents())
        with Queue(libpq(cluster_site.ledger) or "") as waiting:
            until(lambda: waiting.depth() == 0)
        assert len(erp.documents()) == sent


def test_an_erp_that_is_away_is_waited_for(cluster_site: SiteFolder, erp: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers try again when the ERP is back; nothing is lost and nothing twice."""
    monkeypatch.setattr("importer.worker.working.DOWN_S", 0.5)
    cluster_site.configure(not_sent_retries=0, concurrency=2)
    batch = hand_out(cluster_site, "book.xlsx", documents=12, seed=1)
    erp.add_faults(FaultRule(kind=FaultKind.SRVCODE_100, operation="create", times=4))
    with working(cluster_site):
        until(lambda: status(cluster_site.site(), batch)[0].stages == {"posted": 12})
    once_each(erp, movements_of("misc_issue", sound_rows(documents=12, lines=1, seed=1)), 12)


def test_workers_tell_how_they_stand(cluster_site: SiteFolder, erp: Simulator) -> None:
    """`status` shows workers, pace and time left; Prometheus gets documents, calls, durations, open steps and the queue."""
    erp.configure(latency_ms=10)
    metrics = Metrics(asked(cluster_site.site()))
    port, end_metrics = metrics.serve(0)
    batch = hand_out(cluster_site, "book.xlsx", documents=150, seed=1)
    with contextlib.ExitStack() as stack:
        stack.callback(end_metrics)
        stack.enter_context(working(cluster_site, lanes=3, metrics=metrics))
        until(lambda: status(cluster_site.site(), batch)[0].seconds_left is not None)
        assert [(item.lanes, item.busy > 0) for item in workers(cluster_site.site())] == [(3, True)]
        until(lambda: status(cluster_site.site(), batch)[0].stages == {"posted": 150})
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    assert 'importer_documents_total{stage="posted"} 150.0' in text
    assert 'importer_calls_total{operation="create",outcome="succeeded"} 150.0' in text
    assert 'importer_call_seconds_count{operation="post"} 150.0' in text
    assert f'importer_entries{{status="{Status.UNKNOWN.value}"}} 0.0' in text
    assert "importer_queue_depth" in text


def test_workers_need_a_server_and_their_extra(site: SiteFolder, cluster_site: SiteFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is said in a sentence: a PostgreSQL ledger, or the extra."""
    with pytest.raises(ConfigurationError, match="need a PostgreSQL ledger"):
        work(site.site(), stop=threading.Event(), listener=Listener())
    with pytest.raises(ConfigurationError, match="need a PostgreSQL ledger"):
        carrier(site.site(), Listener(), threading.Event())
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(ConfigurationError, match="extra `cluster`"):
        work(cluster_site.site(), stop=threading.Event(), listener=Listener())


def test_workers_prune_the_ledger_where_the_site_says_so(cluster_site: SiteFolder, erp: Simulator) -> None:
    """With `prune_after_days` the nightly work forgets the story of what ended long ago, and what was imported stays known."""
    book = cluster_site.workbook(sound_rows(documents=2, lines=1))
    assert cluster_site.run(book).stages == {"posted": 2}
    import psycopg

    with psycopg.connect(libpq(cluster_site.ledger) or "") as connection:
        connection.execute("UPDATE batches SET created_at = created_at - interval '40 days'")
        connection.execute("UPDATE entries SET since = since - interval '40 days'")
        connection.execute("UPDATE events SET at = at - interval '40 days'")
    with open_ledger(cluster_site.ledger) as ledger:
        for days, left in ((0, True), (90, True), (30, False)):
            [tidy] = [item for item in periodic.own_work(ledger, None, "", prune_after_days=days) if item.name == "tidy"]  # type: ignore[arg-type]
            tidy.run()
            assert (ledger.sizes().events > 0) is left
    assert cluster_site.run(book).already_imported == 2
    once_each(erp, movements_of("misc_issue", sound_rows(documents=2, lines=1)), 2)
