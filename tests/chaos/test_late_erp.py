"""An ERP that carries calls out only after the importer has given up on them."""

from __future__ import annotations

import pytest
from site_folder import SiteFolder, movements_of, once_each, sound_rows

from importer import resume
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator

TIMEOUT_S, LATE_S, GRACE_S = 0.3, 1.0, 2.0


@pytest.fixture
def hasty(site: SiteFolder) -> SiteFolder:
    """A site that gives up long before the ERP acts, and whose grace period is longer than that."""
    site.configure(timeout_s=TIMEOUT_S, grace_s=GRACE_S, concurrency=4)
    return site


def late(operation: str, **rule: object) -> FaultRule:
    """Calls that the ERP carries out long after the importer's time-out."""
    return FaultRule(kind=FaultKind.SLOW_BEFORE, operation=operation, delay_ms=LATE_S * 1000, **rule)


@pytest.mark.parametrize("operation", ["create", "approve", "post", "write"])
def test_whatever_the_erp_does_late_it_does_once(hasty: SiteFolder, erp: Simulator, operation: str) -> None:
    """Many calls are carried out after the importer gave up: each document is there once and posted once when the run ends."""
    erp.add_faults(late(operation, probability=0.5, times=12))
    rows = sound_rows(documents=12, lines=1)
    report = hasty.run(hasty.workbook(rows))
    assert (report.exit_code, report.stages, report.unknown) == (0, {"posted": 12}, 0)
    once_each(erp, movements_of("misc_issue", rows), 12)


def test_nothing_is_created_again_before_the_grace_period_is_over(hasty: SiteFolder, erp: Simulator) -> None:
    """The ERP never got the call: the document is created again, yet not before giving up and the whole grace period have passed."""
    erp.add_faults(FaultRule(kind=FaultKind.CLOSE_BEFORE, operation="create", times=1))
    rows = sound_rows(documents=1)
    report = hasty.run(hasty.workbook(rows))
    assert (report.exit_code, report.stages) == (0, {"posted": 1})
    lost, again = erp.calls("create")
    assert (again.at - lost.at).total_seconds() >= GRACE_S
    once_each(erp, movements_of("misc_issue", rows), 1)


def test_asked_too_early_the_importer_leaves_it_unknown(hasty: SiteFolder, erp: Simulator) -> None:
    """Who does not want to wait gets "unknown" (exit code 3) and no second create, however often he resumes; once the ERP has acted,
    the document is found at once, without waiting for the end of the grace period."""
    hasty.configure(timeout_s=TIMEOUT_S, grace_s=600)
    erp.add_faults(late("create", times=1))
    rows = sound_rows(documents=1)
    report = hasty.run(hasty.workbook(rows), wait=False)
    assert (report.exit_code, report.unknown) == (3, 1)
    for _ in range(500):
        (report,) = resume(None, hasty.site(), wait=False)
        if report.exit_code != 3:
            break
    assert (report.exit_code, report.stages) == (0, {"posted": 1})
    assert erp.call_counts()["create"] == 1
    once_each(erp, movements_of("misc_issue", rows), 1)


def test_a_killed_run_waits_out_the_calls_it_left_behind(hasty: SiteFolder, erp: Simulator) -> None:
    """The importer is killed while its creates hang in the ERP; a run right after it finds them when they appear and creates none."""
    erp.add_faults(late("create", times=4))
    rows = sound_rows(documents=4, lines=1)
    path = hasty.workbook(rows)
    process = hasty.start("run", path.name, "--until", Stage.CREATED.value)
    while erp.world.faults.rules():  # until the ERP has all four in hand
        assert process.poll() is None
    process.kill()
    process.communicate()
    report = hasty.run(path)
    assert (report.exit_code, report.stages) == (0, {"posted": 4})
    assert erp.call_counts()["create"] == 4
    once_each(erp, movements_of("misc_issue", rows), 4)
