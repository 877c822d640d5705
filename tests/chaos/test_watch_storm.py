"""The short storm over a watched folder, in every run of the suite; the long one is `python tests/chaos/watch_storm.py`."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chaos.watch_storm import blow, check
from receiver import receiving
from site_folder import SiteFolder, movements_of, once_each, sound_rows
from watch_folder import WatchFolder

from importer.simulator import Simulator

POINTS = (
    "claimed",
    "in working",
    "noted",
    "recorded",
    "sent",
    "imported",
    "told beside",
    "decided",
    "one moved",
    "all moved",
    "ended",
    "gathered",
    "posted",
    "delivering",
)
KILLER = Path(__file__).with_name("killed_watcher.py")


def test_every_file_ends_once(tmp_path: Path) -> None:
    """Files at random moments, slow, broken, twice; two watchers, killed again and again, over an ERP that loses answers: each file is
    in the one folder where it belongs, each document posted once, each outcome told."""
    for storm, watched, erp, receiver in blow(tmp_path, files=60, kills=6, seed=3):
        assert check(storm, watched, erp, receiver) == []
        assert storm.kills == 6
        assert len(receiver.bodies) < len(storm.dropped)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_it_ends_the_same(point: str, site: SiteFolder, erp: Simulator) -> None:
    """Whatever the watcher was doing when it died: the next one brings the file to the same end, and tells of it."""
    with receiving() as receiver:
        folder = WatchFolder(site, lease_s=0.1, notify=f'[notify.webhooks.test]\nurl = "{receiver.url}"\n')
        rows = sound_rows(documents=2)
        folder.drop(site.workbook(rows))
        command = [sys.executable, str(KILLER), point, "watch", str(folder.root), "--once"]
        done = subprocess.run(command, cwd=site.folder, env=site.environment(), capture_output=True, timeout=120, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert folder.once()[0] == 0
            if not folder.left() and (receiver.files or point == "delivering"):  # there a message waits for whoever may still send it
                break
        assert folder.ends() == {"misc_issue.xlsx": ["done"]}
        assert folder.left() == []
        assert len([path for path in folder.files("done") if "_result_" in path.name]) == 1
        once_each(erp, movements_of("misc_issue", rows), 2)
        assert receiver.files == ([] if point == "delivering" else ["misc_issue.xlsx"])
