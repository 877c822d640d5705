"""What a site allows the importer to ask of its ERP."""

from __future__ import annotations

import pytest
from site_folder import SiteFolder, sound_rows

from importer.simulator import FaultKind, FaultRule, Simulator


@pytest.mark.parametrize("allowed", [1, 3])
def test_never_more_calls_at_once_than_allowed(site: SiteFolder, erp: Simulator, allowed: int) -> None:
    """`concurrency` holds for everything that is sent: writes, looks, read-backs and signs of life together; and it is used."""
    site.configure(concurrency=allowed, ask_before_create="always")
    erp.configure(latency_ms=15)
    erp.add_faults(FaultRule(kind=FaultKind.HTTP_502, operation="write", probability=0.2))
    report = site.run(site.workbook(sound_rows(documents=12, lines=1)))
    assert (report.exit_code, report.stages) == (0, {"posted": 12})
    assert erp.most_calls_at_once() == allowed


def test_never_more_calls_per_second_than_allowed(site: SiteFolder, erp: Simulator) -> None:
    """`calls_per_second` holds in every second of a run, however many lanes there are; what was under way then may arrive in it, too."""
    lanes = 4
    site.configure(concurrency=lanes, calls_per_second=10)
    report = site.run(site.workbook(sound_rows(documents=8, lines=1)))
    assert report.exit_code == 0
    times = sorted(call.at.timestamp() for call in erp.calls())
    assert len(times) == 25
    for seconds in (1, 2):
        assert max(sum(first <= time < first + seconds - 0.05 for time in times) for first in times) <= 10 * seconds + lanes
