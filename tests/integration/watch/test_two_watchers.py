"""Two watchers on one folder, on PostgreSQL where both may send at once: they share the files, none is taken twice."""

from __future__ import annotations

import threading

from integration.ledger.conftest import postgresql, postgresql_url  # noqa: F401 - a server of our own
from site_folder import SiteFolder, sound_rows
from watch_folder import WatchFolder

from importer.simulator import Simulator

FILES = 12


def test_they_share_the_work(site: SiteFolder, erp: Simulator, postgresql_url: str) -> None:  # noqa: F811 - the fixture
    """Each file has one end and was posted once, duplicates are told as imported, and neither watcher did everything alone."""
    site.config.write_text(site.config.read_text("utf-8").replace("sqlite:///importer.db", postgresql_url), "utf-8")
    folder = WatchFolder(site)
    for number in range(FILES):
        folder.drop(site.workbook(sound_rows(documents=2, lines=1, seed=number // 2)), f"{number:02d}.xlsx")
    erp.configure(latency_ms=20)
    stop = threading.Event()
    watchers = [folder.watcher(stop=stop) for _ in range(2)]
    threads = [threading.Thread(target=watcher.forever) for watcher, _ in watchers]
    for thread in threads:
        thread.start()
    try:
        for _ in range(1200):
            if not folder.left() and len(folder.ends()) == FILES:
                break
            stop.wait(0.05)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert folder.ends() == {f"{number:02d}.xlsx": ["done"] for number in range(FILES)}
    ended = [[report.file for report in said if report.outcome == "done"] for _, said in watchers]
    assert sorted(ended[0] + ended[1]) == sorted(folder.ends())
    assert all(ended)
    assert [document.times_posted for document in erp.documents()] == [1] * FILES
    assert erp.duplicates() == {}
