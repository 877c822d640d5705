"""A watcher that is frozen loses its file to another one; awake again it changes nothing any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from site_folder import SiteFolder, movements_of, once_each, sound_rows
from watch_folder import WatchFolder

from importer.simulator import Simulator

KILLER = Path(__file__).with_name("killed_watcher.py")


@pytest.mark.parametrize("point", ["noted", "told beside", "decided", "one moved"])
def test_awake_again_it_changes_nothing(point: str, site: SiteFolder, erp: Simulator) -> None:
    """Wherever it stood still: one end, one results workbook, one posting; and the process itself ends well."""
    folder = WatchFolder(site, lease_s=0.5)
    rows = sound_rows(documents=2)
    folder.drop(site.workbook(rows))
    command = [sys.executable, str(KILLER), point, "watch", str(folder.root), "--once"]
    with (site.folder / "frozen.log").open("wb") as log:
        frozen = subprocess.Popen(command, cwd=site.folder, env=site.environment(KILLER_SIGNAL="SIGSTOP"), stdout=log, stderr=log)
    site.also_end(frozen)
    _, status = os.waitpid(frozen.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), (site.folder / "frozen.log").read_text()
    deadline = time.monotonic() + 60
    while not folder.ends() or folder.left():
        assert time.monotonic() < deadline, folder.left()
        folder.once()
    frozen.send_signal(signal.SIGCONT)
    assert frozen.wait(60) == 0, (site.folder / "frozen.log").read_text()
    assert "Traceback" not in (site.folder / "frozen.log").read_text()
    folder.once()
    assert folder.ends() == {"misc_issue.xlsx": ["done"]}
    assert folder.left() == []
    assert len([path for path in folder.files("done") if "_result_" in path.name]) == 1
    once_each(erp, movements_of("misc_issue", rows), 2)
