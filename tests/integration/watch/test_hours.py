"""By day and by night: two steps, quiet hours, moments of looking; old files leave; a standstill is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from receiver import receiving
from site_folder import SiteFolder, sound_rows
from watch_folder import WatchFolder

from importer.simulator import FaultKind, FaultRule, Simulator
from importer.watcher import aging, dog
from importer.watcher.pulse import Pulse

FAR = "0 0 1 1 *"  # the next New Year


def _stages(erp: Simulator) -> list[tuple[str, str]]:
    return [(document.confirm, document.post) for document in erp.documents()]


def test_created_by_day_and_posted_at_night(site: SiteFolder, erp: Simulator) -> None:
    """`until = created` at once, posted when the hour has come; the file waits in `working` and ends once, with its final results."""
    watched = WatchFolder(site, until="created", post_at=FAR)
    watched.drop(site.workbook(sound_rows(documents=3)))
    code, said = watched.once()
    assert (code, said["misc_issue.xlsx"].outcome, said["misc_issue.xlsx"].facts["stages"]) == (0, "working", {"created": 3})
    code, said = watched.once()
    assert said == {}  # its hour has not come, and a round by hand does not make it come
    assert all(post == "N" for _, post in _stages(erp))
    _come(watched)
    code, said = watched.once()
    assert (code, said["misc_issue.xlsx"].outcome, said["misc_issue.xlsx"].facts["stages"]) == (0, "done", {"posted": 3})
    assert [document.times_posted for document in erp.documents()] == [1, 1, 1]
    assert watched.left() == []
    [results] = [path for path in watched.files("done") if "_result_" in path.name]
    assert {row["_result.status"] for row in site.results_rows(results)} == {"posted"}


def _come(watched: WatchFolder) -> None:
    """As if the hour of posting had come."""
    import sqlite3

    connection = sqlite3.connect(watched.site.folder / "importer.db")
    connection.execute("UPDATE watched_files SET due_at = claimed_at WHERE step = 'post'")
    connection.commit()
    connection.close()


def test_what_is_unknown_by_day_is_settled_by_day(site: SiteFolder, erp: Simulator) -> None:
    """Only what was created waits for the hour of posting; an outcome that is unknown is asked about before."""
    site.configure(grace_s=3600)
    watched = WatchFolder(site, until="created", post_at=FAR)
    erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1))
    watched.drop(site.workbook(sound_rows(documents=3)))
    assert watched.once()[0] == 3
    site.configure(grace_s=0)
    watched.configure(until="created", post_at=FAR)
    code, said = watched.once()
    assert (code, said["misc_issue.xlsx"].facts["stages"]) == (0, {"created": 3})
    assert len(erp.documents()) == 3


def test_a_mistake_is_told_by_day(site: SiteFolder, erp: Simulator) -> None:
    """What cannot be posted anyway does not wait for the night."""
    rows = sound_rows(documents=1)
    rows[0]["qty"] = "many"
    watched = WatchFolder(site, until="created", post_at=FAR)
    watched.drop(site.workbook(rows))
    assert watched.once()[1]["misc_issue.xlsx"].outcome == "tofix"


def test_nothing_is_sent_in_quiet_hours(site: SiteFolder, erp: Simulator) -> None:
    """Files wait in the inbox; after the quiet hours they are imported."""
    now = datetime.now()
    spans = [f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"]
    watched = WatchFolder(site, quiet=spans)
    watched.drop(site.workbook(sound_rows(documents=1)))
    assert watched.once() == (0, {})
    assert erp.call_counts() == {}
    watched.configure(quiet=[])
    assert watched.once()[1]["misc_issue.xlsx"].outcome == "done"


def test_old_files_leave_and_the_ledger_keeps_what_it_knows(site: SiteFolder, erp: Simulator) -> None:
    """Past their days files go into the archive, whole and never over another; the same content is still known."""
    watched = WatchFolder(site, keep_done_days=30, archive="archive")
    path = site.workbook(sound_rows(documents=1))
    watched.drop(path)
    watched.once()
    watcher, _ = watched.watcher()
    with watcher._session(background=False) as [at_work]:
        assert aging.age(at_work.desk, date.today() + timedelta(days=30)) == 0
        assert aging.age(at_work.desk, date.today() + timedelta(days=31)) == 2
        assert aging.age(at_work.desk, date.today() + timedelta(days=31)) == 0
    [day] = [found.name for found in (site.folder / "archive" / "done").iterdir()]
    kept = site.folder / "archive" / "done" / day / "misc_issue.xlsx"
    assert kept.read_bytes() == path.read_bytes()
    assert watched.files("done") == []
    watched.drop(path, "again.xlsx")
    assert watched.once()[1]["again.xlsx"].facts["already_imported"] == 1
    assert len(erp.documents()) == 1


def test_without_an_archive_old_files_are_deleted(site: SiteFolder) -> None:
    """Only those past their days, and only in the folders that are meant."""
    watched = WatchFolder(site, keep_other_days=7, broken_after_s=0)
    broken = site.folder / "broken.xlsx"
    broken.write_bytes(b"PK")
    watched.drop(broken)
    watched.drop(site.workbook(sound_rows(documents=1)))
    watched.once()
    watcher, _ = watched.watcher()
    with watcher._session(background=False) as [at_work]:
        assert aging.age(at_work.desk, date.today() + timedelta(days=8)) == 2
    assert (watched.files("failed"), len(watched.files("done"))) == ([], 2)


def test_a_standstill_is_told_once(site: SiteFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files wait and nothing moves, or none comes: one sentence each, not one a minute."""
    with receiving() as receiver:
        watched = WatchFolder(site, watchdog_min=30, expect_min=60, notify=f'[notify.webhooks.x]\nurl = "{receiver.url}"\n')
        watcher, _ = watched.watcher()
        with watcher._session(background=False) as [at_work]:
            at_work.desk.pulse.inbox = 2
            dog.bark(at_work.desk)
            monkeypatch.setattr(Pulse, "still_s", property(lambda _: 31 * 60))
            monkeypatch.setattr(Pulse, "silent_s", property(lambda _: 61 * 60))
            for _ in range(3):
                dog.bark(at_work.desk)
        watched.once()
        texts = sorted(notice["text"] for body in receiver.bodies for notice in body["notices"])
        assert [text.partition(" ")[0] for text in texts] == ["No", "Nothing"]
        assert "31 minutes, and 2 files wait" in texts[1]


def test_a_file_that_stays_incomplete_is_told_and_not_imported(site: SiteFolder, erp: Simulator) -> None:
    """Half a workbook, and one that lies open in Excel: reported once, left where they are."""
    with receiving() as receiver:
        watched = WatchFolder(site, broken_after_s=3600, report_after_min=0, notify=f'[notify.webhooks.x]\nurl = "{receiver.url}"\n')
        path = site.workbook(sound_rows(documents=1))
        half = site.folder / "half.xlsx"
        half.write_bytes(path.read_bytes()[:5000])
        watched.drop(half)
        watched.drop(path, "open.xlsx").with_name("~$open.xlsx").write_bytes(b"someone")
        for _ in range(2):
            code, said = watched.once()
            assert (code, {name: report.outcome for name, report in said.items()}) == (0, {"half.xlsx": "waiting", "open.xlsx": "waiting"})
        notices = [notice["text"] for body in receiver.bodies for notice in body["notices"]]
        assert sorted(text.partition(" ")[0] for text in notices) == ["half.xlsx", "open.xlsx"]
        assert sorted(Path(name).name for name in watched.left()) == ["half.xlsx", "open.xlsx", "~$open.xlsx"]
        assert erp.call_counts() == {}
