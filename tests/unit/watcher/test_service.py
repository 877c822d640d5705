"""What the operating system gets."""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from importer.watcher.service import systemd_unit, windows_task


def test_the_unit_runs_this_installation(tmp_path: Path) -> None:
    """With its configuration, also where names have blanks, percent signs and dollars."""
    folder = tmp_path / 'a 100% "$x"'
    unit = systemd_unit([folder], tmp_path / "importer.toml")
    [line] = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    assert line.startswith(f"ExecStart={sys.executable} -m importer watch ")
    assert '/a 100%% \\"$$x\\""' in line
    assert f"WorkingDirectory={tmp_path}\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing."""
    path = tmp_path / "importer-watch.service"
    path.write_text(systemd_unit([tmp_path / "a b"], tmp_path / "importer.toml"), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, timeout=60, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines() if "importer-watch" in line]
    assert (done.returncode, told) == (0, [])


def test_the_windows_task_is_well_formed(tmp_path: Path) -> None:
    """Names with & and blanks arrive as they are."""
    text = windows_task([tmp_path / "R&D files"], tmp_path / "importer.toml")
    root = ET.fromstring(text.partition("\n")[2])
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    arguments = root.findtext("t:Actions/t:Exec/t:Arguments", namespaces=space)
    assert arguments is not None
    assert f'"{tmp_path / "R&D files"}"' in arguments
    assert root.findtext("t:Settings/t:ExecutionTimeLimit", namespaces=space) == "PT0S"
