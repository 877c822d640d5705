"""The command line as a user has it: one imported workbook that many tests look at, and folders that cannot be written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from site_folder import Finished, Rows, SiteFolder, sound_rows

from importer.simulator import Simulator


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A site whose workbook was imported once by the command `run`."""

    site: SiteFolder
    erp: Simulator
    rows: Rows
    path: Path
    ran: Finished

    @property
    def batch(self) -> str:
        return str(self.ran.json[0]["batch"])


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    """Only to be looked at: nothing that a test does may change it."""
    with Simulator() as erp:
        site = SiteFolder(tmp_path_factory.mktemp("imported"), erp.standard_url)
        rows = sound_rows(documents=3, lines=2)
        path = site.workbook(rows)
        yield Imported(site=site, erp=erp, rows=rows, path=path, ran=site.cli("run", path.name, "--json"))
        site.close()


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a name for a file in it, which nobody can write into, not even root."""
    folder = tmp_path / "read_only"
    folder.mkdir()
    yield folder
    if os.geteuid() == 0:
        subprocess.run(["chattr", "-i", str(folder)], check=False, capture_output=True)
    folder.chmod(0o755)


def lock(folder: Path) -> None:
    """Take the right to write away; skips where that cannot be done."""
    folder.chmod(0o555)
    if os.geteuid() == 0:
        subprocess.run(["chattr", "+i", str(folder)], check=False, capture_output=True)
    try:
        (folder / "probe").touch()
    except OSError:
        return
    pytest.skip("this machine lets its user write everywhere")
