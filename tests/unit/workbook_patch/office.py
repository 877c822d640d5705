"""LibreOffice as a judge: it opens a file and writes it in another format."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")


def convert(path: Path, kind: str, folder: Path | None = None) -> Path:
    """The file in another format, e.g. "ods", in `folder` or beside it; skips the test where LibreOffice is not installed."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    folder = folder or path.parent
    with tempfile.TemporaryDirectory() as home:
        command = [SOFFICE, f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    target = folder / f"{path.stem}.{kind.partition(':')[0]}"
    assert target.is_file(), f"LibreOffice could not open {path.name}"
    return target
