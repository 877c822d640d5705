"""`kill -9` at any moment, and `resume` until all is done: each document exists once and was posted once.

The suite kills a few times. `IMPORTER_CHAOS_KILLS=60 pytest tests/chaos` kills sixty times in the long test;
`IMPORTER_CHAOS_SEED` gives other moments. A failure names the seed that brings it back.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable

import pytest
from site_folder import SiteFolder, finished, movements_of, once_each, sound_rows

from importer.simulator import FaultKind, FaultRule, Simulator

KILLS = int(os.environ.get("IMPORTER_CHAOS_KILLS", "0"))
SEED = int(os.environ.get("IMPORTER_CHAOS_SEED", "1"))
LATENCY_MS = 8
DOCUMENTS = 60


def _calls(erp: Simulator) -> int:
    counts = erp.call_counts()
    return sum(counts.get(name, 0) for name in ("create", "approve", "post"))


def _kill_after(process: subprocess.Popen[str], erp: Simulator, calls: int) -> bool:
    """SIGKILL once the ERP has had so many more writes; False when the command ended before."""
    goal = _calls(erp) + calls
    while process.poll() is None:
        if _calls(erp) >= goal:
            process.kill()
            process.communicate()
            return True
        time.sleep(0.001)
    return False


def _kill_and_resume(site: SiteFolder, erp: Simulator, *, kills: int, again: Callable[[], tuple[str, ...]], documents: int) -> None:
    chance = random.Random(SEED)
    rows = sound_rows(documents=documents, lines=1, seed=SEED)
    path = site.workbook(rows)
    process = site.start("run", path.name, "--json")
    killed = 0
    for _ in range(kills):
        if not _kill_after(process, erp, chance.randrange(1, max(2, 3 * documents * 2 // (kills + 1)))):
            break
        killed += 1
        process = site.start(*again(), "--json")
    assert killed, f"nothing was killed with seed {SEED}"
    done = finished(process, timeout_s=120)
    for _ in range(5):
        if done.code == 0:
            break
        done = site.cli(*again(), "--json")
    assert done.code == 0, (SEED, done.err)
    assert done.json == [] or done.json[0]["stages"] == {"posted": documents}, SEED
    once_each(erp, movements_of("misc_issue", rows), documents)


@pytest.fixture
def slow_erp(erp: Simulator) -> Simulator:
    """An ERP that takes its time, so that there is something to interrupt."""
    erp.configure(latency_ms=LATENCY_MS, latency_jitter_ms=LATENCY_MS)
    return erp


def test_killed_and_resumed_everything_is_posted_once(site: SiteFolder, slow_erp: Simulator) -> None:
    """A run that is killed in the middle, and its resumes killed too, loses nothing and repeats nothing."""
    site.configure(concurrency=4)
    _kill_and_resume(site, slow_erp, kills=3, again=lambda: ("resume",), documents=DOCUMENTS)


def test_killed_and_run_again_everything_is_posted_once(site: SiteFolder, slow_erp: Simulator) -> None:
    """Who does not know `resume` and hands the same workbook in again after a crash gets the same: everything once."""
    site.configure(concurrency=4)
    _kill_and_resume(site, slow_erp, kills=2, again=lambda: ("run", "misc_issue.xlsx"), documents=DOCUMENTS)


def test_killed_while_the_erp_itself_acts_late(site: SiteFolder, slow_erp: Simulator) -> None:
    """Killed while calls hang in the ERP that are carried out only later: the grace period keeps them from being sent twice."""
    site.configure(concurrency=4, grace_s=2)
    slow_erp.add_faults(FaultRule(kind=FaultKind.SLOW_BEFORE, operation="create", skip=5, times=4, delay_ms=1500))
    _kill_and_resume(site, slow_erp, kills=2, again=lambda: ("resume",), documents=20)


@pytest.mark.skipif(not KILLS, reason="the long test: set IMPORTER_CHAOS_KILLS")
def test_killed_for_hours(site: SiteFolder, slow_erp: Simulator) -> None:
    """Many kills, lost answers and late calls together over a large workbook."""
    site.configure(concurrency=8, grace_s=2, timeout_s=1)
    slow_erp.configure(seed=SEED)
    slow_erp.add_faults(
        FaultRule(kind=FaultKind.LOST_ANSWER, operation="write", probability=0.02),
        FaultRule(kind=FaultKind.HTTP_500_AFTER, operation="write", probability=0.02),
        FaultRule(kind=FaultKind.SLOW_BEFORE, operation="write", probability=0.01, delay_ms=1500),
    )
    chance = random.Random(SEED)
    _kill_and_resume(
        site,
        slow_erp,
        kills=KILLS,
        again=lambda: ("resume",) if chance.random() < 0.5 else ("run", "misc_issue.xlsx"),
        documents=KILLS * 25,
    )
