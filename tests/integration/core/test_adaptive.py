"""An ERP that works on few calls at once, and an importer that may make many."""

from __future__ import annotations

import threading
from pathlib import Path
from statistics import median

import pytest
from site_folder import SiteFolder, movements_of, once_each, sound_rows

from importer.pace import Pace
from importer.simulator import FaultKind, FaultRule, Simulator, SimulatorSettings

CAPACITY = 3


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The limit after each call."""
    seen: list[int] = []
    lock = threading.Lock()
    note = Pace.note

    def noted(pace: Pace, kind: object, seconds: float | None, began: int) -> None:
        note(pace, kind, seconds, began)
        with lock:
            seen.append(pace.limit)

    monkeypatch.setattr(Pace, "note", noted)
    return seen


def test_an_erp_that_works_on_three_calls_at_once_does_not_get_twenty_four(tmp_path: Path, limits: list[int]) -> None:
    """The limit stays near what the ERP works on, everything is posted once, and nothing waits for ever."""
    rows = sound_rows(documents=80, lines=1)
    with Simulator(SimulatorSettings(latency_ms=100, capacity=CAPACITY, calls_kept=0)) as erp:
        site = SiteFolder(tmp_path, erp.standard_url, concurrency=24, adaptive=True)
        report = site.run(site.workbook(rows))
        assert report.stages == {"posted": 80}
        once_each(erp, movements_of("misc_issue", rows), 80)
        most_at_once = erp.most_calls_at_once()
        site.close()
    assert len(limits) == 240
    assert most_at_once <= max(limits)
    assert CAPACITY - 1 <= median(limits[120:]) <= 3 * CAPACITY


def test_an_erp_that_fails_gets_fewer_calls_and_everything_is_posted_once(tmp_path: Path, limits: list[int]) -> None:
    """429 and lost answers halve the limit; what is unknown is asked about as ever."""
    rows = sound_rows(documents=30, lines=1)
    faults = (
        FaultRule(kind=FaultKind.HTTP_429, operation="write", probability=0.2),
        FaultRule(kind=FaultKind.LOST_ANSWER, operation="write", probability=0.2),
    )
    with Simulator(SimulatorSettings(faults=faults, seed=3, calls_kept=0)) as erp:
        site = SiteFolder(tmp_path, erp.standard_url, concurrency=16, adaptive=True)
        report = site.run(site.workbook(rows))
        assert report.stages == {"posted": 30}
        once_each(erp, movements_of("misc_issue", rows), 30)
        site.close()
    assert min(limits) < max(limits) <= 16
