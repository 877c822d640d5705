"""Real processes, killed and let loose on each other, on both databases."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from unit.ledger.making import confirm, created, enqueue, hand_in

from importer.errors import LedgerUnavailable
from importer.ledger import LostClaim, open_ledger
from importer.models import Stage, Status

Process = subprocess.Popen[str]
Start = Callable[[str, str], Process]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def go(*processes: Process) -> None:
    """Let them begin, all at once."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def line(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def forget_heartbeats(url: str) -> None:
    """As if a lease had passed."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE owners SET heartbeat_at = heartbeat_at - interval '1 hour'"))
        connection.execute(text("UPDATE entries SET claimed_at = claimed_at - interval '1 hour' WHERE claimed_at IS NOT NULL"))
    engine.dispose()


def test_what_a_killed_process_was_sending_becomes_unknown(start: Start, url: str) -> None:
    """After kill -9 between claim and outcome the document is asked about, what was recorded stands, and the rest is sent."""
    process = start("claim_and_wait", url)
    go(process)
    assert line(process) == "claimed"
    process.kill()
    process.wait()
    if url.startswith("postgresql"):
        with open_ledger(url) as ledger, ledger.sending_lock():
            assert ledger.take_over(None) == 0  # not yet: it may only be slow
        forget_heartbeats(url)
    with open_ledger(url) as ledger, ledger.sending_lock(wait=False):
        assert ledger.take_over("b") == 2
        assert [document.key for _, document in ledger.unknowns()] == ["K1", "K2"]
        assert ledger.find_document("I01-1").stage is Stage.CREATED
        assert [claim.document.key for claim in ledger.claim("b", 9)] == ["K3", "K4"]


def test_two_processes_begin_with_the_same_new_ledger(start: Start, url: str) -> None:
    """Two people who start at the same moment with the same workbook end with one ledger and each document once."""
    both = [start("hand_in_together", url) for _ in range(2)]
    go(*both)
    assert sorted(line(process) for process in both) == ["False", "True"]
    first, second = (line(process).split(",") for process in both)
    assert first == second
    assert len(set(first)) == 400
    assert [process.wait() for process in both] == [0, 0]
    with open_ledger(url, read_only=True) as ledger:
        one, other = (ledger.counts(batch.id) for batch in ledger.batches(9))
        assert one == other
        assert one.entries == {Status.PENDING: 400}


def test_several_processes_send_each_document_once(start: Start, url: str) -> None:
    """However many processes send from one ledger, each document is sent by exactly one."""
    with open_ledger(url) as ledger:
        confirm(ledger)
        hand_in(ledger, "b", range(60))
        enqueue(ledger, "b")
    processes = [start("send_together", url) for _ in range(3)]
    go(*processes)
    sent = [int(number) for process in processes for number in line(process).split(",") if number]
    assert len(sent) == len(set(sent)) == 60
    with open_ledger(url, read_only=True) as ledger:
        assert ledger.counts("b").stages == {Stage.CREATED: 60}


def test_whoever_must_wait_is_told_for_whom(start: Start, sqlite_url: str) -> None:
    """The second `run` names the process that it waits for, and goes on as soon as that is killed."""
    process = start("hold_the_lock", sqlite_url)
    go(process)
    assert line(process) == "inside"
    holder = f"process {process.pid} on"
    told: list[str] = []

    def kill(text: str) -> None:
        told.append(text)
        process.kill()

    with open_ledger(sqlite_url) as ledger:
        with pytest.raises(LedgerUnavailable, match=holder), ledger.sending_lock(wait=False):
            raise AssertionError("never inside")
        with ledger.sending_lock(on_wait=kill):
            assert len(told) == 1
    assert told[0].startswith(holder)


def test_a_frozen_process_is_taken_over_and_then_knows_it(postgresql_url: str) -> None:
    """A machine that slept through its lease finds its claim gone, must not send, and cannot record over what others did."""
    with open_ledger(postgresql_url) as frozen, open_ledger(postgresql_url) as other, frozen.sending_lock(), other.sending_lock():
        confirm(frozen)
        hand_in(frozen, "b", ["x", "y"])
        enqueue(frozen, "b")
        gone, kept = frozen.claim("b", 2)
        assert frozen.prove(gone)
        assert other.take_over(None) == 0
        forget_heartbeats(postgresql_url)
        assert frozen.prove(kept)  # in time
        forget = create_engine(postgresql_url)
        with forget.begin() as connection:
            connection.execute(text("UPDATE owners SET heartbeat_at = heartbeat_at - interval '1 hour'"))
        forget.dispose()
        assert other.take_over(None) == 1
        assert not frozen.prove(gone)
        with pytest.raises(LostClaim):
            frozen.record(gone, created("I01-1")).result()
        frozen.record(kept, created("I01-2")).result()
        assert [document.key for _, document in other.unknowns()] == ["Kx"]


def test_a_process_that_ended_its_sending_is_taken_over_at_once(postgresql_url: str) -> None:
    """What an orderly stop left open need not wait for a lease."""
    with open_ledger(postgresql_url) as first, open_ledger(postgresql_url) as second:
        confirm(first)
        hand_in(first, "b", ["x"])
        enqueue(first, "b")
        with first.sending_lock():
            first.claim("b", 1)
        with second.sending_lock():
            assert second.take_over(None) == 1


def test_a_living_process_is_never_taken_over(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow ERP does not make others think that the process waiting for it is dead: its heartbeat goes on meanwhile."""
    monkeypatch.setattr("importer.ledger.owners.HEARTBEAT_S", 0.02)
    with open_ledger(url) as ledger, ledger.sending_lock():
        engine = create_engine(url)
        seen: set[object] = set()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            end = time.monotonic() + 30
            while len(seen) < 3 and time.monotonic() < end:
                seen.add(connection.scalar(text("SELECT heartbeat_at FROM owners")))
        engine.dispose()
    assert len(seen) == 3


def test_threads_of_one_process_share_the_lock(start: Start, sqlite_url: str) -> None:
    """Two uploads to one web page are sent side by side, and while one waits for another program nobody hangs unasked."""
    process = start("hold_the_lock", sqlite_url)
    go(process)
    assert line(process) == "inside"
    waiting, inside, leave = threading.Event(), threading.Event(), threading.Event()
    with open_ledger(sqlite_url) as ledger:

        def wait() -> None:
            with ledger.sending_lock(on_wait=lambda _: waiting.set()):
                inside.set()
                leave.wait(60)

        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(60)
        with pytest.raises(LedgerUnavailable), ledger.sending_lock(wait=False):
            raise AssertionError("never inside")
        process.kill()
        assert inside.wait(60)
        with ledger.sending_lock(wait=False):
            leave.set()
            thread.join()
            assert ledger.take_over(None) == 0  # still inside, though the first thread has left
