"""Two people hand the same documents in at the same moment."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from site_folder import Finished, Rows, SiteFolder, finished, movements_of, once_each, sound_rows

from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator

DOCUMENTS = 30
MakeSite = Callable[..., SiteFolder]


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, site: SiteFolder, erp: Simulator) -> SiteFolder:
    """A site with an ERP that takes its time, with each of the databases."""
    erp.configure(latency_ms=5, latency_jitter_ms=10)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        site.config.write_text(site.config.read_text("utf-8").replace("sqlite:///importer.db", url), "utf-8")
    return site


def together(site: SiteFolder, paths: Sequence[Path], *options: str) -> list[Finished]:
    """Run them at the same moment, each in a process of its own."""
    processes: list[subprocess.Popen[str]] = [site.start("run", path.name, "--json", *options) for path in paths]
    return [finished(process) for process in processes]


def prefixed(rows: Rows, prefix: str) -> Rows:
    """The same documents under other keys: which is which is told by content."""
    return [{**row, "doc_key": f"{prefix}{row['doc_key']}"} for row in rows]


def test_the_same_workbook_twice_at_the_same_moment(shared: SiteFolder, erp: Simulator) -> None:
    """Both processes end well and report all documents as posted, and each document is in the ERP once, whoever sent it."""
    rows = sound_rows(documents=DOCUMENTS, lines=1)
    path = shared.workbook(rows)
    both = together(shared, [path, path])
    assert [done.code for done in both] == [0, 0], [done.err for done in both]
    assert [done.json[0]["stages"] for done in both] == [{"posted": DOCUMENTS}] * 2
    once_each(erp, movements_of("misc_issue", rows), DOCUMENTS)


def test_two_workbooks_that_share_documents_at_the_same_moment(shared: SiteFolder, erp: Simulator) -> None:
    """Half of the documents are in both workbooks, under other keys: they are in the ERP once, and both processes end well."""
    rows = sound_rows(documents=DOCUMENTS, lines=1)
    third = DOCUMENTS // 3
    one = shared.workbook(rows[: 2 * third], name="one.xlsx")
    two = shared.workbook(prefixed(rows[third:], "B"), name="two.xlsx")
    both = together(shared, [one, two])
    assert [done.code for done in both] == [0, 0], [done.err for done in both]
    assert [done.json[0]["stages"] for done in both] == [{"posted": 2 * third}] * 2
    once_each(erp, movements_of("misc_issue", rows), DOCUMENTS)


def test_two_processes_at_an_erp_that_loses_answers(shared: SiteFolder, erp: Simulator) -> None:
    """Both come upon unknown documents and ask about them at the same moment: one settles each, nothing is sent twice, both end well."""
    trouble = {"operation": "write", "probability": 0.15, "times": 25}
    erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, **trouble), FaultRule(kind=FaultKind.CLOSE_BEFORE, **trouble))
    rows = sound_rows(documents=DOCUMENTS, lines=1)
    path = shared.workbook(rows)
    both = together(shared, [path, path])
    assert [done.code for done in both] == [0, 0], [done.err for done in both]
    once_each(erp, movements_of("misc_issue", rows), DOCUMENTS)


def test_who_does_not_want_to_wait_is_told_who_is_sending(site: SiteFolder, erp: Simulator) -> None:
    """With `--no-wait` one of the two on a SQLite ledger sends, and the other ends with exit code 4 and the sender's process number."""
    erp.configure(latency_ms=1000)  # the first one is at work for longer than the second needs to start
    rows = sound_rows(documents=DOCUMENTS, lines=1)
    path = site.workbook(rows)
    first = site.start("run", path.name, "--json")
    while not erp.documents():
        assert first.poll() is None
    told = site.cli("run", path.name, "--no-wait")
    erp.configure(latency_ms=0)
    assert (told.code, f"process {first.pid} on" in told.err) == (4, True), told.err
    assert finished(first).code == 0
    once_each(erp, movements_of("misc_issue", rows), DOCUMENTS)


def test_two_new_ledgers_one_after_the_other(make_site: MakeSite, erp: Simulator) -> None:
    """Two machines, each with a ledger of its own: the second one is told what it does, looks in the ERP and creates nothing again."""
    rows = sound_rows(documents=5, lines=1)
    one, two = (make_site(name, erp.standard_url, ask_before_create="auto") for name in ("one", "two"))
    assert one.cli("run", one.workbook(rows).name).code == 0
    second = two.cli("run", two.workbook(rows).name)
    assert second.code == 0
    assert "has not sent to this ERP before" in second.err
    assert erp.call_counts()["create"] == 5
    once_each(erp, movements_of("misc_issue", rows), 5)


@pytest.mark.parametrize("until", [Stage.POSTED, Stage.CREATED])
def test_two_new_ledgers_at_the_very_same_moment(make_site: MakeSite, erp: Simulator, until: Stage) -> None:
    """Both look before the other's document is in the ERP, both create it. It is posted once; the second to see it tells both numbers."""
    rows = sound_rows(documents=1, lines=1)
    one, two = (make_site(name, erp.standard_url, ask_before_create="auto", timeout_s=30) for name in ("one", "two"))
    erp.add_faults(FaultRule(kind=FaultKind.SLOW_BEFORE, operation="create", times=1, delay_ms=5000))
    with ThreadPoolExecutor() as pool:
        late = pool.submit(one.run, one.workbook(rows), until=until)
        while erp.call_counts().get("query", 0) < 2:  # the sign of life, and the look: it is past the point where it could have seen
            assert not late.done()
            time.sleep(0.01)
        first = two.run(two.workbook(rows), until=until)
        assert not late.done()
        second = late.result()
    numbers = sorted(document.doc_no for document in erp.documents())
    assert len(numbers) == 2
    assert (first.exit_code, first.stages) == (0, {until.value: 1})
    assert (second.exit_code, second.stages, second.twice) == (1, {"created": 1}, 1)
    [row] = one.results_rows(second.results)
    assert row["_result.erp_code"] == "token_twice"
    assert all(number in row["_result.message"] for number in numbers)
    if until is Stage.POSTED:
        assert erp.call_counts()["post"] == 1
        again = one.run(one.folder / "misc_issue.xlsx")  # nobody has done anything about it
        assert (again.exit_code, again.stages) == (1, {"created": 1})
        [theirs] = {movement.doc_no for movement in erp.movements()}
        erp.act("dispost", theirs)
        erp.act("disapprove", theirs)
        erp.act("delete", theirs)
        done = one.run(one.folder / "misc_issue.xlsx")
        assert (done.exit_code, done.stages) == (0, {"posted": 1})
        assert erp.duplicates() == {}
        assert {(item, warehouse): qty for (_, _, item, warehouse), qty in erp.totals().items() if qty} == movements_of("misc_issue", rows)
