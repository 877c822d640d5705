from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from integration.ledger.conftest import postgresql, postgresql_url  # noqa: F401 - a server of our own, for these tests, too
from site_folder import SiteFolder

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_leased() -> Iterator[Start]:
    """Starts a command of a site whose lease on the ledger is one second; whatever is left of it, frozen or not, is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(site: SiteFolder, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, str(Path(__file__).with_name("short_lease.py")), *map(str, arguments)]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=site.folder, env=site.environment(), text=True, encoding="utf-8", **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        with suppress(ValueError):
            process.communicate(timeout=10)
