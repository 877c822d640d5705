"""Every kind of trouble on every operation ends as designed, and nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from integration.core.gate import gate
from site_folder import SiteFolder, clean, movements_of, once_each, sound_rows

from importer import reconcile, resume
from importer.api.values import Listener
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator

F = FaultKind
WRITES = ("create", "approve", "post")
UNTRUSTED = (  # the client cannot tell whether the ERP acted
    F.RESET_BEFORE,
    F.CLOSE_BEFORE,
    F.HTTP_500_BEFORE,
    F.HTTP_502,
    F.HTTP_503,
    F.HTML_GB2312,
    F.LOST_ANSWER,
    F.RESET_AFTER,
    F.HTTP_500_AFTER,
    F.HTTP_502_AFTER,
    F.TRUNCATED,
    F.CUT,
    F.NON_UTF8,
    F.HTML_200,
    F.EMPTY_SUCCESS,
)
REFUSALS = (F.LOCK_263, F.FALSE_SUCCESS, F.MINUS_ZERO)


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("kind", UNTRUSTED)
def test_an_answer_that_cannot_be_trusted_is_settled_by_asking(site: SiteFolder, erp: Simulator, kind: FaultKind, operation: str) -> None:
    """Lost, cut or unreadable answers: the ERP is asked, and each document is created, approved and posted exactly once."""
    erp.add_faults(FaultRule(kind=kind, operation=operation, skip=1, times=1))
    rows = sound_rows()
    report = site.run(site.workbook(rows))
    assert (report.exit_code, report.stages, report.unknown) == (0, {"posted": 3}, 0)
    once_each(erp, movements_of("misc_issue", rows), 3)


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_is_told_and_a_new_run_carries_on(site: SiteFolder, erp: Simulator, kind: FaultKind, operation: str) -> None:
    """A refusal in any of its disguises is told with step and text, and the next run of the workbook finishes the document."""
    erp.add_faults(FaultRule(kind=kind, operation=operation, times=1))
    rows = sound_rows()
    path = site.workbook(rows)
    report = site.run(path)
    assert (report.exit_code, report.rejected, report.stages.get("posted")) == (1, 1, 2)
    refused = [row for row in site.results_rows(report.results) if row["_result.status"] == "refused"]
    assert {row["_result.step"] for row in refused} == {operation}
    assert all(row["_result.message"] for row in refused)
    assert all(bool(row["_result.doc_no"]) is (operation != "create") for row in refused)
    assert site.run(path).stages == {"posted": 3}
    once_each(erp, movements_of("misc_issue", rows), 3)


@pytest.mark.parametrize("operation", WRITES)
def test_a_busy_erp_is_waited_for_as_long_as_it_asks(site: SiteFolder, erp: Simulator, operation: str) -> None:
    """HTTP 429 with Retry-After is no refusal: the call is made again, not earlier than asked for."""
    site.configure(concurrency=1)
    erp.add_faults(FaultRule(kind=F.HTTP_429, operation=operation, times=1, retry_after_s=1))
    rows = sound_rows(documents=1)
    report = site.run(site.workbook(rows))
    assert (report.exit_code, report.stages) == (0, {"posted": 1})
    throttled, again = erp.calls(operation)
    assert throttled.fault == "http_429"
    assert (again.at - throttled.at).total_seconds() >= 0.9
    once_each(erp, movements_of("misc_issue", rows), 1)


@pytest.mark.parametrize("operation", WRITES)
def test_a_gateway_that_cannot_run_the_service_ends_the_run_with_nothing_lost(site: SiteFolder, erp: Simulator, operation: str) -> None:
    """srvcode 100 means that the ERP did nothing: exit code 4, and `resume` finishes."""
    erp.add_faults(FaultRule(kind=F.SRVCODE_100, operation=operation, times=1))
    rows = sound_rows()
    report = site.run(site.workbook(rows))
    assert (report.exit_code, report.unknown, report.rejected) == (4, 0, 0)
    (resumed,) = resume(None, site.site())
    assert (resumed.exit_code, resumed.stages) == (0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


@pytest.mark.parametrize("operation", WRITES)
def test_an_answer_later_than_the_time_out_is_settled_by_asking(site: SiteFolder, erp: Simulator, operation: str) -> None:
    """The ERP did the work but answered too late: found by asking, done once."""
    site.configure(timeout_s=0.3)
    erp.add_faults(FaultRule(kind=F.SLOW, operation=operation, times=1, delay_ms=800))
    rows = sound_rows(documents=2)
    report = site.run(site.workbook(rows))
    assert (report.exit_code, report.stages) == (0, {"posted": 2})
    once_each(erp, movements_of("misc_issue", rows), 2)


@pytest.mark.parametrize("operation", WRITES)
def test_an_erp_that_acts_long_after_the_time_out_gets_no_second_call(site: SiteFolder, erp: Simulator, operation: str) -> None:
    """ "Not there" is believed only after the grace period: a call that is still at work in the ERP is not made again."""
    site.configure(timeout_s=0.3, grace_s=2)
    erp.add_faults(FaultRule(kind=F.SLOW_BEFORE, operation=operation, times=1, delay_ms=1000))
    rows = sound_rows(documents=2)
    report = site.run(site.workbook(rows))
    assert (report.exit_code, report.stages) == (0, {"posted": 2})
    assert erp.call_counts()[operation] == 2
    once_each(erp, movements_of("misc_issue", rows), 2)


class _Waits(Listener):
    def __init__(self) -> None:
        self.seen = threading.Event()

    def waiting(self, due: object) -> None:
        self.seen.set()


def test_a_document_that_never_reached_the_erp_is_sent_after_the_grace_period(site: SiteFolder, erp: Simulator) -> None:
    """A cut connection before the ERP acted: the run waits the grace period out, says so, and then creates the document."""
    site.configure(grace_s=0.6, concurrency=1)
    erp.add_faults(FaultRule(kind=F.RESET_BEFORE, operation="create", times=1))
    listener = _Waits()
    rows = sound_rows(documents=1)
    report = site.run(site.workbook(rows), listener=listener)
    assert (report.exit_code, report.stages) == (0, {"posted": 1})
    assert listener.seen.is_set()
    first, second = erp.calls("create")
    assert (second.at - first.at).total_seconds() >= 0.6
    once_each(erp, movements_of("misc_issue", rows), 1)


def test_without_waiting_the_unknown_is_left_for_later(site: SiteFolder, erp: Simulator) -> None:
    """`--no-wait` ends with exit code 3 and says "unknown" on the rows; reconcile and resume settle it once grace is over."""
    site.configure(grace_s=600)
    erp.add_faults(FaultRule(kind=F.RESET_BEFORE, operation="create", times=1))
    rows = sound_rows()
    report = site.run(site.workbook(rows), wait=False)
    assert (report.exit_code, report.unknown, report.stages) == (3, 1, {"new": 1, "posted": 2})
    assert {row["_result.status"] for row in site.results_rows(report.results)} == {"posted", "unknown"}
    (early,) = reconcile(report.batch, site.site())
    assert (early.exit_code, early.unknown, early.settled) == (3, 1, 0)
    assert early.due is not None
    site.configure(grace_s=0)  # from now on the ERP's silence is a proof
    (done,) = reconcile(report.batch, site.site())
    assert (done.exit_code, done.unknown, done.settled) == (0, 0, 1)
    (resumed,) = resume(None, site.site())
    assert resumed.stages == {"posted": 3}
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_every_third_answer_lost_still_ends_with_everything_done_once(site: SiteFolder, erp: Simulator) -> None:
    """A line so bad that a third of all answers is lost, reads included, costs time and nothing else."""
    site.configure(concurrency=4)
    erp.configure(seed=7)
    erp.add_faults(
        FaultRule(kind=F.LOST_ANSWER, operation="write", probability=0.33), FaultRule(kind=F.CUT, operation="query", probability=0.2)
    )
    rows = sound_rows(documents=25)
    report = site.run(site.workbook(rows))
    for _ in range(5):
        if report.exit_code == 0:
            break
        (report,) = resume(report.batch, site.site())
    assert (report.exit_code, report.stages) == (0, {"posted": 25})
    once_each(erp, movements_of("misc_issue", rows), 25)


@pytest.mark.parametrize("operation", WRITES)
def test_an_erp_that_fails_for_ever_ends_the_run(site: SiteFolder, erp: Simulator, operation: str) -> None:
    """An ERP that answers HTTP 500 to every write ends the run with exit code 4 instead of a run for ever; later it is finished."""
    erp.add_faults(FaultRule(kind=F.HTTP_500_BEFORE, operation=operation))
    rows = sound_rows()
    report = site.run(site.workbook(rows))
    assert report.exit_code == 4
    erp.clear_faults()
    (resumed,) = resume(None, site.site())
    assert (resumed.exit_code, resumed.stages) == (0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_an_erp_that_dies_in_the_middle_ends_the_run(site: SiteFolder, erp: Simulator) -> None:
    """The ERP goes down during a run: exit code 4; when it is back, resume finishes what was begun."""
    erp.add_faults(FaultRule(kind=F.SLOW_BEFORE, operation="post", skip=10, delay_ms=60_000))  # the run cannot be over before
    rows = sound_rows(documents=30)

    class Killer(Listener):
        def progress(self, claim: object, outcome: object) -> None:
            if erp.call_counts().get("post", 0) >= 5 and erp.base_url:
                port.append(int(erp.base_url.rsplit(":", 1)[1]))
                erp.base_url = ""
                erp.stop()

    port: list[int] = []
    report = site.run(site.workbook(rows), listener=Killer(), wait=False)
    assert report.exit_code == 4
    assert report.stages != {"posted": 30}
    erp.clear_faults()
    erp.start(port[0])
    (resumed,) = resume(None, site.site())
    assert (resumed.exit_code, resumed.stages) == (0, {"posted": 30})
    once_each(erp, movements_of("misc_issue", rows), 30)


def test_an_erp_that_is_not_there_costs_nothing(make_site: Callable[..., SiteFolder], erp: Simulator) -> None:
    """Nobody listens at the ERP's address: exit code 4 at once, everything kept, resume later."""
    site = make_site("down", erp.standard_url)
    port = int(erp.base_url.rsplit(":", 1)[1])
    erp.stop()
    rows = sound_rows()
    report = site.run(site.workbook(rows))
    assert (report.exit_code, report.unknown, report.stages) == (4, 0, {"new": 3})
    assert {row["_result.status"] for row in site.results_rows(report.results)} == {"not sent"}
    erp.start(port)
    (resumed,) = resume(None, site.site())
    assert resumed.stages == {"posted": 3}
    once_each(erp, movements_of("misc_issue", rows), 3)


# -- what people did in the ERP meanwhile --------------------------------------------------------------------------------


def test_a_document_that_a_person_confirmed_is_carried_on(site: SiteFolder, erp: Simulator) -> None:
    """Approve is refused because somebody confirmed the document by hand: that counts as done, and posting follows."""
    rows = sound_rows()
    path = site.workbook(rows)
    site.run(path, until=Stage.CREATED)
    erp.act("approve", erp.documents()[1].doc_no, user="keeper")
    report = site.run(path)
    assert (report.exit_code, report.rejected, report.stages) == (0, 0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_a_document_that_a_person_posted_is_done(site: SiteFolder, erp: Simulator) -> None:
    """Confirmed and posted by hand in the ERP: the run finds that out by reading and has nothing to do."""
    rows = sound_rows()
    path = site.workbook(rows)
    site.run(path, until=Stage.APPROVED)
    erp.act("post", erp.documents()[0].doc_no, user="keeper")
    report = site.run(path)
    assert (report.exit_code, report.rejected, report.stages) == (0, 0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_a_document_that_a_person_voided_is_a_refusal(site: SiteFolder, erp: Simulator) -> None:
    """Voided by hand between the steps: told as refused, and not created again behind that person's back."""
    path = site.workbook(sound_rows())
    site.run(path, until=Stage.CREATED)
    erp.act("invalid", erp.documents()[0].doc_no, user="keeper")
    report = site.run(path)
    assert (report.exit_code, report.rejected, report.stages.get("posted")) == (1, 1, 2)
    assert len(erp.documents()) == 3
    clean(erp)


# -- a gateway that turns calls away -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("operation", WRITES)
def test_a_call_that_is_turned_away_ends_the_run_with_nothing_lost(
    make_site: Callable[..., SiteFolder], erp: Simulator, operation: str, status: int
) -> None:
    """A login that expires in the middle of a run: exit code 4, nothing unknown, nothing repeated on hope; then resume finishes."""
    closed = threading.Event()
    closed.set()

    def turned_away(service: str) -> int | None:
        return status if closed.is_set() and f"data.{operation}" in service else None

    with gate(erp.standard_url, turned_away) as url:
        site = make_site("gated", url, not_sent_retries=0)
        rows = sound_rows(documents=2)
        report = site.run(site.workbook(rows))
        assert (report.exit_code, report.unknown, report.rejected) == (4, 0, 0)
        assert str(status) in str(report.unavailable)
        closed.clear()
        (resumed,) = resume(None, site.site())
    assert (resumed.exit_code, resumed.stages) == (0, {"posted": 2})
    once_each(erp, movements_of("misc_issue", rows), 2)
