"""What carries released uploads to the ERP: through a killed server, and without letting small ones wait for large ones."""

from __future__ import annotations

import json

import pytest
from site_folder import SiteFolder, moved_in, movements_of, once_each, sound_rows
from waiting import until

from importer.ledger import Ledger, User, open_ledger
from importer.models import Stage
from importer.settings import load_settings
from importer.simulator import FaultKind, FaultRule, Simulator
from importer.web import WebServer
from importer.web.desk import Desk, Who
from importer.web.progress import Progress, progress_of
from importer.web.spool import Spool

ANNE = User(name="anne", roles=frozenset({("*", "uploader")}))


def released(site: SiteFolder, ledger: Ledger, *, documents: int, seed: int) -> str:
    """An upload of so many documents, on its way."""
    ledger.portal.save_user(ANNE)
    settings = load_settings(site.config)
    desk, who = Desk(settings, ledger, Spool(settings.web_folder / "uploads")), Who(user=ANNE)
    path = site.workbook(sound_rows(documents=documents, lines=1, seed=seed), name=f"{documents}.xlsx")
    upload = desk.hand_in(who, profile="test", file=path.name, content=path.read_bytes())
    desk.hand_on(who, upload.id, digest=desk.preview(who, upload.id).digest, until="posted")
    return upload.id


@pytest.fixture
def ledger(site: SiteFolder) -> Ledger:
    """The site's, beside whatever else has it open."""
    return open_ledger(f"sqlite:///{site.folder / 'importer.db'}")


def test_a_killed_server_goes_on_where_it_was(site: SiteFolder, erp: Simulator, ledger: Ledger) -> None:
    """SIGKILL in the middle of a batch: the next server takes it up, and every document is there once."""
    erp.configure(latency_ms=10)
    with ledger:
        upload_id = released(site, ledger, documents=60, seed=0)
        first = site.start("serve", "--port", "0", "--json")
        assert first.stdout is not None
        assert json.loads(first.stdout.readline())[0]["url"].startswith("http://127.0.0.1:")
        until(lambda: len(erp.movements()) >= 10)
        first.kill()
        first.wait()
        assert len(erp.movements()) < 60
        with WebServer(load_settings(site.config)):
            until(lambda: ledger.portal.upload(upload_id).state == "ended")  # type: ignore[union-attr]
    once_each(erp, movements_of("misc_issue", sound_rows(documents=60, lines=1)), 60)


def test_a_small_one_does_not_wait_for_a_large_one(site: SiteFolder, erp: Simulator, ledger: Ledger) -> None:
    """The large one stops for it after the documents under way, and is carried on."""
    erp.configure(latency_ms=5)
    with ledger, WebServer(load_settings(site.config)):
        large = released(site, ledger, documents=400, seed=0)
        until(lambda: len(erp.movements()) >= 5)
        small = released(site, ledger, documents=3, seed=1)
        until(lambda: ledger.portal.upload(small).state == "ended")  # type: ignore[union-attr]
        batch = ledger.portal.upload(large).batch_id  # type: ignore[union-attr]
        assert batch is not None
        assert ledger.counts(batch).stages.get("posted", 0) < 400
        until(lambda: ledger.portal.upload(large).state == "ended")  # type: ignore[union-attr]
        assert ledger.counts(batch).stages == {"posted": 400}
    assert erp.duplicates() == {}
    assert erp.protocol_faults() == []


def test_an_undo_survives_the_server(site: SiteFolder, erp: Simulator, ledger: Ledger) -> None:
    """A server that ends in the middle of taking a batch back leaves the rest to the next one; nothing of it stays in the ERP."""
    boss = User(name="boss", roles=frozenset({("*", "administrator")}))
    with ledger:
        ledger.portal.save_user(boss)
        settings = load_settings(site.config)
        with WebServer(settings) as server:
            upload_id = released(site, ledger, documents=30, seed=0)
            until(lambda: ledger.portal.upload(upload_id).state == "ended")  # type: ignore[union-attr]
            erp.configure(latency_ms=30)
            server.app.state.desk.batches.undo(Who(user=boss), upload_id, documents=30)
            batch = ledger.portal.upload(upload_id).batch_id or ""  # type: ignore[union-attr]
            until(lambda: ledger.counts(batch).stages.get(Stage.DELETED, 0) >= 2)
        assert ledger.counts(batch).stages[Stage.DELETED] < 30
        assert ledger.portal.task(upload_id) is not None
        erp.configure(latency_ms=0)
        with WebServer(settings):
            until(lambda: ledger.portal.task(upload_id) is None)
        assert ledger.counts(batch).stages == {Stage.DELETED: 30}
    assert not any(moved_in(erp).values())
    assert erp.protocol_faults() == []


def test_a_wait_for_the_erp_is_shown(site: SiteFolder, erp: Simulator, ledger: Ledger) -> None:
    """While nothing is sent because the ERP may still be at work, the progress says until when."""
    site.configure(grace_s=4)
    erp.add_faults(FaultRule(kind=FaultKind.CLOSE_BEFORE, operation="create", times=1))
    with ledger, WebServer(load_settings(site.config)) as server:
        upload_id = released(site, ledger, documents=3, seed=0)
        state = server.app.state

        def shown() -> Progress:
            return progress_of(state.desk, state.jobs, ledger.portal.upload(upload_id))  # type: ignore[arg-type]

        until(lambda: shown().waiting_until)
        assert shown().sending
        assert shown().at_work
        until(lambda: not shown().running)
        assert (shown().done, shown().unknown) == (3, 0)
    once_each(erp, movements_of("misc_issue", sound_rows(documents=3, lines=1)), 3)
