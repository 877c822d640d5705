"""A process that stops in the middle of sending (a laptop that sleeps, a paused machine) and later goes on as if nothing were."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from site_folder import Movements, SiteFolder, finished, movements_of, once_each, sound_rows

from importer import resume
from importer.errors import LedgerUnavailable
from importer.ledger import claims, owners
from importer.simulator import Simulator

SEED = int(os.environ.get("IMPORTER_CHAOS_SEED", "1"))
ROUNDS = int(os.environ.get("IMPORTER_CHAOS_FREEZES", "8"))
DOCUMENTS = 12
Start = Callable[..., "subprocess.Popen[str]"]
WRITES = ("create", "approve", "post")


def calls(erp: Simulator) -> int:
    """How many writes the ERP has carried out."""
    return sum(call.operation in WRITES and bool(call.doc_nos) for call in erp.calls())


def is_stopped(process: subprocess.Popen[str]) -> bool:
    """Whether the system has frozen all threads of a process."""
    return Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "T"


def freeze_after(process: subprocess.Popen[str], erp: Simulator, more: int) -> bool:
    """SIGSTOP once the ERP has had so many more writes; False when the command ended before."""
    goal = calls(erp) + more
    while calls(erp) < goal:
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    while process.poll() is None and not is_stopped(process):
        time.sleep(0.001)
    return process.poll() is None


def thaw(process: subprocess.Popen[str]) -> None:
    """Let it go on."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)


@pytest.fixture
def slow_erp(erp: Simulator) -> Simulator:
    """An ERP that takes its time, so that there is something to freeze."""
    erp.configure(latency_ms=10, latency_jitter_ms=10, calls_kept=5000)
    return erp


@pytest.fixture
def lease_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, as `short_lease.py` has it in another."""
    for module in (claims, owners):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=1))


def resume_until_done(site: SiteFolder) -> None:
    """Resume again and again until the lease of whoever was sending has ended."""
    end = time.monotonic() + 30
    while any(report.exit_code for report in resume(None, site.site())):
        assert time.monotonic() < end, SEED


class Rounds:
    """What was handed in over several rounds at one ERP."""

    def __init__(self, erp: Simulator, site: SiteFolder) -> None:
        self.erp = erp
        self.site = site
        self.documents = 0
        self.expected: Movements = {}
        self.chance = random.Random(SEED)

    def workbook(self) -> str:
        """The next round's workbook."""
        seed = 1000 * SEED + self.documents
        rows = sound_rows(documents=DOCUMENTS, lines=1, seed=seed)
        self.documents += DOCUMENTS
        for place, number in movements_of("misc_issue", rows).items():
            self.expected[place] = self.expected.get(place, 0) + number
        return self.site.workbook(rows, name=f"round-{self.documents}.xlsx").name

    def moment(self) -> int:
        """After how many writes of a round to freeze it."""
        return self.chance.randrange(1, DOCUMENTS * len(WRITES) * 3 // 4)

    def all_once(self) -> None:
        """Everything handed in so far is in the ERP once and posted once."""
        once_each(self.erp, {place: number for place, number in self.expected.items() if number}, self.documents)


def test_on_sqlite_whoever_comes_meanwhile_waits_and_nothing_is_sent_twice(site: SiteFolder, slow_erp: Simulator) -> None:
    """While the frozen process holds the ledger, `resume` waits for it, `--no-wait` is told by exit code 4 which process holds it,
    and once it goes on both end well: each document is in the ERP once."""
    site.configure(concurrency=4)
    rounds = Rounds(slow_erp, site)
    frozen = 0
    for _ in range(ROUNDS):
        run = site.start("run", rounds.workbook(), "--json")
        if freeze_after(run, slow_erp, rounds.moment()):
            frozen += 1
            waiting = site.start("resume", "--json") if frozen == 1 else None
            with pytest.raises(LedgerUnavailable, match=f"process {run.pid} on"):
                resume(None, site.site(), wait=False)
            if waiting:
                told = site.cli("resume", "--no-wait")
                assert (told.code, f"process {run.pid} on" in told.err) == (4, True), told.err
                assert waiting.poll() is None
            thaw(run)
            assert waiting is None or finished(waiting).code == 0
        done = finished(run)
        assert (done.code, done.json[0]["stages"]) == (0, {"posted": DOCUMENTS}), (SEED, done.err)
        rounds.all_once()
    assert frozen >= ROUNDS * 3 // 4


def test_on_postgresql_a_frozen_process_is_taken_over_and_sends_nothing_afterwards(
    site: SiteFolder, slow_erp: Simulator, postgresql_url: str, start_leased: Start, lease_of_a_second: None
) -> None:
    """Another process takes the documents of a frozen one over when its lease has ended; the frozen one wakes, sees that they are no
    longer its own, says so, and sends none of them again."""
    site.configure(concurrency=4, grace_s=0.2)
    site.config.write_text(site.config.read_text("utf-8").replace("sqlite:///importer.db", postgresql_url), "utf-8")
    rounds = Rounds(slow_erp, site)
    frozen = overtaken = 0
    for _ in range(ROUNDS):
        run = start_leased(site, "run", rounds.workbook(), "--json")
        if freeze_after(run, slow_erp, rounds.moment()):
            frozen += 1
            resume_until_done(site)
            rounds.all_once()  # and the frozen one has not even woken up
            before = calls(slow_erp)
            thaw(run)
            late = finished(run)
            assert (late.code, calls(slow_erp)) in [(0, before), (4, before)], (SEED, late.err)
            overtaken += late.code == 4
            assert late.code == 0 or "has taken its documents over" in late.err or "cannot be used" in late.err, late.err
        else:
            assert finished(run).code == 0
        rounds.all_once()
    assert frozen >= ROUNDS * 3 // 4
    assert overtaken
