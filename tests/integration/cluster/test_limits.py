"""What a profile allows holds over all processes that send from one PostgreSQL ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_folder import SiteFolder, sound_rows
from waiting import until

from importer.ledger import Ledger, open_ledger
from importer.ledger.fleet import Fleet, fair
from importer.models import Stage
from importer.pipeline.limits import Gate
from importer.simulator import Simulator

WANTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 40), max_size=6)


@given(st.integers(0, 50), WANTS, st.integers(0, 9))
def test_a_limit_is_shared_fairly(limit: int, wants: Mapping[str, int], turn: int) -> None:
    """Nothing of a limit that is wanted is left over, nobody gets more than wanted, and no two who want more differ by more than one."""
    parts = fair(limit, wants, turn=turn)
    assert sum(parts.values()) == min(limit, sum(wants.values()))
    assert all(parts[name] <= wants[name] for name in wants)
    hungry = [parts[name] for name in wants if parts[name] < wants[name]]
    assert not hungry or max(parts.values()) - min(hungry) <= 1


def test_what_does_not_divide_goes_round() -> None:
    """One post at a time and three workers: each gets its turn."""
    assert {name for turn in range(3) for name, part in fair(1, {"a": 9, "b": 9, "c": 9}, turn=turn).items() if part} == {"a", "b", "c"}


def test_two_runs_on_one_ledger_keep_to_the_limit_together(cluster_site: SiteFolder, erp: Simulator) -> None:
    """`concurrency` holds over all processes on one ledger, and is used."""
    cluster_site.configure(concurrency=3, ask_before_create="always")
    erp.configure(latency_ms=15)
    files = [cluster_site.workbook(sound_rows(documents=15, lines=1, seed=seed), name=f"{seed}.xlsx") for seed in range(2)]
    runs = [cluster_site.start("run", file) for file in files]
    for run in runs:
        assert run.wait(60) == 0
    assert erp.most_calls_at_once() == 3
    assert erp.duplicates() == {}


def test_two_runs_on_one_ledger_keep_to_the_pace_together(cluster_site: SiteFolder, erp: Simulator) -> None:
    """`calls_per_second` holds for all processes on one ledger together: what they send takes its time."""
    cluster_site.configure(concurrency=4, calls_per_second=10)
    files = [cluster_site.workbook(sound_rows(documents=4, lines=1, seed=seed), name=f"{seed}.xlsx") for seed in range(2)]
    runs = [cluster_site.start("run", file) for file in files]
    for run in runs:
        assert run.wait(60) == 0
    times = sorted(call.at.timestamp() for call in erp.calls())
    assert len(times) == 26
    assert times[-1] - times[0] >= 2.3


def test_looking_keeps_to_the_pace_of_those_who_send(cluster_site: SiteFolder, erp: Simulator) -> None:
    """`query`, `update` and `results --verify` at the same moment make no more calls per second than one of them may."""
    report = cluster_site.run(cluster_site.workbook(sound_rows(documents=6, lines=1)), until=Stage.CREATED)
    book = cluster_site.cli("query", "misc_issue", "--json").json[0]["file"]
    cluster_site.configure(concurrency=4, calls_per_second=10)
    before = len(erp.calls())
    looking = [
        cluster_site.start("query", "misc_issue", "--out", cluster_site.folder / "found.xlsx"),
        cluster_site.start("results", report.batch, "--verify"),
        cluster_site.start("update", book),
    ]
    assert [process.wait(60) for process in looking] == [0, 0, 0]
    times = sorted(call.at.timestamp() for call in erp.calls()[before:])
    assert len(times) >= 18
    assert times[-1] - times[0] >= (len(times) - 1) / 10 - 0.3


def test_custom_posts_go_one_at_a_time_over_all_processes(cluster_site: SiteFolder, erp: Simulator) -> None:
    """Two posts at once under one ERP user could swap their messages; two processes take turns."""
    cluster_site.configure(concurrency=8, route="combined", custom_url=erp.custom_url)
    erp.configure(latency_ms=10)
    files = [cluster_site.workbook(sound_rows(documents=6, lines=1, seed=seed), name=f"{seed}.xlsx") for seed in range(2)]
    runs = [cluster_site.start("run", file) for file in files]
    for run in runs:
        assert run.wait(60) == 0
    assert [fault.kind for fault in erp.protocol_faults()] == []
    assert erp.most_calls_at_once("combined") == 1


@pytest.fixture
def two(postgresql_url: str) -> Callable[[], tuple[Ledger, Ledger]]:
    return lambda: (open_ledger(postgresql_url), open_ledger(postgresql_url))


def test_a_share_of_a_dead_process_stays_taken_until_its_calls_must_have_ended(two: Callable[[], tuple[Ledger, Ledger]]) -> None:
    """After kill -9 the ERP may still be at work on what was sent: nobody uses that share before the silence is long enough."""
    dead, alive = two()
    with dead, alive, dead.sending_lock(), alive.sending_lock():
        assert _ask(dead, wanted=8).granted == 8
        assert _ask(alive, wanted=8).granted == 0
        with dead.fleet._transaction() as connection:  # type: ignore[union-attr]
            connection.exec_driver_sql("UPDATE owners SET heartbeat_at = heartbeat_at - interval '40 seconds' WHERE id = %s", (dead.owner,))
        assert _ask(alive, wanted=8, silent_s=60).granted == 0
        assert _ask(alive, wanted=8, silent_s=30).granted == 8


def _ask(ledger: Ledger, *, wanted: int, holding: int = 0, silent_s: float = 60) -> object:
    assert ledger.fleet is not None
    return ledger.fleet.share("calls t", 8, owner=ledger.owner, wanted=wanted, holding=holding, silent_s=silent_s)


def test_a_latecomer_gets_its_part_of_a_limit_in_use(two: Callable[[], tuple[Ledger, Ledger]]) -> None:
    """Whoever holds a whole limit comes down to its part as soon as another process has work, and never are there too many."""
    first, second = two()
    with first, second, first.sending_lock(), second.sending_lock():
        gates = [Gate(_fleet(ledger), "calls t", 4, owner=lambda ledger=ledger: ledger.owner, silent_s=60) for ledger in (first, second)]
        begun = [0, 0]
        under_way = 0
        most = 0
        lock = threading.Lock()
        over = threading.Event()

        def lane(number: int) -> None:
            nonlocal under_way, most
            while not over.is_set():
                with gates[number].held():
                    with lock:
                        under_way += 1
                        most = max(most, under_way)
                    time.sleep(0.01)
                    with lock:
                        under_way -= 1
                        begun[number] += 1

        threads = [threading.Thread(target=lane, args=(number,)) for number in (0, 0, 0, 0, 0, 0)]
        for thread in threads:
            thread.start()
        until(lambda: most == 4)
        threads += [threading.Thread(target=lane, args=(1,)) for _ in range(6)]
        for thread in threads[6:]:
            thread.start()
        until(lambda: begun[1] > 20)
        over.set()
        for thread in threads:
            thread.join()
        for gate in gates:
            gate.close()
        assert most == 4
        assert _fleet(first).share("calls t", 4, owner=first.owner, wanted=4, holding=0, silent_s=60).granted == 4  # all given back


def _fleet(ledger: Ledger) -> Fleet:
    assert ledger.fleet is not None
    return ledger.fleet
